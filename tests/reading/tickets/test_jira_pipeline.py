"""The data pipeline's files, as Atlassian's export schema describes them: UTC, `\\n` as two characters, cut descriptions."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.jira_csv import JiraCsvReader
from rca.reading.tickets.jira_pipeline import JiraPipelineReader

READER = JiraPipelineReader()
ISSUES = (
    "id,instance_url,key,url,project_key,issue_type,summary,description,creator_id,creator_name,status,status_category,"
    "resolution,created_date,resolution_date,updated_date\r\n"
    "10002,https://jira.example,EHR-7,https://jira.example/browse/EHR-7,EHR,Bug,List empty,Empty since 4\\nno error,"
    "12,ward nurse,Done,Done,Fixed,2024-11-12T03:30:00Z,2024-11-12T04:45:00Z,2024-11-12T05:00:00Z\r\n"
    f"10003,https://jira.example,EHR-8,u,EHR,Bug,Long,{'x' * 2000},12,,Open,To Do,,2024-11-12T03:30:00,,\r\n"
)
HISTORY = (
    "issue_id,changelog_id,author_id,author_key,created_date,field_type,field,from,from_string,to,to_string,additional_information\r\n"
    "10002,1,12,oncall,2024-11-12T03:33:00Z,jira,status,1,Open,3,In Progress,\r\n"
    "10002,2,12,oncall,2024-11-12T03:50:00Z,jira,Link,,,EHR-9,This issue blocks EHR-9,\r\n"
)
LINKS = (
    "id,instance_url,source_issue_id,destination_issue_id,link_type_name\r\n"
    "1,https://jira.example,10002,10009,Problem/Incident\r\n"
)
USERS = (
    "user_id,instance_url,user_name,user_fullname,user_email\r\n12,https://jira.example,oncall,on-call,\r\n"
)


def read(text):
    source = Source.of_bytes(text if isinstance(text, bytes) else text.encode())
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


@pytest.mark.parametrize("text", [ISSUES, HISTORY, LINKS, USERS])
def test_each_file_of_the_pipeline_is_known_by_its_header(text):
    sample = Source.of_bytes(text.encode()).sample
    assert READER.score(sample) == 0.99
    assert JiraCsvReader().score(sample) < 0.99


def test_issues_are_utc_with_their_line_ends_and_cut_descriptions_are_said():
    rows, source = read(ISSUES)
    assert [row["kind"] for row in rows] == ["ticket.created", "ticket.resolved", "ticket.created"]
    assert json.loads(rows[0]["attributes"])["text"] == "Empty since 4\nno error"
    assert str(rows[0]["time"]) == str(rows[2]["time"]) == "2024-11-12 03:30:00+00:00"
    assert rows[0]["assumptions"] is None
    utc = next(one for one in source.assumptions if one.kind == "zone")
    assert rows[2]["assumptions"] == [utc.id]
    assert json.loads(rows[2]["attributes"])["description_cut"] == "true"
    assert any("2,000 characters" in issue.message for issue in source.issues)


def test_history_links_and_users_say_what_they_say():
    rows, _ = read(HISTORY)
    assert [(row["kind"], row["record_id"], row["actor"]) for row in rows] == [
        ("ticket.status", "jira:10002", "oncall"),
        ("ticket.link", "jira:10002", "oncall"),
    ]
    assert json.loads(rows[1]["attributes"])["relation"] == "blocks"
    rows, _ = read(LINKS)
    assert [(row["refs"], json.loads(row["attributes"])["relation"]) for row in rows] == [
        (["10009"], "unstated")
    ]
    rows, source = read(USERS)
    assert not rows
    assert not source.unparsed


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([ISSUES, HISTORY, LINKS]), st.data())
def test_whatever_is_cut_or_changed_is_read_and_booked(text, data):
    whole = text.encode()
    at = data.draw(st.integers(0, len(whole)))
    piece = data.draw(st.binary(max_size=6))
    read(whole[:at] + piece + whole[data.draw(st.integers(at, len(whole))) :])
