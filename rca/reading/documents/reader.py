r"""Reports and other documents: what they state of times that they name, and what their authors left in them.

The decision hidden here: what in a document is an event. A paragraph, item or row that names a date is a statement of that
time, sentence by sentence; a clock time under a heading, or in a row under one, that names a day is of that day, and that is
an assumption. Everything else is context. Comments, tracked changes and properties are events of the document itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.moments.moment import Basis, TimeKind
from rca.reading.documents.blocks import CODE, Block, BlockKind, Document, open_document
from rca.reading.documents.kinds import DocumentKind, document_kind
from rca.reading.documents.pdf import read_pdf_stamp
from rca.reading.documents.prose import is_markdown_document, is_prose
from rca.reading.documents.statements import Statement, statements
from rca.reading.source import Sample, Source
from rca.reading.telling import Place, Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DocumentReader"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_MARKS = tuple(
    word.encode("utf-16-le")
    for word in ("WordDocument", "EncryptedPackage", "Workbook", "PowerPoint Document")
)
_CHANGES = {
    BlockKind.COMMENT: "document.comment",
    BlockKind.INSERTED: "document.inserted",
    BlockKind.DELETED: "document.deleted",
}
_TEMPLATE = "2013-12-23T23:15:00Z"
"""The date of python-docx's template, which it leaves in the documents that it makes."""


