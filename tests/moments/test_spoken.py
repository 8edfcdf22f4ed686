"""Written dates in Swedish and English, worked out by hand; nothing that is not written is invented."""

import pytest

from rca.moments import Precision, find_dates, spoken_date, spoken_span
from rca.moments.instants import format_instant

ZONE = "Europe/Stockholm"


@pytest.mark.parametrize(
    "text, earliest, latest, precision",
    [
        ("den 12 november 2024 kl. 14.30", "2024-11-12T13:30", "2024-11-12T13:31", Precision.MINUTE),
        ("tisdagen den 5 november 2024", "2024-11-04T23:00", "2024-11-05T23:00", Precision.DAY),
        ("2024-11-12 kl 09:15", "2024-11-12T08:15", "2024-11-12T08:16", Precision.MINUTE),
        ("12 November 2024, 14:30", "2024-11-12T13:30", "2024-11-12T13:31", Precision.MINUTE),
        ("Tuesday 12 November 2024", "2024-11-11T23:00", "2024-11-12T23:00", Precision.DAY),
        ("November 12, 2024", "2024-11-11T23:00", "2024-11-12T23:00", Precision.DAY),
        ("november 2024", "2024-10-31T23:00", "2024-11-30T23:00", Precision.MONTH),
        ("v. 46 2024", "2024-11-10T23:00", "2024-11-17T23:00", Precision.WEEK),
        ("2024-W46", "2024-11-10T23:00", "2024-11-17T23:00", Precision.WEEK),
        ("Q3 2024", "2024-06-30T22:00", "2024-09-30T22:00", Precision.QUARTER),
        ("2024", "2023-12-31T23:00", "2024-12-31T23:00", Precision.YEAR),
        (
            "den 12 november 2024 på eftermiddagen",
            "2024-11-12T11:00",
            "2024-11-12T17:00",
            Precision.PART_OF_DAY,
        ),
    ],
)
def test_dates(text, earliest, latest, precision):
    moment = spoken_date(text, zone=ZONE)
    assert (format_instant(moment.earliest)[:16], format_instant(moment.latest)[:16]) == (earliest, latest)
    assert moment.precision is precision


@pytest.mark.parametrize(
    "text",
    [
        "03/04/24",
        "måndagen den 12 november 2024",
        "hösten",
        "den 31 november 2024",
        "på tisdag",
        "v. 60 2024",
        "",
    ],
)
def test_what_names_no_day_is_no_date(text):
    assert spoken_date(text, zone=ZONE) is None


def test_a_range_of_hours_has_an_end():
    span = spoken_span("tisdagen den 5 november 2024 kl. 13.00–15.30", zone=ZONE)
    assert format_instant(span.start.earliest) == "2024-11-05T12:00:00Z"
    assert format_instant(span.end.earliest) == "2024-11-05T14:30:00Z"


def test_dates_are_found_in_running_text():
    text = "Bordlagd den 26 januari 2023, § 29, och igen i mars 2024; versionen 2.14.2024 räknas inte."
    assert [text[a:b] for a, b, _ in find_dates(text, zone=ZONE)] == ["den 26 januari 2023", "mars 2024"]
