"""Encodings: what the bytes of a text mean, by its beginning.

The decision hidden here: how sure one may be. A byte order mark and valid UTF-8 are knowledge, all else is a guess; a
guess leaves Windows-1252, the habit of northern and western Europe, only where the bytes clearly speak another script.
"""

from __future__ import annotations

import codecs
import re
import sys
from array import array
from collections.abc import Callable

__all__ = ["detect_encoding", "is_binary", "mark_length"]

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SPACE = b"\t\n\x0b\x0c\r\x1b"
_SPACE_UNITS = frozenset(_SPACE)
_CONTROLS = bytes(b for b in range(32) if b not in b"\x07\x08\t\n\x0b\x0c\r\x1b\x1c")
_PRINTABLE = bytes([*range(32, 127), *_SPACE])
_ZERO_RUN = re.compile(rb"\0{8,}")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SEQUENCE = re.compile(
    rb"[\xc2-\xde][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xe0[\xa0-\xbf][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{3}"
)
_DOS_LETTERS = re.compile(rb"[A-Za-z][\x80-\x91\x93-\x99\x9b\x9d\xa0-\xa5](?=[a-z])")
_WESTERN_LETTERS = re.compile(rb"[\xc0-\xe0\xe2-\xff]")
# letters that make up most of any Russian, Ukrainian or Bulgarian text
_CYRILLIC_COMMON = frozenset("оеаинтсрвлкмдпу")
_CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5")


def mark_length(head: bytes) -> int:
    r"""The length of the byte order mark at the beginning, 0 where there is none.

    >>> mark_length(b"\xef\xbb\xbfx"), mark_length(b"x")
    (3, 0)
    """
    return _marked(head)[0]


def _marked(head: bytes) -> tuple[int, str]:
    for mark, name in _MARKS:
        if head.startswith(mark) and (len(mark) < 4 or _is_utf_32(head, name)):
            return len(mark), name
    return 0, ""


