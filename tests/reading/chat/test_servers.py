"""Mattermost, Rocket.Chat and Zulip: messages with their edits and deletions, presence and changes of channels.

Shapes are those of the products' documentation and sources; the words are our own.
"""

import json

from rca.reading.chat.mattermost import MattermostReader
from rca.reading.chat.rocketchat import RocketChatReader
from rca.reading.chat.zulip import ZulipReader

MATTERMOST, ROCKET, ZULIP = MattermostReader(), RocketChatReader(), ZulipReader()
AT = 1731389400000  # 2024-11-12 05:30:00 UTC


def post(number, text="the queue is full", **more):
    return {"id": f"post{number}".ljust(26, "x"), "create_at": AT + number, "update_at": AT + number, "edit_at": 0, "delete_at": 0,
            "user_id": "u" * 26, "channel_id": "c" * 26, "root_id": "", "original_id": "", "message": text, "type": "", "props": {}, **more}  # fmt: skip


def page(*posts, **more):
    return {"order": [one["id"] for one in posts], "posts": {one["id"]: one for one in posts}, **more}


def test_posts_of_mattermost_count_milliseconds_and_zero_is_never(tell, rate):
    root = post(1, edit_at=AT + 60_000, delete_at=AT + 120_000)
    reply = post(2, "@night restarted", root_id=root["id"])
    assert rate(MATTERMOST, page(reply, root)) == 0.98
    rows, _ = tell(MATTERMOST, page(reply, root))
    assert [row["kind"] for row in rows] == ["chat.message", "chat.message", "chat.edited", "chat.deleted"]
    times = ["05:30:00.002", "05:30:00.001", "05:31:00", "05:32:00"]
    assert all(str(row["time"])[11:].startswith(time) for row, time in zip(rows, times, strict=True))
    assert rows[0]["parent"] == rows[1]["event_id"] == rows[2]["parent"] == rows[3]["parent"]
    assert rows[0]["audience"] == ["night"]
    assert rows[0]["locator"] == f"J/posts/{reply['id']}"


def test_system_posts_of_mattermost_tell_of_the_channel(tell):
    rows, _ = tell(MATTERMOST, page(
        post(1, "x", type="system_join_channel", props={"username": "ward7"}),
        post(2, "x", type="system_add_to_channel", props={"username": "lead", "addedUsername": "night"}),
        post(3, "x", type="system_remove_from_channel", props={"removedUsername": "ward7"}),
        post(4, "x", type="system_leave_team", props={"username": "night"}),
        post(5, "x", type="system_header_change", props={"username": "lead", "old_header": "", "new_header": "stop"}),
        post(6, "call", type="custom_calls", props={"start_at": AT, "end_at": AT + 60_000, "participants": ["a"]}),
    ))  # fmt: skip
    assert [(row["kind"], row["actor"]) for row in rows[:5]] == [
        ("chat.joined", "ward7"), ("chat.joined", "night"), ("chat.left", "ward7"), ("chat.left", "night"), ("chat.changed", "lead")]  # fmt: skip
    assert rows[1]["fields"]["by"] == "lead"
    assert rows[3]["fields"]["scope"] == "team"
    assert rows[4]["fields"]["new"] == "stop"
    assert (rows[5]["kind"], str(rows[5]["time_end"])[:19]) == ("chat.call", "2024-11-12 05:31:00")


def test_an_earlier_text_that_mattermost_kept_is_an_edit_of_the_post(tell):
    now = post(1, "ready", edit_at=0)
    old = post(2, "not ready", original_id=now["id"], delete_at=AT + 60_000)
    rows, _ = tell(MATTERMOST, page(now, old))
    assert (rows[1]["kind"], rows[1]["fields"]["old"], rows[1]["parent"]) == (
        "chat.edited",
        "not ready",
        rows[0]["event_id"],
    )
    assert str(rows[1]["time"])[:19] == "2024-11-12 05:31:00"


def test_a_page_of_mattermost_names_its_neighbours(tell):
    _, source = tell(MATTERMOST, page(post(1), next_post_id="", prev_post_id="abc"))
    assert any(one.code == "RCA190" for one in source.issues)


def test_the_bulk_export_of_mattermost_nests_its_answers(tell, rate):
    lines = [
        {"type": "version", "version": 1},
        {"type": "channel", "channel": {"team": "vard", "name": "it", "display_name": "IT", "type": "O"}},
        {"type": "user", "user": {"username": "night"}},
        {"type": "post", "post": {"team": "vard", "channel": "it", "user": "night", "message": "slow", "create_at": AT,
                                  "reactions": [{"user": "lead", "emoji_name": "eyes", "create_at": AT}],
                                  "replies": [{"user": "lead", "message": "restarted", "create_at": AT + 5}]}},
        {"type": "direct_post", "direct_post": {"channel_members": ["night", "lead"], "user": "night", "message": "call me", "create_at": AT + 9}},
    ]  # fmt: skip
    text = "".join(json.dumps(one) + "\n" for one in lines)
    assert rate(MATTERMOST, text) == 0.98
    rows, source = tell(MATTERMOST, text)
    assert [row["message"] for row in rows] == ["slow", "restarted", "call me"]
    assert rows[1]["parent"] == rows[0]["event_id"]
    assert (rows[0]["channel"], rows[0]["actor"], rows[0]["fields"]["reactions"]) == (
        "it",
        "night",
        "eyes: lead",
    )
    assert rows[2]["audience"] == ["night", "lead"]
    assert not any(one.severity.value == "warning" for one in source.issues)


