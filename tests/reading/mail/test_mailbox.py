"""Where messages begin and end: mbox in its dialects (RFC 4155; qmail's mbox(5)), single messages, Apple Mail, Maildir."""

import io
import subprocess
import sys
import textwrap

import pytest

from rca.reading import Source
from rca.reading.mail.mailbox import cut_messages, unquote
from rca.reading.mail.reader import MailReader

READER = MailReader()


def cuts(data):
    return [data[c.start : c.end] for c in cut_messages(lambda: io.BytesIO(data), len(data))]


def message(number, body=b"It is ready."):
    return (
        b"Message-ID: <%d@h.example>\nFrom: ward@h.example\nTo: it@h.example\nSubject: note %d\n"
        b"Date: Tue, 12 Nov 2024 05:30:00 +0100\n\n%s\n\n" % (number, number, body)
    )


FROM = b"From ward@h.example Tue Nov 12 05:30:00 2024\n"


def read(data):
    source = Source.of_bytes(data)
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    books = source.ledger.close(source.size)
    assert books.balanced
    return [row for row in rows if row["kind"] == "mail.message"], source, books


def test_each_message_has_its_exact_bytes_and_line():
    data = FROM + message(1) + FROM + message(2)
    rows, _, books = read(data)
    assert [row["locator"] for row in rows] == ["R1", "R2"]
    for row, number in zip(rows, (1, 2), strict=True):
        raw = data[row["byte_start"] : row["byte_start"] + row["byte_length"]]
        assert raw == message(number)[:-1]
        assert row["line"] == data[: row["byte_start"]].count(b"\n") + 1
    assert books.unparsed == 0
    assert books.structure == 2 * len(FROM)


@pytest.mark.parametrize(
    "line",
    [
        b"From - Tue Nov 12 05:30:00 2024\n",
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",
        b"From ward at h.example  Thu Mar  3 18:20:35 2016\n",
        b"From ward@h.example 2024-11-12 05:30\n",
        b"From ward@h.example\n",
        b"From ward@h.example Foo Bar 99 25:61:00 0000\n",
        b"From ward@h.example Tue Nov 12 05:30:00 2024 +0100\r\n",
        b"From =?UTF-8?Q?ward?=@h.example Tue Nov 12 05:30:00 CET 2024\n",
    ],
)
def test_separators_are_known_in_every_dialect_and_with_wrong_dates(line):
    assert len(cuts(line + message(1) + line + message(2))) == 2


@pytest.mark.parametrize(
    "text",
    [
        b"From what we hear, it is not ready.\nThanks",
        b"\nFrom the ward:\nNote: it is night.",
        b"\n>From ward@h.example Tue Nov 12 05:30:00 2024\nSubject: quoted",
        b"\nFrom 9:30 to 10:30 on 12 November 2024 nobody answered.\nThen they did.",
    ],
)
def test_sentences_that_begin_with_from_are_text(text):
    assert len(cuts(FROM + message(1, text) + FROM + message(2))) == 2


def test_a_separator_without_a_blank_line_before_it_counts_when_it_has_a_date_and_a_header():
    data = FROM + message(1).rstrip(b"\n") + b"\n" + FROM + message(2)
    assert len(cuts(data)) == 2


def test_content_length_counts_only_where_it_leads_to_the_next_separator():
    inner = b"see below\n\n" + FROM + b"Subject: old\n\nold text\n"
    right = b"Subject: a\nContent-Length: %d\n\n" % len(inner) + inner + b"\n"
    assert len(cuts(FROM + right + FROM + message(2))) == 2
    wrong = b"Subject: a\nContent-Length: %d\n\n" % (len(inner) - 3) + inner + b"\n"
    assert len(cuts(FROM + wrong + FROM + message(2))) == 3
    assert len(cuts(FROM + right)) == 1


