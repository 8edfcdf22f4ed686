"""A mail that a program saved or printed as text: header lines in its own language, then the text.

The decision hidden here: what such a text is. It begins with who sent it and says when and to whom or about what; the words
are those of the mail programs (Från, Skickat, Till, Ämne). It has no transport header, so that nothing but these lines
vouches for it.

References:
    Outlook, "Save as: text only" and its printed messages, in the languages of `quotes`.
"""

from __future__ import annotations

import re

from rca.reading.mail.headers import addresses, plain
from rca.reading.mail.message import Mail
from rca.reading.mail.quotes import label_of, part_quotes

__all__ = ["is_saved", "read_saved"]

_MOST_LINES = 40
_SENT = re.compile(r"(?im)^(?:Received|Message-ID|MIME-Version|Return-Path)[ \t]*:")
_STANDARD = frozenset({"from", "date", "to", "cc", "subject"})
"""The words of RFC 5322: a header of these alone is that of a mail as it was sent."""


def is_saved(text: str) -> bool:
    r"""Whether a text begins as a mail that was saved as text.

    >>> is_saved("Från:\tIT-chef\nSkickat:\tden 12 november 2024 05:30\nTill:\tAvdelning 4\nÄmne:\tRedo")
    True
    >>> is_saved("Från: avdelning 4\nhör vi inget")
    False
    """
    found, words, _ = _header(text[:20_000])
    is_mail = next(iter(found), "") == "from" and "sent" in found and bool({"to", "subject"} & set(found))
    return is_mail and not words <= _STANDARD and not _SENT.search(text[:4_000])


def _header(text: str) -> tuple[dict[str, str], set[str], int]:
    """The header lines by what they mean, their own words, and how many lines they take; a line without a word goes on."""
    found: dict[str, str] = {}
    words: set[str] = set()
    last, count = "", 0
    for count, line in enumerate(text.lstrip("\ufeff\r\n").splitlines()[:_MOST_LINES], start=1):
        meaning, value = label_of(line)
        if not line.strip():
            return found, words, count
        if meaning:
            found.setdefault(meaning, value)
            words.add(line.partition(":")[0].strip(" \t*_").casefold())
            last = meaning
        elif re.match(r"[^\W\d_][\w -]{1,30}:(?:\s|$)", line):
            last = ""  # another header line: importance, attachments
        elif last:
            found[last] = f"{found[last]} {line.strip()}"
        else:
            return found, words, count - 1
    return found, words, count


def read_saved(text: str) -> Mail:
    """The mail that a saved text is."""
    text = text.lstrip("\ufeff\r\n")
    found, _, count = _header(text)
    rest = "\n".join(text.splitlines()[count:]).strip("\n")
    parted = part_quotes(rest)

    def people(key: str) -> list[str]:
        value = re.sub(r"\[(?:mailto|smtp):([^\]]+)\]", r"<\1>", found.get(key, ""), flags=re.IGNORECASE)
        return addresses(value.split(";"))

    return Mail(
        subject=plain(found.get("subject", "")),
        sender="; ".join(people("from")),
        to=people("to"),
        cc=people("cc"),
        date=plain(found.get("sent", "")),
        text=parted.own,
        quoted=parted.quoted,
        fields={"format": "saved as text"},
    )
