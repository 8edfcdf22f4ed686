"""Teams, Telegram, Discord, Google Chat and WhatsApp: messages, presence, calls, edits and deletions.

Shapes are those of the products' documentation and sources; the words are our own.
"""

import pytest

from rca.reading.chat.chat_csv import ChatCsvReader
from rca.reading.chat.discord import DiscordReader
from rca.reading.chat.google_chat import GoogleChatReader
from rca.reading.chat.teams import TeamsReader
from rca.reading.chat.telegram import TelegramReader
from rca.reading.chat.telegram_html import TelegramHtmlReader
from rca.reading.chat.whatsapp import WhatsAppReader

TEAMS, TELEGRAM, PAGE, DISCORD = TeamsReader(), TelegramReader(), TelegramHtmlReader(), DiscordReader()
GOOGLE, WHATSAPP, TABLE = GoogleChatReader(), WhatsAppReader(), ChatCsvReader()


def kinds(rows):
    return [row["kind"].partition(".")[2] for row in rows]


# -- Teams -------------------------------------------------------------------------------------------------


def teams(number, content="<p>the queue is <b>full</b></p>", **more):
    return {"id": str(1731389400000 + number), "replyToId": None, "messageType": "message", "createdDateTime": f"2024-11-12T05:30:{number:02}.123Z",
            "lastModifiedDateTime": "2024-11-12T06:00:00Z", "lastEditedDateTime": None, "deletedDateTime": None, "importance": "normal", "chatId": "19:abc@thread.v2",
            "from": {"application": None, "device": None, "user": {"id": "u1", "displayName": "Night lead"}},
            "body": {"contentType": "html", "content": content}, "attachments": [], "mentions": [], "reactions": [], **more}  # fmt: skip


def test_messages_of_graph_are_read_as_text_with_edits_deletions_and_answers(tell, rate):
    first = teams(
        1,
        mentions=[{"id": 0, "mentionText": "Ward lead", "mentioned": {"user": {"displayName": "Ward lead"}}}],
    )
    answer = teams(
        2,
        '<p>see <a href="https://status.example/1">status</a></p>',
        replyToId=first["id"],
        lastEditedDateTime="2024-11-12T05:31:00Z",
    )
    gone = teams(3, "", deletedDateTime="2024-11-12T05:32:00Z")
    whole = {
        "@odata.context": "x",
        "@odata.nextLink": "https://graph.example/next",
        "value": [answer, first, gone],
    }
    assert rate(TEAMS, whole) == 0.98
    rows, source = tell(TEAMS, whole)
    assert kinds(rows) == ["message", "edited", "message", "message", "deleted"]
    assert rows[2]["message"] == "the queue is full"
    assert (rows[2]["actor"], rows[2]["audience"], rows[2]["channel"]) == (
        "Night lead",
        ["Ward lead"],
        "19:abc@thread.v2",
    )
    assert rows[0]["parent"] == rows[2]["event_id"]
    assert rows[0]["refs"] == ["https://status.example/1"]
    assert str(rows[4]["time"])[:19] == "2024-11-12 05:32:00"
    assert any(one.code == "RCA190" for one in source.issues)


def test_replies_inside_a_message_of_a_channel_belong_to_it(tell):
    where = {"teamId": "t1", "channelId": "19:c@thread.tacv2"}
    rows, _ = tell(
        TEAMS,
        {
            "value": [
                teams(1, channelIdentity=where, chatId=None, replies=[teams(2, "restarted", chatId=None)])
            ]
        },
    )
    assert rows[1]["parent"] == rows[0]["event_id"]
    assert rows[1]["channel"] == rows[0]["channel"] == "19:c@thread.tacv2"
    assert rows[1]["locator"] == "J/value/0/replies/0"


