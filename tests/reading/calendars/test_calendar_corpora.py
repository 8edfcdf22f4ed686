"""Outside calendars with known counts (`corpora/records/ics`): one `calendar.event` a VEVENT, masters and moved ones alike.

All 10 files agree with the manifest. Occurrences are told besides as `calendar.occurrence`; they are counted by nobody there.
The first start of the manifest is a wall clock as written; it stands in `time_text` of an event.
"""

import csv

import rca


def test_calendars_have_the_counts_and_starts_of_the_manifest(shared):
    folder = shared / "corpora" / "records"
    files = 0
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if not row["file"].startswith("ics/"):
                continue
            files += 1
            reading = rca.read(folder / row["file"])
            events = reading.events[reading.events["kind"] == "calendar.event"]
            assert {stream.reader for stream in reading.streams} == {"ics"}
            assert reading.books.balanced
            assert reading.books.unparsed == 0
            assert len(events) == int(row["expected_events"]), row["file"]
            if row["first_ts"]:
                assert row["first_ts"] in set(events["time_text"]), row["file"]
                assert row["last_ts"] in set(events["time_text"]), row["file"]
    assert files == 10


def test_a_zone_that_only_its_file_knows_is_read_by_its_rules(shared):
    """The file says of each appointment in which part of the year it is: winter is +12:00, summer +10:00."""
    path = (
        shared
        / "corpora"
        / "records"
        / "ics"
        / "collective_icalendar__issue_722_timezone_transition_ambiguity.ics"
    )
    times = [time.strftime("%Y-%m-%dT%H:%M:%S") for time in rca.read(path).events["time"]]
    assert times == [
        "2024-03-02T20:00:00",
        "2024-08-02T22:00:00",
        "2024-05-04T22:00:01",
        "2024-05-04T19:00:01",
    ]
