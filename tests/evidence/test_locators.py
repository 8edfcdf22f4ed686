"""A citation is one word, and reads back as written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.errors import UsageError
from rca.evidence import Citation, LocatorKind, cite, parse_citation


@pytest.mark.parametrize(
    "text",
    [
        "E3", "E3:L48", "E3:L48-52", "E3:B1040+311", "E3:R12", "E3:J/issues/3/changelog/1", "E3:P4.2", "E3:P4",
        "E3:T00:12:31", "E3:S123", "E1#M101", "E3!var/log/a.log!b:L48", "E12!a%20b.zip#key%20one",
    ],
)  # fmt: skip
def test_every_form_reads_back_as_written(text):
    assert str(parse_citation(text)) == text


def test_the_parts_are_named():
    found = parse_citation("E3!var/log/a%21.log!b:L48-52")
    assert (found.exhibit, found.members, found.kind) == ("E3", ("var/log/a!.log", "b"), LocatorKind.LINE)
    assert (found.first, found.last) == (48, 52)
    assert found.locator == "!var/log/a%21.log!b:L48-52"
    assert cite("E3", found.locator) == str(found)


@pytest.mark.parametrize(
    "text", ["", "3:L1", "E0:L1", "E3:", "E3:X9", "E3:L", "E3!:L1", "E3#", "E3 L48", "e3:L1"]
)
def test_what_is_no_citation_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="E3:L48"):
        parse_citation(text)


NAMES = st.text(min_size=1, max_size=12)


@given(st.integers(1, 99), st.lists(NAMES, max_size=3), NAMES)
def test_any_member_and_key_survive(number, members, key):
    citation = Citation(f"E{number}", tuple(members), LocatorKind.KEY, name=key)
    assert parse_citation(str(citation)) == citation
    assert " " not in str(citation)
