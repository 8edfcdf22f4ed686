"""No cut, no change of a byte and no value of the wrong type stops a reader of chats or unbalances its books."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.chat.chat_csv import ChatCsvReader
from rca.reading.chat.discord import DiscordReader
from rca.reading.chat.google_chat import GoogleChatReader
from rca.reading.chat.irc import IrcReader
from rca.reading.chat.mattermost import MattermostReader
from rca.reading.chat.rocketchat import RocketChatReader
from rca.reading.chat.slack import SlackReader
from rca.reading.chat.teams import TeamsReader
from rca.reading.chat.telegram import TelegramReader
from rca.reading.chat.telegram_html import TelegramHtmlReader
from rca.reading.chat.whatsapp import WhatsAppReader
from rca.reading.chat.zulip import ZulipReader

SLACK, IRC, MATTERMOST, ROCKET, ZULIP = (
    SlackReader(),
    IrcReader(),
    MattermostReader(),
    RocketChatReader(),
    ZulipReader(),
)
TEAMS, TELEGRAM, PAGE, DISCORD = TeamsReader(), TelegramReader(), TelegramHtmlReader(), DiscordReader()
GOOGLE, WHATSAPP, TABLE = GoogleChatReader(), WhatsAppReader(), ChatCsvReader()


def message(number, **more):
    return {"type": "message", "user": "U1", "text": "<@U2> slow", "ts": f"1731389400.{number:06}", **more}


def post(number, **more):
    return {"id": f"post{number}".ljust(26, "x"), "create_at": 1731389400000, "edit_at": 0, "delete_at": 0, "user_id": "u", "channel_id": "c",
            "root_id": "", "message": "slow", "type": "", "props": {}, **more}  # fmt: skip


def page(*posts):
    return {"order": [], "posts": {one["id"]: one for one in posts}}


def rocket(number, **more):
    return {
        "_id": f"m{number}",
        "rid": "R1",
        "msg": "slow",
        "ts": {"$date": "2024-11-12T05:30:00.000Z"},
        "u": {"username": "night"},
        **more,
    }


def teams(number, **more):
    return {"id": str(number), "messageType": "message", "createdDateTime": "2024-11-12T05:30:00Z", "from": {"user": {"displayName": "Night"}},
            "body": {"contentType": "html", "content": "<p>slow</p>"}, "mentions": [{"mentioned": {"user": {}}}], "reactions": [{"user": {}}], **more}  # fmt: skip


def telegram(number, text="slow", **more):
    return {
        "id": number,
        "type": "message",
        "date": "2024-11-12T06:30:00",
        "date_unixtime": "1731389400",
        "from": "Night",
        "text": text,
        **more,
    }


def discord(number, **more):
    return {
        "id": str(10**17 + number),
        "type": "Default",
        "timestamp": "2024-11-12T06:30:00+01:00",
        "content": "<@1> slow",
        "author": {"id": "1"},
        **more,
    }


IRSSI = """--- Log opened Tue Nov 12 05:29:00 2024
05:30 -!- ward7 [ward@10.0.0.17] has joined #it
05:30 <@operator> the log-in is slow
23:59 -!- ward7 was kicked from #it by operator [later]
--- Day changed Wed Nov 13 2024
00:01 < operator> quiet
"""
HTML = """<html><body><div class="page_header"><div class="text bold">Ward</div></div>
<div class="message service" id="message1"><div class="body details">Lead invited Nurse</div></div>
<div class="message default clearfix" id="message2"><div class="pull_right date details" title="12.11.2024 06:30:00 UTC+01:00"></div>
<div class="from_name">Night</div><div class="text">slow</div></div></body></html>
"""
ZULIP_MESSAGE = {"id": 1, "sender_full_name": "x", "content": "y", "timestamp": 1731389400, "display_recipient": [{"full_name": "a"}],
                 "edit_history": [{"timestamp": 1, "prev_content": "z"}], "reactions": [{"user": {}}]}  # fmt: skip
TAKEOUT = {
    "creator": {"name": "x"},
    "created_date": "Tuesday, November 12, 2024 at 5:30:00 AM UTC",
    "topic_id": "t",
    "message_id": "a/b/c",
}
VALUES = [
    (SLACK, [message(1, edited={"user": "U", "ts": "1.1"}, thread_ts="1.1", reactions=[{"name": "a", "users": ["b"]}]),
             message(2, subtype="message_changed", message=message(1), previous_message=message(1)), message(3, subtype="huddle_thread", room={"date_start": 1})]),
    (MATTERMOST, page(post(1, props={"attachments": [{"text": "x"}]}, type="custom_calls"), post(2, root_id="x", edit_at=5))),
    (ROCKET, {"messages": [rocket(1, mentions=[{"name": "a"}], reactions={"a": {"usernames": ["b"]}}, tmid="x"), rocket(2, t="au")]}),
    (ZULIP, {"messages": [ZULIP_MESSAGE]}),
    (TEAMS, {"value": [teams(1, replies=[teams(2)]), teams(3, eventDetail={"@odata.type": "#microsoft.graph.membersAddedEventMessageDetail", "members": [{}], "initiator": {}})]}),
    (TELEGRAM, {"name": "x", "id": 1, "messages": [telegram(1, ["a", {"type": "mention", "text": "@b"}]), telegram(2, type="service", action="invite_members", members=["a"])]}),
    (DISCORD, {"channel": {"id": "1"}, "messages": [discord(1, reactions=[{"emoji": {"name": "a"}, "users": [{}]}], mentions=[{"id": "1"}]), discord(2, type="RecipientAdd")]}),
    (GOOGLE, {"messages": [TAKEOUT, {**TAKEOUT, "attached_files": [{"original_name": "a"}]}]}),
]  # fmt: skip
TEXTS = [
    (IRC, IRSSI),
    (IRC, "**** BEGIN LOGGING AT Tue Dec 31 23:59:00 2024\nDec 31 23:59:30 <å>\tquiet\nT 1731389400 x\n2024-11-12 05:30:00\t-->\ta (b) has joined #c\n[05:30] * a Quit (b)\n"),
    (PAGE, HTML),
    (WHATSAPP, "[2024-11-13, 05:30:00] Å: a\nb\n12/11/2024, 05:01 - Lead added Nurse\n99/99/9999, 99:99 - x\n"),
    (TABLE, 'AuthorID,Author,Date,Content,Attachments,Reactions\n"1","å","2024-11-12T06:30:00+01:00","a\nb","",""\n'),
]  # fmt: skip
ALL = [(reader, json.dumps(value, ensure_ascii=False).encode()) for reader, value in VALUES] + [
    (r, t.encode()) for r, t in TEXTS
]
NAMES = [f"{number}-{reader.name}" for number, (reader, _) in enumerate(ALL)]
ODD = st.sampled_from(
    [
        None,
        True,
        -1,
        10**30,
        1e300,
        "",
        "\ud800",
        "0",
        [],
        {},
        [None],
        [[]],
        {"a": None},
        [{"user": [1]}],
        "1731389400.1",
    ]
)


@pytest.mark.parametrize(("reader", "whole"), ALL, ids=NAMES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading(tell, reader, whole, data):
    cut = data.draw(st.integers(0, len(whole)))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] = data.draw(st.integers(0, 255))
    for text in (whole[:cut], bytes(changed)):
        reader.score(Source.of_bytes(text).sample)
        tell(reader, text)


@pytest.mark.parametrize(("reader", "value"), VALUES, ids=[reader.name for reader, _ in VALUES])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_value_of_the_wrong_type_stops_reading(tell, reader, value, data):
    broken = json.loads(json.dumps(value))
    spots = []

    def walk(one):
        for key, inner in (
            one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        ):
            spots.append((one, key))
            walk(inner)

    walk(broken)
    for _ in range(3):
        parent, key = data.draw(st.sampled_from(spots))
        parent[key] = data.draw(ODD)
    reader.score(Source.of_bytes(json.dumps(broken).encode()).sample)
    tell(reader, json.dumps(broken))


def test_threads_that_answer_themselves_or_one_another_end(tell):
    rows, _ = tell(ROCKET, [rocket(1, tmid="m2"), rocket(2, tmid="m1"), rocket(3, tmid="m3")])
    assert rows[0]["parent"] == rows[1]["event_id"]
    assert rows[1]["parent"] == rows[0]["event_id"]
    assert rows[2]["parent"] is None


def test_long_lines_and_many_members_take_no_long_time(tell):
    many = message(1, subtype="huddle_thread", room={"participants": [f"U{n}" for n in range(100_000)]})
    assert len(tell(SLACK, [many])[0]) == 1
    for line in (
        "05:30 * " + "a " * 50_000,
        "05:30 -!- " + "x changed the topic to " * 5_000,
        "[05:30] *** " + "(" * 50_000,
        "05:30 <a> " + "b" * 100_000,
    ):
        IRC.score(Source.of_bytes(line.encode()).sample)
        tell(IRC, line + "\n")
    tell(WHATSAPP, "[2024-11-13, 05:30:00] Lead added " + "a, " * 50_000 + "\n")
