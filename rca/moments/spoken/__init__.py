"""Spoken dates: written dates in Swedish, Norwegian, Danish, Finnish and English as moments with the interval that they allow.

The decision hidden here: the promise. A date becomes an interval of its own precision; a day, a month or a year that is not written is
never invented: without `reference`, the time of saying, relative words and dates without a year are no dates. A weekday that
contradicts the date, and a date that the calendar lacks, make it no date. What can be read in more than one way keeps all
readings: `spoken_span` and `find_spans` give the likeliest with `alternatives`; `spoken_date` and `find_dates`, which can't show
them, give only what is unambiguous.

Forms: `den 12 november 2024 kl. 14.30`, `tirsdag d. 5. november`, `ti 5.11.2024 klo 9`, `November 12, 2024`, `12/11-24`,
`2024-11-12 13.00–15.30`, `halv tre på eftermiddagen den 12 november 2024`, `natten till onsdagen den 13 november 2024`, `v. 46 2024`,
`i mitten av mars 2024`, `hösten 2024`, `Q3 2024`, `i går kväll`, `för två veckor sedan`, `nästa fredag`.

Conventions: parts of the day have the hours of `rca.moments.units.PARTS`; thirds of a month are days 1–10, 11–20 and the rest; seasons begin
in March, June, September and December; "two weeks ago" is the ISO week in which that day fell; hours in figures are those of
24, unless am, pm or a part of the day says more.

References:
    ISO 8601-1:2019; for each language the sources that its table in `words/` names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rca.moments.moment import Basis, Moment, TimeKind
from rca.moments.spoken.cursor import Cursor
from rca.moments.spoken.dated import Frame
from rca.moments.spoken.grammar import expression_at
from rca.moments.spoken.lexicon import EN, language_names, languages_of, lexicon
from rca.moments.spoken.pieces import Expression, Guess, Note
from rca.moments.spoken.resolve import Reading, readings
from rca.moments.spoken.searching import expressions, windows
from rca.moments.spoken.tokens import Tokens, composed

__all__ = ["Guess", "SpokenSpan", "find_dates", "find_spans", "spoken_date", "spoken_span"]


@dataclass(frozen=True, slots=True)
class SpokenSpan:
    """A date with its beginning and, where one is written, its end.

    `alternatives` are the beginnings of the other readings, likeliest first; `assumes` says what this reading takes for granted,
    each as a kind and in words; `languages` are those in which the words are a date.
    """

    start: Moment
    end: Moment | None = None
    alternatives: tuple[Moment, ...] = ()
    assumes: tuple[Note, ...] = ()
    languages: tuple[str, ...] = ()


def spoken_date(
    text: str,
    *,
    zone: str,
    zone_basis: Basis = Basis.ZONE_GIVEN,
    language: str | None = None,
    reference: Moment | int | None = None,
) -> Moment | None:
    """The moment that `text`, as a whole, names; None where it names none, or more than one.

    >>> moment = spoken_date("tisdagen den 12 november 2024 kl. 05.30", zone="Europe/Stockholm")
    >>> moment.precision, (moment.latest - moment.earliest) // 10**9
    (<Precision.MINUTE: 'minute'>, 60)
    >>> spoken_date("måndagen den 12 november 2024", zone="Europe/Stockholm") is None
    True
    """
    span = spoken_span(text, zone=zone, zone_basis=zone_basis, language=language, reference=reference)
    return span.start if span and not span.alternatives else None


def spoken_span(
    text: str,
    *,
    zone: str,
    zone_basis: Basis = Basis.ZONE_GIVEN,
    language: str | None = None,
    reference: Moment | int | None = None,
) -> SpokenSpan | None:
    """The date that `text` names as a whole, with the end of a written range (`kl. 13.00–15.30`) and other readings.

    Args:
        text: the words.
        zone: the zone in which they were said.
        zone_basis: why that zone is believed.
        language: "sv", "nb", "da", "fi" or "en" ("en-US" for the month first); None reads all of them at once.
        reference: when the words were said, as a moment or in UTC nanoseconds: settles relative words, weekdays, missing
            years and times alone. None: these are no dates.

    >>> span = spoken_span("03/04/24", zone="Europe/London", language="en")
    >>> span.start.text, len(span.alternatives), span.assumes[0]
    ('03/04/24', 1, (<Guess.CENTURY: 'century'>, '24 is 2024'))
    """
    frame = _frame(zone, zone_basis, reference)
    if len(text) > 2_000:
        return None
    stripped = composed(text.strip())[0]
    found = _whole(
        stripped, text.strip(), languages_of(language), frame, is_month_first=_is_american(language)
    )
    return found[0] if found else None


def find_dates(
    text: str,
    *,
    zone: str,
    zone_basis: Basis = Basis.ZONE_GIVEN,
    language: str | None = None,
    reference: Moment | int | None = None,
) -> list[tuple[int, int, Moment]]:
    """The unambiguous dates in running text: first character, character after the last, moment; in order, not overlapping."""
    found = find_spans(text, zone=zone, zone_basis=zone_basis, language=language, reference=reference)
    return [(begin, end, span.start) for begin, end, span in found if not span.alternatives]


def find_spans(
    text: str,
    *,
    zone: str,
    zone_basis: Basis = Basis.ZONE_GIVEN,
    language: str | None = None,
    reference: Moment | int | None = None,
) -> list[tuple[int, int, SpokenSpan]]:
    """The dates in running text with their ends and other readings: first character, character after the last, span.

    Version, register and telephone numbers, fractions, paragraphs and addresses are no dates; nor is a bare number that could be a
    year, a day or a time, unless the words beside it make it one.

    >>> [text for *_, span in find_spans("Klart senast 15 mars 2024.", zone="UTC") for text in [span.start.text]]
    ['15 mars 2024']
    """
    frame = _frame(zone, zone_basis, reference)
    languages, is_month_first = languages_of(language), _is_american(language)
    whole, places = composed(text)
    if len(whole) <= 80:
        everything = _whole(whole.strip(), text.strip(), languages, frame, is_month_first=is_month_first)
        if everything is not None:
            begin = len(text) - len(text.lstrip())
            return [(begin, begin + len(everything[1]), everything[0])]
    hits = []
    for begin, end in windows(whole, needs_figures=reference is None):
        cursor = Cursor(Tokens(whole, begin, end), lexicon(), is_whole=False, is_month_first=is_month_first)
        for first, last, expression in expressions(cursor, languages, needs_figures=reference is None):
            start, stop = (first, last) if places is None else (places[first], places[last])
            found = readings(expression, text[start:stop], frame)
            if found:
                hits.append((start, stop, _span(found, expression)))
    return hits


def _whole(
    text: str, written: str, languages: int, frame: Frame, *, is_month_first: bool
) -> tuple[SpokenSpan, str] | None:
    """The date that a text is, with its words: all of them but for a full stop."""
    if not text:
        return None
    cursor = Cursor(Tokens(text), lexicon(), is_whole=True, is_month_first=is_month_first)
    count = len(cursor.tokens)
    found = expression_at(cursor, 0, languages)
    if found is not None and found.next < count and cursor.tokens.words[found.next :] == ["."]:
        written = written[:-1].rstrip()
    elif found is None:
        return None
    elif found.next < count:
        ranged = _range(cursor, found, written, frame)
        return (ranged, written) if ranged else None
    everything = readings(found, written, frame)
    return (_span(everything, found), written) if everything else None


def _range(cursor: Cursor, first: Expression, written: str, frame: Frame) -> SpokenSpan | None:
    """The span from one whole date to another: `den 12 november 2024 kl. 22 – den 13 november 2024 kl. 02`."""
    joint = cursor.joint(first.next, first.languages)
    second = expression_at(cursor, *joint) if joint else None
    if second is None or second.next < len(cursor.tokens) or not (first.date and second.date):
        return None
    starts, ends = readings(first, written, frame), readings(second, written, frame)
    if (
        len(starts) != 1
        or len(ends) != 1
        or starts[0].end
        or ends[0].end
        or ends[0].start.latest <= starts[0].start.earliest
    ):
        return None
    end = replace(ends[0].start, kind=TimeKind.ENDED)
    notes = tuple(dict.fromkeys((*starts[0].notes, *ends[0].notes)))
    return SpokenSpan(starts[0].start, end, (), notes, language_names(second.languages))


def _span(found: tuple[Reading, ...], expression: Expression) -> SpokenSpan:
    best = found[0]
    others = tuple(reading.start for reading in found[1:])
    return SpokenSpan(best.start, best.end, others, best.notes, language_names(expression.languages))


def _frame(zone: str, basis: Basis, reference: Moment | int | None) -> Frame:
    if isinstance(reference, Moment):
        return Frame(zone, basis, reference.earliest, reference.latest)
    return Frame(zone, basis, reference, None if reference is None else reference + 1)


def _is_american(language: str | None) -> bool:
    return (
        language is not None
        and languages_of(language) == EN
        and language.strip().lower().replace("_", "-") == "en-us"
    )