def test_system_messages_of_graph_are_told_by_their_detail(tell):
    lead = {"user": {"displayName": "Lead"}}

    def system(number, kind, **detail):
        return teams(number, "<systemEventMessage/>", messageType="systemEventMessage", **{"from": None},
                     eventDetail={"@odata.type": f"#microsoft.graph.{kind}", "initiator": lead, **detail})  # fmt: skip

    rows, _ = tell(TEAMS, {"value": [
        system(1, "membersAddedEventMessageDetail", members=[{"id": "u2", "displayName": "Ward lead"}, {"id": "u3", "displayName": None}]),
        system(2, "membersDeletedEventMessageDetail", members=[{"id": "u2", "displayName": "Ward lead"}]),
        system(3, "membersJoinedEventMessageDetail", members=[{"id": "u4", "displayName": "Nurse"}]),
        system(4, "chatRenamedEventMessageDetail", chatDisplayName="Go-live"),
        system(5, "callEndedEventMessageDetail", callDuration="PT5M", callParticipants=[{"participant": {"user": {"displayName": "Nurse"}}}]),
    ]})  # fmt: skip
    assert [(row["kind"], row["actor"]) for row in rows] == [
        ("chat.joined", "Ward lead"), ("chat.joined", "u3"), ("chat.left", "Ward lead"), ("chat.joined", "Nurse"), ("chat.changed", "Lead"), ("chat.call", "Lead")]  # fmt: skip
    assert rows[0]["fields"]["by"] == "Lead"
    assert rows[4]["fields"]["new"] == "Go-live"
    assert (rows[5]["audience"], rows[5]["message"]) == (["Nurse"], "a call ended after PT5M")


def test_the_personal_export_of_teams_is_read(tell, rate):
    def one(number, kind, content, **more):
        return {"id": str(1731389400000 + number), "displayName": None, "originalarrivaltime": f"2024-11-12T05:30:{number:02}.000Z", "messagetype": kind,
                "version": 1, "content": content, "conversationid": "19:x@thread.v2", "from": "8:orgid:night", "properties": None, **more}  # fmt: skip

    whole = {"userId": "8:orgid:night", "exportDate": "2024-11-20T10:00", "conversations": [{"id": "19:x@thread.v2", "displayName": "Go-live", "MessageList": [
        one(1, "RichText/Html", "<div>slow</div>"),
        one(2, "Text", "a < b", properties={"edittime": "1731389460000"}),
        one(3, "ThreadActivity/AddMember", "<addmember><eventtime>1</eventtime><initiator>8:orgid:lead</initiator><target>8:orgid:nurse</target></addmember>"),
    ]}]}  # fmt: skip
    assert rate(TEAMS, whole) == 0.98
    rows, _ = tell(TEAMS, whole)
    assert kinds(rows) == ["message", "message", "edited", "joined"]
    assert (rows[0]["channel"], rows[0]["actor"], rows[1]["message"]) == ("Go-live", "8:orgid:night", "a < b")
    assert (rows[3]["actor"], rows[3]["fields"]["by"]) == ("8:orgid:nurse", "8:orgid:lead")


# -- Telegram ----------------------------------------------------------------------------------------------


def telegram(number, text="the queue is full", **more):
    return {"id": number, "type": "message", "date": f"2024-11-12T06:30:{number:02}", "date_unixtime": str(1731389400 + number), "from": "Night lead",
            "from_id": "user1", "text": text, "text_entities": [], **more}  # fmt: skip


def test_chats_of_telegram_use_the_instant_where_there_is_one(tell, rate):
    chat = {"name": "Ward", "type": "private_group", "id": 5, "messages": [
        telegram(1, ["see ", {"type": "text_link", "text": "status", "href": "https://status.example"}, " ", {"type": "mention", "text": "@nurse"}]),
        telegram(2, "restarted", reply_to_message_id=1, edited="2024-11-12T06:40:00", edited_unixtime="1731390000"),
        {"id": 3, "type": "service", "date": "2024-11-12T06:31:00", "date_unixtime": "1731389460", "actor": "Lead", "actor_id": "user2",
         "action": "invite_members", "members": ["Nurse", None, "Porter"], "text": ""},
        {"id": 4, "type": "service", "date": "2024-11-12T06:32:00", "date_unixtime": "1731389520", "actor": "Nurse", "action": "remove_members", "members": ["Nurse"], "text": ""},
        {"id": 5, "type": "service", "date": "2024-11-12T06:33:00", "date_unixtime": "1731389580", "actor": "Lead", "action": "edit_group_title", "title": "Stop", "text": ""},
        {"id": 6, "type": "service", "date": "2024-11-12T06:34:00", "date_unixtime": "1731389640", "actor": "Lead", "action": "phone_call", "duration_seconds": 60, "discard_reason": "missed", "text": ""},
    ]}  # fmt: skip
    assert rate(TELEGRAM, chat) == 0.98
    rows, _ = tell(TELEGRAM, chat, zone="Europe/Stockholm")
    assert kinds(rows) == ["message", "message", "edited", "joined", "joined", "left", "changed", "call"]
    assert str(rows[0]["time"])[:19] == "2024-11-12 05:30:01"
    assert (rows[0]["message"], rows[0]["audience"], rows[0]["refs"]) == (
        "see status @nurse",
        ["nurse"],
        ["https://status.example"],
    )
    assert (rows[0]["channel"], rows[0]["record_id"]) == ("Ward", "telegram:5/1")
    assert rows[1]["parent"] == rows[0]["event_id"]
    assert [row["actor"] for row in rows[3:6]] == ["Nurse", "Porter", "Nurse"]
    assert "by" not in rows[5]["fields"]
    assert rows[3]["fields"]["by"] == "Lead"
    account = {
        "about": "x",
        "contacts": {"list": [{"user_id": 1, "date": "2020-01-01T00:00:00"}]},
        "chats": {"about": "x", "list": [chat]},
    }
    assert len(tell(TELEGRAM, account)[0]) == len(rows)


