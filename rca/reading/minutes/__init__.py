"""Minutes of meetings: labels, items, attendance by §, votes, decisions and what they are sent to; OParl and Popolo."""

from rca.reading.minutes.reader import MinutesReader, minutes_score

__all__ = ["MinutesReader", "minutes_score"]
