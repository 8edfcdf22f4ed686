"""Redmine's issues in JSON: one with its journals, or pages of them; hours and relations.

The decision hidden here: which objects are entered. An issue is read as a whole, since its journals name numbers that it
explains; pages of issues have no journals at all.

References:
    Redmine wiki, "Rest api", Issues (`include=journals,attachments,relations,changesets,children,watchers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.json_fields import text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.pieces import Piece, note_total, read_pieces, says_shape, wrapper_tail
from rca.reading.tickets.redmine_telling import RedmineTeller, shape_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RedmineReader"]

_SIGNS = re.compile(r'"created_on"|"spent_on"|"relation_type"|"tracker"')
_ENTERED = {
    "issue",
    "issues",
    "journals",
    "time_entries",
    "time_entry",
    "relations",
    "relation",
    "data",
    "response",
}
_OF_RECORD = {
    "id",
    "tracker",
    "subject",
    "project",
    "created_on",
    "author",
    "notes",
    "details",
    "status",
    "activity",
}


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    if members.keys() & _OF_RECORD:
        return False
    if key in ("journals", "relations", "data", "response"):
        return ahead[:1] == "["
    return key in _ENTERED


class RedmineReader:
    """Reads issues of Redmine from JSON; creation, notes, details, files, relations and commits are events."""

    name = "redmine"
    version = "1"
    title = "Redmine: issues with journals, hours, relations (JSON)"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is one of Redmine's by its keys, else 0."""
        return says_shape(sample, _enter, shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        teller = RedmineTeller(source, self)
        issues, total, has_journals = 0, "", False
        for piece in read_pieces(source, _enter, code="RCA191"):
            shape = shape_of(piece)
            if shape == "issue":
                issues += 1
                total = total or text_of(piece.around.get("total_count"))
                has_journals = has_journals or piece.has("journals")
                _tell_issue(teller, piece)
            elif shape == "journal":
                teller.tell_journal(piece)
            elif shape == "hours":
                teller.tell_hours(piece)
            elif shape == "relation":
                teller.tell_relation(piece)
            else:
                teller.pass_over(piece)
            yield from teller.batches()
        if issues and not has_journals:
            teller.note_absence("journals of the issues (notes, status history)")
        total = total or wrapper_tail(source).get("total_count", "")
        note_total(source, issues, total, code=teller.code, what="issues")
        teller.note_end()
        yield from teller.rest()


def _tell_issue(teller: RedmineTeller, piece: Piece) -> None:
    teller.open_issue(piece)
    for one in piece.pieces("children"):
        teller.tell_child(one)
    for one in piece.pieces("attachments"):
        teller.tell_attached(one)
    for one in piece.pieces("relations"):
        teller.tell_relation(one)
    for one in piece.pieces("changesets"):
        teller.tell_changeset(one)
    for one in piece.pieces("journals"):
        teller.tell_journal(one)
    teller.close_issue()