def test_older_exports_of_telegram_have_no_offset(tell):
    said = telegram(1)
    del said["date_unixtime"]
    (row,), _ = tell(TELEGRAM, {"name": "Ward", "id": 5, "type": "private_group", "messages": [said]})
    assert (row["time_text"], row["time_basis"]) == ("2024-11-12T06:30:01", "zone_assumed")


HTML = """<!DOCTYPE html><html><body><div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">
Ward </div></div></div><div class="history">
<div class="message service" id="message-1"><div class="body details">
12 November 2024 </div></div>
<div class="message service" id="message1"><div class="body details">
Lead invited Nurse </div></div>
<div class="message default clearfix" id="message2"><div class="body">
<div class="pull_right date details" title="12.11.2024 06:30:00 UTC+01:00">06:30</div>
<div class="from_name">
Night lead </div><div class="text">
the queue is <strong>full</strong> </div></div></div>
<div class="message default clearfix joined" id="message3"><div class="body">
<div class="pull_right date details" title="12.11.2024 06:31:00 UTC+01:00">06:31</div>
<div class="reply_to details">In reply to <a href="#go_to_message2" onclick="return GoToMessage(2)">this message</a></div>
<div class="text">restarted</div></div></div>
</div></div></body></html>
"""


def test_pages_of_telegram_keep_the_sender_of_joined_messages(tell, rate):
    assert rate(PAGE, HTML) == 0.98
    rows, _ = tell(PAGE, HTML)
    assert kinds(rows) == ["joined", "message", "message"]
    assert (rows[0]["actor"], rows[0]["fields"]["by"], rows[0]["time"]) == ("Nurse", "Lead", None)
    assert (rows[1]["message"], rows[2]["actor"], rows[1]["channel"]) == (
        "the queue is full",
        "Night lead",
        "Ward",
    )
    assert (str(rows[1]["time"])[:19], rows[1]["time_basis"]) == ("2024-11-12 05:30:00", "offset_stated")
    assert rows[2]["parent"] == rows[1]["event_id"]
    assert HTML.encode()[rows[2]["byte_start"] :].startswith(
        b'<div class="message default clearfix joined" id="message3">'
    )


# -- Discord -----------------------------------------------------------------------------------------------


def discord(number, content="the queue is full", **more):
    return {"id": str(10**17 + number), "type": "Default", "timestamp": f"2024-11-12T06:30:{number:02}.5+01:00", "timestampEdited": None, "callEndedTimestamp": None,
            "isPinned": False, "content": content, "author": {"id": "1" * 18, "name": "night", "nickname": "Night lead", "isBot": False},
            "attachments": [], "embeds": [], "reactions": [], "mentions": [], **more}  # fmt: skip


