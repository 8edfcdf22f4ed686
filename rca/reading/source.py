"""`Source`: one stream of evidence as a reader sees it, and what was declared about it.

The decision hidden here: what a reader may know and must tell. It gets bytes, the declared zone, anchors for missing
years and the mapping that applies; it tells assumptions, issues, and where every byte ended. It never sees the case.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO

from rca.assumptions import Assumption
from rca.errors import Issue, Severity
from rca.evidence.opening import detect_encoding
from rca.moments.moment import Basis
from rca.moments.settling import Anchor
from rca.reading.books import Entry, Ledger

__all__ = ["HEAD", "Attachment", "Declared", "Sample", "Source", "Unparsed"]

HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Declared:
    """What the caller or the case says about an exhibit, before a byte is read.

    `zone` is None where nobody said anything: then UTC is assumed, never the machine's zone. `zone_basis` is
    ZONE_GIVEN for a zone stated for this exhibit or call, ZONE_ASSUMED for the case's zone. `modified` is the file's
    last write, in UTC nanoseconds; `stream_key` is the key under which a single stream was first registered; `definitions`
    are the user's own formats and mappings (parsed TOML, by file name); `attachments` is called with each file that is
    found inside a record, and its bytes.
    """

    zone: str | None = None
    zone_basis: Basis = Basis.ZONE_GIVEN
    anchor: int | None = None
    modified: int | None = None
    sibling: int | None = None
    format: str | None = None
    exhibit: str = ""
    stream_key: str = ""
    reliability: str | None = None
    definitions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attachments: Callable[[Attachment, bytes], None] | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of a stream, for readers to score: its name, first bytes, and those bytes decoded."""

    name: str
    head: bytes
    text: str
    encoding: str
    declared: Declared


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Bytes that could not be read, with the reason."""

    locator: str
    byte_start: int
    byte_length: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file found inside a record: its name as written (never a path), media type, sha256, size, and where it was."""

    name: str
    media: str
    sha256: str
    size: int
    place: str