def test_quoting_of_mboxrd_and_mboxo_is_undone_by_one():
    assert unquote(b">From a\n>>From b\n> From c\nx >From d") == b"From a\n>From b\n> From c\nx >From d"
    rows, _, _ = read(FROM + message(1, b"one\n>From here on it is quiet."))
    assert "\nFrom here on it is quiet." in rows[0]["attributes"].replace("\\n", "\n")


def test_separators_are_found_across_blocks():
    pad = b"x" * 70 + b"\n"
    for size in (14_700, 14_769, 14_770, 14_771, 29_540):
        data = b"".join(FROM + message(n, pad * size) for n in range(3))
        found = cuts(data)
        assert [one.split(b"\n", 1)[0] for one in found] == [
            b"Message-ID: <%d@h.example>" % n for n in range(3)
        ]


def test_a_single_message_is_never_cut():
    data = message(1, b"forwarded:\n\n" + FROM + b"Subject: old\n\nold")
    assert cuts(data) == [data]


def test_a_file_of_apple_mail_has_its_length_first_and_a_property_list_behind():
    mail = message(1)
    data = b"%d     \n" % len(mail) + mail + b'<?xml version="1.0"?>\n<plist version="1.0"></plist>\n'
    assert READER.score(Source.of_bytes(data).sample) == 0.98
    rows, _, books = read(data)
    assert len(rows) == 1
    assert data[rows[0]["byte_start"] :].startswith(b"Message-ID: <1@")
    assert "plist" not in rows[0]["attributes"]
    assert books.structure > 50


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_other_line_ends_are_read(end):
    rows, _, _ = read(message(1).replace(b"\n", end))
    assert (rows[0]["message"], rows[0]["record_id"]) == ("note 1", "mail:1@h.example")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_message_saved_in_another_encoding_is_read(encoding):
    data = message(1).decode().encode(encoding)
    assert READER.score(Source.of_bytes(data).sample) == 0.98
    rows, _, _ = read(data)
    assert rows[0]["message"] == "note 1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-11-12 05:30:00 INFO From: ward To: it\n" * 5,
        "Nov 12 05:30:00 mx postfix/smtp[1]: to=<it@h.example>, status=sent\n" * 5,
        "HTTP/1.1 200 OK\nDate: Tue, 12 Nov 2024 05:30:00 GMT\nContent-Type: text/html\n\n<html></html>",
        "Date: Tue, 12 Nov 2024 05:30:00 GMT\nContent-Type: text/html\nServer: x\n\n<html></html>",
        "From the ward nothing was heard on 12 November 2024 at 05:30.\nIt was quiet.\n",
        "title: Minutes\ndate: 2024-11-12\nauthor: secretary\n---\n# Minutes\n",
        "Date,From,To,Subject\n2024-11-12,ward,it,ready\n",
        "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n",
        "Version: 1\nName: package\nSummary: a tool\n\nText",
        "# Minutes\n\nDatum: 12 november 2024\nNärvarande: IT-chef\n\nBeslut: ja\n",
    ],
)
def test_other_texts_are_not_taken_for_mail(text):
    assert READER.score(Source.of_bytes(text.encode()).sample) == 0


def test_a_large_mailbox_is_read_in_bounded_memory(tmp_path):
    path = tmp_path / "large.mbox"
    body = b"a line of text that goes on for a while\n" * 25_000
    with path.open("wb") as stream:
        for number in range(50):
            stream.write(FROM + message(number, body))
    assert path.stat().st_size > 50_000_000
    program = f"""
        import resource
        from pathlib import Path
        import polars, pyarrow
        from rca.reading import Source
        from rca.reading.mail.reader import MailReader
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        path = Path({str(path)!r})
        source = Source("large", lambda: path.open("rb"), stream_key="0" * 64, size=path.stat().st_size)
        rows = sum(b.num_rows for b in MailReader().read(source))
        assert source.ledger.close(source.size).balanced
        print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    rows, megabytes = map(int, run.stdout.split())
    assert rows == 50
    assert megabytes < 150