def test_exports_of_discord_name_channel_and_guild_once_for_all_messages(tell, rate):
    whole = {"guild": {"id": "9" * 18, "name": "Hospital"}, "channel": {"id": "8" * 18, "type": "GuildTextChat", "category": "IT", "name": "ward-it"}, "dateRange": {"after": None},
             "exportedAt": "2024-11-20T10:00:00+01:00", "messages": [
        discord(1), discord(2, "restarted", type="Reply", reference={"messageId": str(10**17 + 1)}, timestampEdited="2024-11-12T06:31:00+01:00"),
        discord(3, "Joined the server.", type="GuildMemberJoin"), discord(4, "Pinned a message.", type="ChannelPinnedMessage"),
        discord(5, "Started a call.", type="Call", callEndedTimestamp="2024-11-12T06:40:00+01:00")], "messageCount": 7}  # fmt: skip
    assert rate(DISCORD, whole) == 0.98
    rows, source = tell(DISCORD, whole)
    assert kinds(rows) == ["message", "message", "edited", "joined", "changed", "call"]
    assert {(row["channel"], row["unit"]) for row in rows} == {("ward-it", "Hospital")}
    assert rows[1]["parent"] == rows[0]["event_id"]
    assert str(rows[5]["time_end"])[:19] == "2024-11-12 05:40:00"
    assert any("5 of 7" in one.message for one in source.issues)
    api = [{"id": "1" * 18, "type": 19, "content": "x", "channel_id": "8" * 18, "author": {"id": "2" * 18, "username": "night", "global_name": None},
            "timestamp": "2024-11-12T05:30:00.000000+00:00", "edited_timestamp": None, "message_reference": {"message_id": "3" * 18}}]  # fmt: skip
    assert rate(DISCORD, api) == 0.98
    assert tell(DISCORD, api)[0][0]["fields"]["answers"] == "3" * 18


def test_tables_of_discord_and_mattermost_are_chats(tell, rate):
    text = 'AuthorID,Author,Date,Content,Attachments,Reactions\n"1","night","2024-11-12T06:30:00.0000000+01:00","the queue\nis full","",""\n'
    assert rate(TABLE, text) == 0.98
    (row,), _ = tell(TABLE, text)
    assert (row["message"], row["actor"], row["locator"], row["time_basis"]) == (
        "the queue is full",
        "night",
        "L2-3",
        "offset_stated",
    )
    text = (
        "Post Creation Time,Team Id,Team Name,Team Display Name,Channel Id,Channel Name,Channel Display Name,Channel Type,User Id,User Email,Username,Post Id,"
        "Edited By Post Id,Replied to Post Id,Post Message,Post Type,User Type,Previews Post Id\n"
        "1731389400000,t,vard,Vard,c,it,IT,public,u,,night,,,,,enter,user,\n1731389401000,t,vard,Vard,c,it,IT,public,u,,night,p1,,,slow,message,user,\n"
        "1731389402000,t,vard,Vard,c,it,IT,public,u,,night,p2,,p1,done,message,user,\n1731389403000,t,vard,Vard,c,it,IT,public,u,,night,,,,,leave,user,\n"
    )
    assert rate(TABLE, text) == 0.98
    rows, _ = tell(TABLE, text)
    assert kinds(rows) == ["joined", "message", "message", "left"]
    assert rows[2]["parent"] == rows[1]["event_id"]
    own = "ID,Timestamp,Contents,Attachments\n1,2024-11-12 05:30:00.123000+00:00,slow,\n"
    assert rate(TABLE, own) == 0.98
    assert tell(TABLE, own)[0][0]["message"] == "slow"


# -- Google Chat -------------------------------------------------------------------------------------------


def test_takeout_of_google_chat_writes_its_dates_out(tell, rate):
    whole = {"messages": [
        {"creator": {"name": "Night lead", "email": "night@example.org", "user_type": "Human"}, "created_date": "Tuesday, November 12, 2024 at 5:30:00\u202fAM UTC",
         "text": "slow", "topic_id": "T1", "message_id": "S1/T1/M1"},
        {"creator": {"name": "Night lead"}, "created_date": "Tuesday, November 12, 2024 at 5:31:00 PM UTC", "topic_id": "T1", "message_id": "S1/T1/M2",
         "message_state": "DELETED", "deleted_date": "Tuesday, November 12, 2024 at 5:32:00 PM UTC"}]}  # fmt: skip
    assert rate(GOOGLE, whole) == 0.98
    rows, _ = tell(GOOGLE, whole)
    assert kinds(rows) == ["message", "message", "deleted"]
    assert [str(row["time"])[11:16] for row in rows] == ["05:30", "17:31", "17:32"]
    assert (rows[0]["time_basis"], rows[0]["channel"]) == ("offset_stated", "S1")


