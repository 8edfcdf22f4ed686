"""Dates in running text: what is one, what only looks like one, and what is said of a reading that isn't the only one."""

import pytest

from rca.errors import UsageError
from rca.moments import Basis, Moment, Precision, TimeKind, find_dates, spoken_date, spoken_span
from rca.moments.instants import format_instant, parse_instant
from rca.moments.spoken import Guess, find_spans
from rca.moments.spoken.lexicon import lexicon
from rca.moments.words import in_words

ZONE = "Europe/Stockholm"
SAID = parse_instant("2024-11-12T09:00:00Z")


def hits(text, **given):
    return [text[begin:end] for begin, end, _ in find_spans(text, zone=ZONE, **{"reference": SAID, **given})]


def said(moment):
    return in_words(moment.earliest, moment.latest, ZONE, precision=moment.precision.value)


@pytest.mark.parametrize(
    "text",
    [
        "Vården är öppen 24/7, 1/2 tablett och 3/4 dl, 5 av 12 platser",
        "Blodtryck 120/80, temp 38,5, dos 2,5 mg, 12 veckors kontroll",
        "Enligt lagen (2017:30), 5 kap. 2 §, HSLF-FS 2016:40 och prop. 2023/24:100",
        "Artikel 6.1 c, avsnitt 3.2.1, bilaga 2, version 2024.1, release 24.11.2",
        "IP 10.11.20.24:8080, port 443, adress 00:1A:2B:3C:4D:5E",
        "Kontakta 08-123 45 67, 0700-12 34 56 eller +46 70 123 45 67",
        "Personnummer 19641105-0000, 641105-0000; samordningsnummer 20241165-1234",
        "Ersättning 1.500 kr, 2.000,50, 1 234 567 kr, 14.30 kr, 12.11 %",
        "Sal 11.12, rum 12.11, sida 3/4, punkt 5.11, § 12.11, avd. 45",
        "Dnr 2024-00123, RS 2024-0412, ärende 12/2024, sagsnr. 24-00511, INC20241105, CVE-2024-12345",
        "The May release, March of Progress, we may 5 times, march 24 miles, Sat down",
        "in a second, the second of two risks, a minute ago, one in three, ten to three votes",
        "Gravid i vecka 32, week 12 of the treatment, kvart, halv, över, ti pasienter",
        "Varje tisdag kl. 9, tisdagar kl. 9, every Tuesday at 9, daily at 14:30, hver dag kl. 12",
        "2024 vårdplatser, 1900 patienter, 2020 av 2024",
        "kl. 25.10, kl. 14.60, 13.15 am, 31 februari 2024, den 32 maj",
        "majoriteten, tisdagsmötet, marsch, junior, augustinsk, oktoberfest",
        "kuu on kirkas, to be, la la, su casa, ma chère",
        "",
    ],
)
def test_what_only_looks_like_a_date_is_none(text):
    assert hits(text) == []


@pytest.mark.parametrize(
    "text, words",
    [
        ("Bordlagd den 26 januari 2023, § 29, och igen i mars 2024.", ["den 26 januari 2023", "mars 2024"]),
        ("Från den 1 maj 2024 till och med 5 maj 2024", ["den 1 maj 2024", "5 maj 2024"]),
        ("Dnr 2024-00123, 2024-11-12, § 82", ["2024-11-12"]),
        ("backup/2024-11-12/log.txt och start=2024-11-12T05:30:00Z", ["2024-11-12", "2024-11-12T05:30:00Z"]),
        ("Datum: 2024-11-12\n14:30 Mötet öppnades", ["2024-11-12", "14:30"]),
        ("den 12 november\n2024 kl. 14.30", ["den 12 november\n2024 kl. 14.30"]),
        ("Skickat: den 3 mars 2024 14:30", ["den 3 mars 2024 14:30"]),
        ("Received: Thu, 10 Jan 2002 16:10:14 -0600 (CST)", ["Thu, 10 Jan 2002 16:10:14 -0600"]),
        ("möte 2024-11-12 – 14:30 i sal B", ["2024-11-12 – 14:30"]),
        ("klart senast 15/11, uppföljning 12/12-24", ["15/11", "12/12-24"]),
        ("Budget 2024-11-12 14.30 kr", ["2024-11-12"]),
        ("1.5.2024–5.5.2024 och vidare", ["1.5.2024", "5.5.2024"]),
        (
            "395,2015-10-18,00:00:31.092,2931 och 13:00:00,2026-01-05 13:30:00",
            ["2015-10-18,00:00:31.092", "13:00:00", "2026-01-05 13:30:00"],
        ),
        ("Date: 30 Oct 2009\n 20:08:07 +0100", ["30 Oct 2009\n 20:08:07 +0100"]),
        ("den 12 november 2024 59:10", ["den 12 november 2024"]),
        ("under 2024 och i 2024 års plan", ["2024"]),
        (
            "fel kl. 9, rättat i går kväll; nästa test på fredag kl 13–15",
            ["kl. 9", "i går kväll", "på fredag kl 13–15"],
        ),
    ],
)
def test_dates_are_found_in_running_text(text, words):
    assert hits(text, language="en" if text[0] in "RD" else "sv") == words


