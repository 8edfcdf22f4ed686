"""Readers of chats: what was written in channels and groups, who joined and left, what was edited and deleted."""
