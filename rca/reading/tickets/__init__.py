"""Readers of tickets: the exports of issue trackers and service desks, one event per thing that happened to a ticket."""
