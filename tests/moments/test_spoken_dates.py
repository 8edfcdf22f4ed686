"""Every entry of `spoken_dates.toml`, the table written by hand from the grammar of the languages before any parser.

Each entry is read three ways: as a whole in its language, in running text in its language, and in running text with all five
languages at once, where more readings may be offered but never another first one. Entries that the table calls doubtful are
conventions of the table; they hold as well and are counted apart. None is disputed.
"""

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from rca.moments import find_dates, spoken_date, spoken_span
from rca.moments.spoken import find_spans
from rca.moments.units import from_local, to_local
from rca.moments.zones import local_time, place

ENTRIES = tomllib.loads(Path(__file__).with_name("spoken_dates.toml").read_text("utf-8"))["date"]
ZONES = {"fi": "Europe/Helsinki", "en": "Europe/London"}
DISPUTED: frozenset[str] = frozenset()
"""Entries that the grammar of their language contradicts, with the source: none."""

CERTAIN = [entry for entry in ENTRIES if not entry.get("doubtful") and entry["text"] not in DISPUTED]
DOUBTFUL = [entry for entry in ENTRIES if entry.get("doubtful")]


def name(entry):
    return f"{entry['language']}: {entry['text']}" + (
        f" @ {entry['reference']}" if "reference" in entry else ""
    )


def wall(text):
    return dt.datetime.fromisoformat(text)


class Case:
    """One entry with what it is read with."""

    def __init__(self, entry):
        self.entry, self.text = entry, entry["text"]
        self.zone = entry.get("zone", ZONES.get(entry["language"], "Europe/Stockholm"))
        self.language = None if entry["language"] == "und" else entry["language"]
        said = entry.get("reference")
        self.reference = place(to_local(wall(said)), self.zone).instants[0] if said else None

    def given(self, language):
        return {"zone": self.zone, "language": language, "reference": self.reference}

    def local(self, instant):
        return from_local(local_time(instant, "UTC" if self.entry.get("utc") else self.zone))

    def check(self, span, *, only):
        """Hold a span against the entry; `only`: no reading may be offered that the entry doesn't know."""
        entry = self.entry
        start = wall(entry["start"])
        assert (self.local(span.start.earliest), self.local(span.start.latest)) == (start, wall(entry["end"]))
        assert span.start.precision == entry["precision"]
        offered = {self.local(other.earliest) for other in span.alternatives}
        demanded = {wall(other) for other in entry.get("ambiguous", ())} - {start}
        assert demanded <= offered
        if only:
            assert offered <= demanded | {wall(other) for other in entry.get("also_allowed", ())}
        assert bool(span.alternatives) <= bool(span.assumes), "readings without a word on what they rest on"
        if "until" in entry:
            end = dt.datetime.combine(start.date(), dt.time.fromisoformat(entry["until"]))
            assert self.local(span.end.earliest) == (end if end > start else end + dt.timedelta(days=1))
        else:
            assert span.end is None


def hold(entry):
    case = Case(entry)
    whole = spoken_span(case.text, **case.given(case.language))
    found = find_spans(case.text, **case.given(case.language))
    among_all = find_spans(case.text, **case.given(None))
    if entry.get("none"):
        assert (whole, found, among_all) == (None, [], [])
        assert spoken_date(case.text, **case.given(case.language)) is None
        return
    words = entry.get("span", case.text)
    assert [case.text[begin:end] for begin, end, _ in found] == [words]
    assert [case.text[begin:end] for begin, end, _ in among_all] == [words]
    case.check(found[0][2], only=True)
    case.check(among_all[0][2], only=False)
    if "span" not in entry:
        case.check(whole, only=True)
    # what can't show other readings gives only what has none
    unambiguous = [] if found[0][2].alternatives else [(*found[0][:2], found[0][2].start)]
    assert find_dates(case.text, **case.given(case.language)) == unambiguous


@pytest.mark.parametrize("entry", CERTAIN, ids=name)
def test_an_expression_means_what_its_language_says(entry):
    hold(entry)


@pytest.mark.parametrize("entry", DOUBTFUL, ids=name)
def test_an_expression_means_what_the_table_agreed_on(entry):
    hold(entry)


def test_the_whole_table_is_held():
    assert (len(ENTRIES), len(DOUBTFUL), len(CERTAIN)) == (442, 19, 423)


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.get("reference") and not e.get("none")], ids=name)
def test_what_rests_on_the_time_of_saying_is_nothing_without_it(entry):
    case = Case(entry)
    found = spoken_span(case.text, zone=case.zone, language=case.language)
    assert found is None, "a day, month or year that isn't written was invented"


def needs_no_word(entry):
    """Whether an expression is a date in running text too: figures alone (`241105`, `5.11.`, `14:30`) are not."""
    words = entry.get("span", entry["text"])
    plain = words.replace("/", "").replace(".", "").replace("Q", "").replace(":", "")
    return not (plain.isdigit() and len(words) < 8)


@pytest.mark.parametrize("entry", [e for e in ENTRIES if not e.get("none") and needs_no_word(e)], ids=name)
def test_an_expression_is_found_in_the_middle_of_a_sentence(entry):
    """Text of a sentence around it changes neither the words nor what they mean, where figures alone don't need a word for it."""
    case = Case(entry)
    words = entry.get("span", case.text)
    text = f"Avvikelsen (nr 7) noterades {words}, enligt rapporten."
    found = [(text[a:b], span) for a, b, span in find_spans(text, **case.given(case.language))]
    assert [hit for hit, _ in found] == [words]
    case.check(found[0][1], only=True)