class Source:
    """One stream: the decompressed bytes of a file or of an archive member, and the notes taken while reading it.

    `line_feeds` has, for each multiple of 32 MiB inside the stream, how many LF lie before the byte before it.
    """

    def __init__(
        self,
        name: str,
        opener: Callable[[], BinaryIO],
        *,
        stream_key: str,
        size: int,
        members: tuple[str, ...] = (),
        declared: Declared | None = None,
        member_modified: int | None = None,
        gzip_modified: int | None = None,
        line_feeds: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.members = members
        self.stream_key = stream_key
        self.size = size
        self.declared = declared or Declared()
        self._opener = opener
        self._member_modified = member_modified
        self._gzip_modified = gzip_modified
        self.line_feeds = line_feeds
        self.ledger = Ledger()
        self.assumptions: list[Assumption] = []
        self.issues: list[Issue] = []
        self.unparsed: list[Unparsed] = []
        self.attachments: list[Attachment] = []
        self.unit, self.total = "bytes", size

    @classmethod
    def of_bytes(cls, data: bytes, *, name: str = "memory", declared: Declared | None = None) -> Source:
        """A source over bytes in memory, for tests and for text that has no file."""
        return cls(
            name,
            lambda: io.BytesIO(data),
            stream_key=hashlib.sha256(data).hexdigest(),
            size=len(data),
            declared=declared,
        )

    # -- what a reader may know ---------------------------------------------------------------------------

    def open(self) -> BinaryIO:
        """The decompressed bytes from the start."""
        return self._opener()

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        return self.head_of(HEAD)

    def head_of(self, count: int) -> bytes:
        """The first `count` bytes."""
        with self.open() as stream:
            return stream.read(count)

    @cached_property
    def encoding(self) -> str:
        """The encoding of the text. A guess is taken down as an assumption the first time it is asked for."""
        encoding, is_guess = detect_encoding(self.head, complete=self.size <= len(self.head))
        if is_guess:
            self.assume(
                "encoding",
                f"the text is {encoding}",
                rests_on="its bytes, which are not valid UTF-8",
                alternatives=("utf-8 with stray bytes",),
            )
        return encoding

    @cached_property
    def sample(self) -> Sample:
        """The beginning of the stream, decoded, for scoring."""
        encoding, _ = detect_encoding(self.head, complete=self.size <= len(self.head))
        text = self.head.decode(encoding, errors="replace")
        return Sample(self.name, self.head, text, encoding, self.declared)

    @property
    def zone(self) -> str:
        """The zone for stamps without an offset; UTC where nobody declared one."""
        return self.declared.zone or "UTC"

    @property
    def zone_basis(self) -> Basis:
        """ZONE_GIVEN, or ZONE_ASSUMED where the zone is the case's or nobody's."""
        return self.declared.zone_basis if self.declared.zone else Basis.ZONE_ASSUMED

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """The anchors for stamps without a year, best first; stamps in the file itself are found by `settle`."""
        known = (
            (self.declared.anchor, "option"),
            (self._member_modified, "member mtime"),
            (self._gzip_modified, "gzip header"),
            (self.declared.modified, "modified"),
            (self.declared.sibling, "sibling"),
        )
        return tuple(Anchor(instant, kind) for instant, kind in known if instant is not None)

    def locator(self, place: str) -> str:
        """The locator of `place` (`L48`, `#M101`), with the archive members before it."""
        if not self.members:
            return place
        from rca.evidence.locators import member_prefix

        joint = "" if place.startswith("#") else ":"
        return f"{member_prefix(self.members)}{joint}{place}"

    # -- what a reader must tell --------------------------------------------------------------------------

    def assume(self, kind: str, what: str, *, rests_on: str, alternatives: tuple[str, ...] = ()) -> str:
        """Take down an assumption and hand back its id for the rows that rest on it."""
        assumption = Assumption(kind, what, rests_on, alternatives, self.stream_key[:12])
        return self.adopt(assumption)

    def adopt(self, assumption: Assumption) -> str:
        """Take down an assumption that somebody else worded (year inference, for one); its id."""
        if assumption not in self.assumptions:
            self.assumptions.append(assumption)
        return assumption.id

    def issue(self, code: str, severity: Severity, message: str, *, place: str = "", hint: str = "") -> None:
        """Take down a defect of the evidence; `place` is a locator in this stream."""
        where = self.cite(place) if place else self.declared.exhibit or self.name
        self.issues.append(Issue(code, severity, message, where, hint))

    def cite(self, place: str) -> str:
        """`place` as a citation: with the exhibit's id, or with the file's name where there is no case."""
        locator = self.locator(place)
        joint = "" if locator[:1] in ("#", "!") else ":"
        return f"{self.declared.exhibit or self.name}{joint}{locator}"

    def event_bytes(self, start: int, length: int) -> None:
        """These bytes ended in events."""
        self.ledger.enter(Entry.EVENTS, start, length)

    def structure_bytes(self, start: int, length: int) -> None:
        """These bytes were understood as structure: a header, a rule, markup."""
        self.ledger.enter(Entry.STRUCTURE, start, length)

    def blank_bytes(self, start: int, length: int) -> None:
        """These bytes are blank space."""
        self.ledger.enter(Entry.BLANK, start, length)

    def unparsed_bytes(
        self, start: int, raw: bytes, *, place: str, reason: str, length: int | None = None
    ) -> None:
        """These bytes could not be read, for `reason`; `raw` may be only the beginning of `length` bytes."""
        length = len(raw) if length is None else length
        self.ledger.enter(Entry.UNPARSED, start, length)
        text = raw[:2_000].decode("utf-8", errors="backslashreplace")
        self.unparsed.append(Unparsed(self.locator(place), start, length, reason, text))

    def count_in(self, unit: str, total: int) -> None:
        """Keep the books in `total` parts of a container format ("paragraphs", "cells", "pages") instead of bytes.

        Spans are then numbers of parts: the first part is 0.
        """
        self.unit, self.total = unit, total

    def attach(self, name: str, media: str, data: bytes, *, place: str) -> Attachment:
        """Take down a file found inside a record at `place`; a case makes it an exhibit of its own."""
        found = Attachment(name, media, hashlib.sha256(data).hexdigest(), len(data), self.locator(place))
        self.attachments.append(found)
        if self.declared.attachments is not None:
            self.declared.attachments(found, data)
        return found

    # -- lines --------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[tuple[int, int, bytes]]:
        """The lines of the stream as (number from 1, first byte, raw bytes with their line end).

        A line ends at LF; in a file without LF, at CR. UTF-16 and UTF-32 are cut at their own line ends.
        """
        with self.open() as stream:
            data = stream.read()
        end = self._line_end(data)
        start, number = 0, 1
        width = len(end)
        while start < len(data):
            at = data.find(end, start)
            while at >= 0 and at % width:
                at = data.find(end, at + 1)
            stop = len(data) if at < 0 else at + width
            yield number, start, data[start:stop]
            start, number = stop, number + 1

    def _line_end(self, data: bytes) -> bytes:
        encoding = self.encoding.lower().replace("_", "-")
        if encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            ends = [mark.encode(encoding) for mark in ("\n", "\r")]
            found = [end for end in ends if _has_unit(data, end)]
            return found[0] if found else ends[0]
        return b"\n" if b"\n" in data or b"\r" not in data else b"\r"


def _has_unit(data: bytes, unit: bytes) -> bool:
    """Whether a code unit stands in `data`, at a place where one begins."""
    at = data.find(unit)
    while at >= 0 and at % len(unit):
        at = data.find(unit, at + 1)
    return at >= 0
