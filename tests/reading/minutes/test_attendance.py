"""Who was present for which item. Expected from how such lists are written (Kommunallagen 2017:725, 5 kap. 67 §)."""

import pytest

from rca.reading.minutes.attendance import Roll, is_elsewhere, read_people, with_cells
from rca.reading.minutes.sections import find_ranges
from rca.reading.minutes.spells import read_spell
from rca.reading.minutes.votes import Table, counts_of, listed_ballots, meanings_of


def names(text, **how):
    return [person.name for person in read_people(text, **how)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("chair, programme lead and test manager", ["chair", "programme lead", "test manager"]),
        ("programchef; sjukhusdirektör", ["programchef", "sjukhusdirektör"]),
        ("Ledamot Ett (S), ordförande, Ledamot Två (M)", ["Ledamot Ett (S)", "Ledamot Två (M)"]),
        (
            "Ledamot Ett (S), Ledamot Två (M) och Ledamot Tre (C) §§ 1-4",
            ["Ledamot Ett (S)", "Ledamot Två (M)", "Ledamot Tre (C)"],
        ),
        ("Ledamot Ett (S)      Ledamot Två (M)", ["Ledamot Ett (S)", "Ledamot Två (M)"]),
        ("Inga", []),
        ("vakant", []),
        ("[PERSON7], [PERSON27]", ["[PERSON7]", "[PERSON27]"]),
    ],
)
def test_a_list_is_cut_into_people(text, expected):
    assert names(text, columns="  " in text) == expected


def test_a_role_before_or_behind_the_name_is_no_part_of_it():
    (first,) = read_people("Ordförande Anders Exempel (S)")
    (second,) = read_people("Anders Exempel (S), 1:e vice ordförande §§ 162-164")
    assert (first.name, first.role) == ("Anders Exempel (S)", "Ordförande")
    assert (second.name, second.role) == ("Anders Exempel (S)", "1:e vice ordförande")


@pytest.mark.parametrize(
    "text",
    [
        "Ersättare Ett (S) ersätter Ledamot Två (S) §§ 150-160",
        "Ersättare Ett (S) §§ 150-160 ersätter Ledamot Två (S)",
        "Ersättare Ett (S) tjänstgör för Ledamot Två (S) §§ 150-160",
        "Ersättare Ett (S) för Ledamot Två (S) §§ 150-160",
    ],
)
def test_a_substitute_is_present_and_the_member_absent_for_these_sections(text):
    (person,) = read_people(text)
    assert (person.name, person.replaces) == ("Ersättare Ett (S)", "Ledamot Två (S)")
    roll = Roll()
    roll.add(read_people("Ledamot Två (S)")[0], "members")
    roll.add(person, "serving")
    assert roll.at((149,))[0] == ["Ledamot Två (S)"]
    assert roll.at((155,))[0] == ["Ersättare Ett (S)"]
    assert roll.at((149,))[1] == ["Ersättare Ett (S)"]  # perhaps in the room, not serving


def test_one_substitute_for_two_members_serves_each_for_its_sections():
    people = read_people("Ersättare Ett (S) §§ 1-3 ersätter Ledamot Två (S), §§ 4-5 ersätter Ledamot Tre (M)")
    roll = Roll()
    for name in ("Ledamot Två (S)", "Ledamot Tre (M)"):
        roll.add(read_people(name)[0], "members")
    for person in people:
        roll.add(person, "serving")
    assert set(roll.at((2,))[0]) == {"Ersättare Ett (S)", "Ledamot Tre (M)"}
    assert set(roll.at((4,))[0]) == {"Ersättare Ett (S)", "Ledamot Två (S)"}


