r"""`read_book`: the sheets of a workbook (xlsx, ods) as rows of text, with dates written as ISO.

The decision hidden here: what a cell says. Its stored value counts, never its formula; a number is a date where its format
says so, counted from 1900 or 1904 as the book states, and written with the digits that the format shows. Dates in cells have
no zone. Rows that are not stored are not rows.

References:
    ECMA-376 part 1, 18.3 (sheets), 18.4 (shared strings), 18.8.30 (number formats), 18.17.4 (dates and times);
    ODF 1.3 part 3, 9 (tables), 19.385 (office:value-type).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from rca.reading.documents.packages import Node, Package, parse_xml

__all__ = ["Book", "Row", "Sheet", "is_date_format", "read_book", "serial_text"]

_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_BUILT_IN = {14: "m/d/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
             21: "h:mm:ss", 22: "m/d/yyyy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0"}  # fmt: skip
_LITERAL = re.compile(r"\"[^\"]*\"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE)
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MAX_COLUMNS = 16_384
_MAX_ROWS = 1_048_576
_MAX_STRINGS = 8_000_000
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the sheet from 1, and its cells as text from the first column on."""

    number: int
    cells: list[str]


@dataclass(slots=True)
class Sheet:
    """One sheet: its name, whether it is hidden, its rows, and how many cells hold a formula."""

    name: str
    is_hidden: bool
    rows: list[Row] = field(default_factory=list)
    formulas: int = 0
    hidden_rows: int = 0


@dataclass(slots=True)
class Book:
    """A workbook: its sheets in order, and its properties."""

    sheets: list[Sheet]
    properties: dict[str, str]


def is_date_format(code: str) -> bool:
    """Whether a number format writes a date or a time.

    >>> is_date_format("yyyy-mm-dd hh:mm"), is_date_format('0.00 "dagar"'), is_date_format("[$-41D]d mmmm yyyy")
    (True, False, True)
    """
    plain = _LITERAL.sub("", code.partition(";")[0])
    return re.search(r"[ymdhså]", plain.lower().replace("general", "").replace("standard", "")) is not None


def serial_text(serial: str, code: str, *, is_1904: bool = False) -> str:
    """The date or time that a serial number is, as ISO text with what the format shows; "" where it is none.

    Book of 1900: 60 is the 29 February that never was; what comes before counts from one day later.

    >>> serial_text("45608.22916666666", "yyyy-mm-dd hh:mm"), serial_text("45608", "d/m/yy"), serial_text("0.25", "h:mm")
    ('2024-11-12 05:30', '2024-11-12', '06:00')
    """
    try:
        number = float(serial)
    except ValueError:
        return ""
    plain = _LITERAL.sub("", code.partition(";")[0]).lower()
    has_fraction = re.search(r"s\.0", plain) is not None
    scale = 1000 if has_fraction else 1
    if not 0 <= number < 2_958_466:
        return ""
    units = round(number * _DAY * scale)
    days, rest = divmod(units, _DAY * scale)
    clock = _clock(rest, scale, plain)
    has_day = re.search(r"[yd]|mmm", plain) is not None or ("m" in plain and not re.search(r"[hs]", plain))
    if not has_day:
        return clock or _clock(rest, scale, "hh:mm")
    if not is_1904 and days in (0, 60):
        return clock
    epoch = dt.date(1904, 1, 1) if is_1904 else dt.date(1899, 12, 31 if days < 60 else 30)
    try:
        day = epoch + dt.timedelta(days=days)
    except OverflowError:
        return ""
    if not clock and rest:  # the format hides a time that the cell holds
        clock = _clock(rest, scale, "hh:mm:ss" if rest % (60 * scale) else "hh:mm")
    return f"{day.isoformat()} {clock}" if clock else day.isoformat()


def _clock(rest: int, scale: int, plain: str) -> str:
    if not re.search(r"[hs]", plain):
        return ""
    seconds, fraction = divmod(rest, scale)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    if "s" in plain or seconds % 60:
        text += f":{seconds % 60:02}"
    return f"{text}.{fraction:03}" if scale == 1000 else text


def read_book(package: Package, kind: str) -> Book:
    """The sheets of a package of this kind ("xlsx" or "ods"); what is damaged is read up to there."""
    return _Xlsx(package).book() if kind == "xlsx" else _read_ods(package)


# -- xlsx -----------------------------------------------------------------------------------------------------


