"""Messages of Outlook: containers written here as [MS-CFB] and [MS-OXMSG] describe them, stores named and left alone."""

import datetime as dt
import json
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.mail.mapi import unpack_rtf
from rca.reading.mail.outlook import OutlookReader

READER = OutlookReader()
FREE, END = 0xFFFFFFFF, 0xFFFFFFFE


def container(tree):
    """A compound file ([MS-CFB]) with the storages (dicts) and streams (bytes) of `tree`."""
    entries, mini, fat, body = [], bytearray(), [], bytearray()

    def put(data):
        """Whole sectors with `data`; the first one's number."""
        if not data:
            return END
        first, count = len(fat), -(-len(data) // 512)
        body.extend(data.ljust(count * 512, b"\0"))
        fat.extend([first + n + 1 for n in range(count - 1)] + [END])
        return first

    minifat = []

    def add(name, value):
        index = len(entries)
        entries.append(None)
        if isinstance(value, dict):
            children = [add(key, value[key]) for key in value]
            for one, following in zip(children, [*children[1:], FREE], strict=True):
                entries[one]["right"] = following
            entries[index] = {"name": name, "kind": 5 if index == 0 else 1, "child": children[0] if children else FREE,
                              "start": 0, "size": 0, "right": FREE}  # fmt: skip
        elif len(value) >= 4096:
            entries[index] = {
                "name": name,
                "kind": 2,
                "child": FREE,
                "start": put(value),
                "size": len(value),
                "right": FREE,
            }
        else:
            first, count = len(minifat), -(-len(value) // 64)
            mini.extend(value.ljust(count * 64, b"\0"))
            minifat.extend([first + n + 1 for n in range(count - 1)] + [END] * bool(count))
            entries[index] = {"name": name, "kind": 2, "child": FREE, "start": first if count else END, "size": len(value),
                              "right": FREE}  # fmt: skip
        return index

    add("Root Entry", tree)
    entries[0]["start"], entries[0]["size"] = put(bytes(mini)), len(mini)
    table = b"".join(struct.pack("<I", one) for one in minifat)
    mini_start, mini_count = put(table), -(-len(table) // 512)
    directory = b""
    for one in entries:
        name = one["name"].encode("utf-16-le")
        clsid = bytes.fromhex("0b0d020000000000c000000000000046") if one["kind"] == 5 else bytes(16)
        directory += name.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ", len(name) + 2, one["kind"], 1, FREE, one["right"], one["child"], clsid, 0, 0, 0,
            one["start"], one["size"],
        )  # fmt: skip
    directory_start = put(directory)
    fat_sectors = 1
    while (len(fat) + fat_sectors) > fat_sectors * 128:
        fat_sectors += 1
    first_fat = len(fat)
    fat.extend([0xFFFFFFFD] * fat_sectors)
    fat.extend([FREE] * (fat_sectors * 128 - len(fat)))
    body.extend(b"".join(struct.pack("<I", one) for one in fat))
    difat = [first_fat + n for n in range(fat_sectors)] + [FREE] * (109 - fat_sectors)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, directory_start, 0, 4096, mini_start if table else END,
        mini_count, END, 0,
    ) + b"".join(struct.pack("<I", one) for one in difat)  # fmt: skip
    assert len(header) == 512
    return header + bytes(body)


def filetime(moment):
    return int((moment - dt.datetime(1601, 1, 1, tzinfo=dt.UTC)).total_seconds()) * 10_000_000


def storage(header, numbers=(), texts=(), **more):
    """A storage of [MS-OXMSG]: `numbers` are (property, type, value), `texts` (property, text) in UTF-16."""
    rows = b"".join(
        struct.pack("<HHI", kind, one, 6) + struct.pack("<q" if kind in (0x40, 0x14) else "<i4x", value)
        for one, kind, value in numbers
    )
    tree = {"__properties_version1.0": bytes(header) + rows}
    for one, text in texts:
        if isinstance(text, bytes):
            tree[f"__substg1.0_{one:04X}001E"] = text
        else:
            tree[f"__substg1.0_{one:04X}001F"] = text.encode("utf-16-le")
    return tree | more


REPLY = "It is ready.\r\n\r\nFrån: Ward\r\nSkickat: den 12 november 2024 05:10\r\nTill: IT\r\nÄmne: Redo?\r\n\r\nÄr det redo?"
SENT = dt.datetime(2024, 11, 12, 4, 30, tzinfo=dt.UTC)


def recipient(kind, name, address):
    return storage(8, [(0x0C15, 3, kind)], [(0x3001, name), (0x39FE, address)])


def note(subject="Is it ready?", *, header=32, texts=(), numbers=(), **more):
    return storage(
        header,
        [(0x0039, 0x40, filetime(SENT)), (0x0E06, 0x40, filetime(SENT) + 20_000_000), *numbers],
        [(0x001A, "IPM.Note"), (0x0037, subject), (0x0042, "Head of IT"), (0x5D02, "it@h.example"),
         (0x1035, "<1@h.example>"), (0x1000, REPLY), *texts],
        **{"__recip_version1.0_#00000000": recipient(1, "Ward 4", "ward@h.example"),
           "__recip_version1.0_#00000001": recipient(2, "Board", "board@h.example"),
           "__recip_version1.0_#00000002": recipient(3, "Press", "press@h.example"), **more},
    )  # fmt: skip


def read(data):
    source = Source.of_bytes(data, name="a.msg")
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    return rows, source


def fields(row):
    return json.loads(row["attributes"])


def test_a_message_without_transport_header_has_its_times_in_utc_by_definition():
    data = container(note())
    assert READER.score(Source.of_bytes(data).sample) == 0.98
    rows, source = read(data)
    mail, received = rows
    assert (mail["kind"], mail["message"], mail["actor"]) == (
        "mail.message",
        "Is it ready?",
        "Head of IT <it@h.example>",
    )
    assert mail["time"].isoformat() == "2024-11-12T04:30:00+00:00"
    assert mail["assumptions"]
    assert mail["audience"] == ["Ward 4 <ward@h.example>", "Board <board@h.example>"]
    assert fields(mail)["bcc"] == "Press <press@h.example>"
    assert fields(mail)["text"] == "Is it ready?\n\nIt is ready."
    assert fields(mail)["quoted"].startswith("Från: Ward")
    assert mail["record_id"] == "mail:1@h.example"
    assert (received["kind"], received["parent"]) == ("mail.received", mail["event_id"])
    assert received["time"].isoformat() == "2024-11-12T04:30:02+00:00"
    assert source.unit == "streams"


def test_a_transport_header_states_the_date_with_its_offset():
    header = "Received: from a by mx.h.example; Tue, 12 Nov 2024 05:30:03 +0100\r\nDate: Tue, 12 Nov 2024 05:30:00 +0100\r\n"
    rows, _ = read(container(note(texts=[(0x007D, header)])))
    assert rows[0]["time_text"] == "Tue, 12 Nov 2024 05:30:00 +0100"
    assert rows[0]["time_basis"] == "offset_stated"
    assert [row["actor"] for row in rows if row["kind"] == "mail.received"][0] == "mx.h.example"


def test_text_in_a_code_page_is_read_in_the_one_that_the_message_names():
    rows, _ = read(
        container(storage(32, [(0x3FFD, 3, 1251), (0x0E07, 3, 0)], [(0x0037, "Готово".encode("cp1251"))]))
    )
    assert rows[0]["message"] == "Готово"


def test_a_draft_was_never_sent_and_stays_undated():
    rows, source = read(container(note(numbers=[(0x0E07, 3, 8)])))
    assert [row["kind"] for row in rows] == ["mail.message"]
    assert rows[0]["time"] is None
    assert fields(rows[0])["draft"] == "true"
    assert any("no date" in issue.message for issue in source.issues)


def test_files_and_embedded_messages_are_told_apart():
    inner = note("Earlier", header=24)
    file = storage(8, [(0x3705, 3, 1)], [(0x3707, "plan.pdf"), (0x370E, "application/pdf")],
                   **{"__substg1.0_37010102": b"%PDF" + bytes(5000)})  # fmt: skip
    within = storage(8, [(0x3705, 3, 5)], [(0x3001, "Earlier")], **{"__substg1.0_3701000D": inner})
    data = container(note(**{"__attach_version1.0_#00000000": file, "__attach_version1.0_#00000001": within}))
    rows, source = read(data)
    assert [row["kind"] for row in rows] == [
        "mail.message", "mail.attachment", "mail.received", "mail.message.enclosed", "mail.received",
    ]  # fmt: skip
    assert (source.attachments[0].name, source.attachments[0].size) == ("plan.pdf", 5004)
    assert rows[3]["message"] == "Earlier"
    assert fields(rows[3])["forwarded_in"] == rows[0]["event_id"]
    assert rows[3]["record_id"] == "mail:1@h.example#2"


def test_html_counts_where_there_is_no_plain_text():
    tree = storage(
        32, [(0x0E07, 3, 0)], [(0x0037, "Ready")], **{"__substg1.0_10130102": b"<p>It <b>is</b><br>ready</p>"}
    )
    rows, _ = read(container(tree))
    assert fields(rows[0])["text"] == "Ready\n\nIt is\nready"


def test_compressed_rtf_is_unpacked_as_the_example_of_the_standard():
    """[MS-OXRTFCP], 4.1.1: the bytes of the example, and what they become."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpack_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@pytest.mark.parametrize("magic, tool", [(b"!BDN", "readpst"), (b"\x78\x9f\x3e\x22", "ytnef")])
def test_stores_are_named_and_not_opened(magic, tool):
    source = Source.of_bytes(magic + bytes(600))
    assert READER.score(source.sample) == 0.98
    assert list(READER.read(source)) == []
    assert tool in source.issues[0].hint
    assert source.ledger.close(source.size).unparsed == 604


def test_another_container_is_no_mail():
    data = container({"WordDocument": bytes(5000)})
    source = Source.of_bytes(data)
    assert list(READER.read(source)) == []
    assert source.ledger.close(source.total).unparsed == len(data)
    assert "no message" in source.issues[0].message


WHOLE = container(
    note(
        **{
            "__attach_version1.0_#00000000": storage(
                8, [(0x3705, 3, 5)], [(0x3001, "x")], **{"__substg1.0_3701000D": note("in", header=24)}
            )
        }
    )
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(WHOLE)),
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8),
)
def test_damaged_containers_never_raise_and_the_books_balance(length, changes):
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    data = bytes(data[: max(length, 600)])
    READER.score(Source.of_bytes(data).sample)
    read(data)
