"""Attendance reports tell who joined and left, and no more than they state.

The layouts are those of Teams, Zoom, Webex and Google Meet, as their support pages describe them.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.evidence.locators import parse_citation
from rca.reading import Declared, Source
from rca.reading.meetings.attendance import AttendanceReader

READER = AttendanceReader()


def read(data, **declared):
    data = data if isinstance(data, bytes) else data.encode()
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        place = row["locator"]
        assert str(parse_citation(f"E1:{place}")) == f"E1:{place}"
    return rows, source


def score(data):
    return READER.score(Source.of_bytes(data if isinstance(data, bytes) else data.encode()).sample)


def told(rows):
    return [(row["kind"], row["actor"], str(row["time"])[:19]) for row in rows]


TEAMS = (
    "1. Summary\nMeeting title\tGo-live sync\nAttended participants\t2\nStart time\t11/12/24, 9:00:15 AM\n"
    "End time\t11/12/24, 10:00:00 AM\nMeeting duration\t59m 45s\n\n2. Participants\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\n"
    "Head nurse\t11/12/24, 9:00:15 AM\t11/12/24, 9:59:00 AM\t28m 44s\t\t\tOrganizer\n\n3. In-Meeting Activities\n"
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\n"
    "Head nurse\t11/12/24, 9:00:15 AM\t11/12/24, 9:10:00 AM\t9m 45s\t\tOrganizer\n"
    "Head nurse\t11/12/24, 9:40:00\u202fAM\t11/13/24, 12:10:00\u202fAM\t19m\t\tOrganizer\n"
)


def test_a_teams_report_gives_each_stay_and_sums_are_presence_only():
    data = TEAMS.encode("utf-16")
    assert score(data) == pytest.approx(0.98)
    rows, source = read(data, zone="Europe/Stockholm")
    assert told(rows) == [
        ("meeting.started", None, "2024-11-12 08:00:15"),
        ("meeting.ended", None, "2024-11-12 09:00:00"),
        ("meeting.present", "Head nurse", "2024-11-12 08:00:15"),
        ("meeting.joined", "Head nurse", "2024-11-12 08:00:15"),
        ("meeting.left", "Head nurse", "2024-11-12 08:10:00"),
        ("meeting.joined", "Head nurse", "2024-11-12 08:40:00"),
        ("meeting.left", "Head nurse", "2024-11-12 23:10:00"),
    ]
    assert {row["subject"] for row in rows} == {"Go-live sync"}
    assert any("no zone" in issue.message for issue in source.issues)
    assert len({row["record_id"] for row in rows}) == 1


def test_times_of_a_report_without_a_declared_zone_rest_on_an_assumption():
    rows, source = read(TEAMS.encode("utf-16"))
    assert {row["time_basis"] for row in rows} == {"zone_assumed"}
    assert "zone" in {assumption.kind for assumption in source.assumptions}


def test_without_a_list_of_stays_first_and_last_are_what_is_known():
    rows, source = read(TEAMS.partition("3. In-Meeting")[0])
    assert [row["kind"] for row in rows[2:]] == ["meeting.joined", "meeting.left"]
    assert any("each stay" in issue.message for issue in source.issues)


def test_the_older_teams_list_has_actions_and_joined_before_is_no_join():
    text = (
        "Full Name\tUser Action\tTimestamp\nHead nurse\tJoined before\t2024-11-12, 09:00:15\n"
        "IT lead\tJoined\t2024-11-12, 09:03:15\nIT lead\tLeft\t2024-11-12, 09:23:15\n"
    )
    rows, _ = read(text.encode("utf-16"), zone="Europe/Stockholm")
    assert told(rows) == [
        ("meeting.present", "Head nurse", "2024-11-12 08:00:15"),
        ("meeting.joined", "IT lead", "2024-11-12 08:03:15"),
        ("meeting.left", "IT lead", "2024-11-12 08:23:15"),
    ]


def test_a_live_event_states_utc_in_its_column():
    text = (
        "SessionId,ParticipantId,FullName,UserAgent,UtcEventTimestamp,Action,Role\n"
        "1,2,IT lead,x,11/13/2024 9:03:15 AM,Joined,Attendee\n"
    )
    rows, source = read(text, zone="Europe/Stockholm")
    assert told(rows) == [("meeting.joined", "IT lead", "2024-11-13 09:03:15")]
    assert not any("no zone" in issue.message for issue in source.issues)


def test_a_zoom_report_keeps_the_waiting_room_out_of_the_meeting():
    text = (
        "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,\n"
        "812 3456,Go-live sync,11/13/2024 09:00:00 AM,11/13/2024 10:00:00 AM,x@example.org,60,2,\n\n"
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room\n"
        '"Nurse, head",,11/13/2024 09:00:05 AM,11/13/2024 09:30:00 AM,30,No,Y,No\n'
        "IT lead,,11/13/2024 08:58:05 AM,11/13/2024 09:00:00 AM,2,Yes,,Yes\n"
    )
    assert score(text) == pytest.approx(0.98)
    rows, _ = read(text, zone="UTC")
    assert told(rows) == [
        ("meeting.started", None, "2024-11-13 09:00:00"),
        ("meeting.ended", None, "2024-11-13 10:00:00"),
        ("meeting.joined", "Nurse, head", "2024-11-13 09:00:05"),
        ("meeting.left", "Nurse, head", "2024-11-13 09:30:00"),
        ("meeting.waiting", "IT lead", "2024-11-13 08:58:05"),
    ]
    assert str(rows[-1]["time_end"])[:19] == "2024-11-13 09:00:00"
    assert {row["record_id"] for row in rows} == {"meeting:812 3456"}
    assert json.loads(rows[2]["attributes"])["guest"] == "No"


@pytest.mark.parametrize(
    "header",
    [
        "Name,Join Time,Leave Time,Duration",
        "Namn;Anslutningstid;Utträdestid;Varaktighet",
        "First name,Last name,Time joined,Time exited",
        "Display Name\tJoin Time\tLeave Time\tAttendance Duration",
        "Fullständigt namn\tFörsta anslutning\tSenaste utträde\tVaraktighet i mötet",
    ],
)
def test_headers_of_other_products_and_languages_are_known(header):
    delimiter = next(mark for mark in ";,\t" if mark in header)
    row = ["Head nurse", "2024-11-12 09:00:00", "2024-11-12 09:30:00", "30"]
    row = ["Head", "nurse", *row[1:3]] if header.startswith("First") else row
    text = f"{header}\n{delimiter.join(row)}\n"
    assert score(text) == pytest.approx(0.98)
    rows, _ = read(text, zone="UTC")
    assert told(rows) == [
        ("meeting.joined", "Head nurse", "2024-11-12 09:00:00"),
        ("meeting.left", "Head nurse", "2024-11-12 09:30:00"),
    ]


def test_only_who_attended_is_presence_without_joins():
    text = "1. Summary\nMeeting title\tSync\nStart time\t2024-11-12, 09:00:15\n\n2. Participants\nName\tEmail\tRole\nHead nurse\ta@example.org\tOrganizer\n"
    assert score(text) == pytest.approx(0.98)
    rows, _ = read(text, zone="UTC")
    assert [row["kind"] for row in rows] == ["meeting.started", "meeting.present"]


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "name,email\nx,y\n", "id;name;status\n1;x;open\n", "", "name\tvalue\n"]
)
def test_other_tables_are_not_claimed(text):
    assert score(text) == 0


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_cut_or_changed_the_books_balance(data):
    sample = data.draw(st.sampled_from([TEAMS.encode("utf-16"), TEAMS.encode()]))
    cut = data.draw(st.integers(0, len(sample)))
    at = data.draw(st.integers(0, len(sample) - 1))
    changed = sample[:at] + bytes([data.draw(st.integers(0, 255))]) + sample[at + 1 :]
    for body in (sample[:cut], changed):
        score(body)
        read(body)
