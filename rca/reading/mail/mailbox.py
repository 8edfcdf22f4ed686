"""Where the messages of a mail file begin and end: mbox in its dialects, single messages, Maildir and Apple Mail files.

The decision hidden here: which line is a separator. A line `From ` separates where a sender or a date stands in it and
a header follows it; a blank line before it, its date and its sender vouch for one another, so that wrong dates cost
nothing and a sentence that begins with "From" is text. `Content-Length` is only a hint: it counts where it leads
exactly to the next separator or to the end.

References:
    RFC 4155 (mbox); qmail, mbox(5): mboxo, mboxrd, mboxcl, mboxcl2; maildir(5).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Cut", "cut_messages", "is_separator", "message_key", "unquote"]

_BLOCK = 1 << 20
_AHEAD = 1 << 16
_CLOCK = re.compile(rb"\b\d{1,2}[:.]\d{2}\b")
_YEAR = re.compile(rb"\b\d{4}\b")
_HEADER = re.compile(rb"(?:[!-9;-~]{1,100}[ \t]*:(?!//)|>From )")
_MAIL_HEADER = re.compile(
    rb"(?:X-[\w-]+|Received|Return-Path|Delivered-To|Message-ID|Date|From|To|Cc|Subject|Reply-To|Sender|MIME-Version"
    rb"|Content-[\w-]+|Status|Envelope-To|DKIM-Signature|Authentication-Results|ARC-[\w-]+|Resent-[\w-]+|References"
    rb"|In-Reply-To|List-[\w-]+|Mailing-List|Precedence|Organization|Path|Newsgroups)[ \t]*:",
    re.IGNORECASE,
)
_LENGTH = re.compile(rb"(?im)^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?$")
_ID = re.compile(rb"(?im)^Message-ID[ \t]*:\s*(<[^>\r\n]{1,1000}>)")
_END = re.compile(rb"\r?\n\r?\n")
_QUOTED = re.compile(rb"(?m)^>(>*From )")
_COUNTED = re.compile(rb"(\d{1,12})[ \t]*\r?\n(?=[!-9;-~]{1,100}:)")


@dataclass(frozen=True, slots=True)
class Cut:
    """One message of a file: `start` is the first byte of its header, `begin` that of the line `From ` before it.

    `rest` is the first byte behind the message that is not of it (a property list of Apple Mail).
    """

    number: int
    begin: int
    start: int
    end: int
    line: int
    key: int | None
    rest: int
    is_boxed: bool


def message_key(message_id: str) -> int:
    """A number for a Message-ID that takes little memory."""
    return int.from_bytes(hashlib.sha256(message_id.strip().encode("utf-8", "replace")).digest()[:8], "big")


def unquote(body: bytes) -> bytes:
    """A body of an mbox with the `>` taken from lines that begin with `>From `."""
    return _QUOTED.sub(rb"\1", body) if b"\n>" in body or body.startswith(b">") else body


def is_separator(line: bytes, after: bytes, *, is_after_blank: bool) -> bool:
    """Whether `line`, which begins with `From `, separates two messages; `after` is the line behind it.

    >>> is_separator(b"From - Tue Nov 12 05:30:00 2024", b"X-Mozilla-Status: 0001", is_after_blank=False)
    True
    >>> is_separator(b"From the ward we hear nothing", b"Note: it is night", is_after_blank=True)
    False
    """
    words = line.split()
    is_dated = _CLOCK.search(line) is not None and _YEAR.search(line) is not None
    has_sender = len(words) > 1 and (
        b"@" in words[1] or words[1] == b"-" or words[1].upper() == b"MAILER-DAEMON" or words[2:3] == [b"at"]
    )
    if _MAIL_HEADER.match(after):
        return is_dated or (is_after_blank and (has_sender or len(words) <= 2))
    if _HEADER.match(after):
        return is_dated and (is_after_blank or has_sender)
    return is_dated and has_sender and is_after_blank


def cut_messages(opener: Callable[[], BinaryIO], size: int) -> list[Cut]:
    """The messages of a file of `size` bytes; one, where it does not begin with a line `From `."""
    with opener() as stream:
        head = stream.read(_AHEAD)
    begin = _first_byte(head)
    if head[begin : begin + 5] == b"From ":
        stop = head.find(b"\n", begin)
        line = head[begin:stop].rstrip() if stop >= 0 else head[begin:]
        after = head[stop + 1 :][:400] if stop >= 0 else b""
        if is_separator(line, after, is_after_blank=True) or _HEADER.match(after):
            with opener() as stream, opener() as other:
                return list(_close(_separators(stream, other, begin, size), size))
    counted = _COUNTED.match(head, begin)
    start, end = begin, size
    if counted and 0 < int(counted[1]) <= size - counted.end():
        start = counted.end()
        end = start + int(counted[1])
    return [
        Cut(1, begin, start, end, 1 + head.count(b"\n", 0, start), _key(head[start:]), end, is_boxed=False)
    ]


def _first_byte(head: bytes) -> int:
    """The first byte behind a byte order mark and blank lines."""
    at = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    while head[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at


def _key(header: bytes) -> int | None:
    end = _END.search(header)
    found = _ID.search(header, 0, end.start() if end else len(header))
    return message_key(found[1].decode("latin-1")) if found else None


@dataclass(frozen=True, slots=True)
class _Mark:
    begin: int
    start: int
    line: int
    key: int | None


def _separators(stream: BinaryIO, other: BinaryIO, first: int, size: int) -> Iterator[_Mark]:
    """The separators of an mbox, found block by block; the first stands at `first`."""
    data, base, line, counted = b"", 0, 1, 0
    at, skip, is_first, is_done = first, 0, True, False
    while True:
        found = at if is_first else data.find(b"\nFrom ", at) + 1
        while not is_done and (found + _AHEAD > len(data) or (found == 0 and not is_first)):
            keep = max(0, (found if found or is_first else len(data) - 5) - 4)
            more = stream.read(_BLOCK)
            is_done = not more
            line += data.count(b"\n", counted, max(counted, keep))
            data, base = data[keep:] + more, base + keep
            at, counted = max(0, at - keep), max(counted, keep) - keep
            found = at if is_first else data.find(b"\nFrom ", at) + 1
        if found == 0 and not is_first:
            return
        stop = data.find(b"\n", found)
        stop = len(data) if stop < 0 else stop
        at = found
        is_blank = is_first or data[max(0, found - 3) : found].endswith((b"\n\n", b"\n\r\n"))
        if is_first or (
            base + found >= skip
            and is_separator(data[found:stop].rstrip(), data[stop + 1 : stop + 401], is_after_blank=is_blank)
        ):
            line += data.count(b"\n", counted, found)
            counted = found
            start = min(stop + 1, len(data))
            header = _header(data, start)
            yield _Mark(base + found, base + start, line, _key(header))
            skip = _counted_end(header, base + start, other, size)
        is_first = False


def _header(data: bytes, start: int) -> bytes:
    """The header that begins at `start`, with the empty line after it."""
    last = start + _AHEAD
    for mark in (b"\n\n", b"\n\r\n", b"\nFrom "):
        at = data.find(mark, max(0, start - 1), last)
        last = at + 3 if at >= 0 else last
    return data[start:last]


def _counted_end(header: bytes, start: int, other: BinaryIO, size: int) -> int:
    """The end of a message by its Content-Length, where the next separator or the end of the file stands just there."""
    end = _END.search(header)
    found = _LENGTH.search(header, 0, end.end()) if end else None
    if not end or not found:
        return 0
    target = start + end.end() + int(found[1])
    if target > size:
        return 0
    other.seek(target)
    rest = other.read(1024).lstrip(b"\r\n")
    if not rest:
        return target
    line, _, after = rest.partition(b"\n")
    is_next = line.startswith(b"From ") and is_separator(line.rstrip(), after, is_after_blank=True)
    return target if is_next else 0


def _close(marks: Iterator[_Mark], size: int) -> Iterator[Cut]:
    last: _Mark | None = None
    number = 0
    for mark in marks:
        if last is not None:
            number += 1
            yield Cut(
                number, last.begin, last.start, mark.begin, last.line + 1, last.key, mark.begin, is_boxed=True
            )
        last = mark
    if last is not None:
        yield Cut(number + 1, last.begin, last.start, size, last.line + 1, last.key, size, is_boxed=True)
