"""Slack's exports and answers: messages, threads, edits, deletions, presence, channels and calls.

Shapes are those of Slack's documentation of exports and of the API; the words are our own.
"""

import json

from rca.reading.chat.slack import SlackReader

READER = SlackReader()
DAY = "1731389400"  # 2024-11-12 05:30:00 UTC


def message(micro, text="the log-in is slow", user="U1", **more):
    return {"type": "message", "user": user, "text": text, "ts": f"{DAY}.{micro:06}", **more}


def test_a_message_has_its_ts_as_time_and_as_id_and_its_markup_is_read_as_people_saw_it(tell, rate):
    said = message(
        200,
        "<@U2> see <https://status.example/1|status> in <#C2|ops> &amp; OPS-7, <!here>",
        user_profile={"real_name": "Night lead", "display_name": ""},
        reactions=[{"name": "eyes", "users": ["U2"], "count": 1}],
        files=[{"name": "screen.png", "mimetype": "image/png", "size": 10}],
    )
    assert rate(READER, [said]) == 0.98
    (row,), source = tell(READER, [said])
    assert (row["kind"], row["time_text"], row["time_basis"], row["time_kind"]) == (
        "chat.message",
        f"{DAY}.000200",
        "offset_stated",
        "sent",
    )
    assert str(row["time"])[:26] == "2024-11-12 05:30:00.000200"
    assert row["message"] == "@U2 see status (https://status.example/1) in #ops & OPS-7, @here"
    assert row["actor"] == "Night lead"
    assert row["audience"] == ["U2", "here"]
    assert row["refs"] == ["https://status.example/1", "C2", "OPS-7"]
    assert row["fields"]["reactions"] == "eyes: U2"
    assert row["fields"]["files"] == "screen.png (image/png, 10 bytes)"
    assert row["locator"] == "J/0"
    assert any("channel of the messages" in one.message for one in source.issues)


def test_the_folder_in_the_archive_names_the_channel_and_only_there(tell):
    rows, source = tell(READER, [message(1)], members=("export/ward-it/2024-11-12.json",))
    assert (rows[0]["channel"], rows[0]["subject"]) == ("ward-it", "ward-it")
    assert rows[0]["record_id"] == f"slack:ward-it/{DAY}.000001"
    assert not any("channel of the messages" in one.message for one in source.issues)
    rows, _ = tell(READER, [message(1)], members=("2024-11-12.json",))
    assert rows[0]["channel"] is None


def test_an_answer_finds_its_thread_before_or_after_it_and_a_missing_one_stays_a_field(tell):
    root = message(1, thread_ts=f"{DAY}.000001", reply_count=1)
    reply = message(2, "restarted", user="U2", thread_ts=f"{DAY}.000001")
    for order in ([root, reply], [reply, root]):
        rows, _ = tell(READER, {"ok": True, "messages": order, "has_more": False})
        by_text = {row["message"]: row for row in rows}
        assert by_text["restarted"]["parent"] == by_text["the log-in is slow"]["event_id"]
        assert by_text["the log-in is slow"]["parent"] is None
    (row,), _ = tell(READER, [reply])
    assert row["parent"] is None
    assert row["fields"]["answers"] == f"{DAY}.000001"


def test_an_edit_is_an_event_at_its_own_time_and_the_text_before_it_is_told_where_it_is_kept(tell):
    edited = message(1, "ready", edited={"user": "U2", "ts": "1731389460.000000"})
    rows, source = tell(READER, [edited])
    assert [row["kind"] for row in rows] == ["chat.message", "chat.edited"]
    assert (rows[1]["actor"], rows[1]["parent"]) == ("U2", rows[0]["event_id"])
    assert str(rows[1]["time"])[:19] == "2024-11-12 05:31:00"
    assert any("earlier versions" in one.message for one in source.issues)
    changed = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": "1731389461.000100",
               "message": edited, "previous_message": message(1, "not ready")}  # fmt: skip
    rows, _ = tell(READER, [message(1, "ready"), changed])
    assert [row["kind"] for row in rows] == ["chat.message", "chat.edited"]
    assert (rows[1]["fields"]["old"], rows[1]["fields"]["new"], rows[1]["actor"]) == (
        "not ready",
        "ready",
        "U2",
    )
    assert rows[1]["parent"] == rows[0]["event_id"]
    assert rows[1]["record_id"] == rows[0]["record_id"]


def test_a_deletion_has_the_time_of_its_record_and_a_tombstone_none(tell):
    gone = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": "1731389500.000100",
            "deleted_ts": f"{DAY}.000001", "previous_message": message(1, "we knew")}  # fmt: skip
    (row,), _ = tell(READER, [gone])
    assert (row["kind"], row["time_text"], row["fields"]["old"]) == (
        "chat.deleted",
        "1731389500.000100",
        "we knew",
    )
    assert row["actor"] is None  # the record does not say who deleted
    stone = message(1, "This message was deleted.", user="USLACKBOT", subtype="tombstone", hidden=True)
    rows, _ = tell(READER, [stone])
    assert [(row["kind"], row["time_text"], row["actor"]) for row in rows] == [
        ("chat.message", f"{DAY}.000001", None), ("chat.deleted", None, None)]  # fmt: skip


def test_joins_and_leaves_are_presence_of_whom_they_concern(tell):
    rows, _ = tell(READER, [
        message(1, "<@U3|ward7> has joined the channel", user="U3", subtype="channel_join", inviter="U1"),
        message(2, "<@U3> has left the group", user="U3", subtype="group_leave"),
    ])  # fmt: skip
    assert [(row["kind"], row["actor"]) for row in rows] == [("chat.joined", "ward7"), ("chat.left", "ward7")]
    assert rows[0]["fields"]["by"] == "U1"


