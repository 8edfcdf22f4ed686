"""IRC logs of nine programs: who said what, who came and went, and what dates the lines.

Lines are worded as the programs' documentation and sources word them; what is said is our own.
"""

import pytest

from rca.reading.chat.irc import IrcReader

READER = IrcReader()

IRSSI = """--- Log opened Tue Nov 12 05:29:00 2024
05:30 -!- ward7 [ward@10.0.0.17] has joined #it
05:30 <@operator> the log-in is slow, OPS-7
05:31  * ward7 goes back to paper
05:32 -!- ward7 [ward@10.0.0.17] has quit [Ping timeout]
05:33 -!- mode/#it [+o night] by operator
05:34 -!- operator changed the topic of #it to: stop
05:35 -!- night is now known as night-lead
23:59 -!- night-lead was kicked from #it by operator [later]
--- Day changed Wed Nov 13 2024
00:01 < operator> quiet
--- Log closed Wed Nov 13 00:02:00 2024
"""


def seen(rows):
    return [(row["kind"].partition(".")[2], row["actor"]) for row in rows]


def test_irssi_states_the_date_in_lines_of_its_own(tell, rate):
    assert rate(READER, IRSSI) == 0.98
    rows, source = tell(READER, IRSSI, zone="UTC")
    assert seen(rows) == [
        ("joined", "ward7"), ("message", "operator"), ("message", "ward7"), ("left", "ward7"), ("changed", "operator"),
        ("changed", "operator"), ("changed", "night"), ("left", "night-lead"), ("message", "operator"),
    ]  # fmt: skip
    assert str(rows[1]["time"])[:16] == "2024-11-12 05:30"
    assert (rows[1]["time_text"], rows[1]["time_precision"], rows[1]["time_basis"]) == (
        "05:30",
        "minute",
        "zone_given",
    )
    assert rows[1]["refs"] == ["OPS-7"]
    assert str(rows[-1]["time"])[:16] == "2024-11-13 00:01"
    assert {row["channel"] for row in rows} == {"#it"}
    assert rows[3]["fields"]["reason"] == "Ping timeout"
    assert rows[7]["fields"]["by"] == "operator"
    assert rows[5]["fields"]["new"] == "stop"
    assert source.unparsed == []


@pytest.mark.parametrize(
    ("name", "text", "kinds"),
    [
        ("Limnoria", ("2024-11-12T05:30:00  *** ward7 <ward7!~w@10.0.0.17> has joined #it\n2024-11-12T05:30:01  <ward7> hello\n"
         "2024-11-12T05:30:02  * ward7 waits\n2024-11-12T05:30:03  *** ward7 has quit IRC\n2024-11-12T05:30:04  -services- saved\n"),
         ["joined", "message", "message", "left", "message"]),
        ("WeeChat", ("2024-11-12 05:30:00\t-->\tward7 (w@10.0.0.17) has joined #it\n2024-11-12 05:30:01\t@operator\tready\n"
         "2024-11-12 05:30:02\t *\tward7 waits\n2024-11-12 05:30:03\t<--\tward7 (w@10.0.0.17) has quit (Quit: home)\n"
         "2024-11-12 05:30:04\t--\tMode #it [+o ward7] by operator\n"),
         ["joined", "message", "message", "left", "changed"]),
        ("HexChat", ("**** BEGIN LOGGING AT Tue Nov 12 05:29:59 2024\n\nNov 12 05:30:00 *\tYou are now talking on #it\n"
         "Nov 12 05:30:01 <operator>\tready\nNov 12 05:30:02 *\tward7 (w@10.0.0.17) has joined\nNov 12 05:30:03 *\tward7 has quit (home)\n"
         "**** ENDING LOGGING AT Tue Nov 12 05:31:00 2024\n"),
         ["line", "line", "message", "joined", "left", "line"]),
        ("ZNC", ("[05:30:00] *** Joins: ward7 (w@10.0.0.17)\n[05:30:01] <ward7> hello\n[05:30:02] *** Parts: ward7 (w@10.0.0.17) (home)\n"
         "[05:30:03] *** Quits: night (n@10.0.0.18) (Ping timeout)\n[05:30:04] *** night is now known as lead\n"),
         ["joined", "message", "left", "left", "changed"]),
        ("mIRC", ("Session Start: Tue Nov 12 05:29:00 2024\nSession Ident: #it\n[05:30] * Now talking in #it\n[05:31] <@operator> ready\n"
         "[05:32] * ward7 (w@10.0.0.17) has joined #it\n[05:33] * ward7 (w@10.0.0.17) Quit (home)\nSession Close: Tue Nov 12 05:34:00 2024\n"),
         ["line", "message", "joined", "left"]),
        ("eggdrop", "[00:00] --- Tue Nov 12 2024\n[05:30] <operator> ready\n[05:31] Action: ward7 waits\n[05:32] -services- saved\n",
         ["message", "message", "message"]),
        ("XChat scrollback", "T 1731389400 <operator>\tready\nT 1731389401 *\tward7 has joined\n", ["message", "joined"]),
    ],
)  # fmt: skip
def test_each_program_is_read_in_its_own_wording(tell, rate, name, text, kinds):
    assert rate(READER, text) == 0.98
    rows, source = tell(READER, text)
    assert [row["kind"].partition(".")[2] for row in rows] == kinds
    assert source.unparsed == []
    if name != "ZNC":
        assert all(str(row["time"])[:13] == "2024-11-12 05" for row in rows)


def test_a_time_of_day_without_any_date_stays_undated_and_says_what_is_missing(tell):
    rows, source = tell(READER, "[05:30:00] <ward7> hello\n[05:30:01] <night> hi\n")
    assert [(row["time"], row["time_text"]) for row in rows] == [(None, "05:30:00"), (None, "05:30:01")]
    assert any(one.code == "RCA190" and "date" in one.message for one in source.issues)


def test_midnight_that_no_line_states_is_an_assumption(tell):
    text = "Session Start: Tue Nov 12 23:58:00 2024\n[23:59] <a1> late\n[00:01] <b2> later\nSession Close: Wed Nov 13 00:02:00 2024\n"
    rows, source = tell(READER, text, zone="UTC")
    assert [str(row["time"])[:16] for row in rows] == ["2024-11-12 23:59", "2024-11-13 00:01"]
    assert not rows[0]["assumptions"]
    assert [one.kind for one in source.assumptions if one.id in rows[1]["assumptions"]] == ["date"]


def test_a_year_comes_from_the_lines_that_state_it(tell):
    text = "**** BEGIN LOGGING AT Tue Dec 31 23:59:00 2024\n\nDec 31 23:59:30 <night>\tquiet\nJan  1 00:00:30 <night>\tstill\n"
    rows, _ = tell(READER, text, zone="UTC")
    assert [str(row["time"])[:10] for row in rows] == ["2024-12-31", "2024-12-31", "2025-01-01"]


def test_logs_with_words_in_angle_brackets_are_no_chats(rate):
    for text in (
        "2024-11-12 05:30:00 <info> started\n2024-11-12 05:30:01 <error> no ack\n",
        "2024-11-12 05:30:00 INFO started\n",
        "[05:30:00] [INFO] started\n[05:30:01] done\n",
        "Nov 12 05:30:00 host sshd[1]: Accepted\n",
        "05:30:00 From Lead to Everyone: hello\n",
        "2024-11-12 05:30:00\tapp\tstarted\n2024-11-12 05:30:01\tapp\tstopped\n",
        "",
    ):
        assert rate(READER, text) == 0.0, text