class _Xlsx:
    """One Office Open XML workbook."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.main = (package.related("", "officeDocument") or ["xl/workbook.xml"])[0]
        self.is_1904 = False
        self.strings: list[str] = []
        self.formats: list[str] = []

    def book(self) -> Book:
        package = self.package
        workbook = next(package.tree(self.main).children, Node(""))
        view = workbook.child("workbookPr")
        flag = view.attributes.get("date1904", "0") if view is not None else "0"
        self.is_1904 = flag.lower() in ("1", "true", "on")
        self.strings = self._strings()
        self.formats = self._formats()
        targets = package.targets(self.main)
        sheets: list[Sheet] = []
        listed = workbook.child("sheets")
        for one in listed.children if listed is not None else ():
            part = targets.get(one.attributes.get("id", ""), "")
            if (part and "worksheets/" in part.lower()) or (part and package.name_of(part)):
                is_hidden = one.attributes.get("state", "visible") != "visible"
                sheet = Sheet(one.attributes.get("name", "") or f"Sheet{len(sheets) + 1}", is_hidden)
                self._fill(sheet, part)
                sheets.append(sheet)
        if not sheets:  # the list of sheets is lost: the sheets may be there
            for name in sorted(package.parts):
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                    sheet = Sheet(name.rpartition("/")[2].removesuffix(".xml"), is_hidden=False)
                    self._fill(sheet, name)
                    sheets.append(sheet)
        return Book(sheets, package.properties())

    def _strings(self) -> list[str]:
        names = self.package.related(self.main, "sharedStrings") or ["xl/sharedStrings.xml"]
        if not self.package.name_of(names[0]):
            return []
        found: list[str] = []
        top = self.package.tree(names[0])
        for one in (item for root in top.children for item in root.children):
            if one.name == "si" and len(found) < _MAX_STRINGS:
                found.append(_rich(one))
        return found

    def _formats(self) -> list[str]:
        """The number format of each cell style."""
        names = self.package.related(self.main, "styles") or ["xl/styles.xml"]
        styles = (
            next(self.package.tree(names[0]).children, Node(""))
            if self.package.name_of(names[0])
            else Node("")
        )
        own: dict[str, str] = {}
        listed = styles.child("numFmts")
        for one in listed.children if listed is not None else ():
            own[one.attributes.get("numFmtId", "")] = one.attributes.get("formatCode", "")
        found: list[str] = []
        cells = styles.child("cellXfs")
        for one in cells.children if cells is not None else ():
            key = one.attributes.get("numFmtId", "0")
            code = own.get(key, "")
            if not code and key.isdecimal() and int(key) in _DATES:
                code = _BUILT_IN.get(int(key), "yyyy-mm-dd")
            found.append(code if code and is_date_format(code) else "")
        return found

    def _fill(self, sheet: Sheet, part: str) -> None:
        """The rows of a sheet, read without a tree: sheets are large."""
        data = self.package.read(part)
        if not data:
            return
        reader = _SheetReader(self, sheet)
        trouble = reader.parse(data)
        if trouble:
            self.package.lose(part, trouble)


def _rich(node: Node) -> str:
    """The text of a shared or inline string, without its phonetic helps."""
    parts: list[str] = []
    for one in node.children:
        if one.name == "t":
            parts.append(one.text)
        elif one.name == "r":
            parts.extend(t.text for t in one.children if t.name == "t")
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    return (
        _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if int(found[1], 16) else "", text)
        if "_x" in text
        else text
    )


class _SheetReader:
    """Takes the events of expat for one sheet."""

    def __init__(self, owner: _Xlsx, sheet: Sheet) -> None:
        self.owner, self.sheet = owner, sheet
        self.cells: list[str] = []
        self.row = self.column = 0
        self.kind = self.style = ""
        self.inside = ""
        self.parts: list[str] = []
        self.in_row = False

    def parse(self, data: bytes) -> str:
        """Read the sheet; why it ends early, "" where it is whole."""
        parser = expat.ParserCreate(namespace_separator="\n")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._take
        parser.EntityDeclHandler = self._refuse
        trouble = ""
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            trouble = str(error)
        if trouble and self.in_row:
            self._end_row()
        return trouble

    @staticmethod
    def _refuse(*_: object) -> None:
        raise ValueError("it declares entities, which are not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition("\n")[2]
        if local == "c":
            found = _CELL.fullmatch(attributes.get("r", ""))
            self.column = _number(found[1]) if found else self.column + 1
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
            self.parts = []
        elif local == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isdecimal() and len(number) < 8 else self.row + 1
            self.cells, self.column, self.in_row = [], 0, True
            self.sheet.hidden_rows += attributes.get("hidden", "0") in ("1", "true")
        elif local == "f":
            self.sheet.formulas += 1
            self.inside = ""
        elif local in ("v", "t"):
            self.inside = local

    def _take(self, text: str) -> None:
        if self.inside:
            self.parts.append(text)

    def _end(self, name: str) -> None:
        local = name.rpartition("\n")[2]
        if local in ("v", "t") or local == "rPh":
            self.inside = ""
        elif local == "c":
            self._put(self._value())
        elif local == "row":
            self._end_row()

    def _end_row(self) -> None:
        self.in_row = False
        if self.cells and len(self.sheet.rows) < _MAX_ROWS:
            self.sheet.rows.append(Row(self.row, self.cells))
        self.cells = []

    def _put(self, text: str) -> None:
        if text and 0 < self.column <= _MAX_COLUMNS:
            self.cells.extend([""] * (self.column - len(self.cells)))
            self.cells[self.column - 1] = text

    def _value(self) -> str:
        raw = "".join(self.parts)
        if self.kind == "s":
            at = int(raw) if raw.strip().isdecimal() else -1
            return self.owner.strings[at] if 0 <= at < len(self.owner.strings) else ""
        if self.kind in ("inlineStr", "str"):
            return _unescaped(raw)
        if self.kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(raw.strip(), raw)
        if self.kind == "d":
            return raw.strip().replace("T", " ")
        if self.kind == "e":
            return raw
        at = int(self.style) if self.style.isdecimal() and len(self.style) < 6 else -1
        code = self.owner.formats[at] if 0 <= at < len(self.owner.formats) else ""
        found = serial_text(raw, code, is_1904=self.owner.is_1904) if code else ""
        return found or _plain_number(raw.strip())


def _plain_number(raw: str) -> str:
    """A number as Excel shows it: 15 digits, no needless decimals.

    >>> _plain_number("12.0"), _plain_number("0.30000000000000004"), _plain_number("1.7E+3")
    ('12', '0.3', '1700')
    """
    if not raw or raw.isdecimal():
        return raw
    try:
        number = float(raw)
    except ValueError:
        return raw
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}"


def _number(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


# -- ods ------------------------------------------------------------------------------------------------------


def _read_ods(package: Package) -> Book:
    top, trouble = parse_xml(package.read("content.xml"))
    if trouble:
        package.lose("content.xml", trouble)
    hidden = {
        style.attributes.get("name", "")
        for style in top.find("style")
        if (properties := style.child("table-properties")) is not None
        and properties.attributes.get("display") == "false"
    }
    sheets: list[Sheet] = []
    for table in top.find("table"):
        name = table.attributes.get("name", "") or f"Sheet{len(sheets) + 1}"
        sheet = Sheet(name, table.attributes.get("style-name", "") in hidden)
        number = 0
        for row in _ods_rows(table):
            times = _repeated(row, "number-rows-repeated")
            cells = _ods_cells(row, sheet)
            if cells:
                for at in range(min(times, 1_000)):
                    sheet.rows.append(Row(number + at + 1, cells))
            number += times
        sheets.append(sheet)
    return Book(sheets, {})


def _ods_rows(node: Node) -> Iterator[Node]:
    for one in node.children:
        if one.name == "table-row":
            yield one
        elif one.name in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _ods_rows(one)


def _repeated(node: Node, name: str) -> int:
    text = node.attributes.get(name, "1")
    return min(int(text), _MAX_ROWS) if text.isdecimal() and len(text) < 9 and int(text) else 1


def _ods_cells(row: Node, sheet: Sheet) -> list[str]:
    cells: list[str] = []
    for one in row.children:
        if one.name not in ("table-cell", "covered-table-cell"):
            continue
        sheet.formulas += "formula" in one.attributes
        times = _repeated(one, "number-columns-repeated")
        cells.extend([_ods_value(one)] * min(times, _MAX_COLUMNS - len(cells)))
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _ods_value(node: Node) -> str:
    kind = node.attributes.get("value-type", "")
    if kind == "date":
        return node.attributes.get("date-value", "").replace("T", " ")
    if kind == "time":
        found = re.fullmatch(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S", node.attributes.get("time-value", ""))
        return f"{int(found[1]):02}:{found[2]}:{found[3]}" if found else node.attributes.get("time-value", "")
    if kind == "float":
        return _plain_number(node.attributes.get("value", ""))
    return "\n".join(one.text for one in node.children if one.name == "p")
