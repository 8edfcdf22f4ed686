"""`cut_messages`: where audit messages begin and end in a stream, bare, under a root, or in lines that carry them.

The decision hidden here: which bytes are a message. It is an `AuditMessage` element, found in the stream's own bytes,
with the syslog header before it on its line. One that breaks off ends where the next message, header or declaration
begins; other lines with a syslog header are lines of their own; a message in a comment is none.

References:
    RFC 3881, section 6; DICOM PS3.15, A.5.1; RFC 3164, section 4.1; RFC 5424, section 6; RFC 6587, section 3.4.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rca.reading.window import Window
from rca.reading.xml_elements import loose_text

__all__ = ["BEGIN", "Header", "Piece", "cut_messages", "is_other_text", "read_header"]

_LONGEST = 1 << 23
_LEAD = 1 << 13  # characters of a header with its structured data
_BLANK = " \t\r\n\0\x0b\x0c"
_NAME = r"(?:[A-Za-z_][\w.\-]{0,60}:)?AuditMessage"
_PRI = r"(?:\d{1,9} )?<\d{1,3}>"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?"

BEGIN = re.compile(rf"<{_NAME}(?=[\s/>#])", re.ASCII)
"""The start tag of a message; `#` because some syslog daemons write a line feed as #012."""

_FIND = re.compile(
    rf"(?P<comment><!--)|<!ENTITY(?:[^<>\"']|\"[^\"]{{0,4096}}+\"|'[^']{{0,4096}}+'){{0,400}}+>|(?P<begin>{BEGIN.pattern})",
    re.ASCII,
)
_HEAD = re.compile(rf"<{_NAME}(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+>", re.ASCII)
_END = rf"<!\[CDATA\[|<!--|</{_NAME}\s*+>|{BEGIN.pattern}|<\?xml\s|{_PRI}(?=\d{{1,3}} |{_MONTH} |\d{{4}}-)"
_STOP = re.compile(_END, re.ASCII)
_STOP_IN_LINES = re.compile(rf"{_END}|[\r\n](?={_MONTH} [ \d]\d \d\d:\d\d|{_ISO} )", re.ASCII)
_DECLARATION = re.compile(r"<\?xml[^<>]{0,300}\?>[\s\0]*\Z")
_MARKS = re.compile(r"[\s>\]\0-]*+")  # marks of viewers around a message
_TAGS = re.compile(r"<(?:\?|[!/]?[A-Za-z_])[^<>]*+>")
_MARK = "(?:\ufeff|\u00ef\u00bb\u00bf)?"  # of UTF-8, as text and as bytes
_HEADER = re.compile(
    rf"{_MARK}(?:(?P<pri>{_PRI})(?:"
    r"\d{1,3} (?P<stamp>\S{1,64}) (?P<host>\S{1,255}) (?P<app>\S{1,128}) (?P<pid>\S{1,128}) (?P<id>\S{1,128}) "
    r"(?:-|(?:\[(?:[^\]\"\\\n]|\"(?:[^\"\\\n]|\\.)*+\"|\\.)*+\])++)"
    rf"|(?P<old>(?P<old_stamp>{_MONTH} [ \d]\d \d\d:\d\d:\d\d|{_ISO}) ))"
    rf"|(?P<bare>(?P<bare_stamp>{_MONTH} [ \d]\d \d\d:\d\d:\d\d|{_ISO}) ))",
    re.ASCII,
)
_TAG = re.compile(
    r"(?P<host>[A-Za-z0-9][\w.:\-]{0,254}) +(?P<app>[\w./\-]{1,64}?)(?:\[(?P<pid>[\w.\-]{1,20})\])?: ?"
    r"|(?P<alone>[A-Za-z0-9][\w.:\-]{0,254}) ",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the syslog header of a line states, and where it ends in the line."""

    stamp: str
    host: str
    app: str
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a stream. `what` is message, line (with a syslog header), structure, blank or unparsed."""

    what: str
    start: int
    raw: bytes
    line: int
    last_line: int
    is_whole: bool = True
    reason: str = ""


def read_header(text: str) -> Header | None:
    """The syslog header that a line begins with, RFC 5424 or 3164, with or without its priority.

    >>> read_header("<85>1 2024-11-12T04:30:00Z arr audit 7 IHE+RFC-3881 - <AuditMessage/>").host
    'arr'
    """
    found = _HEADER.match(text)
    if found is None:
        return None
    if found["stamp"] is not None:
        said = ["" if found[name] == "-" else found[name] for name in ("stamp", "host", "app")]
        return Header(said[0], said[1], said[2], found.end())
    stamp = found["old_stamp"] or found["bare_stamp"]
    tag = _TAG.match(text, found.end())
    if tag is None:
        return Header(stamp, "", "", found.end())
    return Header(stamp, tag["host"] or tag["alone"], tag["app"] or "", tag.end())


def is_other_text(text: str) -> bool:
    """Whether a text holds more than markup and blank space.

    >>> is_other_text("<?xml version='1.0'?><Audits>"), is_other_text("a word <Audits>")
    (False, True)
    """
    first, *rest = text.split("<!--")
    plain = first + "".join(part.partition("-->")[2] if "-->" in part else part for part in rest)
    return _MARKS.fullmatch(_TAGS.sub("", plain)) is None


def cut_messages(window: Window) -> Iterator[Piece]:
    """All of a window in order, every byte in one piece."""
    return _Cut(window).run()


class _Cut:
    def __init__(self, window: Window) -> None:
        self.window = window

    def _take(self, what: str, end: int, *, is_whole: bool = True, reason: str = "") -> Piece:
        return Piece(what, *self.window.take(end), is_whole=is_whole, reason=reason)

    def run(self) -> Iterator[Piece]:
        """The pieces."""
        window = self.window
        while True:
            found = self._find()
            if found < 0:
                if not window.is_done and window.left <= _LONGEST:
                    window.read_more()
                    continue
                yield from self._between(self._safe_end())
                if window.is_done:
                    break
                window.read_more()
                continue
            begin, has_header = self._begin(found)
            shift = found - begin
            yield from self._between(begin)
            while (end := self._find_end(shift, has_header=has_header)) is None:
                window.read_more()
            yield self._take("message", end[0], is_whole=end[1])
        start, line, odd = window.start, window.line, window.take_odd()
        if odd:
            yield Piece("unparsed", start, odd, line, line, reason="half a character")

    def _safe_end(self) -> int:
        """How far a window without a message may be consumed: a header that begins near its end may go on."""
        window = self.window
        size = len(window.text)
        if window.is_done:
            return size
        end = window.text.rfind("\n", window.at, size - _LEAD) + 1
        return end or size - _LEAD

    def _find(self) -> int:
        """Where the next message outside of a comment begins, -1 where the window shows none."""
        window, at = self.window, self.window.at
        while (found := _FIND.search(window.text, at)) is not None:
            if found["begin"] is not None:
                return found.start()
            at = found.end()
            if found["comment"] is not None:
                end = window.find_after("-->", at)
                if end < 0 and not window.is_done and window.left <= _LONGEST:
                    return -1
                at = max(at, end)
        return -1

    def _begin(self, found: int) -> tuple[int, bool]:
        """Where the record of a message begins: at the syslog header on its line, else at its start tag."""
        window = self.window
        lead = window.text[max(window.at, found - _LEAD) : found]
        declared = lead.rfind("<?xml")
        before = lead[:declared] if declared >= 0 and _DECLARATION.match(lead, declared) else lead
        cut = max(before.rfind("\n"), before.rfind("\r"), before.rfind("\0")) + 1
        cut += len(before) - cut - len(before[cut:].lstrip(_BLANK))
        if read_header(before[cut:]) is None:
            return found, False
        return found - len(lead) + cut, True

    def _find_end(self, shift: int, *, has_header: bool) -> tuple[int, bool] | None:
        """Where the message ends that starts `shift` behind the window's place; None where more must be read."""
        window = self.window
        tag = window.at + shift
        is_final = window.is_done or window.left > _LONGEST
        found = _HEAD.match(window.text, tag)
        if found is not None and found[0].endswith("/>"):
            return found.end(), True
        at, limit = tag + 1, min(tag + _LONGEST, len(window.text))
        stop = _STOP_IN_LINES if has_header else _STOP
        while (found := stop.search(window.text, at, limit)) is not None:
            if found[0].startswith("</"):
                return found.end(), True
            if not found[0].startswith("<!"):
                return self._trimmed(tag, found.start()), False
            end = window.find_after("]]>" if found[0] == "<![CDATA[" else "-->", found.end())
            if end < 0 and not is_final:
                return None
            at = max(found.end(), end)
        return (self._trimmed(tag, limit), False) if is_final else None

    def _trimmed(self, begin: int, end: int) -> int:
        return begin + len(self.window.text[begin:end].rstrip(_BLANK))

    # -- between messages ---------------------------------------------------------------------------------

    def _between(self, end: int) -> Iterator[Piece]:
        """What stands between two messages: lines of the log that carries them, markup, blank space, other text."""
        window = self.window
        begun = False
        at = window.at  # the end of the run of other lines that is gathered
        while at < end:
            stop = window.text.find(window.newline, at, end) + 1 or end
            line = window.text[at:stop]
            lead = len(line) - len(line.lstrip(_BLANK))
            if lead < len(line) and read_header(line[lead : lead + _LEAD]) is not None:
                if at + lead > window.at:
                    yield self._other(at + lead)
                said = len(line.rstrip(_BLANK))
                yield self._take("line", at + said)
                begun = said < len(line)
            else:
                begun = True
            at = stop
        if begun:
            yield self._other(end)

    def _other(self, end: int) -> Piece:
        text = self.window.text[self.window.at : end]
        if not text.strip(_BLANK):
            return self._take("blank", end)
        if _MARKS.fullmatch(loose_text(text)):
            return self._take("structure", end)
        return self._take("unparsed", end, reason="text outside of an audit message")
