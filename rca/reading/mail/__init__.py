"""Mail: mailboxes, single messages and Outlook's files, with the hops of their way and what they quote."""
