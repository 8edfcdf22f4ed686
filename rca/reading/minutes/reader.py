"""`MinutesReader`: minutes of meetings as events: who was there, what was said, moved, voted, decided, and who heard it.

The decision hidden here: which documents are minutes. A text is, if it has the words of minutes: a list of those present or a
decision, and two more of its labels; a title that says so needs less. What was found in an office document's first 64 KiB
tells for it.

References:
    Kommunallagen (2017:725), 5 kap. 65-69 §§ (Swedish protokoll); Popolo; Robert's Rules of Order Newly Revised, § 48.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary
from rca.reading.documents.blocks import Document, DocumentKind, document_kind
from rca.reading.minutes.cutting import Cut, cut, cut_document
from rca.reading.minutes.dates import Dates
from rca.reading.minutes.facts import read_facts
from rca.reading.minutes.protokoll import read_structure
from rca.reading.minutes.saying import CODE, Telling
from rca.reading.minutes.sections import read_number
from rca.reading.minutes.words import find_label, is_meeting_word
from rca.reading.source import HEAD, Sample, Source
from rca.reading.telling import Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MinutesReader", "minutes_score"]

_SURELY = 0.97
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BLOCK = re.compile(
    r"</?(?:p|div|li|tr|td|th|h[1-6]|br|ul|ol|table|section|article|w:p|text:p|text:h|w:tab|w:br)\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_CATALOG = re.compile(rb"(\d{1,7}) 0 obj\s*<<[^>]{0,400}?/Type\s*/Catalog")
_MARKS = (
    (re.compile(r"^\s*\\(?:sub)*section\*?\{(.*)\}.*$"), r"\1"),
    (re.compile(r"^\s*\\(?:title|date)\{(.*)\}.*$"), r"\1"),
    (re.compile(r"^\s*\\begin\{(\w+)\}.*$"), r"\1"),
    (re.compile(r"^\s*=+\s+(.*)$"), r"\1"),
    (re.compile(r"^\s*#(deltagere|närvarande|beslut)\w*.*$"), r"\1"),
    (re.compile(r"^\s*(date|time|location):\s*(.*)$"), r"\1: \2"),
    (re.compile(r"\\text(?:bf|it)\{([^{}]*)\}"), r"\1"),
)


class MinutesReader:
    """Reads minutes by their words: who was present for which item, motions, votes, decisions, dissent, tasks, notices."""

    name = "minutes"
    version = "2"
    title = "minutes of meetings: Swedish protokoll, Norwegian, Danish, Finnish and English minutes, in text, Markdown, HTML, Word, PDF, TeX and Typst"
    suffixes = (".md", ".markdown")

    def score(self, sample: Sample) -> float:
        """0.97 for a text with the words of minutes: someone present or a decision, and two more; else 0."""
        if not sample.head.strip():
            return 0.0
        kind = document_kind(sample)
        if kind is None:
            return 0.0
        if kind in (DocumentKind.DOCX, DocumentKind.ODT):
            return minutes_score(_packed_lines(sample.head))
        if kind is DocumentKind.PDF:
            return minutes_score(_pdf_lines(sample.head))
        if is_binary(sample.head):
            return 0.0
        return minutes_score(_lines(sample.text, kind))

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the minutes, in file order."""
        yield from self._told(source, cut(source))

    def read_document(self, document: Document) -> Iterator[pa.RecordBatch]:
        """The events of minutes that are open as a document already."""
        yield from self._told(document.source, cut_document(document))

    def _told(self, source: Source, found: Cut) -> Iterator[pa.RecordBatch]:
        if found.is_scanned:
            source.issue(
                CODE,
                Severity.WARNING,
                "The minutes are scanned: what stands on their pictures was not read",
                hint="Run text recognition (for example ocrmypdf) and add the result.",
            )
        if not found.pieces:
            found.close()
            return
        reasons: dict[str, str] = {}
        dates = Dates(source.zone, source.zone_basis, lambda reason: _assume(source, reason, reasons))
        minutes = read_structure(found, dates)
        facts = read_facts(minutes, found, dates)
        teller = Teller(source, self, source_kind=SourceKind.MINUTES, code=CODE, read=_read_stamp)
        telling = Telling(
            source,
            teller,
            found,
            minutes,
            facts,
            dates,
            f"minutes:{source.stream_key[:12]}",
            list(reasons.values()),
        )
        yield from telling.run()


