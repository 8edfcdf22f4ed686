r"""`split_journal`: the entries of a ServiceNow journal string, each with the stamp, author and label of its header.

The decision hidden here: what is a header. A journal field that is shown (work notes, comments) is one string, newest entry
first, each entry behind a line `2019-10-15 03:56:58 - System Administrator (Work notes)`. Texts hold blank lines, so only a
header ends an entry. Its stamp has the date format and the zone of whoever read the field, and its label is translated or
renamed; `is_public_label` tells which labels are read by the reporter.

References:
    ServiceNow product documentation, "Journal field type", "Date and time formats" (glide.sys.date_format, .time_format).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rca.moments.stamps import Stamp, compile_layout

__all__ = ["Entry", "figures_in", "is_journal", "is_public_label", "read_shown", "split_journal"]

_DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.](?:\d{1,2}|[^\W\d_]{3,10}\.?)[-/.]\d{2,4})"
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\.?)?"
_HEADER = re.compile(
    rf"^[ \t]*(?P<stamp>{_DATE}[ T]{_TIME}(?: ?[A-Z]{{3,5}})?)[ \t]+[-–][ \t]+(?P<who>[^\r\n]{{0,200}}?)"
    rf"[ \t]*\((?P<label>[^()\r\n]{{1,80}}(?:\([^()\r\n]{{0,40}}\))?)\)[ \t]*\r?$",
    re.MULTILINE,
)
_FIGURES = re.compile(
    rf"(?<![\d./-])\d{{1,2}}([-/.])\d{{1,2}}\1(?:\d{{4}}|\d{{2}}) {_TIME}(?=[\"<;,\t\r\n]| - |\Z)"
)
_BREAK = re.compile(r"<br\s*/?>(?:\r?\n)?", re.IGNORECASE)
_MARKS = re.compile(r"\[/?code\]", re.IGNORECASE)
_PUBLIC = re.compile(
    r"comment|komment|coment|opmerking|customer|kund|reaktion|コメント|注释|评论|комментари", re.IGNORECASE
)
_INTERNAL = re.compile(
    r"internal|intern\b|interna|privat|work|arbe|travail|trabajo|trabalho|lavoro", re.IGNORECASE
)
_SHOWN = tuple(
    compile_layout(layout)
    for layout in (
        "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %I:%M:%S %p", "%d-%b-%Y %H:%M", "%d-%b-%Y %I:%M %p", "%d/%b/%Y %H:%M:%S",
        "%d/%b/%Y %I:%M:%S %p", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %H.%M.%S",
        "%Y/%m/%d %I:%M:%S %p", "%Y/%m/%d %H.%M.%S", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y-%m-%d %H.%M",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a journal: what its header says, and its text. An entry without a header has no stamp."""

    stamp: str
    who: str
    label: str
    text: str


def read_shown(text: str) -> Stamp | None:
    """The stamp that `text` is in a date format that ServiceNow shows and no other records use; else None.

    >>> read_shown("13-Jul-2026 10:29:21 PM").hour
    22
    """
    text = text.strip().replace("\u00a0", " ").replace("\u202f", " ")
    for layout in _SHOWN:
        stamp = layout.parse(text)
        if stamp is not None:
            return stamp
    return None


def figures_in(text: str) -> list[str]:
    """Dates in figures with their times, as fields and headers of journals hold them: they tell the order of day and month.

    >>> figures_in('"opened_at": "29-02-2016 01:16", "work_notes": "10/15/2019 03:56:58 AM - Night lead (Work notes)"')
    ['29-02-2016 01:16', '10/15/2019 03:56:58 AM']
    """
    return [found[0] for found in _FIGURES.finditer(text)][:1_000]


def is_journal(text: str) -> bool:
    """Whether `text` begins with the header of a journal entry."""
    found = _HEADER.search(_BREAK.sub("\n", text[:2_000]))
    return found is not None and not text[: found.start()].strip()


def is_public_label(label: str) -> bool:
    """Whether entries with this label are comments that the reporter may read; what isn't known is internal.

    >>> is_public_label("Additional comments"), is_public_label("Arbetsanteckningar"), is_public_label("Intern kommentar")
    (True, False, False)
    """
    return _PUBLIC.search(label) is not None and _INTERNAL.search(label) is None


def split_journal(text: str) -> list[Entry]:
    r"""The entries of a journal string, in its order; text before the first header is an entry without a stamp.

    >>> [e.label for e in split_journal("2024-01-02 03:04:05 - Night lead (Work notes)\none\n\ntwo\n\n")]
    ['Work notes']
    """
    plain = _BREAK.sub("\n", text) if _BREAK.search(text) else text
    found: list[Entry] = []
    headers = list(_HEADER.finditer(plain))
    before = plain[: headers[0].start()] if headers else plain
    if before.strip():
        found.append(Entry("", "", "", before.strip()))
    for number, header in enumerate(headers):
        end = headers[number + 1].start() if number + 1 < len(headers) else len(plain)
        body = _MARKS.sub("", plain[header.end() : end]).strip()
        found.append(Entry(header["stamp"], header["who"].strip(), header["label"].strip(), body))
    return found