def test_topics_names_and_archiving_change_the_channel(tell):
    rows, _ = tell(READER, [
        message(1, "set the topic", subtype="channel_topic", topic="stop"),
        message(2, "renamed", subtype="group_name", old_name="it", name="it-ward"),
        message(3, "archived", subtype="channel_archive"),
    ])  # fmt: skip
    assert [(row["kind"], row["fields"]["field"], row["fields"]["new"]) for row in rows] == [
        ("chat.changed", "topic", "stop"), ("chat.changed", "name", "it-ward"), ("chat.changed", "archived", "true")]  # fmt: skip
    assert rows[1]["fields"]["old"] == "it"


def test_a_huddle_is_a_call_with_its_span_and_its_people(tell):
    room = {
        "id": "R1",
        "created_by": "U1",
        "date_start": 1731389400,
        "date_end": 1731390000,
        "participant_history": ["U1", "U2"],
    }
    (row,), _ = tell(READER, [message(1, "", subtype="huddle_thread", room=room)])
    assert (row["kind"], row["audience"], str(row["time_end"])[:19]) == (
        "chat.call",
        ["U1", "U2"],
        "2024-11-12 05:40:00",
    )


def test_a_bot_without_text_is_read_by_its_blocks_and_attachments(tell):
    said = {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "monitor", "text": "", "ts": f"{DAY}.000001",
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "queue <full>"}}],
            "attachments": [{"title": "EHR down", "fields": [{"title": "host", "value": "app1"}], "fallback": "x"}]}  # fmt: skip
    (row,), _ = tell(READER, [said])
    assert row["actor"] == "monitor"
    assert "EHR down" in row["fields"]["text"]
    assert "host: app1" in row["fields"]["text"]


def test_lists_of_channels_tell_when_they_were_created_and_who_is_listed(tell, rate):
    channel = {"id": "C1", "name": "ward-it", "created": 1731300000, "creator": "U1", "is_archived": False, "is_general": False,
               "members": ["U1", "U2"], "topic": {"value": "go-live", "creator": "U2", "last_set": 1731310000},
               "purpose": {"value": "", "creator": "", "last_set": 0}}  # fmt: skip
    assert rate(READER, [channel]) == 0.98
    rows, _ = tell(READER, [channel])
    assert [(row["fields"]["field"], row["actor"]) for row in rows] == [
        ("created", "U1"),
        ("topic", "U2"),
        ("members", None),
    ]
    assert rows[2]["audience"] == ["U1", "U2"]
    assert rows[2]["time"] is None
    direct = [{"id": "D1", "created": 1731300000, "members": ["U1", "U2"]}]
    assert rate(READER, direct) == 0.98
    log = [
        {
            "user_id": "U1",
            "user_name": "it-lead",
            "date": "1731300000",
            "change_type": "added",
            "service_type": "Pager",
            "channel": "C1",
        }
    ]
    assert rate(READER, log) == 0.98
    (row,), _ = tell(READER, log)
    assert (row["kind"], row["actor"], row["message"]) == (
        "chat.changed",
        "it-lead",
        "integration Pager added",
    )


def test_profiles_give_no_events_and_say_so(tell, rate):
    users = [
        {
            "id": "U1",
            "team_id": "T1",
            "name": "night",
            "deleted": False,
            "profile": {"real_name": "Night lead"},
            "updated": 1731300000,
        }
    ]
    assert rate(READER, users) == 0.98
    rows, source = tell(READER, users)
    assert rows == []
    assert [one.code for one in source.issues] == ["RCA190"]


def test_a_page_says_that_there_is_more(tell):
    _, source = tell(
        READER,
        {"ok": True, "messages": [message(1)], "has_more": True, "response_metadata": {"next_cursor": "x"}},
    )
    assert any(one.code == "RCA190" and "page" in one.message for one in source.issues)


def test_a_search_and_an_event_of_the_api_are_entered(tell):
    found = {"ok": True, "query": "slow", "messages": {"total": 1, "matches": [
        {"type": "message", "channel": {"id": "C1", "name": "ward-it"}, "user": "U1", "username": "night", "ts": f"{DAY}.000001", "text": "slow"}]}}  # fmt: skip
    (row,), _ = tell(READER, found)
    assert (row["channel"], row["record_id"], row["actor"]) == ("ward-it", f"slack:C1/{DAY}.000001", "night")
    pushed = {
        "token": "x",
        "type": "event_callback",
        "event": {**message(1), "channel": "C1"},
        "event_time": 1,
    }
    (row,), _ = tell(READER, pushed)
    assert row["channel"] == "C1"


def test_other_json_and_wrong_types_are_left_alone_or_survived(tell, rate):
    for foreign in (
        [{"ts": "2024-11-12T05:30:00Z", "msg": "x"}],
        {"messages": [{"id": 1, "text": "x"}]},
        [{"ts": 1731389400.1, "level": "info"}],
    ):
        assert rate(READER, foreign) == 0.0
    broken = message(
        1,
        None,
        user=None,
        edited=[],
        reactions={"a": 1},
        files=[None, 3],
        blocks={"x": 1},
        attachments=["a"],
        subtype="bot_message",
    )
    odd = [broken, {**broken, "user": ["x"], "thread_ts": {}}, message(3, "half \ud83d a pair")]
    rows, _ = tell(READER, json.dumps(odd))
    assert len(rows) == 3
