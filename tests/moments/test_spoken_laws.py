"""Laws of spoken dates: nothing raises, intervals are intervals, what is written comes back, and time grows with the text."""

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.moments import Precision, spoken_date, spoken_span
from rca.moments.instants import SECOND, format_instant, from_datetime, parse_instant
from rca.moments.spoken import find_dates, find_spans
from rca.moments.spoken.lexicon import lexicon
from rca.moments.units import from_local
from rca.moments.zones import local_time

ZONE = "Europe/Stockholm"
SAID = parse_instant("2024-11-12T09:00:00Z")
LANGUAGES = ("sv", "nb", "da", "fi", "en")


def _words():
    found, stack = [], [("", lexicon().root)]
    while stack:
        phrase, node = stack.pop()
        if node.senses:
            found.append(phrase.strip())
        stack.extend((f"{phrase} {word}", child) for word, child in node.next.items())
    return sorted(found)


WORDS = _words()
FIGURES = st.sampled_from(
    [
        "1",
        "5.",
        "12",
        "31",
        "24",
        "2024",
        "20241105",
        "09.15",
        "14:30",
        "12/11",
        "-24",
        "2024-11-12",
        "5.11.",
        "W46",
        "0",
        "99",
        "241105",
    ]
)
MARKS = st.sampled_from(
    [",", ".", "-", "–", "/", ":", "'", "(", ")", "\n", "§", "T", "Z", "+01:00", "CET", "am", "pm", "%"]
)
SPEECH = st.lists(st.one_of(st.sampled_from(WORDS), FIGURES, MARKS), max_size=12).map(" ".join)
GLUED = st.lists(st.one_of(st.sampled_from(WORDS), FIGURES, MARKS), max_size=8).map("".join)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(SPEECH, GLUED, st.text(max_size=80)),
    st.sampled_from([None, *LANGUAGES]),
    st.sampled_from([None, SAID]),
    st.sampled_from([ZONE, "Pacific/Apia", "America/New_York", "UTC"]),
)
def test_any_text_is_read_without_an_error_and_every_interval_is_half_open_and_not_empty(
    text, language, said, zone
):
    spans = find_spans(text, zone=zone, language=language, reference=said)
    whole = spoken_span(text, zone=zone, language=language, reference=said)
    last = 0
    for begin, end, span in spans:
        assert last <= begin < end <= len(text)
        last = end
        for moment in (span.start, *span.alternatives, *([span.end] if span.end else [])):
            assert moment.earliest < moment.latest
        assert span.start not in span.alternatives
        assert not span.end or span.end.latest > span.start.earliest
    if whole is not None:
        assert [span for *_, span in spans] == [whole]


@settings(max_examples=150, deadline=None)
@given(SPEECH)
def test_a_language_offers_no_reading_that_all_languages_together_lack(text):
    """Reading all languages at once loses nothing that one of them reads as a whole."""
    for language in LANGUAGES:
        alone = spoken_span(text, zone=ZONE, language=language, reference=SAID)
        together = spoken_span(text, zone=ZONE, reference=SAID)
        if alone is not None:
            assert together is not None


