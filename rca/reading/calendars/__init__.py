"""Calendars: appointments, their occurrences, who was invited and who answered."""
