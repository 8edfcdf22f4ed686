r"""`document_kind`: which form of document a stream is, told by its first bytes.

The decision hidden here: the marks of each form. A name counts only for an office file whose own marks lie beyond the
first 64 KiB. Text that has no marks of its own is Markdown where it has a heading of Markdown, else plain text.

References:
    ISO 32000-1, 7.5.2 and annex H (header within the first 1024 bytes); ECMA-376 part 2 (packages);
    ODF 1.3 part 2, 3.3 (mimetype); HTML Living Standard, 13.1; CommonMark 0.31, 4.2 and 4.3.
"""

from __future__ import annotations

import re
import zlib
from enum import StrEnum

from rca.evidence.opening import is_binary
from rca.reading.source import Sample

__all__ = ["DocumentKind", "document_kind", "package_kind"]


class DocumentKind(StrEnum):
    """A form of document."""

    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    TEX = "tex"
    TYPST = "typst"
    DOCX = "docx"
    ODT = "odt"
    RTF = "rtf"
    PDF = "pdf"

    @property
    def is_text(self) -> bool:
        """Whether its blocks are spans of bytes."""
        return self in (
            DocumentKind.MARKDOWN,
            DocumentKind.TEXT,
            DocumentKind.HTML,
            DocumentKind.TEX,
            DocumentKind.TYPST,
        )


_HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.{0,4000}?-->\s*)*(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"</(?:p|div|li|ul|ol|table|tr|td|h[1-6]|span|body|html)\s*>|<br\s*/?>", re.IGNORECASE)
_TEX = re.compile(r"^[ \t]*\\(?:documentclass|documentstyle|begin\{document\})", re.MULTILINE)
_TEX_PART = re.compile(r"^[ \t]*\\(?:(?:sub)*section|chapter|item|begin|end)\b", re.MULTILINE)
_TYPST = re.compile(
    r"^[ \t]*#(?:import|include|set|show|let|align|pagebreak|outline|table|figure)\b", re.MULTILINE
)
_TYPST_HEADING = re.compile(r"^={1,6}[ \t]+\S", re.MULTILINE)
_ATX = re.compile(r"^ {0,3}#{1,6}[ \t]+\S", re.MULTILINE)
_SETEXT = re.compile(r"(?:\A|\n[ \t]*\n) {0,3}\S[^\n]{0,120}\n {0,3}(?:={3,}|-{3,})[ \t]*(?:\n|\Z)")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_ENTRY = re.compile(rb"PK\x03\x04.{22}(..)(..)", re.DOTALL)


def document_kind(sample: Sample) -> DocumentKind | None:
    """The form of the document that begins like `sample`; None where it is no document that is read here."""
    head = sample.head
    if b"%PDF-" in head[:1024]:
        return DocumentKind.PDF
    if head.startswith(b"PK\x03\x04"):
        return {"docx": DocumentKind.DOCX, "odt": DocumentKind.ODT}.get(package_kind(sample))
    if head[:16].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        return DocumentKind.RTF
    if not head.strip() or is_binary(head):
        return None
    return _text_kind(sample.text.removeprefix("\ufeff"))


def _text_kind(text: str) -> DocumentKind:
    if _HTML.match(text) or len(_TAG.findall(text[:20_000])) >= 6:
        return DocumentKind.HTML
    if _TEX.search(text) or len(_TEX_PART.findall(text)) >= 3:
        return DocumentKind.TEX
    typst = len(_TYPST.findall(text))
    if (typst and (typst > 1 or _TYPST_HEADING.search(text))) or len(_TYPST_HEADING.findall(text)) >= 2:
        return DocumentKind.TYPST
    plain = _without_fences(text)
    if _ATX.search(plain) or _SETEXT.search(plain):
        return DocumentKind.MARKDOWN
    return DocumentKind.TEXT


def _without_fences(text: str) -> str:
    """The text without code between fences: comments of shell scripts are no headings."""
    parts = _FENCE.split(text)
    return "\n".join(parts[::2]) if len(parts) > 1 else text


def package_kind(sample: Sample) -> str:
    """What the zip that begins like `sample` packs: "docx", "xlsx", "pptx", "odt", "ods", or "" for none of these."""
    head = sample.head
    names: list[bytes] = []
    for found in _ENTRY.finditer(head):
        length = int.from_bytes(found[1], "little")
        start = found.end()
        name = head[start : start + length]
        if name == b"mimetype":
            kind = _open_document(head[start + length : start + length + 100])
            if kind:
                return kind
        if name == b"[Content_Types].xml":
            kind = _by_types(_inflated(head, found.start()))
            if kind:
                return kind
        names.append(name)
    for prefix, kind in ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx")):
        if any(name.startswith(prefix) for name in names):
            return kind
    is_package = any(
        name.startswith((b"_rels/", b"docProps/", b"[Content_Types]", b"META-INF/")) for name in names
    )
    suffix = sample.name.lower().rpartition(".")[2]
    known = {
        "docx": "docx",
        "docm": "docx",
        "dotx": "docx",
        "xlsx": "xlsx",
        "xlsm": "xlsx",
        "odt": "odt",
        "ods": "ods",
    }
    return known.get(suffix, "") if is_package else ""


def _open_document(stored: bytes) -> str:
    for mark, kind in ((b"opendocument.text", "odt"), (b"opendocument.spreadsheet", "ods")):
        if mark in stored:
            return kind
    return ""


def _by_types(text: bytes) -> str:
    for mark, kind in (
        (b"wordprocessingml.document.main", "docx"),
        (b"wordprocessingml.template.main", "docx"),
        (b"ms-word.document.macroEnabled.main", "docx"),
        (b"spreadsheetml.sheet.main", "xlsx"),
        (b"spreadsheetml.template.main", "xlsx"),
        (b"ms-excel.sheet.macroEnabled.main", "xlsx"),
        (b"presentationml", "pptx"),
    ):
        if mark in text:
            return kind
    return ""


def _inflated(head: bytes, at: int) -> bytes:
    """The beginning of the member whose header stands at `at`, as far as the head holds it."""
    method = int.from_bytes(head[at + 8 : at + 10], "little")
    name, extra = (
        int.from_bytes(head[at + 26 : at + 28], "little"),
        int.from_bytes(head[at + 28 : at + 30], "little"),
    )
    packed = head[at + 30 + name + extra :]
    if method == 0:
        return packed[:65_536]
    try:
        return zlib.decompressobj(-15).decompress(packed, 1 << 18)
    except zlib.error:
        return b""
