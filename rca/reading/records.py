"""Records of a delimited text: exact byte spans of rows whose quoted cells may hold line ends.

The decision hidden here: the quoting of RFC 4180, read block by block, so that a row's span is exact in any encoding
that keeps ASCII and in UTF-16 and UTF-32, and a large table never stands in memory. A quote that is never closed costs
its own row: reading goes on at the next line that is a row by itself.

References:
    RFC 4180, section 2.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from rca.reading.window import Window

__all__ = ["Record", "cells", "read_records", "records", "sniff_delimiter"]

_DELIMITERS = (",", ";", "\t", "|")
_LONGEST = 1 << 23  # a record longer than this is no row of a table


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its span in bytes, first and last line, and whether its last quote was never closed."""

    start: int
    raw: bytes
    line: int
    last_line: int
    is_torn: bool = False


@cache
def _record_pattern(delimiter: str, newline: str) -> re.Pattern[str]:
    """One record with its line end; a cell that opens a quote and never closes it does not match.

    What follows a closing quote up to the delimiter belongs to the cell, as spreadsheets and csv modules have it.
    """
    d, n = re.escape(delimiter), re.escape(newline)
    cell = rf'(?:"(?:[^"]++|"")*+"[^{d}{n}]*+|(?!")[^{d}{n}]*+)'
    return re.compile(rf"{cell}(?:{d}{cell})*+(?:{n}|\Z)")


@cache
def _stray_pattern(delimiter: str) -> re.Pattern[str]:
    """A quoted cell with something after its closing quote: RFC 4180 knows no such cell."""
    d = re.escape(delimiter)
    return re.compile(rf'(?:^|{d})"(?:[^"]++|"")*+"[^{d}\r\n]')


@cache
def _cell_pattern(delimiter: str) -> re.Pattern[str]:
    d = re.escape(delimiter)
    return re.compile(rf'(?:"((?:[^"]++|"")*+)"([^{d}]*+)|([^{d}]*+))({d}|\Z)')


def records(
    data: bytes, *, start: int = 0, delimiter: str = ",", encoding: str = "utf-8", width: int | None = None
) -> Iterator[Record]:
    """The records of `data` from byte `start` on, blank ones included."""
    stream = io.BytesIO(data)
    stream.seek(start)
    return read_records(stream, start=start, delimiter=delimiter, encoding=encoding, width=width)


def read_records(
    stream: BinaryIO,
    *,
    start: int = 0,
    delimiter: str = ",",
    encoding: str = "utf-8",
    width: int | None = None,
) -> Iterator[Record]:
    """The records of a stream that stands at byte `start`, blank ones included.

    A quote opens a cell only at its beginning; a doubled quote inside stands for itself. `width` is the number of
    cells of a row, where it is known: it tells where reading goes on after a quote that is never closed.
    """
    scan = _Scan(stream, start, delimiter, encoding)
    while (record := scan.next_record(width)) is not None:
        yield record


class _Scan:
    """Cuts a window of the stream into records."""

    def __init__(self, stream: BinaryIO, start: int, delimiter: str, encoding: str) -> None:
        self.window = Window(stream, start=start, encoding=encoding)
        self.delimiter = delimiter
        self.newline = self.window.newline

    def next_record(self, width: int | None) -> Record | None:
        window, pattern = self.window, _record_pattern(self.delimiter, self.newline)
        while True:
            if not window.left and not window.read_more():
                start, line, odd = window.start, window.line, window.take_odd()
                return Record(start, odd, line, line, is_torn=True) if odd else None
            found = pattern.match(window.text, window.at)
            is_whole = found is not None and (window.is_done or found[0].endswith(self.newline))
            if is_whole or window.left > _LONGEST or not window.read_more():
                break
        if window.is_done and not is_whole:
            found = pattern.match(window.text, window.at)
            is_whole = found is not None
        if found is None or not is_whole:
            return self._take_torn(width)
        if width is not None and self.newline in found[0][:-1] and self._is_stray(found[0], width):
            return self._take_torn(width)
        return Record(*window.take(found.end()))

    def _is_stray(self, body: str, width: int) -> bool:
        """Whether a record of several lines was torn in its first line and ends at a quote of a later record."""
        stray = _stray_pattern(self.delimiter)
        return bool(stray.search(body)) and len(cells(body.rstrip("\r\n"), self.delimiter)) != width

    def _take_torn(self, width: int | None) -> Record:
        """The line whose quote is not closed, with the lines after it that are no rows by themselves."""
        window, pattern = self.window, _record_pattern(self.delimiter, self.newline)
        end = self._line_end(window.at)
        limit = min(window.at + _LONGEST, len(window.text))
        while end < limit:
            stop = self._line_end(end)
            line = window.text[end:stop]
            is_row = pattern.fullmatch(line) is not None
            if is_row and width is not None and len(cells(line.rstrip("\r\n"), self.delimiter)) == width:
                break
            end = stop
        return Record(*window.take(end), is_torn=True)

    def _line_end(self, at: int) -> int:
        found = self.window.text.find(self.newline, at)
        return len(self.window.text) if found < 0 else found + 1


def cells(text: str, delimiter: str) -> list[str]:
    """The cells of one record's text, without its line end.

    >>> cells('1,"two, cells",c', ",")
    ['1', 'two, cells', 'c']
    """
    if not text:
        return []
    if '"' not in text:
        return text.split(delimiter)
    found: list[str] = []
    for cell in _cell_pattern(delimiter).finditer(text):
        quoted, rest, plain, mark = cell.groups()
        found.append(plain if quoted is None else quoted.replace('""', '"') + rest)
        if not mark:
            break
    return found


def sniff_delimiter(text: str) -> str | None:
    r"""The delimiter that cuts the first records of `text` into the same number of cells, at least two; None if none.

    One cell more than the header has is as good: Windows' Event Viewer names no column for the message.

    >>> sniff_delimiter("a;b;c\n1;2,5;3\n")
    ';'
    """
    data = text[:65_536].encode("utf-8", "surrogatepass")
    best: tuple[int, str] | None = None
    for delimiter in _DELIMITERS:
        if delimiter not in text:
            continue
        widths: list[int] = []
        for record in records(data, delimiter=delimiter):
            line = record.raw.decode("utf-8", "surrogatepass").rstrip("\r\n")
            if line.strip():
                widths.append(len(cells(line, delimiter)))
            if len(widths) >= 50:
                break
        if not widths or widths[0] < 2:
            continue
        count = Counter(widths)
        same = max(count[widths[0]], count[widths[0] + 1])
        if same * 5 >= len(widths) * 3 and (best is None or widths[0] * same > best[0]):
            best = (widths[0] * same, delimiter)
    return best[1] if best else None
