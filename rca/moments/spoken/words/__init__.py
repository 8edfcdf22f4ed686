"""The words of dates, a table for each language."""