def _is_utf_32(head: bytes, name: str) -> bool:
    """Whether a mark of four bytes is one: it might be UTF-16 that begins with NUL."""
    try:
        head[: len(head) // 4 * 4][:4096].decode(name)
    except UnicodeDecodeError:
        return False
    return True


def detect_encoding(head: bytes, *, complete: bool = False) -> tuple[str, bool]:
    """The encoding of a text by its first bytes, and whether that is a guess.

    It says no more than `head` shows: a text that is ASCII for all of `head` is ("utf-8", False), and may still hold
    other bytes later; whoever decodes it line by line must expect lines that are not UTF-8.

    A byte order mark and valid UTF-8 are no guess. Bytes that are not UTF-8 among at least half as many characters that
    are leave it UTF-8 (a guess). Without a mark UTF-16 is recognised by where its zero bytes stand or by its script.
    Else the text is in one of the older encodings: Windows-1252 (ISO-8859-1 where bytes occur that the former lacks),
    unless most high bytes stand in runs, as in Cyrillic and East Asian encodings, or between letters where only code
    page 850 has letters. `complete` says that `head` is the whole text, so that a character cut at its end counts.
    """
    length, name = _marked(head)
    if length:
        return name, False
    if b"\0" in head:
        order = _utf_16(head)
        if order:
            return order, True
    if _decodes(head, "utf-8", complete=complete):
        return "utf-8", False
    if not complete:
        head = head[: _whole_characters(head)]
    sequences = len(_SEQUENCE.findall(head))
    stray = len(_SEQUENCE.sub(b"", head).translate(None, bytes(range(128))))
    if sequences * 2 >= stray:
        return "utf-8", True
    return _older(head), True


def _decodes(data: bytes, encoding: str, *, complete: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, complete)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _whole_characters(head: bytes) -> int:
    """The length of `head` without a UTF-8 character cut at its end."""
    cut = re.search(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z", head[-4:])
    return len(head) - (len(cut[0]) if cut else 0)


# -- UTF-16 without a mark --------------------------------------------------------------------------------------


def _utf_16(head: bytes) -> str:
    """The byte order of UTF-16, "" where it is something else with zero bytes."""
    sample = head[:4096]
    padded = sample.rstrip(b"\0")
    sample = sample[: len(padded) + (len(padded) % 2)]
    sample = sample[: len(sample) // 2 * 2]
    if len(sample) < 4:
        return ""
    evens, odds = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odds >= half * 0.4 and evens <= half * 0.05:
        return "utf-16-le"
    if evens >= half * 0.4 and odds <= half * 0.05:
        return "utf-16-be"
    visible = sample.replace(b"\0", b"")
    if len(visible.translate(None, _PRINTABLE)) < 0.1 * len(visible):
        return ""  # text of one byte a character, among zero bytes
    little, big = _in_script(sample, "little"), _in_script(sample, "big")
    if max(little, big) < 0.97 or little == big:
        return ""
    return "utf-16-le" if little > big else "utf-16-be"


_SCRIPTS = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x52F), (0x531, 0x6FF), (0x900, 0xDFF), (0xE01, 0xE5B), (0x10A0, 0x10FF),
    (0x1E00, 0x1FFF), (0x2010, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x22FF), (0x2500, 0x257F), (0x3000, 0x30FF),
    (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xD800, 0xDFFF), (0xFF01, 0xFFEF),
)  # fmt: skip


def _in_script(sample: bytes, order: str) -> float:
    """The share of 16-bit units that are characters of a living script, 0 where none of them is ASCII."""
    units = array("H", sample)
    if order != sys.byteorder:
        units.byteswap()
    ascii_units = sum(u < 127 and (u >= 32 or u in _SPACE_UNITS) for u in units)
    if not ascii_units:
        return 0.0
    good = sum(u in _SPACE_UNITS or any(a <= u <= b for a, b in _SCRIPTS) for u in units)
    return good / len(units)


# -- older encodings --------------------------------------------------------------------------------------------


def _older(body: bytes) -> str:
    """The encoding of text that is not Unicode."""
    runs = [len(run) for run in _HIGH_RUN.findall(body)]
    high = sum(runs)
    if high >= 16 and high >= 2 * len(runs):
        found = _of_words(body)
        if found:
            return found
    dos = len(_DOS_LETTERS.findall(body))
    western = len(_WESTERN_LETTERS.findall(body))
    if dos >= 2 and dos > 4 * western:
        return "cp850"
    return "iso-8859-1" if any(b in body for b in b"\x81\x8d\x8f\x90\x9d") else "cp1252"


def _of_words(body: bytes) -> str:
    """The encoding whose words are written in high bytes throughout; "" where that is not clear."""
    best, most = "", 0.0
    for name in _CYRILLIC:
        share = _cyrillic_share(body, name)
        if share > most:
            best, most = name, share
    if most >= 0.66:
        return best
    return _east_asian(body) or _by_statistics(body)


def _cyrillic_share(body: bytes, encoding: str) -> float:
    """The share of the common small letters among all that is not ASCII."""
    beyond = [c for c in body.decode(encoding, errors="replace") if ord(c) > 127]
    return sum(c in _CYRILLIC_COMMON for c in beyond) / max(1, len(beyond))


def _east_asian(body: bytes) -> str:
    """Japanese, Korean or Chinese, where the text decodes and most of its characters are the common ones of it."""
    for name, is_common, least in _EAST_ASIAN:
        if _decodes(body, name, complete=False):
            beyond = [c for c in body.decode(name, errors="ignore") if ord(c) > 127]
            if sum(map(is_common, beyond)) >= least * len(beyond) > 0:
                return name
    return ""


def _is_kana(character: str) -> bool:
    return "\u3041" <= character <= "\u30ff"


def _is_hangul(character: str) -> bool:
    """Whether it is one of the 2,350 syllables of KS X 1001, which make up nearly all Korean text."""
    return "\uac00" <= character <= "\ud7a3" and character.encode("cp949")[1] >= 0xA1


def _is_first_level(character: str) -> bool:
    """Whether it is punctuation or one of the 3,755 common characters of GB 2312."""
    code = character.encode("gb18030")
    return len(code) == 2 and code[1] >= 0xA1 and (code[0] in (0xA1, 0xA3) or 0xB0 <= code[0] <= 0xD7)


# kana are a third of Japanese text and absent from Chinese; the Korean syllables are the narrower set, so they come
# before the Chinese characters, whose codes include theirs
_EAST_ASIAN: tuple[tuple[str, Callable[[str], bool], float], ...] = (
    ("cp932", _is_kana, 0.15),
    ("euc-jp", _is_kana, 0.15),
    ("cp949", _is_hangul, 0.9),
    ("gb18030", _is_first_level, 0.85),
)


def _by_statistics(body: bytes) -> str:
    """What charset-normalizer says of other scripts (Greek, Hebrew, Arabic, Thai, …), where it finds a language."""
    from charset_normalizer import from_bytes

    best = from_bytes(body[:16_384]).best()
    if best is None or best.percent_coherence < 40 or best.percent_chaos > 5:
        return ""
    return str(best.encoding).replace("_", "-")


def is_binary(head: bytes) -> bool:
    """Whether bytes are not text: more than three in a hundred are control characters, outside UTF-16 and UTF-32.

    Long runs of zero bytes, as a crash leaves them in a log, don't make a text binary that has no other controls.

    >>> is_binary(b"a log line"), is_binary(bytes(range(32)) * 8)
    (False, True)
    """
    sample = head[:8192]
    if not sample or mark_length(head):
        return False
    strange = len(sample) - len(sample.translate(None, _CONTROLS))
    if strange <= 2 or strange * 33 <= len(sample):
        return False
    if _utf_16(sample):
        return False
    rest = _ZERO_RUN.sub(b"", sample)
    printable = len(rest) - len(rest.translate(None, _PRINTABLE))
    odd = len(rest) - len(rest.translate(None, _CONTROLS))
    return not (printable >= 0.7 * len(rest) > 0 and odd <= 0.002 * len(rest))