class DocumentReader:
    """Reads documents of any form as statements of the times that they name."""

    name = "document"
    version = "1"
    title = "documents: Word, OpenDocument, PDF, RTF, HTML, Markdown, LaTeX, Typst and plain prose, by the dates they name"
    suffixes = (".docx", ".odt", ".pdf", ".rtf", ".html", ".htm", ".md", ".markdown", ".tex", ".typ", ".doc")

    def score(self, sample: Sample) -> float:
        """0.6 for an office file, 0.92 and more for markup that is surely a document, 0.45 for prose; 0 for a log."""
        kind = document_kind(sample)
        if kind is None:
            return 0.3 if _is_ole(sample) else 0.0
        if kind in (DocumentKind.DOCX, DocumentKind.ODT, DocumentKind.PDF, DocumentKind.RTF):
            return 0.6
        if kind is DocumentKind.HTML:
            return 0.93
        if kind in (DocumentKind.TEX, DocumentKind.TYPST):
            return 0.93
        if kind is DocumentKind.MARKDOWN and is_markdown_document(sample.text):
            return 0.92
        return 0.45 if is_prose(sample.text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the document, in reading order."""
        if _is_ole(source.sample):
            _refuse(source)
            return
        document = open_document(source)
        teller = Teller(source, self, source_kind=SourceKind.DOCUMENT, code=CODE, read=read_pdf_stamp)
        record = f"document:{source.stream_key[:12]}"
        yield from _statements(document, teller, record)
        yield from _traces(document, teller, record)
        _properties(document, teller, record)
        document.close()
        yield from teller.rest()


def _is_ole(sample: Sample) -> bool:
    """Whether it is an old or an encrypted office file: a compound file that holds one."""
    if not sample.head.startswith(_OLE):
        return False
    suffixes = (".doc", ".docx", ".dot", ".xls", ".xlsx", ".ppt", ".pptx")
    return sample.name.lower().endswith(suffixes) or any(mark in sample.head for mark in _OLE_MARKS)


def _refuse(source: Source) -> None:
    is_encrypted = "EncryptedPackage".encode("utf-16-le") in source.head_of(1 << 20)
    reason = "it is encrypted" if is_encrypted else "it is in the binary form of Office 97-2003"
    hint = (
        "Ask for the password, open it in its own program and save it without one."
        if is_encrypted
        else "Open it in its own program and save it as .docx, .xlsx or PDF; add the result beside it."
    )
    source.issue(CODE, Severity.ERROR, f"The document cannot be read: {reason}", hint=hint)
    source.unparsed_bytes(0, b"", place=f"B0+{source.size}", reason=reason, length=source.size)


# -- what is stated -------------------------------------------------------------------------------------------


def _statements(document: Document, teller: Teller, record: str) -> Iterator[pa.RecordBatch]:
    source = document.source
    found = 0
    zone = ""
    for one in statements(document.blocks, zone=source.zone, zone_basis=source.zone_basis):
        found += 1
        reasons = list[str]()
        if one.moment.basis is not Basis.OFFSET_STATED and source.zone_basis is Basis.ZONE_ASSUMED:
            zone = zone or source.assume(
                "zone",
                f"the dates of the document are read as {source.zone}",
                rests_on="the document states no zone",
                alternatives=("another zone, given with zone=… or in the register",),
            )
            reasons.append(zone)
        if one.carried_from:
            reasons.append(
                source.assume(
                    "date",
                    "clock times without a date are of the day that the heading or row above names",
                    rests_on="the order of the document",
                    alternatives=("another day, where the text passes midnight",),
                )
            )
        _tell(teller, one, record, reasons)
        document.as_event(one.block)
        yield from teller.batches()
    if found:
        return
    texts = [
        block
        for block in document.blocks
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW)
    ]
    if texts:
        teller.note_absence(
            "dates in the text of the document",
            hint="Its paragraphs are undated events. Its absence here is no evidence that nothing happened.",
        )
    for block in texts:
        teller.tell("document.statement", block.text, block.place, record=record)
        document.as_event(block)
        yield from teller.batches()


def _tell(teller: Teller, one: Statement, record: str, reasons: list[str]) -> None:
    fields = {
        "section": one.section,
        "page": str(one.block.page) if one.block.page else "",
        "dates": "; ".join(one.others),
        "date_from": one.carried_from,
    }
    ends = one.end.earliest if one.end is not None and one.end.earliest >= one.moment.earliest else None
    time_kind = TimeKind.DUE if one.is_due else TimeKind.OCCURRED
    teller.tell(
        "document.published" if one.is_publication else "document.statement",
        one.text,
        one.block.place,
        moment=one.moment,
        time_end=ends,
        time_kind=time_kind,
        record=record,
        text=one.block.text,
        fields=fields,
        assumptions=reasons,
    )


# -- what its authors left ------------------------------------------------------------------------------------


def _traces(document: Document, teller: Teller, record: str) -> Iterator[pa.RecordBatch]:
    """Comments and tracked changes."""
    reason = document.properties.get("stamp_assumption", "")
    section = list[tuple[int, str]]()
    for block in document.blocks:
        if block.kind is BlockKind.HEADING:
            section = [one for one in section if one[0] < block.level] + [(block.level, block.text)]
        kind = _CHANGES.get(block.kind)
        if kind is None:
            continue
        message = {"document.inserted": "inserted: ", "document.deleted": "deleted: "}.get(
            kind, ""
        ) + block.text
        fields = {
            "section": " / ".join(text for _, text in section),
            "about": block.about[:500],
            "page": str(block.page) if block.page else "",
        }
        teller.tell(
            kind,
            message,
            block.place,
            stamp=block.stamp,
            record=record,
            text=block.text,
            actor=block.author,
            fields=fields,
            assumptions=[reason] if reason and block.stamp and not _has_zone(block) else (),
        )
        document.as_event(block)
        yield from teller.batches()


def _has_zone(block: Block) -> bool:
    return block.stamp.endswith("Z") or "+" in block.stamp


def _properties(document: Document, teller: Teller, record: str) -> None:
    """When the document was created and saved, by its properties; markup's own head is text, and told as such."""
    properties, source = document.properties, document.source
    if document.kind in (DocumentKind.MARKDOWN, DocumentKind.TEX, DocumentKind.TYPST):
        return
    place = Place("L1", 0, 0, 1) if document.kind is DocumentKind.HTML else Place("P0")
    title = properties.get("title", "") or source.name
    is_template = properties.get("created") == _TEMPLATE
    if is_template:
        source.issue(
            CODE,
            Severity.INFO,
            "The properties are those of the template of python-docx: they do not say when it was created",
        )
    for name, actor, time_kind in (
        ("created", properties.get("author", ""), TimeKind.OCCURRED),
        ("modified", properties.get("modified_by", ""), TimeKind.MODIFIED),
    ):
        stamp = properties.get(name, "")
        if not stamp or (is_template and stamp == _TEMPLATE):
            continue
        fields = {"application": properties.get("application", ""), "title": properties.get("title", "")}
        teller.tell(
            f"document.{name}",
            f"{title}: {name}",
            place,
            stamp=stamp,
            time_kind=time_kind,
            record=record,
            actor=actor,
            fields=fields,
        )
    if document.is_scanned or document.pages_without_text:
        teller.note_absence("the text of pages that are pictures", place=f"P{document.pages_without_text[0]}")
