"""`split_label`: the speaker before a colon, where what stands there can be one.

The decision hidden here: what a speaker's name looks like. It begins with a capital or a figure, has few words, of which
the small ones are those of names and titles (von, och, the), and is none of the words that stand before a colon for other
reasons (Note, Warning, Date). Whether a text has labels at all is for its reader to say, from all of its lines.
"""

from __future__ import annotations

import re

__all__ = ["MARKED", "is_name", "is_person_mark", "split_label"]

_LABEL = re.compile(
    r"^\s*(?P<name>[^\s:<>\[\]{}|=\"][^:<>\n{}|=\"]{0,79}?)\s?:(?:\s+|$)(?P<text>.*)$", re.DOTALL
)
_WORDS_OF_NAMES = (
    "von van der den de la le du di da dos das af av zu zur und och og ja and et y e the of for för i på "
    "till at in från fra bin al el ter ten vid hos mit & / - + – | de- "
)
_SMALL = frozenset(_WORDS_OF_NAMES.split())
_NO_NAMES = (
    "note notes nb obs ps warning varning caution error fel info tip tips example exempel question fråga "
    "q a answer svar date datum time tid place plats subject ämne from från to till cc re fw sv vb title "
    "titel topic re: agenda summary sammanfattning background bakgrund conclusion slutsats decision "
    "beslut action åtgärd actions http https ftp url link länk attendees participants present närvarande "
    "deltagare frånvarande absent purpose syfte duration längd location recording inspelning transcript "
    "transkript kind language style region important viktigt remember result resultat reason orsak "
    "problem lösning solution goal mål step steg part del chapter kapitel version type typ status name "
    "namn total music musik meaning i.e e.g t.ex speakers talare roll role justerare dnr ref source källa "
    "author date/time file keywords comment comments p.s "
)
_OTHER = frozenset(_NO_NAMES.split())
_PERSON = re.compile(
    r"(?:person|speaker|spk|spkr|talare|deltagare|participant|interviewer|interviewee|intervjuare|respondent|taler|"
    r"puhuja|sprecher(?:in)?|caller|host|guest|unknown(?: speaker)?)[ _#-]?[\w-]{0,6}",
    re.IGNORECASE,
)
MARKED = re.compile(
    r"^\s*(?:\[(?P<square>[^\[\]\n]{1,60})\]|\((?P<round>[^()\n]{1,60})\))\s*:?(?:\s+|$)(?P<text>.*)$",
    re.DOTALL,
)
"""A line that begins with a mark in brackets."""


def is_person_mark(text: str) -> bool:
    """Whether a mark in brackets names a speaker by a number or role: PERSON7, SPEAKER_00, Talare 2.

    >>> is_person_mark("PERSON7"), is_person_mark("Music")
    (True, False)
    """
    return _PERSON.fullmatch(text.strip()) is not None


def is_name(text: str, *, is_strict: bool = True) -> bool:
    """Whether `text` can be a speaker; not strict: words of sentences may be in it, as in "Nurse on call".

    >>> is_name("Head nurse"), is_name("Dr. B. Lind (Region)"), is_name("So what I want to say is"), is_name("Warning")
    (True, True, False, False)
    """
    plain = re.sub(r"\([^()]*\)", " ", text).strip(" ,")
    words = plain.split()
    if not words or len(words) > 8 or plain.casefold().rstrip(".") in _OTHER:
        return False
    if not (words[0][0].isupper() or words[0][0].isdigit() or words[0][0] in "+@") or plain[-1] in "?!…;,":
        return False
    if re.search(r"[?!;…]|\w{4,}\. ", plain) or not re.search(r"[^\W_]", plain):
        return False
    if re.fullmatch(r"[\d\s.,:/-]+", plain):
        return False
    if not is_strict:
        return True
    small = [word for word in words[1:] if word[0].islower() and word.casefold() not in _SMALL]
    return len(words) <= 6 and len(small) <= (1 if len(words) <= 3 else 0)


def split_label(line: str, *, is_strict: bool = True) -> tuple[str, str] | None:
    """The speaker before the colon of a line, and the text after it; None where no speaker can stand there.

    >>> split_label("Head nurse: we had no beds"), split_label("It was 10:30 when we left")
    (('Head nurse', 'we had no beds'), None)
    """
    found = _LABEL.match(line)
    if not found:
        return None
    name = found["name"].strip(" *_")
    return (name, found["text"]) if is_name(name, is_strict=is_strict) else None
