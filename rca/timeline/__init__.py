"""EVENTS AT HAND: the store and the timeline."""

from rca.timeline.query import Doubt, Timeline, View, row_in_words
from rca.timeline.store import Entry, Store, logical_hash

__all__ = ["Doubt", "Entry", "Store", "Timeline", "View", "logical_hash", "row_in_words"]