def rocket(number, text="the queue is full", **more):
    return {"_id": f"m{number}", "rid": "R1", "msg": text, "ts": f"2024-11-12T05:30:{number:02}.000Z", "u": {"_id": "U1", "username": "night", "name": "Night lead"},
            "_updatedAt": "2024-11-12T06:00:00.000Z", **more}  # fmt: skip


def test_messages_of_rocket_chat_answer_and_are_edited(tell, rate):
    said = {"messages": [rocket(1), rocket(2, "restarted", tmid="m1", editedAt="2024-11-12T05:40:00.000Z", editedBy={"username": "lead"})],
            "count": 2, "offset": 0, "total": 9, "success": True}  # fmt: skip
    assert rate(ROCKET, said) == 0.98
    rows, source = tell(ROCKET, said)
    assert [(row["kind"], row["actor"]) for row in rows] == [
        ("chat.message", "Night lead"),
        ("chat.message", "Night lead"),
        ("chat.edited", "lead"),
    ]
    assert rows[1]["parent"] == rows[0]["event_id"]
    assert any("2 of 9" in one.message for one in source.issues)


def test_codes_of_rocket_chat_are_presence_changes_and_deletions(tell):
    rows, _ = tell(ROCKET, [
        rocket(1, "night", t="uj"), rocket(2, "ward7", t="au"), rocket(3, "ward7", t="ru"), rocket(4, "night", t="ul"),
        rocket(5, "it-ward", t="r"), rocket(6, "", t="rm", editedAt="2024-11-12T05:50:00.000Z", editedBy={"username": "lead"}),
    ])  # fmt: skip
    assert [(row["kind"], row["actor"]) for row in rows] == [
        ("chat.joined", "Night lead"), ("chat.joined", "ward7"), ("chat.left", "ward7"), ("chat.left", "Night lead"),
        ("chat.changed", "Night lead"), ("chat.message", "Night lead"), ("chat.deleted", "lead")]  # fmt: skip
    assert rows[1]["fields"]["by"] == "Night lead"
    assert str(rows[6]["time"])[:16] == "2024-11-12 05:50"


def test_dumps_and_room_exports_of_rocket_chat_are_read_too(tell, rate):
    dumped = rocket(1, ts={"$date": "2024-11-12T05:30:00.000Z"})
    counted = rocket(2, ts={"$date": {"$numberLong": str(AT)}})
    text = json.dumps(dumped) + "\n" + json.dumps(counted) + "\n"
    assert rate(ROCKET, text) == 0.98
    rows, _ = tell(ROCKET, text)
    assert [str(row["time"])[:19] for row in rows] == ["2024-11-12 05:30:00"] * 2
    exported = [{"msg": "slow", "username": "night", "ts": "2024-11-12T05:30:00.000Z"}]
    assert rate(ROCKET, exported) == 0.98
    assert tell(ROCKET, exported)[0][0]["actor"] == "night"


def test_an_earlier_text_that_rocket_chat_kept_belongs_to_its_message(tell):
    rows, _ = tell(
        ROCKET,
        [
            rocket(
                1,
                "not ready",
                _hidden=True,
                parent="m9",
                editedAt="2024-11-12T05:40:00.000Z",
                editedBy={"username": "lead"},
            )
        ],
    )
    assert [(row["kind"], row["record_id"]) for row in rows] == [
        ("chat.message", "rocketchat:R1/m9"),
        ("chat.edited", "rocketchat:R1/m9"),
    ]
    assert rows[1]["message"] == "edited, was: not ready"


def test_zulip_tells_each_edit_with_the_text_before_it(tell, rate):
    said = {"id": 7, "sender_id": 1, "sender_full_name": "Night lead", "sender_email": "night@example.org", "display_recipient": "it", "stream_id": 3,
            "subject": "go-live", "type": "stream", "content": "<p>@**Ward lead** ready</p>", "timestamp": 1731389400, "last_edit_timestamp": 1731389500,
            "edit_history": [{"timestamp": 1731389500, "user_id": 2, "prev_content": "not ready"}, {"timestamp": 1731389450, "user_id": 2, "prev_topic": "it"}]}  # fmt: skip
    answer = {"result": "success", "messages": [said], "found_newest": False}
    assert rate(ZULIP, answer) == 0.98
    rows, source = tell(ZULIP, answer)
    assert [(row["kind"], row["time_text"]) for row in rows] == [
        ("chat.message", "1731389400"),
        ("chat.edited", "1731389450"),
        ("chat.edited", "1731389500"),
    ]
    assert (rows[0]["channel"], rows[0]["fields"]["topic"], rows[0]["audience"]) == (
        "it",
        "go-live",
        ["Ward lead"],
    )
    assert rows[2]["fields"]["old"] == "not ready"
    assert rows[2]["parent"] == rows[0]["event_id"]
    assert any(one.code == "RCA190" for one in source.issues)
    exported = {
        "zerver_message": [
            {
                "id": 1,
                "sender": 2,
                "recipient": 3,
                "subject": "x",
                "content": "slow",
                "date_sent": 1731389400.5,
                "edit_history": None,
            }
        ]
    }
    assert rate(ZULIP, exported) == 0.98
    assert tell(ZULIP, exported)[0][0]["message"] == "slow"


def test_readers_of_servers_leave_each_others_messages_alone(rate):
    samples = {MATTERMOST: page(post(1)), ROCKET: [rocket(1)]}
    for reader in (MATTERMOST, ROCKET, ZULIP):
        for owner, value in samples.items():
            assert (rate(reader, value) > 0) == (reader is owner)