@pytest.mark.parametrize(
    "text, start, end",
    [
        ("den 12–14 november 2024", "2024-11-12", "2024-11-14"),
        ("12.-14. november 2024", "2024-11-12", "2024-11-14"),
        ("12.–14.11.2024", "2024-11-12", "2024-11-14"),
        ("November 12–14, 2024", "2024-11-12", "2024-11-14"),
        ("2024-11-12–14", "2024-11-12", "2024-11-14"),
        ("tisdag–onsdag den 12–13 november 2024", "2024-11-12", "2024-11-13"),
        ("den 12 och 13 november 2024", "2024-11-12", "2024-11-13"),
        ("30 november–2 december 2024", "2024-11-30", "2024-12-02"),
        ("oktober–november 2024", "2024-10", "2024-11"),
        ("november 2023–januari 2024", "2023-11", "2024-01"),
        ("v. 45–46 2024", "2024-11-04 – 2024-11-10", "2024-11-11 – 2024-11-17"),
        ("den 12 november 2024 kl. 22.00 – den 13 november 2024 kl. 02.00", "2024-11-12 22:00", "2024-11-13 02:00"),
        ("mellan kl. 13.00 och 15.30 den 12 november 2024", "2024-11-12 13:00", "2024-11-12 15:30"),
    ],
)  # fmt: skip
def test_a_range_has_its_last_unit_as_end(text, start, end):
    span = spoken_span(text, zone=ZONE)
    assert (said(span.start), said(span.end)) == (start, end)
    assert span.end.kind is TimeKind.ENDED


@pytest.mark.parametrize(
    "text, start",
    [
        ("natten mellan den 12 och 13 november 2024", "2024-11-13 00:00 – 06:00"),
        ("natten mellan tisdagen den 12 och onsdagen den 13 november 2024", "2024-11-13 00:00 – 06:00"),
        ("12. ja 13. marraskuuta 2024 välisenä yönä", "2024-11-13 00:00 – 06:00"),
        ("natten till den 13 november 2024 kl. 23.30", "2024-11-12 23:30"),
        ("natten till den 13 november 2024 kl. 02.30", "2024-11-13 02:30"),
        ("2024-11-12 (tisdag) kl. 9", "2024-11-12 09:00 – 10:00"),
        ("12 Nov 2024 09:15 CEST", "2024-11-12 08:15"),
        ("2024-10-27 02:30 CET", "2024-10-27 02:30"),
        ("vintern 2024/25", "2024-12-01 – 2025-02-28"),
        ("tertial 2 2024", "2024-05-01 – 2024-08-31"),
        ("H1 2024", "2024-01-01 – 2024-06-30"),
        ("den 5:e nov -24 kl. 14.30", "2024-11-05 14:30"),
    ],
)
def test_a_date_of_its_own_kind(text, start):
    assert said(spoken_date(text, zone=ZONE)) == start


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-12 (onsdag)",
        "natten mellan den 12 och 14 november 2024",
        "kl. 14 på morgonen den 3 mars 2024",
    ],
)
def test_what_contradicts_itself_is_no_date(text):
    assert spoken_date(text, zone=ZONE) is None


def test_a_letter_and_its_mark_are_one():
    """Text out of a PDF may hold å as a and a ring: the places are those of the text as given."""
    text = "Mötet: ma\u030andagen den 11 november 2024 ha\u0308r."
    [(begin, end, moment)] = find_dates(text, zone=ZONE)
    assert text[begin:end] == moment.text == "ma\u030andagen den 11 november 2024"


