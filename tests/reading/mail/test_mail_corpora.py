"""Outside mails with known counts (`corpora/records`: eml, eml_cpython, mbox, msg): one `mail.message` each.

The manifest counts one message a file (eml, msg) or the lines `From ` of a mailbox. All 37 files agree. One of them encloses
a mail (`message/rfc822`), which is told besides as `mail.message.enclosed`.

Times of the manifest are those of Python's `email`; all agree where it states one. It states none where the header `Date` is
missing or impossible; these stay undated here too, and their `Received` headers are events of their own.
"""

import csv
import datetime as dt

import pytest

import rca

FAMILIES = {"eml": 24, "eml_cpython": 8, "mbox": 3, "msg": 2}


def rows_of(shared, family):
    folder = shared / "corpora" / "records"
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        return [
            (folder / row["file"], row)
            for row in csv.DictReader(stream)
            if row["file"].startswith(f"{family}/")
        ]


@pytest.mark.parametrize("family", FAMILIES)
def test_mails_have_the_counts_and_times_of_the_manifest(shared, family):
    files = rows_of(shared, family)
    assert len(files) == FAMILIES[family]
    for path, row in files:
        reading = rca.read(path)
        assert reading.books.balanced, path.name
        assert {stream.reader for stream in reading.streams} == {"msg" if family == "msg" else "mail"}, (
            path.name
        )
        mails = reading.events[reading.events["kind"] == "mail.message"]
        assert len(mails) == int(row["expected_events"]), path.name
        if family != "msg":
            told = sorted(time.isoformat() for time in mails["time"].dropna())
            stated = row["first_ts"]
            if not stated:
                assert told == [], path.name
                continue
            first = dt.datetime.fromisoformat(stated)
            first = first if first.tzinfo else first.replace(tzinfo=dt.UTC)
            assert told[0] == first.astimezone(dt.UTC).isoformat(), path.name
