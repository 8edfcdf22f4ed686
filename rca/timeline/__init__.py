"""EVENTS AT HAND: the store and the timeline."""
