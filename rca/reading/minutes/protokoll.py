"""`read_structure`: pieces become minutes: head, items with their parts, foot.

The decision hidden here: what a label or a heading does where it stands. In a protokoll numbered by § the labels of the
head (date, place, who was present) end at the first §, and those of the foot (signatures, anslag) end the last; in minutes
without numbers each heading that is no label is an item. Text belongs to the nearest label above it, until a blank line
where the label had text of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rca.reading.minutes.agenda import Agenda, Head, find_items
from rca.reading.minutes.cutting import Cut, Piece, Shape
from rca.reading.minutes.dates import Dates, find_clock
from rca.reading.minutes.references import find_case_numbers, heading_case_number
from rca.reading.minutes.sections import Key, read_number
from rca.reading.minutes.structure import Item, Minutes, Part
from rca.reading.minutes.words import ATTENDANCE, HEAD, Label, find_label, is_meeting_word

__all__ = ["read_structure"]

_FOOT = ("approved", "published", "unpublished", "storage", "signatures", "approval_planned", "approver")
_PRESENT_WORDS = re.compile(
    r"närvar|frånvar|deltagar|present|attend|participants|apolog|regrets|til ?stede|forfall|afbud|fravær|læsnä|läsnä|poissa|upprop",
    re.IGNORECASE,
)
_ITEM_HEADINGS = ("background", "procedure", "proposal", "motion", "documents", "note", "openness")
_TITLES = re.compile(
    r"(?:proposition|motion|förslag|interpellation|medborgarförslag|preposition)\s*:\s*\S", re.IGNORECASE
)
_ORGAN = re.compile(
    r"(?:[A-ZÅÄÖÆØ][\w&.-]*(?: |, ))?(?:[\w&.-]+(?: |, )){0,6}?[\w-]*(?:nämnd(?:en)?|styrelse(?:n)?|utskott(?:et)?|fullmäktige|styrgrupp(?:en)?"
    r"|kommitté(?:n)?|beredning(?:en)?|råd(?:et)?|delegation(?:en)?|direktion(?:en)?|ledningsgrupp(?:en)?|divisionsstämman?|stämma(?:n)?"
    r"|kommunestyret|formannskapet|fylkestinget|fylkesutvalget|utvalg(?:et)?|udvalg(?:et)?|byråd(?:et)?|byrådet|kommunalbestyrelse(?:n)?|regionsråd(?:et)?"
    r"|hallitus|valtuusto|lautakunta|jaosto|committee|council|board|working group|steering group)(?:\s+(?:för|for|of|i|vid)\s+[\w -]{3,50})?",
    re.IGNORECASE,
)
_TITLE_LINE = re.compile(
    r"(?:sammanträdes|mötes|styrelse|års)?(?:protokoll|minutes|referat|møtebok|møteprotokoll|pöytäkirja)\b.{0,60}",
    re.IGNORECASE,
)
_PERSON = re.compile(r"[A-ZÅÄÖÆØ].{1,60}\([A-ZÅÄÖÆØa-z+-]{1,7}\)")
_OPENS = re.compile(
    r"öppn|avslut|\\b(?:open|clos|adjourn|call to order)|nästa möte|next meeting|åpning|åbning|avaus",
    re.IGNORECASE,
)
_LAYOUT = ("displayquote", "attsatser", "att satser", "quote", "center", "signatures", "abstract")


def read_structure(cut: Cut, dates: Dates) -> Minutes:
    """The minutes in the pieces of a document; each piece ends in exactly one place of them."""
    return _Reading(cut, dates).run()


class _Reading:
    """One document on its way from pieces to minutes."""

    def __init__(self, cut: Cut, dates: Dates) -> None:
        self.cut, self.dates = cut, dates
        self.pieces = [piece for piece in cut.pieces if piece.shape is not Shape.REMARK]
        self.agenda: Agenda = find_items(self.pieces, is_lines=cut.is_lines)
        self.minutes = Minutes(remarks=[piece for piece in cut.pieces if piece.shape is Shape.REMARK])
        self.item: Item | None = None
        self.part: Part | None = None
        self.counters: list[int] = []
        self.in_foot = False
        self.by_number: dict[Key, Item] = {}
        self.title_level = 0

    def run(self) -> Minutes:
        """All pieces in order."""
        index = 0
        while index < len(self.pieces):
            index = self._take(index)
        return self.minutes

    # -- one piece ----------------------------------------------------------------------------------------

    def _take(self, index: int) -> int:
        piece = self.pieces[index]
        if piece.shape is Shape.FURNITURE:
            if (
                self.item is None
                and not self.minutes.items
                and len(self.minutes.title_pieces) < 3
                and self._heads_page(piece)
            ):
                return index + 1
            self.minutes.furniture.append(piece)
            return index + 1
        if index in self.agenda.contents:
            self.minutes.structure.append(piece)
            if piece.shape is Shape.HEADING:
                self.minutes.headings.append(piece)
            return index + 1
        if piece.shape is Shape.HEADING:
            self.minutes.headings.append(piece)
        head = self.agenda.heads.get(index)
        if head is not None:
            label = (
                find_label(head.title) if head.number is not None and head.number.style == "plain" else None
            )
            if (
                label is not None
                and not label.rest
                and (
                    label.room == ATTENDANCE or label.name in ("decision", "action", "dissent", "dispatched")
                )
            ):
                self.item = None
                self._open_part(piece, label)
                return index + 1
            return self._open_item(index, head)
        if self._is_running_head(index):
            self.minutes.furniture.append(piece)
            return index + 1
        if piece.text.strip(" :.").casefold() in _LAYOUT or not any(c.isalnum() for c in piece.text):
            self.minutes.structure.append(piece)
            return index + 1
        label = self._label(piece)
        if piece.shape is Shape.HEADING and label is None and self.agenda.style == "§":
            number = read_number(piece.text, style="§")
            if number is not None:
                return self._mention(index, self.by_number.get(number.key))
        if piece.shape is Shape.HEADING and (label is None or self._is_item_heading(piece, label)):
            return self._open_heading(index)
        if label is not None:
            self._open_part(piece, label)
            return index + 1
        self._add(piece)
        return index + 1

    def _label(self, piece: Piece) -> Label | None:
        """The label of a piece, where it can be one in its place."""
        is_heading = piece.shape is Shape.HEADING
        if is_heading and _TITLES.match(piece.text):
            return None
        if piece.shape is Shape.ROW and len(piece.cells) > 1:
            first = find_label(piece.cells[0]) if piece.cells[0] else None
            label = None
            if first is not None and not first.rest and first.room in (HEAD, "part", ATTENDANCE):
                rest = "\n".join(cell for cell in piece.cells[1:] if cell)
                label = Label(first.meaning, first.word, rest, first.owner)
                if not rest or (
                    _is_table_head(piece) and first.name not in ("published", "unpublished", "approved")
                ):
                    label = None
        else:
            label = find_label(piece.raw or piece.text, is_heading=is_heading, in_head=self.item is None)
            if label is not None and label.rest:
                label = Label(label.meaning, label.word, label.rest.strip(), label.owner)
        if label is None:
            return None
        return label if self._may_stand_here(piece, label) else None

    def _may_stand_here(self, piece: Piece, label: Label) -> bool:
        is_heading = piece.shape is Shape.HEADING
        in_item = self.item is not None and not self.in_foot
        if (
            piece.shape is Shape.ITEM
            and not label.rest
            and label.room == "part"
            and label.name in ("background", "procedure", "note")
        ):
            return False
        is_listed = (
            piece.shape is Shape.ITEM and self.part is not None and self.part.meaning.startswith(ATTENDANCE)
        )
        is_role = label.name in ("chair", "secretary", "approver") or (label.room == HEAD and not label.rest)
        if is_listed and is_role:
            return False  # a role on the list of those present
        if label.room == HEAD:
            if not in_item:
                return not (label.name == "organ" and not label.rest)
            if label.name == "approved":
                return bool(self.dates.first(label.rest)) or is_heading
            if label.name == "secretary":
                return label.word.casefold() == "vid protokollet" and piece.has_gap
            if label.name in _FOOT or (is_heading and label.name != "formalities"):
                return is_heading or label.name != "approver" or not label.rest
            return label.name == "contents" and is_heading
        if label.room == ATTENDANCE:
            if not in_item or is_heading:
                return True
            return bool(_PRESENT_WORDS.search(label.word)) and len(label.word) < 40
        if label.name in ("reference", "note") and not in_item:
            return True
        if piece.shape is Shape.ITEM and self.part is not None and self.part.name == "action":
            return label.name in ("decision", "action") and bool(label.rest)
        return True

    def _is_item_heading(self, piece: Piece, label: Label) -> bool:
        """Whether a heading that is a label heads an item all the same: "Rapporter" in minutes without numbers."""
        is_formality = label.name in ("chair", "secretary", "approver") or label.word.casefold() in (
            "röstlängd",
            "upprop",
        )
        if is_formality and not label.rest:
            return self.item is not None and self.agenda.style == "headings"
        if label.name not in _ITEM_HEADINGS or label.room != "part":
            return False
        if self.agenda.style in ("§", "named") and self.item is not None:
            return False
        return self.item is None or piece.level <= self.item.level or self.item.level == 0

    def _is_running_head(self, index: int) -> bool:
        """A label of the head and its date, at the top of a page inside an item."""
        if self.item is None or self.in_foot:
            return False
        piece = self.pieces[index]
        if piece.shape is Shape.HEADING or not piece.page:
            return False
        before = self.pieces[index - 1]
        is_top = any(p.page != piece.page for p in self.pieces[max(0, index - 6) : index])
        if not is_top and before.shape is not Shape.FURNITURE:
            return False
        label = find_label(piece.raw or piece.text)
        if label is not None and label.meaning in ("head.date", "head.organ", "head.place_time"):
            return True
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", piece.text)) or (
            bool(self.minutes.organ) and piece.text.casefold() == self.minutes.organ.casefold()
        )

    # -- items --------------------------------------------------------------------------------------------

    def _open_item(self, index: int, head: Head) -> int:
        piece = self.pieces[index]
        number = head.number
        known = self.by_number.get(number.key) if number else None
        if head.goes_on and known is not None:
            known.continuations.append(piece)
            known.refs = list(dict.fromkeys([*known.refs, *head.refs]))
            if known is not self.item:
                self.part = known.parts[-1] if known.parts else None
            self.item, self.in_foot = known, False
            return index + 1
        item = Item(head.title.strip(" :"), [piece], number, level=piece.level, refs=list(head.refs))
        self._begin(item)
        if number is not None:
            self.by_number.setdefault(number.key, item)
        return self._finish_title(index + 1, item, refs_wanted=not head.refs)

    def _mention(self, index: int, known: Item | None) -> int:
        """A § that looks like a heading and heads no item: over a list of votes, of an item that goes on, or a reference."""
        piece = self.pieces[index]
        if known is None or (self.part is not None and self.part.name == "vote"):
            self._add(piece)
            return index + 1
        known.continuations.append(piece)
        if known is not self.item:
            self.item, self.part, self.in_foot = known, (known.parts[-1] if known.parts else None), False
        return index + 1

    def _begin(self, item: Item) -> None:
        self.minutes.order.append(item)
        self.item, self.part, self.in_foot = item, None, False

    def _finish_title(self, index: int, item: Item, *, refs_wanted: bool) -> int:
        """Take what belongs to the heading still: case numbers, a title on the next line, the rest of a wrapped one."""
        taken = 0
        while index < len(self.pieces) and taken < 5:
            piece = self.pieces[index]
            if piece.shape is Shape.FURNITURE:
                self.minutes.furniture.append(piece)
                index += 1
                continue
            if index in self.agenda.heads or piece.shape in (Shape.HEADING, Shape.ITEM, Shape.ROW):
                break
            label = find_label(piece.raw or piece.text)
            if label is not None and label.meaning == "part.reference":
                numbers = find_case_numbers(piece.text) or (
                    [label.rest.split()[0]] if label.rest.split() else []
                )
                item.refs.extend(numbers)
                item.pieces.append(piece)
                index, taken = index + 1, taken + 1
                if (
                    not label.rest
                    and index < len(self.pieces)
                    and re.fullmatch(r"[\w/:. -]{3,30}", self.pieces[index].text)
                    and any(c.isdigit() for c in self.pieces[index].text)
                ):
                    item.refs.append(
                        heading_case_number(self.pieces[index].text)[1][0]
                        if heading_case_number(self.pieces[index].text)[1]
                        else self.pieces[index].text
                    )
                    item.pieces.append(self.pieces[index])
                    index += 1
                continue
            if label is not None:
                if label.meaning == "part.immediate":
                    break
                break
            title, numbers = heading_case_number(piece.text)
            if not title and numbers:
                item.refs.extend(numbers)
                item.pieces.append(piece)
                index, taken = index + 1, taken + 1
                continue
            if len(piece.text) > 200 or not self._is_title(piece, item, index):
                break
            item.title = f"{item.title} {title}".strip()
            item.refs.extend(numbers if refs_wanted else [])
            item.pieces.append(piece)
            index, taken = index + 1, taken + 1
        item.refs = list(dict.fromkeys(item.refs))
        return index

    def _is_title(self, piece: Piece, item: Item, index: int) -> bool:
        """Whether a line is the title, or goes on with one that was wrapped."""
        if item.number is None or item.number.style == "plain":
            return False
        ends_sentence = piece.text.endswith((".", "!", "?"))
        if not item.title:
            return not ends_sentence or len(piece.text) < 80
        if piece.has_gap or not self.cut.is_lines or ends_sentence:
            return False
        after = self.pieces[index + 1] if index + 1 < len(self.pieces) else None
        is_last = after is None or after.has_gap or find_label(after.raw or after.text) is not None
        return is_last and (
            piece.text[:1].islower() or len(item.pieces[-1].raw.strip()) > 45 or piece.indent > 4
        )

    def _open_heading(self, index: int) -> int:
        """A heading that is no label: the title of the minutes, an item, or a part of one."""
        piece = self.pieces[index]
        minutes = self.minutes
        if not minutes.title and self.item is None and self._is_title_heading(index):
            minutes.title, self.title_level = piece.text, piece.level
            minutes.title_pieces.append(piece)
            self.part = None
            return index + 1
        if self.item is None and not minutes.items and self._is_about_meeting(piece):
            minutes.title_pieces.append(piece)
            self.part = None
            return index + 1
        if (
            self.item is not None
            and self.agenda.style in ("§", "named", "plain")
            and not self.in_foot
            and piece.level > max(1, self.item.level)
        ):
            self.part = Part("", None, piece)
            self.item.parts.append(self.part)
            return index + 1
        title, refs = heading_case_number(piece.text)
        number = read_number(piece.text, style="plain") if re.match(r"\d", piece.text) else None
        if number is not None and find_clock(piece.text) is not None and not number.mark:
            number = None
        outline = self._count(piece.level)
        item = Item(
            (number.rest if number else title or piece.text).strip(" :"),
            [piece],
            number,
            outline,
            piece.level,
            refs=refs,
        )
        self._begin(item)
        return index + 1

    def _is_title_heading(self, index: int) -> bool:
        """The first heading is the title, unless it names an item and nothing says that the document is minutes."""
        piece = self.pieces[index]
        if _OPENS.search(piece.text) or find_clock(piece.text) is not None:
            return False
        if is_meeting_word(piece.text) or (piece.level <= 1 and index == 0):
            return True
        levels = [p.level for p in self.pieces if p.shape is Shape.HEADING]
        return piece.level <= min(levels) and levels.count(piece.level) == 1

    def _is_about_meeting(self, piece: Piece) -> bool:
        """A heading that only states a date, or the kind of document: `## 5 augusti 2021`, `MINUTES`."""
        day = self.dates.first(piece.text)
        if day is not None and len(piece.text) - (day.end - day.begin) < 25:
            return True
        return bool(
            re.fullmatch(
                r"(?:mötes|sammanträdes)?protokoll|minutes(?: of (?:the )?meeting)?|meeting minutes|referat|møtereferat|pöytäkirja|(?:mötes|minnes)?anteckningar",
                piece.text.strip(" :"),
                re.IGNORECASE,
            )
        )

    def _count(self, level: int) -> Key:
        """The number that a heading without one has by its place: 4.2 for the second under the fourth."""
        level = max(
            1,
            level
            - (
                1
                if self.title_level
                and level > self.title_level
                and self.title_level == 1
                and self.cut.kind == "markdown"
                else 0
            ),
        )
        while len(self.counters) < level:
            self.counters.append(0)
        del self.counters[level:]
        self.counters[level - 1] += 1
        return tuple(max(1, count) for count in self.counters)

    # -- parts --------------------------------------------------------------------------------------------

    def _open_part(self, piece: Piece, label: Label) -> None:
        if label.room == HEAD and label.name in (*_FOOT, "secretary") and self.item is not None:
            self.in_foot = True
        is_outside = label.room in (HEAD, ATTENDANCE) and self._ends_item(piece)
        if is_outside:
            self.item = None
        part = Part(label.meaning, label, piece, label.rest)
        self.part = part
        if self.item is not None and not self.in_foot:
            self.item.parts.append(part)
        else:
            self.minutes.order.append(part)

    def _ends_item(self, piece: Piece) -> bool:
        if self.item is None or self.in_foot:
            return True
        return piece.shape is Shape.HEADING and piece.level <= self.item.level

    def _add(self, piece: Piece) -> None:
        """Text: it goes to the part that is open, or to the item, or to the head."""
        part = self.part
        if part is not None and self._leaves(part, piece):
            part = None
        if part is None:
            if self.item is None or self.in_foot:
                if self._is_title_text(piece):
                    return
                part = Part("")
                self.minutes.order.append(part)
            else:
                part = Part("")
                self.item.parts.append(part)
            self.part = part
        part.pieces.append(piece)

    def _leaves(self, part: Part, piece: Piece) -> bool:
        """Whether text no longer belongs to the label above it."""
        if part.label is None or not part.opening:
            return self._leaves_list(part, piece)
        if part.opening.rstrip().endswith((":", ",", ";")) or (
            piece.text[:4].casefold() == "att " and part.name in ("decision", "proposal")
        ):
            return False
        if part.meaning.startswith(ATTENDANCE) or part.name in ("approver", "dispatched"):
            is_entry = (
                bool(_PERSON.match(piece.text))
                or piece.shape is Shape.ITEM
                or piece.indent >= 8
                or piece.shape is Shape.ROW
            )
            return not (is_entry or not piece.has_gap)
        if part.meaning.startswith(HEAD):
            return piece.has_gap and not (
                piece.indent >= 8 and part.name in ("place_time", "place", "date", "time")
            )
        if piece.shape is Shape.ITEM and part.name == "action":
            return False
        return piece.has_gap or piece.shape is Shape.ITEM

    def _leaves_list(self, part: Part, piece: Piece) -> bool:
        """Whether a list under a label alone has ended: one value for a date, names for those present."""
        if part.label is None:
            return False
        if part.name in ("action", "dispatched") and part.pieces and part.pieces[-1].shape is Shape.ITEM:
            return piece.has_gap and piece.shape is Shape.LINE
        if part.meaning.startswith(HEAD) and part.name not in (
            "signatures",
            "published",
            "contents",
            "formalities",
            "approver",
        ):
            return (
                len(part.pieces) >= (3 if part.name in ("place_time", "approval_planned") else 1)
                and piece.has_gap
            )
        if (
            part.meaning.startswith(ATTENDANCE)
            and self.item is None
            and part.pieces
            and piece.shape is Shape.LINE
        ):
            is_prose = len(piece.text) > 90 and not _PERSON.search(piece.text) and piece.text.endswith(".")
            return is_prose or (
                part.pieces[-1].shape is Shape.ITEM and piece.has_gap and len(piece.text) > 60
            )
        return False

    def _heads_page(self, piece: Piece) -> bool:
        """Whether the running head of the first pages names the kind of document or its body."""
        minutes = self.minutes
        text = re.sub(
            r"\s*\d{1,4}\s?(?:\(\d{1,4}\)|av \d+)\s*$|\bsid(?:a|nr)?\b", "", piece.text, flags=re.IGNORECASE
        ).strip()
        kind = _TITLE_LINE.search(text)
        found = False
        if kind and not minutes.title:
            minutes.title, found = kind[0], True
        plain = re.sub(r"\bsammanträdesdatum\b|\d{4}-\d{2}-\d{2}", "", text, flags=re.IGNORECASE).strip()
        if not minutes.organ and len(plain) < 90 and _ORGAN.fullmatch(plain):
            minutes.organ, found = plain, True
        if found:
            minutes.title_pieces.append(piece)
        return found

    def _is_title_text(self, piece: Piece) -> bool:
        """The first lines of a protokoll: its kind, its body, the date and page at the right."""
        minutes = self.minutes
        if minutes.items or (
            any(part.label is not None for part in minutes.parts) and minutes.organ and minutes.title
        ):
            return False
        if len(minutes.title_pieces) > 8:
            return False
        columns = [
            column.strip() for column in re.split(r" {3,}|\t+", piece.raw.strip()) if column.strip()
        ] or [piece.text]
        matched = False
        for column in columns:
            plain = re.sub(
                r"\s*\d{1,4}\s?(?:\(\d{1,4}\)|av \d+)\s*$|\s*\d{4}-\d{2}-\d{2}\s*$", "", column
            ).strip()
            if _TITLE_LINE.fullmatch(plain):
                minutes.title, matched = minutes.title or plain, True
            elif len(plain) < 90 and _ORGAN.fullmatch(plain):
                minutes.organ, matched = minutes.organ or plain, True
            elif (
                (
                    (label := find_label(column)) is not None
                    and label.room == HEAD
                    and not label.rest
                    and len(columns) > 1
                )
                or re.fullmatch(r"\d{4}-\d{2}-\d{2}", column)
                or (self.dates.first(column) and len(column) < 40)
            ):
                matched = True
        if (
            not matched
            and not minutes.title
            and len(piece.text) < 120
            and is_meeting_word(piece.text)
            and not piece.text.endswith(".")
        ):
            minutes.title, matched = piece.text, True
        is_first = bool(minutes.title_pieces) and self.part is None and not minutes.order
        if not matched and is_first and len(piece.text) < 30 and not piece.text.endswith("."):
            matched = True  # a subtitle
        if matched:
            minutes.title_pieces.append(piece)
        return matched


def _is_table_head(piece: Piece) -> bool:
    """Whether a row names columns: each cell is short, and two at least are words of lists."""
    if any(c.isdigit() for cell in piece.cells for c in cell):
        return False
    words = sum(
        find_label(cell) is not None
        or cell.casefold() in ("namn", "navn", "nimi", "name", "parti", "roll", "ja", "nej", "funksjon")
        for cell in piece.cells
        if cell
    )
    return words >= 2 and all(len(cell) < 40 for cell in piece.cells)


def pieces_of(parts: Sequence[Part]) -> list[Piece]:
    """All pieces under some parts."""
    return [piece for part in parts for piece in part.pieces]