@pytest.mark.parametrize(
    "note, inside, outside, unclear",
    [
        ("§§ 12–15, 17", (13,), (16,), None),
        ("t.o.m. kl. 14.10, § 45", (45,), (46,), None),
        ("fr.o.m. § 46", (46,), (45,), None),
        ("ej § 7", (6,), (7,), None),
        ("Lämnade efter 4.19 §", (4, 19), (4, 20), None),
        ("Anlände efter 4.11 §", (4, 12), (4, 11), None),
        ("lämnade vid 5.2", (5, 1), (5, 3), (5, 2)),
        ("5.3", None, None, (5, 1)),
        ("under paus 4.5-4.6", None, None, (4, 5)),
        ("kl. 13.00-14.10", None, None, (1,)),
        ("Ja", (1,), None, None),
    ],
)
def test_a_note_says_for_which_items(note, inside, outside, unclear):
    spell = read_spell(note)
    for key, expected in ((inside, True), (outside, False), (unclear, None)):
        if key is not None:
            assert spell.at(key) is expected


def test_rows_of_tables_name_people():
    header = ("Navn", "Møtte for", "Representerer")
    person = with_cells(("Vara Fire", "Medlem Tre", "SP"), header)
    assert (person.name, person.replaces) == ("Vara Fire (SP)", "Medlem Tre")
    assert with_cells(("Ledamot Ett", "Nej"), ()).is_absent
    assert with_cells(("", ""), ()) is None


def test_an_annex_is_no_person():
    assert is_elsewhere("Se bilaga 1")
    assert not is_elsewhere("Ledamot Ett (S), se § 4")


def test_ranges_are_read_in_all_their_forms():
    assert find_ranges("§§ 81-82") == [((81,), (82,))]
    assert find_ranges("§ 4, 6 och 8") == [((4,), (4,)), ((6,), (6,)), ((8,), (8,))]
    assert find_ranges("12–15 §§") == [((12,), (15,))]
    assert find_ranges("5 personer") == []


@pytest.mark.parametrize(
    "text, expected",
    [
        ("5 Ja-röster, 54 Nej-röster och 2 frånvarande", {"yes": "5", "no": "54", "absent": "2"}),
        ("Omröstningen utfaller med 65 Ja mot 9 Nej", {"yes": "65", "no": "9"}),
        (
            "sju ledamöter röstar ja, två ledamöter röstar nej och en ledamot avstår",
            {"yes": "7", "no": "2", "abstain": "1"},
        ),
        ("Ja: 7, Nej: 4, Avstår: 0", {"yes": "7", "no": "4", "abstain": "0"}),
        ("Vote: 2 in favour, 1 against, 0 abstentions", {"yes": "2", "no": "1", "abstain": "0"}),
        ("JAA-ääntä 2, EI-ääntä 1", {"yes": "2", "no": "1"}),
        ("Förslaget antas efter votering med 7 röster mot 4", {"majority": "7", "minority": "4"}),
        ("Forslaget falt med 2 mot 3 stemmer", {"majority": "2", "minority": "3"}),
    ],
)
def test_counts_of_votes_are_read(text, expected):
    assert counts_of(text).fields() == expected


@pytest.mark.parametrize(
    "text", ["Ja, det är bra. Nej, sade hon 2 gånger.", "Budget 2024 mot 2023", "2 ja och så vidare"]
)
def test_other_numbers_are_no_votes(text):
    assert counts_of(text) is None


def test_what_yes_and_no_stand_for_is_read():
    assert meanings_of("JA = Bifall till motionen NEJ = Avslag på motionen") == (
        "Bifall till motionen",
        "Avslag på motionen",
    )
    assert meanings_of("3 Ja-röster, 1 Nej-röst") == ("", "")


def test_votes_in_lists_of_names_are_read():
    told = listed_ballots(
        "Följande ledamöter röstar JA: Ledamot Ett (S), Ledamot Två (V). Nej röstar: Ledamot Tre (M)."
    )
    assert [(ballot.name, ballot.option) for ballot in told] == [
        ("Ledamot Ett (S)", "yes"),
        ("Ledamot Två (V)", "yes"),
        ("Ledamot Tre (M)", "no"),
    ]
    assert listed_ballots("JAA = pohjaehdotus, EI = palautus") == []


def test_the_substitute_on_the_line_is_who_voted():
    table = Table()
    assert table.header("Ledamot            Ersättare            Ja   Nej   Avst   Frånv")
    ballot = table.row("Ledamot Ett (S)    Ersättare Två (S)          X")
    assert (ballot.name, ballot.replaces, ballot.option) == ("Ersättare Två (S)", "Ledamot Ett (S)", "no")