# -- WhatsApp ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamps", "times"),
    [
        (("[2024-11-13, 05:30:00] ", "[2024-11-13, 05:31:00] "), ("2024-11-13 05:30", "2024-11-13 05:31")),
        (("13/11/2024, 05:30 - ", "13/11/2024, 05:31 - "), ("2024-11-13 05:30", "2024-11-13 05:31")),
        (
            ("11/13/24, 5:30\u202fAM - ", "11/13/24, 5:31\u202fPM - "),
            ("2024-11-13 05:30", "2024-11-13 17:31"),
        ),
        (("[13.11.24, 05:30:00] ", "[13.11.24, 05:31:00] "), ("2024-11-13 05:30", "2024-11-13 05:31")),
        (("13.11.2024 klo 5.30 - ", "13.11.2024 klo 5.31 - "), ("2024-11-13 05:30", "2024-11-13 05:31")),
        (("2024-11-13 05:30 - ", "2024-11-13 05:31 - "), ("2024-11-13 05:30", "2024-11-13 05:31")),
    ],
)
def test_stamps_of_whatsapp_are_written_in_the_order_of_the_phone(tell, rate, stamps, times):
    text = f"{stamps[0]}Night lead: the monitors\nare black\n{stamps[1]}Ward lead: paper\n"
    assert rate(WHATSAPP, text) == 0.98
    rows, source = tell(WHATSAPP, text)
    assert [str(row["time"])[:16] for row in rows] == list(times)
    assert rows[0]["time_text"] == stamps[0].strip("[]- ")
    assert rows[0]["time_basis"] == "zone_assumed"
    assert (rows[0]["message"], rows[0]["actor"]) == ("the monitors are black", "Night lead")
    assert source.unparsed == []


def test_notices_of_whatsapp_are_presence_and_marks_are_edits_without_a_time(tell):
    text = (
        "12/11/2024, 05:00 - Messages and calls are end-to-end encrypted.\n12/11/2024, 05:01 - Lead added Nurse and Porter\n12/11/2024, 05:02 - Nurse left\n"
        "12/11/2024, 05:03 - Lead removed Porter\n12/11/2024, 05:04 - Lead: This message was deleted\n12/11/2024, 05:05 - Lead: ready <This message was edited>\n"
        "12/11/2024, 05:06 - Lead: IMG-1.jpg (file attached)\n12/11/2024, 05:07 - Doktorn gick med via länk\n"
    )
    rows, _ = tell(WHATSAPP, text, zone="Europe/Stockholm")
    assert kinds(rows) == [
        "changed",
        "joined",
        "joined",
        "left",
        "left",
        "message",
        "deleted",
        "message",
        "message",
        "joined",
    ]
    assert [row["actor"] for row in rows[1:5]] == ["Nurse", "Porter", "Nurse", "Porter"]
    assert rows[6]["time"] is None
    assert rows[6]["parent"] == rows[5]["event_id"]
    assert (rows[7]["message"], rows[7]["fields"]["edited"]) == ("ready", "true")
    assert rows[8]["fields"]["files"] == "IMG-1.jpg"


def test_logs_and_other_exports_are_no_chats(rate):
    for foreign in (
        "[12/11/2024, 05:30:00] ERROR: no ack\n[12/11/2024, 05:30:01] INFO: started\n",
        "2024-11-12 05:30 - started\n",
        "[2024-11-12 05:30:00] local.ERROR: no ack\n[2024-11-12 05:30:01] local.INFO: started\n",
        "[2024-11-12 05:30:00] worker: started\n2024-11-12 05:30:01 - worker: done\n",
        '{"value": [{"id": "1", "createdDateTime": "2024-11-12T05:30:00Z"}]}',
        '{"messages": [{"id": 1, "type": "message", "date": "2024-11-12"}]}',
        "id,timestamp,message\n1,2024-11-12,x\n",
        "<html><body><div class='message'>x</div></body></html>",
    ):
        for reader in (TEAMS, TELEGRAM, PAGE, DISCORD, GOOGLE, WHATSAPP, TABLE):
            assert rate(reader, foreign) == 0.0, (reader.name, foreign)
