"""Bugzilla's XML of bugs (`show_bug.cgi?ctype=xml`), with comments and attachments.

The decision hidden here: how a bug is taken apart without holding it. The bug's own fields stand before its comments; each
comment and attachment is cut out by itself, so that one that is torn or holds characters no XML may hold costs nothing
else. Comment 0 is the description and stands beside the creation; offsets switch with summer time within one bug.

References:
    Bugzilla, bugzilla.dtd and template bug/show.xml.tmpl; XML 1.0, section 2.2 (characters).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.evidence.opening import is_binary, mark_length
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.bugzilla_fields import CLOSED, BugTeller, bug_links
from rca.reading.window import Window, xml_encoding
from rca.reading.xml_elements import Element, parse_elements
from rca.reading.xml_pieces import XmlPiece, cut_elements

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BugzillaXmlReader"]

_START = re.compile(r"\s*<")
_ROOT = re.compile(r"<bugzilla[\s>]|<!DOCTYPE\s+bugzilla\b", re.IGNORECASE)
_BUG = re.compile(r"<bug[\s>]")
_PARTS = ("bug", "long_desc", "attachment")
_NAMES = ("bug_status", "resolution", "assigned_to", "qa_contact", "priority", "bug_severity", "version", "target_milestone", "op_sys",
          "rep_platform", "status_whiteboard", "bug_file_loc", "classification", "keywords", "estimated_time", "deadline")  # fmt: skip


class BugzillaXmlReader:
    """Reads Bugzilla's XML; bugs, comments and attachments are events, dependencies are links."""

    name = "bugzilla-xml"
    version = "1"
    title = "Bugzilla: XML of bugs with comments and attachments"
    suffixes = (".xml",)

    def score(self, sample: Sample) -> float:
        """0.98 for bugs in a `bugzilla` root or with Bugzilla's own fields, else 0."""
        if not sample.head.strip() or is_binary(sample.head.replace(b"\0", b"")):
            return 0.0
        text = sample.text.lstrip("\ufeff")
        if not _START.match(text) or not _BUG.search(text):
            return 0.0
        return 0.98 if _ROOT.search(text) or ("<bug_id>" in text and "<short_desc" in text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        told = _Telling(source, self)
        mark = mark_length(source.head)
        source.structure_bytes(0, mark)
        with source.open() as stream:
            stream.read(mark)
            window = Window(stream, start=mark, encoding=told.encoding)
            for piece in cut_elements(window, _PARTS):
                told.take(piece)
                yield from told.teller.batches()
        told.end()
        yield from told.teller.rest()


class _Telling:
    """One stream on its way: the bug that is open, and what its parts belong to."""

    def __init__(self, source: Source, reader: BugzillaXmlReader) -> None:
        self.source = source
        self.encoding = xml_encoding(source)
        self.teller = BugTeller(source, reader)
        self.bug = "?"
        self.parent = ""
        self.common: dict[str, Any] = {}
        self.comments = self.bugs = 0
        self.is_open = False

    def take(self, piece: XmlPiece) -> None:
        """Book a piece and tell its events."""
        if piece.what == "unparsed":
            self.source.unparsed_bytes(piece.start, piece.raw, place=piece.locator, reason=piece.reason)
        elif piece.what == "blank":
            self.source.blank_bytes(piece.start, len(piece.raw))
        elif piece.what == "structure":
            self.source.structure_bytes(piece.start, len(piece.raw))
            self._take_between(piece)
        else:
            self._take_element(piece)

    def end(self) -> None:
        """What the stream does not contain, and whether it breaks off."""
        if self.is_open:
            self.teller.complain(
                "The last bug breaks off before its end", hint="What was written is kept; is the file cut?"
            )
        if self.bugs:
            self.teller.note_absence(
                "history of the bugs", hint="Bugzilla's XML has none; show_activity or REST history do."
            )
        self.teller.end()

    def _take_element(self, piece: XmlPiece) -> None:
        element = piece.element(self.encoding)
        if element is None:
            self.source.unparsed_bytes(
                piece.start,
                piece.raw,
                place=piece.locator,
                reason="an element that breaks off in its first tag",
            )
            return
        self.source.event_bytes(piece.start, len(piece.raw))
        place = Place(piece.locator, piece.start, len(piece.raw), piece.line)
        if element.local == "bug":
            self._take_bug(element, piece, place)
            return
        if not piece.is_whole:
            self.teller.complain(
                "A comment or attachment breaks off before its end",
                place=place.locator,
                hint="What was written is kept.",
            )
        if element.local == "long_desc":
            self._tell_comment(element, place)
        else:
            self._tell_attachment(element, place)

    def _take_between(self, piece: XmlPiece) -> None:
        """What stands between the parts: the end of a bug, and fields that an export puts behind its comments."""
        text = piece.raw.decode(self.encoding, errors="replace")
        if self.bugs and self.is_open:
            for element in parse_elements(text):
                if bug_links(element.local) and element.text.strip():
                    place = Place(piece.locator, piece.start, len(piece.raw), piece.line)
                    self.source.event_bytes(piece.start, len(piece.raw))
                    self.teller.tell_links(
                        self.bug,
                        element.local,
                        [element.text.strip()],
                        place,
                        parent=self.parent,
                        **self.common,
                    )
        if "</bug>" in text:
            self.is_open = False

    # -- events -------------------------------------------------------------------------------------------

    def _take_bug(self, element: Element, piece: XmlPiece, place: Place) -> None:
        teller = self.teller
        self.bug = element.text_of("bug_id") or "?"
        self.comments = 0
        self.is_open = not piece.is_whole
        self.parent, self.common = "", {}
        fault = element.attributes.get("error", "")
        if fault:
            self.source.issue(
                teller.code, Severity.INFO, f"bug {self.bug} is not in this export: {fault}", place=place.locator,
                hint="Whoever exported may not see it, or it does not exist. Its absence here is no evidence.",
            )  # fmt: skip
            return
        self.bugs += 1
        changed = element.text_of("delta_ts")
        self.common = {"component": element.text_of("component"), "unit": element.text_of("product")}
        title = element.text_of("short_desc")
        fields = {name: element.text_of(name) for name in _NAMES}
        fields |= {
            one.local: one.text.strip()
            for one in element.children
            if one.local.startswith("cf_") and one.local != "cf_last_resolved"
        }
        fields |= {
            "title": title,
            "cc": ", ".join(one.text.strip() for one in element.children if one.local == "cc"),
            "flags": ", ".join(
                one.attributes.get("name", "") + one.attributes.get("status", "")
                for one in element.children
                if one.local == "flag"
            ),
            "updated": changed,
        }
        bug, record = f"bug {self.bug}", f"bugzilla:{self.bug}"
        self.parent = teller.tell_created(
            bug, title, place, record=record, stamp=element.text_of("creation_ts"), actor=_who(element, "reporter"), fields=fields,
            severity_text=fields["bug_severity"], **self.common,
        )  # fmt: skip
        for one in element.children:
            if bug_links(one.local) and one.text.strip():
                teller.tell_links(
                    self.bug,
                    one.local,
                    [one.text.strip()],
                    place,
                    known=changed,
                    parent=self.parent,
                    **self.common,
                )
        resolved = element.text_of("cf_last_resolved")
        if resolved:
            teller.tell(
                "ticket.resolved", f"{bug} resolved: {fields['resolution']}", place, stamp=resolved, subject=bug, record=record,
                parent=self.parent, fields={"resolution": fields["resolution"]}, **self.common,
            )  # fmt: skip
        elif fields["bug_status"].casefold() in CLOSED:
            teller.tell(
                "ticket.state", f"{bug} status: {fields['bug_status']} {fields['resolution']}", place, known=changed, subject=bug,
                record=record, parent=self.parent,
                fields={"field": "bug_status", "new": fields["bug_status"], "resolution": fields["resolution"]}, **self.common,
            )  # fmt: skip

    def _tell_comment(self, element: Element, place: Place) -> None:
        count = element.text_of("comment_count")
        is_first = count == "0" if count else self.comments == 0
        self.comments += 1
        self.teller.tell_comment(
            self.bug, _text(element, "thetext"), place, is_private=element.attributes.get("isprivate", "0") not in ("", "0"),
            is_description=is_first, who=_who(element, "who"), stamp=element.text_of("bug_when"), parent=self.parent,
            fields={"comment_id": element.text_of("commentid"), "attachment": element.text_of("attachid"),
                    "work_time": element.text_of("work_time")}, **self.common,
        )  # fmt: skip

    def _tell_attachment(self, element: Element, place: Place) -> None:
        data = element.child("data")
        self.teller.tell_attachment(
            self.bug, element.text_of("filename"), place, media=element.text_of("type"), data=data.text if data else "",
            is_base64=bool(data and data.attributes.get("encoding") == "base64"), summary=element.text_of("desc"),
            stamp=element.text_of("date"), actor=_who(element, "attacher"), parent=self.parent,
            fields={"attachment_id": element.text_of("attachid"), "size": element.text_of("size"), "updated": element.text_of("delta_ts"),
                    **{name: "true" for name in ("isprivate", "isobsolete", "ispatch") if element.attributes.get(name) == "1"}},
            **self.common,
        )  # fmt: skip


def _who(element: Element, name: str) -> str:
    """A person: the log-in as written, else the real name."""
    found = element.child(name)
    if found is None:
        return ""
    return found.text.strip() or found.attributes.get("name", "")


def _text(element: Element, name: str) -> str:
    found = element.child(name)
    if found is None:
        return ""
    if found.attributes.get("encoding") == "base64":
        try:
            return base64.b64decode("".join(found.text.split()), validate=True).decode(
                "utf-8", errors="replace"
            )
        except (binascii.Error, ValueError):
            return found.text
    return found.text