def test_other_readings_and_what_a_reading_rests_on_are_told():
    span = spoken_span("03/04/24", zone=ZONE, language="en")
    assert said(span.start) == "2024-04-03"
    assert [said(other) for other in span.alternatives] == ["2024-03-04"]
    assert span.assumes == ((Guess.CENTURY, "24 is 2024"), (Guess.ORDER, "day 3, month 4"))
    assert spoken_span("03/04/24", zone="UTC", language="en-US").start.earliest == parse_instant(
        "2024-03-04T00:00:00Z"
    )


def test_the_words_around_figures_tell_their_order():
    assert len(spoken_span("12/11/2024", zone=ZONE).alternatives) == 1
    assert not spoken_span("12/11/2024 kl. 9", zone=ZONE).alternatives
    assert not spoken_span("tisdag 12/11/2024", zone=ZONE).alternatives


def test_a_weekday_tells_the_order_of_day_and_month():
    span = spoken_span("Tuesday 11/12/2024", zone=ZONE, language="en")
    assert (said(span.start)[:7], span.alternatives) == ("2024-11", ())


def test_the_basis_says_what_was_inferred():
    for text, basis in [
        ("den 5 november 2024", Basis.ZONE_GIVEN),
        ("den 5 november", Basis.YEAR_INFERRED),
        ("kl 09.15", Basis.DATE_INFERRED),
        ("i går", Basis.RELATIVE),
        ("2024-11-12T09:15Z", Basis.OFFSET_STATED),
        ("2024-10-27 kl. 02.30", Basis.FOLD_INFERRED),
        ("2024-03-31 kl. 02.30", Basis.GAP_INFERRED),
    ]:
        assert spoken_date(text, zone=ZONE, reference=SAID).basis is basis, text
    assert spoken_date("2024", zone=ZONE, zone_basis=Basis.ZONE_ASSUMED).basis is Basis.ZONE_ASSUMED


def test_a_vague_time_of_saying_settles_no_more_than_it_can():
    day = spoken_date("2024-11-12", zone=ZONE)
    week = spoken_date("v. 46 2024", zone=ZONE)
    year = spoken_date("2024", zone=ZONE)
    assert isinstance(day, Moment)
    assert said(spoken_date("i går", zone=ZONE, reference=day)) == "2024-11-11"
    assert spoken_date("för tjugo minuter sedan", zone=ZONE, reference=day) is None
    assert spoken_date("i går", zone=ZONE, reference=week) is None
    assert said(spoken_date("den 5 november", zone=ZONE, reference=week)) == "2024-11-05"
    assert spoken_date("den 5 november", zone=ZONE, reference=year) is None


def test_a_day_that_its_zone_skipped_is_none():
    """Samoa went from 29 to 31 December 2011."""
    assert spoken_date("30 December 2011", zone="Pacific/Apia") is None


def test_29_february_without_a_year_is_in_a_leap_year():
    reference = parse_instant("2022-06-01T00:00:00Z")
    assert said(spoken_date("29 February", zone=ZONE, reference=reference)) == "2024-02-29"


def test_a_language_without_words_is_refused():
    with pytest.raises(UsageError):
        spoken_date("5 novembre 2024", zone=ZONE, language="fr")
    assert spoken_date("5. november 2024", zone=ZONE, language="no") == spoken_date(
        "5. november 2024", zone=ZONE, language="nb-NO"
    )


def test_digits_are_kept_as_written():
    moment = spoken_date("2024-11-12 09:15:27,123456789", zone="UTC")
    assert (moment.precision, moment.latest - moment.earliest) == (Precision.NS, 1)
    assert format_instant(moment.earliest) == "2024-11-12T09:15:27.123456789Z"


def test_a_word_has_one_value_for_each_kind_and_language():
    stack, doubled = [((), lexicon().root)], []
    while stack:
        phrase, node = stack.pop()
        stack.extend(((*phrase, word), child) for word, child in node.next.items())
        for sense in node.senses:
            others = [
                s
                for s in node.senses
                if s is not sense and s.kind is sense.kind and s.languages & sense.languages
            ]
            doubled.extend((" ".join(phrase), sense.kind, other.value) for other in others)
    assert doubled == []