MONTHS = {
    "sv": [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "nb": [
        "januar",
        "februar",
        "mars",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "desember",
    ],
    "da": [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "fi": [
        "tammi",
        "helmi",
        "maalis",
        "huhti",
        "touko",
        "kesä",
        "heinä",
        "elo",
        "syys",
        "loka",
        "marras",
        "joulu",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
WEEKDAYS = {
    "sv": ["måndagen", "tisdagen", "onsdagen", "torsdagen", "fredagen", "lördagen", "söndagen"],
    "nb": ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"],
    "da": ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"],
    "fi": [
        "maanantaina",
        "tiistaina",
        "keskiviikkona",
        "torstaina",
        "perjantaina",
        "lauantaina",
        "sunnuntaina",
    ],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
FORMS = {
    "sv": ("{weekday} den {d} {month} {y} kl. {h:02}.{m:02}", "den {d}:e {month} {y}, klockan {h}:{m:02}", "{d}/{n} {y} kl {h}.{m:02}", "kl. {h:02}.{m:02} den {d} {month} {y}"),
    "nb": ("{weekday} {d}. {month} {y} kl. {h:02}.{m:02}", "{d:02}.{n:02}.{y} kl. {h}.{m:02}", "den {d}. {month} {y} klokken {h:02}:{m:02}"),
    "da": ("{weekday} den {d}. {month} {y} kl. {h}.{m:02}", "d. {d}. {month} {y} klokken {h:02}.{m:02}", "{d}/{n}-{y} kl. {h}.{m:02}"),
    "fi": ("{weekday} {d}. {month}kuuta {y} klo {h}.{m:02}", "{d}.{n}.{y} klo {h}.{m:02}", "{month}kuun {d}. päivänä {y} kello {h:02}.{m:02}"),
    "en": ("{weekday}, {d} {month} {y}, {h:02}:{m:02}", "{month} {d}, {y} at {h}:{m:02}", "{h:02}:{m:02} on {weekday} {d} {month} {y}"),
}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31)),
    st.sampled_from([(language, form) for language, forms in FORMS.items() for form in forms]),
)
def test_a_date_written_in_a_language_comes_back(when, form):
    language, pattern = form
    text = pattern.format(
        weekday=WEEKDAYS[language][when.weekday()],
        month=MONTHS[language][when.month - 1],
        d=when.day,
        n=when.month,
        y=when.year,
        h=when.hour,
        m=when.minute,
    )
    minute = when.replace(second=0, microsecond=0)
    for chosen in (language, None):
        moment = spoken_date(text, zone=ZONE, language=chosen)
        assert moment is not None, text
        assert moment.precision is Precision.MINUTE
        # a repeated hour holds both of its instants, a skipped one its two readings
        assert (
            from_local(local_time(moment.earliest, ZONE)) == minute
            or moment.latest - moment.earliest > 60 * SECOND
        )
    sentence = f"Mötet: {text}."
    assert [sentence[a:b] for a, b, _ in find_dates(sentence, zone=ZONE, language=language)] == [text]


@settings(max_examples=150, deadline=None)
@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), st.sampled_from(LANGUAGES))
def test_a_wrong_weekday_makes_it_no_date(day, language):
    month = MONTHS[language][day.month - 1] + ("kuuta" if language == "fi" else "")
    dot = "." if language in ("nb", "da", "fi") else ""
    for number, name in enumerate(WEEKDAYS[language]):
        article = " den" if language in ("sv", "da") else ""
        found = spoken_date(
            f"{name}{article} {day.day}{dot} {month} {day.year}", zone=ZONE, language=language
        )
        assert (found is not None) == (number == day.weekday())


@settings(max_examples=100, deadline=None)
@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31), timezones=st.just(dt.UTC)))
def test_a_stamp_with_its_offset_is_its_instant(when):
    instant = from_datetime(when.replace(microsecond=0))
    moment = spoken_date(format_instant(instant), zone=ZONE)
    assert (moment.earliest, moment.latest) == (instant, instant + SECOND)


HARD = {
    "prose": "Styrgruppen konstaterade att driftsättningen den 12 november 2024 kl. 05.30 hade föregåtts av varningar i v. 45. ",
    "figures": "12 ",
    "dots": "1.",
    "dashes": "12-",
    "years": "2024 ",
    "small words": "in the ",
    "articles": "den ",
    "weekdays": "tisdag ",
    "months": "maj ",
    "clocks": "kl. ",
    "nights": "natten mellan ",
    "weeks": "v. ",
    "letters": "a",
    "lines": "\n",
    "spaces": " ",
    "marks": "a\u030a",
    "brackets": "2024-11-12 (",
}


@pytest.mark.parametrize("what", HARD)
def test_time_grows_with_the_length_of_the_text(what):
    """Twice 40 kB takes about twice as long as 40 kB: no form of text makes it quadratic, or a megabyte would take minutes."""
    piece = HARD[what]
    short, long = (piece * (size // len(piece)) for size in (40_000, 160_000))
    find_spans(short, zone=ZONE, reference=SAID)

    def spent(text):
        start = time.process_time()
        find_spans(text, zone=ZONE, reference=SAID)
        return time.process_time() - start

    few, many = min(spent(short) for _ in range(2)), spent(long)
    assert many < 12 * few + 0.25


def test_a_megabyte_of_prose_takes_seconds():
    text = (
        "Driftgruppen gick igenom loggarna och fann inga fel i den nya versionen av journalsystemet. "
        * 11_000
    )
    start = time.process_time()
    assert find_spans(text, zone=ZONE) == []
    assert find_spans(text, zone=ZONE, reference=SAID) == []
    assert time.process_time() - start < 10
