"""Calendars as RFC 5545, RFC 5546 and vCalendar 1.0 describe them: times, zones, recurrences, answers, cancellations."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rca.moments.moment import Basis
from rca.moments.zones import zone_names
from rca.reading import Declared, Source
from rca.reading.calendars.ics import CalendarReader
from rca.reading.calendars.recurrence import MOST
from rca.reading.calendars.zones import WINDOWS, choose_zone

READER = CalendarReader()


def event(*lines, uid="rehearsal@h.example", kind="VEVENT"):
    head = ["SUMMARY:Go-live rehearsal"] if not any(line.startswith("SUMMARY") for line in lines) else []
    return "\r\n".join([f"BEGIN:{kind}", f"UID:{uid}", *head, *lines, f"END:{kind}"])


def calendar(*parts):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""])


def read(text, **declared):
    data = text if isinstance(text, bytes) else text.encode()
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    assert len({row["event_id"] for row in rows}) == len(rows)
    return rows, source


def kinds(rows):
    return [row["kind"].removeprefix("calendar.") for row in rows]


def utc(value):
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")


def times(rows, kind="calendar.occurrence"):
    return [utc(row["time"]) for row in rows if row["kind"] == kind]


def fields(row):
    return json.loads(row["attributes"])


# -- the appointment ----------------------------------------------------------------------------------------------


def test_an_appointment_is_scheduled_and_has_its_exact_bytes():
    text = calendar(
        "X-WR-CALNAME:Operations",
        event(
            "DTSTART:20241112T043000Z", "DTEND:20241112T060000Z", "LOCATION:Room 2", "DESCRIPTION:Bring keys\\, please\\nand phones",
            "ORGANIZER;CN=Head of IT:mailto:it@h.example", "CREATED:20241001T080000Z", "LAST-MODIFIED:20241105T080000Z",
            "DTSTAMP:20241101T080000Z", "SEQUENCE:2",
        ),
    )  # fmt: skip
    rows, source = read(text)
    row = rows[0]
    assert (row["kind"], row["time_kind"], row["time_basis"]) == (
        "calendar.event",
        "scheduled",
        "offset_stated",
    )
    assert (utc(row["time"]), utc(row["time_end"]), row["time_text"]) == (
        "2024-11-12T04:30:00Z", "2024-11-12T06:00:00Z", "20241112T043000Z",
    )  # fmt: skip
    assert utc(row["known_time"]) == "2024-11-05T08:00:01Z"
    assert (row["actor"], row["unit"], row["channel"]) == (
        "Head of IT <it@h.example>",
        "Room 2",
        "Operations",
    )
    assert row["record_id"] == "calendar:rehearsal@h.example"
    assert fields(row)["text"] == "Go-live rehearsal\n\nBring keys, please\nand phones"
    raw = text.encode()[row["byte_start"] :][: row["byte_length"]].decode()
    assert raw.startswith("BEGIN:VEVENT\r\n")
    assert raw.endswith("END:VEVENT\r\n")
    assert (row["line"], row["locator"]) == (4, "L4-16")
    assert source.issues == []


def test_an_alarm_is_no_event_and_its_attendees_are_not_invited():
    alarm = "BEGIN:VALARM\r\nACTION:EMAIL\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:x@h.example\r\nTRIGGER:-PT15M\r\nEND:VALARM"
    rows, _ = read(calendar(event("DTSTART:20241112T043000Z", alarm)))
    assert kinds(rows) == ["event"]
    assert rows[0]["audience"] is None


def test_lines_are_unfolded_as_bytes_even_inside_a_character():
    data = calendar(event("DTSTART:20241112T043000Z", "SUMMARY:Genomgång på avdelningen")).encode()
    at = data.index("å".encode()) + 1
    rows, _ = read(data[:at] + b"\r\n " + data[at:])
    assert rows[0]["message"] == "Genomgång på avdelningen"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_are_read(encoding):
    data = calendar(event("DTSTART:20241112T043000Z", "SUMMARY:Genomgång på avdelningen för kväll")).encode(
        encoding
    )
    assert READER.score(Source.of_bytes(data).sample) == 0.98
    assert read(data)[0][0]["message"] == "Genomgång på avdelningen för kväll"


def test_a_task_is_due_and_a_journal_entry_is_a_note():
    task = event("DUE:20241115T120000Z", "COMPLETED:20241114T090000Z", "STATUS:COMPLETED", kind="VTODO")
    rows, _ = read(calendar(task, event("DTSTART;VALUE=DATE:20241112", kind="VJOURNAL")))
    assert kinds(rows) == ["task", "task.completed", "note"]
    assert (rows[0]["time_kind"], utc(rows[1]["time"]), rows[2]["time_precision"]) == (
        "due",
        "2024-11-14T09:00:00Z",
        "day",
    )


# -- zones --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start, instant, basis",
    [
        ("DTSTART:20241112T043000Z", "2024-11-12T04:30:00Z", "offset_stated"),
        ("DTSTART;TZID=Europe/Stockholm:20241112T053000", "2024-11-12T04:30:00Z", "zone_given"),
        ('DTSTART;TZID="Europe/Stockholm":20240612T053000', "2024-06-12T03:30:00Z", "zone_given"),
        ("DTSTART;TZID=/mozilla.org/20050126_1/Europe/Stockholm:20241112T053000", "2024-11-12T04:30:00Z", "zone_given"),
        ("DTSTART;TZID=W. Europe Standard Time:20240612T053000", "2024-06-12T03:30:00Z", "zone_given"),
        ("DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna:20240612T053000",
         "2024-06-12T03:30:00Z", "zone_given"),
        ("DTSTART;TZID=GMT+0100:20241112T053000", "2024-11-12T04:30:00Z", "offset_stated"),
        ("DTSTART:20241112T053000", "2024-11-12T05:30:00Z", "zone_assumed"),
        ("DTSTART;TZID=Nowhere:20241112T053000", "2024-11-12T05:30:00Z", "zone_assumed"),
        ("DTSTART:2024-11-12T05:30:00+01:00", "2024-11-12T04:30:00Z", "offset_stated"),
        ("DTSTART;VALUE=DATE:20241112", "2024-11-12T00:00:00Z", "zone_assumed"),
    ],
)  # fmt: skip
def test_each_time_has_the_zone_that_it_states(start, instant, basis):
    rows, source = read(calendar(event(start)))
    assert (utc(rows[0]["time"]), rows[0]["time_basis"]) == (instant, basis)
    assert bool(rows[0]["assumptions"]) == (
        basis == "zone_assumed" or "W. Europe" in start or "(UTC" in start
    )
    assert ("Nowhere" in start) == bool(source.issues)


def test_floating_times_have_the_given_zone_before_the_one_the_calendar_is_shown_in():
    text = calendar("X-WR-TIMEZONE:America/New_York", event("DTSTART:20241112T053000"))
    rows, _ = read(text)
    assert (utc(rows[0]["time"]), rows[0]["time_basis"]) == ("2024-11-12T10:30:00Z", "zone_assumed")
    rows, _ = read(text, zone="Europe/Stockholm", zone_basis=Basis.ZONE_GIVEN)
    assert (utc(rows[0]["time"]), rows[0]["time_basis"]) == ("2024-11-12T04:30:00Z", "zone_given")


def test_a_whole_day_is_that_day_in_its_zone():
    rows, _ = read(
        calendar(event("DTSTART;VALUE=DATE:20240331", "DTEND;VALUE=DATE:20240401")), zone="Europe/Stockholm"
    )
    row = rows[0]
    assert (row["time_latest"] - row["time_earliest"]).total_seconds() == 23 * 3600
    assert utc(row["time_end"]) == "2024-03-31T22:00:00Z"


ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16011028T030000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


@pytest.mark.parametrize(
    "wall, instant",
    [
        ("20241112T053000", "2024-11-12T02:30:00Z"),
        ("20240612T053000", "2024-06-12T01:30:00Z"),
        ("20240331T015959", "2024-03-30T22:59:59Z"),
        ("20240331T030000", "2024-03-30T23:00:00Z"),
        ("20241027T025959", "2024-10-26T22:59:59Z"),
        ("20241027T030000", "2024-10-27T00:00:00Z"),
    ],
)
def test_rules_in_the_file_define_a_zone_that_nobody_else_knows(wall, instant):
    zone = ZONE.format(name="Customized Time Zone", winter="+0300", summer="+0400")
    for parts in (
        (zone, event(f"DTSTART;TZID=Customized Time Zone:{wall}")),
        (event(f"DTSTART;TZID=Customized Time Zone:{wall}"), zone),
    ):
        rows, source = read(calendar(*parts))
        assert (utc(rows[0]["time"]), rows[0]["time_basis"]) == (instant, "zone_given")
        assert source.issues == []


def test_rules_that_differ_from_the_named_zone_are_told():
    zone = ZONE.format(name="Europe/Stockholm", winter="+0200", summer="+0300")
    rows, source = read(calendar(zone, event("DTSTART;TZID=Europe/Stockholm:20241112T053000")))
    assert utc(rows[0]["time"]) == "2024-11-12T04:30:00Z"
    assert "+02:00" in source.issues[0].message
    zone = ZONE.format(name="Europe/Stockholm", winter="+0100", summer="+0200")
    assert read(calendar(zone, event("DTSTART;TZID=Europe/Stockholm:20241112T053000")))[1].issues == []


@pytest.mark.parametrize(
    "wall, instant, basis",
    [
        ("20241027T023000", "2024-10-27T00:30:00Z", "fold_inferred"),
        ("20240331T023000", "2024-03-31T01:30:00Z", "gap_inferred"),
    ],
)
def test_repeated_and_left_out_hours_are_read_as_the_standard_says(wall, instant, basis):
    """RFC 5545, 3.3.5: the first occurrence of a repeated time; the offset before the gap."""
    rows, _ = read(calendar(event(f"DTSTART;TZID=Europe/Stockholm:{wall}")))
    assert (utc(rows[0]["time"]), rows[0]["time_basis"]) == (instant, basis)
    assert rows[0]["assumptions"]


def test_every_name_of_windows_leads_to_a_zone():
    assert set(WINDOWS.values()) <= zone_names()
    assert choose_zone("w. europe standard time", None).iana == "Europe/Berlin"


# -- recurrences --------------------------------------------------------------------------------------------------

WEEKLY = ("DTSTART;TZID=Europe/Stockholm:20241021T090000", "DTEND;TZID=Europe/Stockholm:20241021T100000")


def test_nine_o_clock_stays_nine_o_clock_across_summer_time():
    rows, _ = read(calendar(event(*WEEKLY, "RRULE:FREQ=WEEKLY;COUNT=3")))
    assert times(rows) == ["2024-10-21T07:00:00Z", "2024-10-28T08:00:00Z", "2024-11-04T08:00:00Z"]
    assert [utc(row["time_end"])[11:13] for row in rows[1:]] == ["08", "09", "09"]
    assert {row["parent"] for row in rows[1:]} == {rows[0]["event_id"]}
    assert {row["time_text"] for row in rows[1:]} == {None}


def test_until_in_utc_counts_in_the_zone_of_the_appointment():
    rows, _ = read(calendar(event(*WEEKLY, "RRULE:FREQ=WEEKLY;UNTIL=20241104T080000Z")))
    assert len(times(rows)) == 3
    rows, _ = read(calendar(event(*WEEKLY, "RRULE:FREQ=WEEKLY;UNTIL=20241104T075959Z")))
    assert len(times(rows)) == 2
    rows, _ = read(calendar(event(*WEEKLY, "RRULE:FREQ=WEEKLY;UNTIL=20241104")))
    assert len(times(rows)) == 3


def test_exceptions_further_dates_moved_and_cancelled_occurrences_stand_in_their_places():
    master = event(
        *WEEKLY, "RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Europe/Stockholm:20241028T090000",
        "RDATE;TZID=Europe/Stockholm:20241030T130000",
    )  # fmt: skip
    moved = event(
        "RECURRENCE-ID:20241104T080000Z",
        "DTSTART;TZID=Europe/Stockholm:20241105T090000",
        "DTSTAMP:20241103T120000Z",
    )
    gone = event("RECURRENCE-ID;TZID=Europe/Stockholm:20241111T090000", "DTSTART;TZID=Europe/Stockholm:20241111T090000",
                 "STATUS:CANCELLED", "LAST-MODIFIED:20241110T120000Z")  # fmt: skip
    for order in ((master, moved, gone), (moved, gone, master)):
        rows, _ = read(calendar(*order))
        assert times(rows) == ["2024-10-21T07:00:00Z", "2024-10-30T12:00:00Z", "2024-11-18T08:00:00Z"]
        assert sorted(kinds(rows)) == ["cancelled", "event", "event", "event", *["occurrence"] * 3]
        told = {row["time_text"]: row for row in rows if row["kind"] == "calendar.event"}
        first = told["20241021T090000"]["event_id"]
        assert told["20241105T090000"]["parent"] == told["20241111T090000"]["parent"] == first
        assert told["20241111T090000"]["message"] == "Cancelled: Go-live rehearsal"
        cancelled = next(row for row in rows if row["kind"] == "calendar.cancelled")
        assert (utc(cancelled["time"]), cancelled["time_kind"]) == ("2024-11-10T12:00:00Z", "modified")


def test_a_cancellation_that_was_sent_has_the_time_of_its_message():
    rows, _ = read(calendar("METHOD:CANCEL", event(*WEEKLY, "RRULE:FREQ=WEEKLY", "DTSTAMP:20241020T120000Z")))
    assert kinds(rows) == ["event", "cancelled"]
    assert (utc(rows[1]["time"]), rows[1]["time_kind"]) == ("2024-10-20T12:00:00Z", "sent")


@pytest.mark.parametrize(
    "rule, expected",
    [
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", ["2024-11-29", "2024-12-27", "2025-01-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", ["2024-12-31", "2025-01-31", "2025-03-31"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["2024-11-29", "2024-12-31"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2", ["2028-02-29", "2032-02-29"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=MO;COUNT=3", ["2024-11-12", "2024-11-14", "2024-11-26"]),
        ("FREQ=DAILY;UNTIL=20241114T235959", ["2024-11-12", "2024-11-13", "2024-11-14"]),
        ("RRULE:FREQ=DAILY;COUNT=2;", ["2024-11-12", "2024-11-13"]),
        ("D2 #2", ["2024-11-12", "2024-11-14"]),
        ("W1 TU 20241126T235959", ["2024-11-12", "2024-11-19", "2024-11-26"]),
        ("MP1 2+ TU #2", ["2024-11-12", "2024-12-10"]),
        ("MD1 12 #2", ["2024-11-12", "2024-12-12"]),
        ("YM1 11 #2", ["2024-11-12", "2025-11-12"]),
    ],
)
def test_rules_strike_when_their_standard_says(rule, expected):
    start = expected[0].replace("-", "")
    rows, source = read(calendar(event(f"DTSTART:{start}T043000Z", f"RRULE:{rule}")))
    assert [one[:10] for one in times(rows)] == expected
    assert source.issues == []


def test_the_start_is_the_first_occurrence_even_where_the_rule_does_not_strike():
    """RFC 5545, 3.3.10: the DTSTART property value always counts as the first occurrence."""
    rows, _ = read(calendar(event("DTSTART:20241112T043000Z", "RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=3")))
    assert [one[:10] for one in times(rows)] == ["2024-11-12", "2024-11-15", "2024-11-22"]


def test_a_recurrence_without_an_end_is_told_around_what_the_file_shows_and_says_so():
    rows, source = read(
        calendar(event("DTSTART:20100104T080000Z", "RRULE:FREQ=WEEKLY", "DTSTAMP:20241112T043000Z"))
    )
    found = times(rows)
    assert 250 < len(found) < 265
    assert found[0] > "2020-11"
    assert "2025-11" in found[-1]
    assert "without an end" in source.issues[0].message
    assert "2025-11" in source.issues[0].message


def test_a_recurrence_of_very_many_times_is_cut_at_a_stated_number():
    rows, source = read(
        calendar(event("DTSTART:20100104T080000Z", "RRULE:FREQ=DAILY;COUNT=5000", "DTSTAMP:20150112T043000Z"))
    )
    found = times(rows)
    assert len(found) == MOST
    assert found[0] < "2015-01-12" < found[-1]
    assert str(MOST) in source.issues[0].message


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY;COUNT=10000000", "FREQ=DAILY;INTERVAL=0",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "FREQ=FOO", "FREQ=", "", ";;;",
        "FREQ=DAILY;COUNT=x", "FREQ=WEEKLY;BYDAY=99XX", "FREQ=DAILY;INTERVAL=9999;COUNT=900", "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=YEARLY;BYWEEKNO=60", "FREQ=DAILY;UNTIL=00010101", "FREQ=DAILY;UNTIL=99991231T235959Z",
    ],
)  # fmt: skip
def test_hostile_rules_end_soon(rule):
    began = time.perf_counter()
    rows, _ = read(calendar(event("DTSTART:20241112T043000Z", f"RRULE:{rule}")))
    assert kinds(rows)[0] == "event"
    assert len(rows) <= MOST + 1
    assert time.perf_counter() - began < 5


def test_periods_and_dates_without_a_start_are_occurrences():
    """The examples of RFC 5545, 3.8.5.2."""
    rows, source = read(
        calendar(event("RDATE;VALUE=PERIOD:19960403T020000Z/19960403T040000Z,", " 19960404T010000Z/PT3H"))
    )
    assert [(utc(row["time"]), utc(row["time_end"])) for row in rows[1:]] == [
        ("1996-04-03T02:00:00Z", "1996-04-03T04:00:00Z"), ("1996-04-04T01:00:00Z", "1996-04-04T04:00:00Z"),
    ]  # fmt: skip
    assert rows[0]["time"] is None
    assert "no start" in source.issues[0].message


# -- people -------------------------------------------------------------------------------------------------------

GUESTS = (
    "ATTENDEE;CN=Ward 4;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:ward@h.example",
    'ATTENDEE;CN="IT, acting";PARTSTAT=DECLINED:MAILTO:it@h.example',
    "ATTENDEE;CN=Board;PARTSTAT=TENTATIVE:mailto:board@h.example",
    "ATTENDEE;CN=Press;PARTSTAT=NEEDS-ACTION:mailto:press@h.example",
    "ATTENDEE;CN=Room 2;CUTYPE=ROOM:mailto:room@h.example",
)


def test_invited_is_not_accepted_and_accepted_is_not_attended():
    text = calendar(event("DTSTART:20241112T043000Z", "DTSTAMP:20241101T080000Z", *GUESTS))
    rows, source = read(text)
    assert rows[0]["audience"] == [
        "Ward 4 <ward@h.example>", "IT, acting <it@h.example>", "Board <board@h.example>", "Press <press@h.example>",
    ]  # fmt: skip
    assert fields(rows[0])["resources"] == "Room 2 <room@h.example>"
    answers = rows[1:]
    assert [(row["kind"], row["actor"], fields(row)["answer"]) for row in answers] == [
        ("calendar.response", "Ward 4 <ward@h.example>", "accepted"),
        ("calendar.response", "IT, acting <it@h.example>", "declined"),
        ("calendar.response", "Board <board@h.example>", "tentative"),
    ]
    assert {row["time"] for row in answers} == {None}
    for row, line in zip(answers, GUESTS, strict=False):
        assert text.encode()[row["byte_start"] :][: row["byte_length"]].decode() == line + "\r\n"
    assert not any(row["kind"].startswith("meeting.") for row in rows)
    assert [issue.code for issue in source.issues] == ["RCA190", "RCA190"]


def test_a_reply_has_the_time_of_its_message():
    rows, _ = read(
        calendar("METHOD:REPLY", event("DTSTART:20241112T043000Z", "DTSTAMP:20241105T080000Z", GUESTS[1]))
    )
    assert (utc(rows[1]["time"]), rows[1]["time_kind"]) == ("2024-11-05T08:00:00Z", "sent")


def test_a_hundred_thousand_attendees_are_read():
    guests = [f"ATTENDEE;PARTSTAT=ACCEPTED;CN=Unit {n}:mailto:u{n}@h.example" for n in range(100_000)]
    began = time.perf_counter()
    rows, _ = read(calendar(event("DTSTART:20241112T043000Z", *guests)))
    assert len(rows) == 100_001
    assert len(rows[0]["audience"]) == 100_000
    assert time.perf_counter() - began < 60


# -- vCalendar, damage --------------------------------------------------------------------------------------------


def test_vcalendar_with_quoted_printable_is_read():
    text = calendar(
        "BEGIN:VEVENT", "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Genomg=E5ng p=\r\n=E5 avdelningen",
        "DTSTART:20241112T043000Z", "ATTENDEE;ROLE=ATTENDEE;STATUS=ACCEPTED:Ward 4 <ward@h.example>", "RRULE:W1 TU #2", "END:VEVENT",
    ).replace("VERSION:2.0", "VERSION:1.0")  # fmt: skip
    rows, _ = read(text)
    assert rows[0]["message"] == "Genomgång på avdelningen"
    assert kinds(rows) == ["event", "response", "occurrence", "occurrence"]


def test_what_is_not_closed_or_not_folded_is_read_as_far_as_it_goes():
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Go-live\nDESCRIPTION:first\nsecond line\nDTSTART:20241112T043000Z\nBEGIN:VEVENT\nUID:2\nSUMMARY:Review"
    rows, source = read(text)
    assert [row["message"] for row in rows] == ["Go-live", "Review"]
    assert fields(rows[0])["text"] == "Go-live\n\nfirst\nsecond line"
    assert sum("not closed" in issue.message for issue in source.issues) == 2


def test_lines_outside_of_a_calendar_are_unparsed():
    source = Source.of_bytes(("garbage without end\n" + calendar(event("DTSTART:20241112T043000Z"))).encode())
    assert len([row for b in READER.read(source) for row in b.to_pylist()]) == 1
    assert source.ledger.close(source.size).unparsed == 20


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ward 4\nEND:VCARD\n",
        "2024-11-12 05:30:00 INFO BEGIN:VEVENT\n",
        "Subject: x\n\ntext",
        "{}",
    ],
)
def test_other_texts_are_not_taken_for_calendars(text):
    assert READER.score(Source.of_bytes(text.encode()).sample) == 0


def test_impossible_starts_stay_undated_with_their_text():
    rows, source = read(calendar(event("DTSTART:20241345T990000")))
    assert (rows[0]["time"], rows[0]["time_text"]) == (None, "20241345T990000")
    assert {issue.code for issue in source.issues} == {"RCA195"}


WHOLE = calendar(
    ZONE.format(name="Own", winter="+0300", summer="+0400").replace("\n", "\r\n"),
    event(*WEEKLY, "RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Own:20241028T090000", *GUESTS),
    event(
        "RECURRENCE-ID:20241104T080000Z",
        "DTSTART;TZID=Own:20241105T090000",
        "STATUS:CANCELLED",
        "DURATION:PT1H",
    ),
).encode()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(WHOLE)),
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=12),
)
def test_truncated_and_changed_calendars_never_raise_and_the_books_balance(length, changes):
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    data = bytes(data[:length])
    READER.score(Source.of_bytes(data).sample)
    read(data)
