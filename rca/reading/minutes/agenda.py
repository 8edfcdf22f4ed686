"""`find_items`: which pieces head an item of the agenda, which go on with one, and which only list or mention it.

The decision hidden here: a § is written in many places that are no items. A table of contents repeats every one; a page
break repeats the one that goes on; running text refers to others. A heading goes on from the number before it, stands at
the beginning of a paragraph, reads like a title, and lies within the §§ that the head of the minutes states.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rca.reading.minutes.cutting import Piece, Shape
from rca.reading.minutes.references import heading_case_number
from rca.reading.minutes.sections import Key, Number, Ranges, find_ranges, read_number
from rca.reading.minutes.words import find_label, meaning_of

__all__ = ["Agenda", "Head", "find_items"]

_LEADER = re.compile(r"(?:[.…·_]{3,}\s*|\s\.(?:\s?\.){2,}\s*|\t+| {3,})\d{1,3}\s*$")
_SENTENCE_END = re.compile(r"[.!?:)\"”]\s*$")
_SENTENCES = re.compile(r"[a-zåäöæø)][.!?]\s+[A-ZÅÄÖÆØ]")
_REFERRING = ("part.earlier", "part.dispatched", "part.documents", "part.vote")


@dataclass(frozen=True, slots=True)
class Head:
    """A piece that heads an item, or goes on with one (`goes_on`)."""

    number: Number | None
    title: str
    refs: tuple[str, ...] = ()
    goes_on: bool = False


@dataclass(slots=True)
class Agenda:
    """What the pieces are, by their index: heads of items, and lines of a table of contents."""

    heads: dict[int, Head]
    contents: set[int]
    style: str


@dataclass(slots=True)
class _Candidate:
    index: int
    number: Number
    piece: Piece


def find_items(pieces: Sequence[Piece], *, is_lines: bool) -> Agenda:
    """The heads of items among `pieces`, and the lines of a table of contents."""
    for style in ("§", "named"):
        found = _candidates(pieces, style)
        if found and (style == "§" or _are_named_items(found)):
            contents = _contents(pieces, found)
            rest = [one for one in found if one.index not in contents]
            heads = _accepted(
                pieces, rest, stated=_stated(pieces) if style == "§" else None, is_lines=is_lines
            )
            if heads:
                return Agenda(heads, contents, style)
            if style == "§" and contents:
                return Agenda({}, contents, style)
    heads = _plain_items(pieces)
    return Agenda(heads, set(), "plain" if heads else "headings")


def _candidates(pieces: Sequence[Piece], style: str) -> list[_Candidate]:
    found = []
    for index, piece in enumerate(pieces):
        if piece.shape in (Shape.FURNITURE, Shape.REMARK) or (piece.shape is Shape.ITEM and style != "§"):
            continue
        number = read_number(piece.text, style=style)
        if number is not None and not (style == "named" and not _is_titled(number, piece)):
            found.append(_Candidate(index, number, piece))
    return found


def _is_titled(number: Number, piece: Piece) -> bool:
    return (piece.has_gap or piece.shape is Shape.HEADING) and not number.rest[:1].islower()


def _are_named_items(found: Sequence[_Candidate]) -> bool:
    """Whether "Sak 12/24", "Punkt 3" are items: two at least that go on from one another, or headings."""
    if any(one.piece.shape is Shape.HEADING or one.piece.is_strong for one in found):
        return True
    keys = [one.number.key for one in found]
    return len(found) >= 2 and sum(a < b for a, b in pairwise(keys)) * 2 >= len(keys) - 1


# -- table of contents ----------------------------------------------------------------------------------------


def _contents(pieces: Sequence[Piece], found: Sequence[_Candidate]) -> set[int]:
    """The pieces of a table of contents: those with page numbers, and a bare run whose numbers all come again."""
    listed: set[int] = set()
    for one in found:
        if _LEADER.search(one.piece.raw) or _LEADER.search(one.piece.text):
            listed.add(one.index)
    run = _first_run(pieces, found)
    listed.update(one.index for one in run)
    if not listed:
        return set()
    # what stands between two lines of the list is its too: a title that was wrapped, a case number
    chosen = sorted(listed)
    numbers = {one.index for one in found}
    whole = set(chosen)
    for index, after in zip(chosen, [*chosen[1:], len(pieces)], strict=True):
        for between in range(index + 1, after):
            piece = pieces[between]
            is_last = after == len(pieces)
            if between in numbers or piece.shape in (Shape.FURNITURE, Shape.REMARK, Shape.HEADING):
                if is_last:
                    break
                continue
            if (is_last and piece.has_gap) or after - index > 6 or len(piece.text) > 200:
                break
            label = find_label(piece.text)
            if label is not None and label.meaning != "part.reference":
                break
            whole.add(between)
    first = chosen[0] - 1
    if first >= 0 and meaning_of(pieces[first].text) == "head.contents":
        whole.add(first)
    return whole


def _first_run(pieces: Sequence[Piece], found: Sequence[_Candidate]) -> list[_Candidate]:
    """The first candidates, up to where their numbers begin again, if they head nothing themselves."""
    seen: dict[Key, int] = {}
    stop = 0
    for at, one in enumerate(found):
        key = one.number.key
        if key in seen and not one.number.is_continued and not _is_bare_repeat(pieces, found, at):
            stop = at
            break
        seen.setdefault(key, at)
    if not stop:
        return []
    begin = seen[found[stop].number.key]
    run = list(found[begin:stop])
    later = {one.number.key for one in found[stop:]}
    again = sum(one.number.key in later for one in run)
    return run if again * 10 >= len(run) * 6 and _are_bare(pieces, run, found[stop].index) else []


def _is_bare_repeat(pieces: Sequence[Piece], found: Sequence[_Candidate], at: int) -> bool:
    """Whether a number is repeated only because its item goes on over a page."""
    before = found[at - 1]
    if before.number.key != found[at].number.key:
        return False
    between = pieces[before.index + 1 : found[at].index]
    return sum(len(piece.text) for piece in between if piece.shape is not Shape.FURNITURE) > 200 or any(
        (label := find_label(piece.text)) is not None and label.room == "part" and label.name != "reference"
        for piece in between
    )


def _are_bare(pieces: Sequence[Piece], run: Sequence[_Candidate], stop: int) -> bool:
    """Whether nothing but titles stands under the candidates: no label of an item, little text."""
    ends = [*(one.index for one in run[1:]), stop]
    for one, end in zip(run, ends, strict=True):
        is_last = end == stop
        size = 0
        for piece in pieces[one.index + 1 : end]:
            if piece.shape in (Shape.FURNITURE, Shape.REMARK):
                continue
            label = find_label(piece.text)
            if label is not None and label.room == "part" and label.name != "reference":
                return False
            if is_last and piece.has_gap:
                break
            size += len(piece.text)
        if size > 300:
            return False
    return True


# -- headings and references ----------------------------------------------------------------------------------


def _stated(pieces: Sequence[Piece]) -> Ranges | None:
    """The §§ that the head of the minutes says they hold; None where it does not say."""
    for index, piece in enumerate(pieces[:120]):
        label = find_label(piece.raw or piece.text, in_head=True)
        if label is None or label.meaning != "head.sections":
            continue
        rest = label.rest
        if not rest and index + 1 < len(pieces):
            rest = pieces[index + 1].text
        if not rest or len(rest) > 120:
            continue
        found = find_ranges(rest if "§" in rest else f"§ {rest}")
        if found:
            return Ranges(tuple(found))
    return None


def _accepted(
    pieces: Sequence[Piece], found: Sequence[_Candidate], *, stated: Ranges | None, is_lines: bool
) -> dict[int, Head]:
    heads: dict[int, Head] = {}
    seen: dict[Key, str] = {}
    last: Key | None = None
    for one in found:
        key = one.number.key
        title, refs = heading_case_number(one.number.rest)
        if one.number.is_continued and key in seen:
            heads[one.index] = Head(one.number, title, tuple(refs), goes_on=True)
            last = key
            continue
        if stated is not None and key not in stated:
            continue
        if key in seen:
            if _goes_on(pieces, one, seen[key], title, is_current=key == last):
                heads[one.index] = Head(one.number, title, tuple(refs), goes_on=True)
                last = key
            continue
        if last is not None and key < last:
            continue
        is_next = last is None or _follows(last, key)
        if not _is_heading(pieces, one, is_next=is_next, is_lines=is_lines):
            continue
        heads[one.index] = Head(one.number, title, tuple(refs))
        seen[key] = _comparable(title)
        last = key
    return heads


def _follows(last: Key, key: Key) -> bool:
    return key[0] in (last[0], last[0] + 1)


def _goes_on(pieces: Sequence[Piece], one: _Candidate, title: str, again: str, *, is_current: bool) -> bool:
    """Whether a number that was there before is its item going on, on a new page or under the same title."""
    same = _comparable(again)
    is_same = bool(same) and bool(title) and (same.startswith(title[:40]) or title.startswith(same[:40]))
    if is_same and (one.piece.has_gap or one.piece.shape is Shape.HEADING):
        return True
    at = one.index - 1
    while at >= 0 and pieces[at].shape is Shape.FURNITURE:
        at -= 1
    before = pieces[at] if at >= 0 else None
    is_new_page = before is None or (one.piece.page and before.page != one.piece.page)
    return bool(is_current and is_new_page and (not same or is_same))


def _comparable(title: str) -> str:
    return re.sub(r"[\W\d_]+", "", title).casefold()


def _is_heading(pieces: Sequence[Piece], one: _Candidate, *, is_next: bool, is_lines: bool) -> bool:
    """Whether a number at the beginning of a piece heads an item, and isn't what running text refers to."""
    piece, number = one.piece, one.number
    rest = number.rest
    if piece.shape is Shape.HEADING:
        return True
    if len(rest) > 300 or (rest[:1].islower() and number.mark):
        return False
    if _SENTENCES.search(rest) and (number.mark or len(rest) > 160):
        return False
    under = _under(pieces, one.index)
    if not is_next and (under in _REFERRING or re.search(r"\d{4}-\d{2}-\d{2}|\b\d{1,2} \w+ \d{4}", rest)):
        return False
    if under == "part.vote" and not is_next:
        return False
    if piece.is_strong:
        return True
    before = _before(pieces, one.index)
    if piece.has_gap or before is None:
        if number.mark and rest.endswith(".") and len(rest.split()) > 7:
            return False
        return is_next or not (rest.endswith(".") and len(rest.split()) > 7)
    if not is_lines:
        return is_next
    if number.mark == "." and not rest:
        return False
    if rest[:1].islower() or not is_next:
        return False
    if find_label(before.text) is not None or before.shape in (Shape.FURNITURE, Shape.ROW, Shape.ITEM):
        return True
    return bool(_SENTENCE_END.search(before.text)) and not (number.mark and rest.endswith("."))


