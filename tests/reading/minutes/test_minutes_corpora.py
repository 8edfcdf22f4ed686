"""Outside minutes with known counts. The manifest counts heading lines; here each heading is one event `minutes.heading`.

Where the reading and the manifest differ, the reading stands for these reasons:

| file | manifest | here | why, by what outside |
|---|---|---|---|
| ietf110 | 0 | 4 | Its headings are underlined with = and - (CommonMark 0.31, 4.3); the count looked for # only. |
| 2021-11-17.tex | 87 | 141 | 140 sectioning commands and a title; 53 of them are indented, which LaTeX ignores (Lamport, C.1.1). |
| 2023-11-30.typ | 164 | 104 | Headings of Typst begin with = (Typst reference, syntax): 104 of them, 4 indented inside a call. The count added 64 lines that begin with #, which is code. |
| 2024-03-26.typ | 118 | 83 | 75 lines begin with =, 8 headings are made by the function `heading`; the count added 43 lines of code. |
| 210929 | 0 | – | Notes without one label of minutes; the reader doesn't take it. |

The "Beslut markers" of the manifest are lines that hold the word; where both are decisions, they are as many.
"""

import csv
import re

import pytest

from rca.reading import Declared, Source
from rca.reading.minutes import MinutesReader
from rca.reading.minutes.oparl import OParlReader

READER = MinutesReader()
OTHER = {"ietf110_minutes.md": 4, "2021-11-17.tex": 141, "2023-11-30.typ": 104, "2024-03-26.typ": 83}
WITHOUT_TITLE = {"2021-08-26.tex": 1}
"""The title of a TeX source is a heading here and no sectioning command."""


def files(shared):
    folder = shared / "corpora" / "records"
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            family = row["file"].partition("/")[0]
            if family in ("protokoll_sv", "minutes_md", "oparl") or "minutes116" in row["file"]:
                yield folder / row["file"], row


def read(path, reader=READER):
    source = Source.of_bytes(path.read_bytes(), name=path.name, declared=Declared(zone="Europe/Stockholm"))
    rows = [row for b in reader.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    return rows, source


def count(rows, kind):
    return sum(row["kind"] == kind for row in rows)


def test_headings_are_as_many_as_the_documents_have(shared):
    for path, row in files(shared):
        if row["file"].startswith("oparl") or "minutes116" in row["file"]:
            continue
        rows, source = read(path)
        if path.name.endswith("210929"):
            assert READER.score(source.sample) == 0.0
            continue
        assert READER.score(source.sample) == 0.97, path.name
        short = re.sub(r".*__", "", path.name)
        expected = OTHER.get(short, int(row["expected_events"]) + WITHOUT_TITLE.get(short, 0))
        assert count(rows, "minutes.heading") == expected, path.name


def test_bullets_of_minutes_are_statements(shared):
    (path,) = [path for path, row in files(shared) if "minutes116" in row["file"]]
    rows, _ = read(path)
    assert count(rows, "minutes.statement") == 32
    assert count(rows, "minutes.present") == 5


def test_oparl_objects_are_one_meeting_and_one_entry(shared):
    counts = {}
    for path, row in files(shared):
        if row["file"].startswith("oparl"):
            rows, _ = read(path, OParlReader())
            counts[path.name] = (count(rows, "minutes.meeting"), count(rows, "minutes.register"))
    assert sorted(counts.values()) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("name, decisions", [("2023-03-24.md", 6), ("2023-05-01.md", 6)])
def test_att_and_beslut_are_as_many_decisions_as_labels(shared, name, decisions):
    """The manifest says 8 markers: it counts the headings Beslutsbarhet and Beslutpunkter too."""
    (path,) = [path for path, _ in files(shared) if path.name.endswith(name)]
    text = path.read_text(encoding="utf-8")
    rows, _ = read(path)
    assert len(re.findall(r"^Beslut:", text, re.MULTILINE)) == decisions
    assert count(rows, "minutes.decision") == decisions


def test_who_left_is_not_told_as_present_afterwards(shared):
    (path,) = [path for path, _ in files(shared) if path.name.endswith("2021-11-17.tex")]
    rows, _ = read(path)
    partial = [
        row
        for row in rows
        if row["kind"] == "minutes.present" and '"presence":"partial"' in row["attributes"]
    ]
    assert len(partial) == 3
    items = [row for row in rows if row["kind"] == "minutes.item"]
    assert {len(row["audience"]) for row in items} == {12, 13, 14}
