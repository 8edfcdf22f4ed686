"""Links between tickets are edges that somebody asserted, dated or not; "relates" claims no cause."""

from __future__ import annotations

import json
from pathlib import Path

import rca
from rca.timeline.ticket_links import asserted_links

ISSUE = {
    "id": "1", "key": "OPS-7", "self": "https://jira.example.org/rest/api/2/issue/1",
    "fields": {
        "summary": "Inloggning", "created": "2024-11-12T06:30:00.000+0100", "updated": "2024-11-12T08:00:00.000+0100",
        "status": {"name": "Open"}, "issuetype": {"name": "Incident"}, "project": {"key": "OPS"},
        "issuelinks": [
            {"id": "9", "type": {"name": "Problem/Incident", "inward": "is caused by", "outward": "causes"}, "inwardIssue": {"key": "CHG-3"}},
            {"id": "10", "type": {"name": "Relates", "inward": "relates to", "outward": "relates to"}, "outwardIssue": {"key": "OPS-8"}},
        ],
    },
    "changelog": {"startAt": 0, "maxResults": 1, "total": 1, "histories": [
        {"id": "5", "created": "2024-11-12T07:00:00.000+0100", "author": {"displayName": "driftledare"}, "items": [
            {"field": "Link", "fieldtype": "jira", "to": "OPS-8", "toString": "This issue relates to OPS-8"}]},
    ]},
}  # fmt: skip


def test_a_dated_link_has_its_time_and_an_undated_one_only_when_it_was_known(tmp_path: Path) -> None:
    path = tmp_path / "issue.json"
    path.write_text(json.dumps(ISSUE), encoding="utf-8")
    links = asserted_links(rca.read(path).events).set_index("target")
    assert set(links.index) == {"CHG-3", "OPS-8"}
    assert (links.loc["OPS-8", "time"].isoformat(), links.loc["OPS-8", "is_causal"]) == (
        "2024-11-12T06:00:00+00:00",
        False,
    )
    assert links.loc["CHG-3"].isna()["time"]
    assert (links.loc["CHG-3", "phrase"], links.loc["CHG-3", "is_causal"]) == ("is caused by", True)


def test_an_undated_link_is_no_event_of_the_timeline(tmp_path: Path) -> None:
    path = tmp_path / "issue.json"
    path.write_text(json.dumps(ISSUE), encoding="utf-8")
    events = rca.read(path).events
    assert events["time"].notna().all()
    (created,) = events[events["kind"] == "ticket.created"]["attributes"].map(json.loads)
    assert [one["target"] for one in created["as_exported"]["links"]] == ["CHG-3"]
