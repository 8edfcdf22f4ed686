"""Bugzilla's page of a bug's activity (`show_activity.cgi`), saved as HTML.

The decision hidden here: how the table of changes is read. Who and when span the rows of one change; times carry an
abbreviation for their zone, which is a hint that is never mapped silently. Attachments are named in the field.

References:
    Bugzilla, template bug/activity/table.html.tmpl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

from rca.evidence.opening import is_binary, mark_length
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.bugzilla_fields import BugTeller
from rca.reading.window import Window, plain_encoding
from rca.reading.xml_pieces import XmlPiece, cut_elements

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BugzillaActivityReader"]

_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)(?=</t[dh]\s*>|<t[dh]\b|</tr\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_HEADER = re.compile(
    r"<th[^>]*>\s*Who\b.*?<th[^>]*>\s*When\b.*?<th[^>]*>\s*What\b.*?Removed\b.*?Added\b",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(r"show_bug\.cgi\?id=(\d+)|\b[Bb]ug[\s#]+(\d+)")
_NEW_ENTRY = 5
_ANY_TEXT = re.compile(r"[\s\S]*")


class BugzillaActivityReader:
    """Reads the saved page of a bug's activity; each row of its table is a change."""

    name = "bugzilla-activity"
    version = "1"
    title = "Bugzilla: the page of a bug's activity (HTML)"
    suffixes = (".html", ".htm", ".cgi")

    def score(self, sample: Sample) -> float:
        """0.98 for a table headed Who, When, What, Removed, Added on a page that names a bug, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        text = sample.text
        return 0.98 if _NUMBER.search(text) and _HEADER.search(text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The changes, in file order."""
        teller = BugTeller(source, self)
        encoding = plain_encoding(source)
        found = _NUMBER.search(source.head.decode(encoding, errors="replace"))
        bug = (found[1] or found[2]) if found else "?"
        mark = mark_length(source.head)
        source.structure_bytes(0, mark)
        who = when = ""
        with source.open() as stream:
            stream.read(mark)
            for piece in cut_elements(
                Window(stream, start=mark, encoding=encoding), ("tr", "TR"), marks=_ANY_TEXT
            ):
                cells = _cells(piece, encoding) if piece.what == "element" else []
                if piece.what != "element":
                    book = source.blank_bytes if piece.what == "blank" else source.structure_bytes
                    book(piece.start, len(piece.raw))
                elif len(cells) < 3 or (len(cells) >= _NEW_ENTRY and cells[0].casefold() == "who"):
                    source.structure_bytes(piece.start, len(piece.raw))
                else:
                    if len(cells) >= _NEW_ENTRY:
                        who, when, *cells = cells
                    source.event_bytes(piece.start, len(piece.raw))
                    place = Place(piece.locator, piece.start, len(piece.raw), piece.line)
                    teller.tell_bug_change(
                        bug, cells[0], (cells[1], cells[2]), place, stamp=when, actor=who, fields={"change_id": f"{bug}@{when}"}
                    )  # fmt: skip
                    yield from teller.batches()
        teller.note_absence("comments of the bug")
        yield from teller.rest()


def _cells(piece: XmlPiece, encoding: str) -> list[str]:
    text = piece.raw.decode(encoding, errors="replace")
    return [" ".join(unescape(_TAG.sub("", cell)).split()) for cell in _CELL.findall(text)]
