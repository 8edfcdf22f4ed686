"""Outside documents are read with the headings that their formats' own rules count."""

import csv
import re

import pytest

from rca.reading import Source
from rca.reading.documents.blocks import BlockKind, open_document

HEADINGS = {
    # CommonMark 0.31, 4.3: setext headings, which the manifest's count of lines with # leaves out
    "ietf110_minutes.md": 4,
    # the sections (`\section`, `\subsection`, `\subsubsection`, with or without *) and the title; the manifest counts other lines
    "2021-08-26.tex": 21 + 1,
    "2021-11-17.tex": 140 + 1,
    # lines with = at their beginning, also in content blocks, and #heading(…); the manifest counts lines of code (#…) too
    "2023-11-30.typ": 100 + 4,
    "2024-03-26.typ": 75 + 8,
}


def manifest(shared):
    with (shared / "corpora" / "records" / "manifest.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["format"].startswith("minutes-"):
                yield row, (shared / "corpora" / "records" / row["file"]).read_bytes()


def test_outside_minutes_have_the_headings_that_were_counted(shared):
    wrong = {}
    for row, data in manifest(shared):
        source = Source.of_bytes(data, name=row["file"])
        document = open_document(source)
        document.close()
        assert source.ledger.close(source.total, unit=source.unit).balanced, row["file"]
        assert not source.unparsed, row["file"]
        found = sum(block.kind is BlockKind.HEADING for block in document.blocks)
        argued = next((count for name, count in HEADINGS.items() if row["file"].endswith(name)), None)
        expected = argued if argued is not None else int(row["expected_events"] or found)
        if found != expected:
            wrong[row["file"]] = (found, expected)
    assert wrong == {}


def test_no_word_of_an_outside_markdown_document_is_lost(shared):
    """Every word of four letters or more that stands outside of addresses and comments is in some block."""
    for row, data in manifest(shared):
        if row["format"] != "minutes-md":
            continue
        text = re.sub(
            r"<!--.*?-->|\(\S*?\)|\]\([^)]*\)|https?:\S+|\[[^\]]*\]:.*",
            " ",
            data.decode("utf-8"),
            flags=re.DOTALL,
        )
        document = open_document(Source.of_bytes(data, name=row["file"]))
        told = " ".join(block.text for block in document.blocks)
        missing = {word for word in re.findall(r"[^\W\d_]{4,}", text) if word not in told}
        assert missing == set(), row["file"]


@pytest.mark.parametrize("form", ["minutes-docx"])
def test_an_outside_word_file_has_text(shared, form):
    for row, data in manifest(shared):
        if row["format"] == form:
            document = open_document(Source.of_bytes(data, name=row["file"]))
            assert len(document.blocks) > 5