def _read_stamp(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """A stamp of a PDF's comment; other forms are those of `rca.reading.dating`."""
    if text.startswith("D:"):
        from rca.reading.documents.pdf import read_pdf_stamp

        return read_pdf_stamp(text)
    return None


def _assume(source: Source, reason: str, known: dict[str, str]) -> None:
    if reason in known:
        return
    if reason == "order":
        known[reason] = source.assume(
            "order",
            "in dates such as 03/04/2024 the day comes first",
            rests_on="the habit of the Nordic countries; the date itself does not tell",
            alternatives=("the month comes first",),
        )
    else:
        known[reason] = source.assume(
            "year",
            "two-digit years are those of 1969 to 2068",
            rests_on="POSIX strptime, %y",
            alternatives=("another century",),
        )


# -- what tells minutes ---------------------------------------------------------------------------------------


def minutes_score(lines: Iterable[str]) -> float:
    """0.97 for lines that have the words of minutes, else 0.

    >>> minutes_score(["# Board meeting", "Present: chair", "Decision: go"]), minutes_score(["Decision: go"])
    (0.97, 0.0)
    """
    seen: set[str] = set()
    is_titled = False
    for number, line in enumerate(lines):
        if number > 600:
            break
        text = line.strip()
        if not text or len(text) > 600:
            continue
        plain = text.lstrip("#=*->_ \t").strip()
        if number < 40 and len(plain) < 120 and is_meeting_word(plain) and not plain.endswith((".", ",")):
            is_titled = True
        label = find_label(text.lstrip("#=>-* \t"))
        if label is not None:
            seen.add({"present": "present", "head": label.name, "part": label.name}[label.room])
            if label.room == "present" and label.name in ("absent", "invited"):
                seen.add(label.name)
        found = read_number(text, style="§")
        if found is not None and found.rest:
            seen.add("section")
    strong = seen & {"present", "decision"}
    if strong and len(seen - {"note", "time"}) >= 3:
        return _SURELY
    if is_titled and (
        seen & {"present", "formalities"}
        or ("section" in seen and seen & {"decision", "approver", "date", "place_time"})
    ):
        return _SURELY
    if is_titled and "decision" in seen and len(seen) >= 2:
        return _SURELY
    if {"chair", "secretary"} <= seen:
        return _SURELY
    return 0.0


def _lines(text: str, kind: DocumentKind) -> list[str]:
    if kind is DocumentKind.HTML:
        import html

        return html.unescape(_TAG.sub("", _BLOCK.sub("\n", text))).splitlines()
    lines = text.replace("\f", "\n").splitlines()
    if kind in (DocumentKind.TEX, DocumentKind.TYPST):
        for pattern, shown in _MARKS:
            lines = [pattern.sub(shown, line) for line in lines]
    if kind is DocumentKind.RTF:
        plain = re.sub(
            r"\\'([0-9a-fA-F]{2})", lambda found: bytes.fromhex(found[1]).decode("cp1252", "replace"), text
        )
        plain = re.sub(r"\\(?:par|line|cell|row)\b ?", "\n", plain)
        lines = re.sub(r"[{}]|\\[a-z]+-?\d* ?", "", plain).splitlines()
    return lines


def _packed_lines(head: bytes) -> list[str]:
    """The text at the beginning of an office document, as far as its first 64 KiB hold it."""
    import html
    import zlib

    at = 0
    while (at := head.find(b"PK\x03\x04", at)) >= 0 and at + 30 < len(head):
        method = int.from_bytes(head[at + 8 : at + 10], "little")
        size = int.from_bytes(head[at + 26 : at + 28], "little")
        extra = int.from_bytes(head[at + 28 : at + 30], "little")
        name = head[at + 30 : at + 30 + size]
        start = at + 30 + size + extra
        if name in (b"word/document.xml", b"content.xml"):
            try:
                data = (
                    head[start:] if method == 0 else zlib.decompressobj(-15).decompress(head[start:], 1 << 20)
                )
            except zlib.error:
                return []
            text = data.decode("utf-8", errors="replace")
            return html.unescape(_TAG.sub("", _BLOCK.sub("\n", text))).splitlines()
        at = start if start > at else at + 4
    return []


def _pdf_lines(head: bytes) -> list[str]:
    """The text of the first pages of a PDF, where they can be told from the beginning of the file.

    A cut file has lost its table of objects; where its catalog stands at the beginning, that is told in place of it.
    """
    import logging

    if len(head) >= HEAD:
        catalog = _CATALOG.search(head)
        if catalog is None:
            return []
        head += b"\nendstream\nendobj\ntrailer << /Root %s 0 R >>\nstartxref\n0\n%%%%EOF\n" % catalog[1]
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    lines: list[str] = []
    try:
        import pypdf

        reader = pypdf.PdfReader(io.BytesIO(head), strict=False)
        for number in range(min(3, len(reader.pages))):
            lines.extend((reader.pages[number].extract_text() or "").splitlines())
    except Exception:  # a torn or encrypted file tells what was found; else the reader of documents takes it
        return lines
    return lines