def _before(pieces: Sequence[Piece], index: int) -> Piece | None:
    piece = pieces[index - 1] if index else None
    return piece if piece is not None and piece.shape is not Shape.FURNITURE else None


def _under(pieces: Sequence[Piece], index: int) -> str:
    """The meaning of the label above, if one stands within a few pieces."""
    for piece in reversed(pieces[max(0, index - 6) : index]):
        label = find_label(piece.text)
        if label is not None and label.room == "part":
            return label.meaning
    return ""


# -- numbered without a sign ----------------------------------------------------------------------------------


def _plain_items(pieces: Sequence[Piece]) -> dict[int, Head]:
    """Items that are numbered 1., 2., 3.: short titles in order, each with something under it."""
    found = []
    for index, piece in enumerate(pieces):
        if piece.shape in (Shape.FURNITURE, Shape.REMARK, Shape.ROW):
            continue
        number = read_number(piece.text, style="plain")
        if number is None or len(number.rest) > 120 or not number.rest or number.rest[:1].islower():
            continue
        if re.match(
            r"\d|(?:jan|feb|mar|apr|ma[jiy]|jun|jul|aug|sep|o[ck]t|nov|de[cs])\w*\s+\d{4}",
            number.rest,
            re.IGNORECASE,
        ):
            continue
        is_titled = (
            piece.shape is Shape.HEADING
            or piece.is_strong
            or (piece.has_gap and not number.rest.endswith((".", ";", ",")))
        )
        follower = pieces[index + 1] if index + 1 < len(pieces) else None
        is_alone = follower is None or follower.has_gap or follower.shape is not Shape.LINE
        is_list = follower is not None and read_number(follower.text, style="plain") is not None
        if is_titled and (
            piece.shape is Shape.HEADING or piece.is_strong or (number.mark and is_alone and not is_list)
        ):
            found.append((index, number))
    heads: dict[int, Head] = {}
    last: Key = (0,)
    for index, number in found:
        if number.key > last and (number.key[0] <= last[0] + 1 or not heads):
            title, refs = heading_case_number(number.rest)
            heads[index] = Head(number, title, tuple(refs))
            last = number.key
    if not heads or next(iter(heads.values())).number.key[0] != 1:  # type: ignore[union-attr]
        return {}
    return heads
