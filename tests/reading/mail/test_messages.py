"""What a mail says: dates as stated, hops, threads, its own words against the quoted, files, damage (RFC 5322, 2045 to 2049)."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rca.evidence.locators import parse_citation
from rca.moments.moment import Basis
from rca.reading import Declared, Source
from rca.reading.mail.dates import ZoneWord, read_date
from rca.reading.mail.headers import addresses, decode_words, read_head
from rca.reading.mail.quotes import part_quotes
from rca.reading.mail.reader import MailReader

READER = MailReader()


def mail(*lines, date="Tue, 12 Nov 2024 05:30:00 +0100", body="It is ready."):
    head = ["From: Head of IT <it@h.example>", "To: Ward 4 <ward@h.example>", "Subject: Go-live", *lines]
    if date is not None:
        head.append(f"Date: {date}")
    return "\n".join(head) + "\n\n" + body + "\n"


def read(text, **declared):
    data = text if isinstance(text, bytes) else text.encode()
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def fields(row):
    return json.loads(row["attributes"] or "{}")


def one(text, **declared):
    return read(text, **declared)[0][0]


def utc(row):
    return None if row["time"] is None else row["time"].strftime("%Y-%m-%dT%H:%M:%SZ")


# -- dates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date, instant, basis",
    [
        ("Tue, 12 Nov 2024 05:30:00 +0100", "2024-11-12T04:30:00Z", "offset_stated"),
        ("12 Nov 2024 05:30 +0100 (CET)", "2024-11-12T04:30:00Z", "offset_stated"),
        ("Tue, 12 Nov 2024 04:30:00 GMT", "2024-11-12T04:30:00Z", "offset_stated"),
        ("Tue, 12 Nov 2024 04:30:00 -0000", "2024-11-12T04:30:00Z", "offset_stated"),
        ("Tue, 12 Nov 2024 05:30:00 GMT+0100", "2024-11-12T04:30:00Z", "offset_stated"),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06Z", "offset_stated"),
        ("Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)", "1969-02-14T03:02:00Z", "offset_stated"),
        ("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z", "offset_stated"),
        ("Tue Nov 12 05:30:00 2024 +0100", "2024-11-12T04:30:00Z", "offset_stated"),
        ("2024-11-12T05:30:00+01:00", "2024-11-12T04:30:00Z", "offset_stated"),
        ("tis, 12 nov 2024 05:30:00 +0100", "2024-11-12T04:30:00Z", "offset_stated"),
        ("Tue, 12-Nov-2024 05:30:00 +0100", "2024-11-12T04:30:00Z", "offset_stated"),
        ("Tue, 12 Nov 2024 05:30:00 EST", "2024-11-12T10:30:00Z", "zone_assumed"),
        ("Tue, 12 Nov 2024 05:30:00", "2024-11-12T05:30:00Z", "zone_assumed"),
        ("Tue, 12 Nov 2024 05:30:00 H0500", "2024-11-12T05:30:00Z", "zone_assumed"),
        ("Tue, 12 Nov 2024 05:30:00 CET", "2024-11-12T04:30:00Z", "zone_assumed"),
        ("Tue, 13 Aug 2024 05:30:00 CEST", "2024-08-13T03:30:00Z", "zone_assumed"),
    ],
)
def test_a_date_is_read_as_stated_and_says_why_it_is_believed(date, instant, basis):
    row = one(mail(date=date))
    assert (utc(row), row["time_basis"], row["time_text"], row["time_kind"]) == (instant, basis, date, "sent")
    if basis == "zone_assumed":
        assert row["assumptions"]


def test_a_zone_that_is_none_is_an_issue_and_the_given_zone_counts():
    rows, source = read(
        mail(date="Tue, 12 Nov 2024 05:30:00 H0500"), zone="Europe/Stockholm", zone_basis=Basis.ZONE_GIVEN
    )
    assert (utc(rows[0]), rows[0]["time_basis"]) == ("2024-11-12T04:30:00Z", "zone_given")
    assert any("H0500" in issue.message for issue in source.issues)


def test_an_abbreviation_of_several_meanings_keeps_them_as_bounds():
    row = one(mail(date="Tue, 12 Nov 2024 05:30:00 IST"))
    assert row["time_earliest"] < row["time_latest"]
    assert (row["time_latest"] - row["time_earliest"]).total_seconds() > 3600


def test_minus_zero_is_utc_and_the_note_says_that_the_zone_of_the_sender_is_not_told():
    assert fields(one(mail(date="Tue, 12 Nov 2024 04:30:00 -0000")))["date_zone"] == ZoneWord.UTC_ONLY


@pytest.mark.parametrize(
    "date", [None, "", "soon", "Wed, 15 Dec 2010    59:10 -0500", "Tue, 31 Feb 2024 05:30:00 +0100"]
)
def test_a_missing_or_impossible_date_leaves_the_mail_undated_with_an_issue(date):
    rows, source = read(mail(date=date))
    assert rows[0]["time"] is None
    assert rows[0]["time_basis"] == "undated"
    assert [issue.code for issue in source.issues] == ["RCA193"]


def test_a_wrong_weekday_costs_nothing_and_is_told():
    rows, source = read(mail(date="Mon, 12 Nov 2024 05:30:00 +0100"))
    assert utc(rows[0]) == "2024-11-12T04:30:00Z"
    assert "mon" in source.issues[0].message


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_the_reader_of_dates_raise(text):
    read_date(text)


# -- hops -------------------------------------------------------------------------------------------------------

HOPS = (
    "Received: from mx1.h.example by store.h.example with LMTP id 2\n\tfor <ward@h.example>; Tue, 12 Nov 2024 05:30:07 +0100",
    "Received: from pc7.h.example ([10.0.0.7]) by mx1.h.example (Postfix) with ESMTP id 1;\n Tue, 12 Nov 2024 04:30:05 +0000 (UTC)",
)


def test_each_hop_is_an_event_of_its_server_with_the_bytes_of_its_header():
    text = mail(*HOPS)
    rows, source = read(text)
    hops = [row for row in rows if row["kind"] == "mail.received"]
    assert [(row["actor"], utc(row)) for row in hops] == [
        ("store.h.example", "2024-11-12T04:30:07Z"),
        ("mx1.h.example", "2024-11-12T04:30:05Z"),
    ]
    assert [fields(row)["hop"] for row in hops] == ["2 of 2", "1 of 2"]
    assert fields(hops[0])["for"] == "ward@h.example"
    for row, header in zip(hops, HOPS, strict=True):
        assert text.encode()[row["byte_start"] :][: row["byte_length"]].decode() == header + "\n"
        assert row["parent"] == rows[0]["event_id"]
        assert row["line"] == text.encode()[: row["byte_start"]].count(b"\n") + 1
    assert rows[0]["known_time"].isoformat() == "2024-11-12T04:30:08+00:00"
    assert source.issues == []


def test_hops_that_run_backwards_are_an_issue_and_stay_as_stated():
    back = (HOPS[0].replace("05:30:07", "05:10:07"), HOPS[1])
    rows, source = read(mail(*back))
    assert "store.h.example took the mail over 19 minutes before mx1.h.example" in source.issues[0].message
    assert utc(rows[1]) == "2024-11-12T04:10:07Z"
    assert read(mail(HOPS[0].replace("05:30:07", "05:29:45"), HOPS[1]))[1].issues == []


def test_a_date_later_than_the_first_hop_is_an_issue():
    _, source = read(mail(*HOPS, date="Tue, 12 Nov 2024 05:50:00 +0100"))
    assert "dated 19 minutes after mx1.h.example" in source.issues[0].message


def test_a_hop_without_a_stamp_is_undated():
    rows, _ = read(mail("Received: from a by b with ESMTP"))
    assert (rows[1]["kind"], rows[1]["time"]) == ("mail.received", None)


# -- people, words ----------------------------------------------------------------------------------------------


def test_sender_recipients_and_copies_are_kept_apart():
    row = one(mail("Cc: =?UTF-8?Q?V=C3=A5rdchef?= <chef@h.example>", "Bcc: press@h.example"))
    assert row["actor"] == "Head of IT <it@h.example>"
    assert row["audience"] == ["Ward 4 <ward@h.example>", "Vårdchef <chef@h.example>"]
    assert (fields(row)["to"], fields(row)["cc"], fields(row)["bcc"]) == (
        "Ward 4 <ward@h.example>", "Vårdchef <chef@h.example>", "press@h.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    "value, expected",
    [
        ("undisclosed-recipients:;", []),
        ("Leads:Ward 4 <w@h.example>,it@h.example;", ["Ward 4 <w@h.example>", "it@h.example"]),
        ('"IT, acting" <it@h.example>', ["IT, acting <it@h.example>"]),
        (
            "=?utf-8?q?IT=2C_acting?= <it@h.example>, b@h.example",
            ["IT, acting <it@h.example>", "b@h.example"],
        ),
        ("(" * 3000, None),
        ("<<>>,,;:", None),
    ],
)
def test_addresses_are_read_as_senders_write_them(value, expected):
    found = addresses([value])
    assert expected is None or found == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("=?UTF-8?B?UmVkbyBm?= =?UTF-8?B?w7ZyIGRyaWZ0?=", "Redo för drift"),
        ("=?utf-8?B?w7?= =?utf-8?B?Zy?=", None),
        ("=?iso-8859-1?q?F=F6rl=E4ngt?= nu", "Förlängt nu"),
        ("=?NONE?B?VEVTVA=?=", "TEST"),
        ("=?UTF-8?Q?Why??=", "Why?"),
        ("=?utf-8?Q?broken", "=?utf-8?Q?broken"),
        ("=?" * 5000, None),
    ],
)
def test_encoded_words_are_decoded_or_left_as_they_are(value, expected):
    found = decode_words(value)
    assert expected is None or found == expected


def test_new_lines_white_space_and_stray_lines_in_the_header_cost_nothing():
    head = read_head(b"To: a@h.example,\n\t\n\tb@h.example\nthis line is none\nSubject : ready\n\nbody")
    assert [(field.name, field.value) for field in head.fields] == [
        ("To", "a@h.example,  b@h.example"), ("Subject", "ready"),
    ]  # fmt: skip


# -- threads ----------------------------------------------------------------------------------------------------

FROM = "From it@h.example Tue Nov 12 05:30:00 2024\n"


def test_an_answer_has_the_answered_mail_as_parent_wherever_it_stands_in_the_mailbox():
    first = FROM + mail("Message-ID: <1@h.example>", "In-Reply-To:")
    second = FROM + mail("Message-ID: <2@h.example>", "In-Reply-To: Your message of Monday <1@h.example>")
    for text in (f"{first}\n{second}", f"{second}\n{first}"):
        rows = {row["record_id"]: row for row in read(text)[0]}
        assert rows["mail:2@h.example"]["parent"] == rows["mail:1@h.example"]["event_id"]
        assert rows["mail:1@h.example"]["parent"] is None
        assert rows["mail:2@h.example"]["refs"] == ["2@h.example", "1@h.example"]


def test_references_in_a_circle_end():
    text = "\n".join(
        FROM + mail(f"Message-ID: <{n}@h.example>", f"References: <{(n + 1) % 3}@h.example>")
        for n in range(3)
    )
    rows, _ = read(text)
    assert len({row["parent"] for row in rows}) == 3


def test_mails_with_one_message_id_stay_several():
    rows, _ = read("\n".join(FROM + mail("Message-ID: <1@h.example>", body=f"copy {n}") for n in range(3)))
    assert [row["record_id"] for row in rows] == [
        "mail:1@h.example",
        "mail:1@h.example#2",
        "mail:1@h.example#3",
    ]


def test_tickets_that_a_mail_names_are_references():
    assert one(mail(body="See OPS-7 and INC0012345, not UTF-8."))["refs"] == ["OPS-7", "INC0012345"]


# -- quotes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "Från: Vårdchef <v@h.example>\nSkickat: den 3 mars 2024 14:30\nTill: IT\nKopia: Ledning\nÄmne: Redo?\n",
        "Fra: Vaktsjef\nSendt: 3. mars 2024 14:30\nTil: IT\nEmne: Klar?\n",
        "________________________________\nFra: Vagtchef\nSendt: 3. marts 2024 14:30\nTil: IT\nEmne: Klar?\n",
        "Lähettäjä: Osasto\nLähetetty: 3. maaliskuuta 2024 14:30\nVastaanottaja: IT\nAihe: Valmis?\n",
        "Von: Station\nGesendet: Sonntag, 3. März 2024 14:30\nAn: IT\nBetreff: Bereit?\n",
        "*From:* Ward\n*Sent:* Sunday, March 3, 2024 2:30 PM\n*To:* IT\n*Subject:* Ready?\n",
        "Den 3 mars 2024 kl. 14:30 skrev Vårdchef <v@h.example>:",
        "Den sön 3 mars 2024 kl 14:30 skrev Vårdchef <v@h.example>:",
        "søn. 3. mars 2024 kl. 14:30 skrev Vaktsjef <v@h.example>:",
        "su 3. maalisk. 2024 klo 14.30 Osasto (o@h.example) kirjoitti:",
        "Am So., 3. März 2024 um 14:30 Uhr schrieb Station <s@h.example>:",
        "On Sun, Mar 3, 2024 at 2:30 PM Ward 4 of the Hospital <\nward@h.example> wrote:",
        "-----Original Message-----",
        "-----Ursprungligt meddelande-----",
        "---------- Forwarded message ---------",
    ],
)
def test_what_a_mail_quotes_is_kept_apart_in_every_language(head):
    parted = part_quotes(f"It is ready.\n\n{head}\nIs it ready?\n> really?")
    assert parted.own == "It is ready."
    assert parted.quoted.startswith(head.split("\n")[0])
    assert "Is it ready?" in parted.quoted


def test_answers_between_quoted_lines_are_own_words():
    parted = part_quotes("On Mon, 11 Nov 2024 08:00 the ward wrote:\n> Ready?\nYes.\n> Tested?\nNo.")
    assert parted.own == "Yes.\nNo."
    assert parted.quoted.count(">") == 2


@pytest.mark.parametrize(
    "text",
    [
        "Yesterday the board wrote: we are ready.",
        "Från: avdelning 4 hör vi inget.\nDet är tyst.",
        "Den rapport som chefen skrev 2024 var bra.",
        "To: do\nFrom: scratch\nthis is a list",
        "-- \nHead of IT",
    ],
)
def test_running_text_is_not_taken_for_a_quote(text):
    assert part_quotes(text).quoted == ""


def test_the_quoted_part_is_evidence_and_no_utterance():
    rows, _ = read(mail(body="No.\n\n-----Original Message-----\nFrom: Ward\nIs it ready?"))
    assert [row["kind"] for row in rows] == ["mail.message"]
    assert fields(rows[0])["text"] == "Go-live\n\nNo."
    assert "Is it ready?" in fields(rows[0])["quoted"]


# -- bodies -----------------------------------------------------------------------------------------------------


def multipart(*parts, kind="mixed", boundary="b"):
    body = "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--"
    return mail("MIME-Version: 1.0", f'Content-Type: multipart/{kind}; boundary="b"', body=body)


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nIt is ready."
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>It is <b>ready</b>.</p><blockquote>Is it?</blockquote>"
FILE = "Content-Type: application/pdf; name=plan.pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\nJVBERg=="


def test_of_alternatives_the_plain_text_counts_and_html_becomes_text():
    assert fields(one(multipart(PLAIN, HTML, kind="alternative")))["text"] == "Go-live\n\nIt is ready."
    row = one(multipart(HTML, kind="alternative"))
    assert (fields(row)["text"], fields(row)["quoted"]) == ("Go-live\n\nIt is ready.", "> Is it?")


def test_files_are_handed_over_with_their_place():
    taken = []
    source = Source.of_bytes(
        multipart(PLAIN, FILE, FILE).encode(),
        declared=Declared(attachments=lambda found, data: taken.append((found, data))),
    )
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert [(found.name, found.media, found.place, data) for found, data in taken] == [
        ("plan.pdf", "application/pdf", "R1/1", b"%PDF"), ("plan.pdf", "application/pdf", "R1/2", b"%PDF"),
    ]  # fmt: skip
    files = [row for row in rows if row["kind"] == "mail.attachment"]
    assert len({row["event_id"] for row in rows}) == 3
    assert {row["parent"] for row in files} == {rows[0]["event_id"]}
    assert fields(rows[0])["attachments"] == "plan.pdf; plan.pdf"
    assert parse_citation(f"E1:{files[0]['locator']}").first == 1


def test_a_mail_in_a_mail_is_one_of_its_own_and_names_the_other():
    inner = mail("Message-ID: <old@h.example>", date="Mon, 11 Nov 2024 08:00:00 +0100", body="Is it ready?")
    rows, _ = read(multipart(PLAIN, "Content-Type: message/rfc822\n\n" + inner))
    assert [row["kind"] for row in rows] == ["mail.message", "mail.message.enclosed"]
    assert (rows[1]["record_id"], rows[1]["parent"]) == ("mail:old@h.example", rows[0]["event_id"])
    assert utc(rows[1]) == "2024-11-11T07:00:00Z"


def test_containers_of_outlook_are_named_and_not_opened():
    part = (
        'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\neJ8+Ig=='
    )
    _, source = read(multipart(PLAIN, part))
    assert "winmail.dat" in source.issues[0].message
    assert "ytnef" in source.issues[0].hint


@pytest.mark.parametrize(
    "headers, body, expected",
    [
        ("Content-Type: text/plain; charset=us-ascii", "F\u00f6rsenat".encode(), "Försenat"),
        (
            "Content-Type: text/plain; charset=utf-8",
            "F\u00f6rsenat, allt \u00e4r nere".encode("latin-1"),
            "Försenat, allt är nere",
        ),
        ("Content-Type: text/plain; charset=x-none", b"ready", "ready"),
        ("X-Nothing: 1", "F\u00f6rsenat".encode(), "Försenat"),
        ("Content-Type: text/plain; charset*=ansi-x3.4-1968''us-ascii", b"ready", "ready"),
        (
            "Content-Transfer-Encoding: quoted printable\nContent-Type: text/plain; charset=utf-8",
            b"F=C3=B6rsenat",
            "Försenat",
        ),
        ("Content-Transfer-Encoding: 7-bit", b"ready", "ready"),
        ("Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=utf-8", b"cmVhZHk", "ready"),
        ("Content-Type: multipart/mixed; boundary=x", b"no part begins", "no part begins"),
        ("Content-Type:", b"ready", "ready"),
        ("Content-Type: ;;;=", b"ready", "ready"),
        ("Content-Disposition: =?utf-8?Q?invalid?=", b"ready", "ready"),
    ],
)
def test_wrong_or_missing_declarations_still_give_the_text(headers, body, expected):
    data = mail("MIME-Version: 1.0", *headers.split("\n"), body="@@").encode().replace(b"@@", body)
    assert fields(one(data))["text"] == f"Go-live\n\n{expected}"


def test_a_guessed_charset_is_an_assumption():
    data = (
        mail("Content-Type: text/plain; charset=us-ascii", body="@@")
        .encode()
        .replace(b"@@", "Försenat".encode())
    )
    rows, source = read(data)
    assert rows[0]["assumptions"] == [source.assumptions[0].id]
    assert "us-ascii" in source.assumptions[0].what


def test_boundaries_that_are_alike_or_not_those_declared_are_found():
    inner = "Content-Type: multipart/alternative; boundary=bb\n\n--bb\n" + PLAIN + "\n--bb--"
    assert "It is ready." in fields(one(multipart(inner, FILE)))["text"]
    rows, source = read(multipart(PLAIN, FILE, boundary="other"))
    assert [row["kind"] for row in rows] == ["mail.message", "mail.attachment"]
    assert any("boundary" in issue.message for issue in source.issues)


def test_deep_nests_and_many_parts_end():
    deep = PLAIN
    for level in range(400):
        deep = f"Content-Type: multipart/mixed; boundary=d{level}\n\n--d{level}\n{deep}\n--d{level}--"
    rows, source = read(multipart(deep))
    assert rows[0]["kind"] == "mail.message"
    assert source.issues
    rows, source = read(multipart(*[FILE] * 1_500))
    assert sum(row["kind"] == "mail.attachment" for row in rows) == 1_000
    assert source.issues


def test_a_notification_tells_what_became_of_the_mail():
    report = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ward@h.example\nAction: failed\nStatus: 5.1.1\n"
    row = one(multipart(PLAIN, report, kind="report; report-type=delivery-status"))
    assert fields(row)["delivery"] == "Action: failed; Status: 5.1.1; Final-Recipient: rfc822; ward@h.example"


# -- saved as text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head, instant",
    [
        (
            "Från:\tIT-chef <it@h.example>\nSkickat:\tden 12 november 2024 05:30\nTill:\tAvdelning 4; Ledning\nÄmne:\tRedo",
            "04:30",
        ),
        (
            "Fra: IT-sjef [mailto:it@h.example]\nSendt: 12. november 2024 05:30\nTil: Avdeling 4;\n Ledelse\nEmne: Redo",
            "04:30",
        ),
        (
            "From: Head of IT\nSent: Tuesday, November 12, 2024 5:30 AM\nTo: Ward 4; Board\nImportance: High\nSubject: Redo",
            "04:30",
        ),
        (
            "Lähettäjä: IT\nLähetetty: tiistai 12. marraskuuta 2024 5.30\nVastaanottaja: Osasto 4; Johto\nAihe: Redo",
            "04:30",
        ),
        (
            "Von: IT\nGesendet: Dienstag, 12. November 2024 05:30\nAn: Station 4; Leitung\nBetreff: Redo",
            "04:30",
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_mail_that_a_program_saved_as_text_is_read(head, instant, encoding):
    data = f"{head}\r\n\r\nDet är klart på avdelningen.\r\n\r\n-----Original Message-----\r\nFrån: x".encode(
        encoding
    )
    assert READER.score(Source.of_bytes(data).sample) == 0.98
    rows, _ = read(data, zone="Europe/Stockholm", zone_basis=Basis.ZONE_GIVEN)
    assert [row["kind"] for row in rows] == ["mail.message"]
    row = rows[0]
    assert (row["message"], utc(row), row["time_basis"]) == (
        "Redo",
        f"2024-11-12T{instant}:00Z",
        "zone_given",
    )
    assert len(row["audience"]) == 2
    assert fields(row)["text"] == "Redo\n\nDet är klart på avdelningen."
    assert fields(row)["quoted"].startswith("-----Original")


WHOLE = (
    FROM + mail(*HOPS, "Message-ID: <1@h.example>", "Cc: =?UTF-8?B?w6U=?= <a@h.example>") + "\n" + FROM
    + multipart(PLAIN, HTML, FILE, "Content-Type: message/rfc822\n\n" + mail(*HOPS)) + "\n"
).encode()  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(WHOLE)),
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=12),
)
def test_truncated_and_changed_mails_never_raise_and_the_books_balance(length, changes):
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    data = bytes(data[:length])
    READER.score(Source.of_bytes(data).sample)
    rows, _ = read(data)
    assert len({row["event_id"] for row in rows}) == len(rows)
