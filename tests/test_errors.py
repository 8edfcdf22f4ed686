"""Errors say what, where and what to do; issues are values in the order that a reader wants."""

import pytest

from rca.errors import (
    CaseError,
    EvidenceError,
    FormatError,
    Issue,
    Issues,
    LimitError,
    RcaError,
    Severity,
    StoreError,
    UsageError,
    did_you_mean,
)


@pytest.mark.parametrize(
    "ours, builtin",
    [
        (UsageError, ValueError),
        (CaseError, ValueError),
        (EvidenceError, OSError),
        (FormatError, ValueError),
        (LimitError, OverflowError),
        (StoreError, OSError),
    ],
)
def test_each_error_is_ours_and_the_builtin_a_user_would_catch(ours, builtin):
    error = ours("What", where="here.toml:3", hint="Do this.")
    assert isinstance(error, RcaError)
    assert isinstance(error, builtin)
    assert str(error) == "What (here.toml:3). Do this."
    assert error.code.startswith("RCA00")


def test_issues_put_errors_first_and_keep_equal_ones_once():
    note = Issue("RCA201", Severity.INFO, "a note", "E1:L1")
    error = Issue("RCA301", Severity.ERROR, "a cycle", "b")
    issues = Issues([note, error, note])
    assert list(issues) == [error, note]
    assert repr(issues) == "Issues(1 errors, 0 warnings, 1 notes)"
    assert list(issues.errors) == [error]
    assert issues.counts == {"RCA201": 1, "RCA301": 1}


def test_issues_of_a_file_stand_in_the_order_of_their_lines():
    places = ["b.yaml:9", "a.yaml:130", "a.yaml:27", "", "E2:L10", "E10:L2", "E2:L9"]
    ordered = [i.where for i in Issues(Issue("RCA1", Severity.ERROR, "m", where) for where in places)]
    assert ordered == ["", "E2:L9", "E2:L10", "E10:L2", "a.yaml:27", "a.yaml:130", "b.yaml:9"]


def test_issues_show_hostile_text_as_text():
    html = Issues([Issue("RCA1", Severity.ERROR, "<script>alert(1)</script>", "<b>")])._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_close_name_is_offered_and_a_far_one_gets_the_list():
    assert did_you_mean("Zoen", ["zone", "title"]) == 'Did you mean "zone"?'
    assert did_you_mean("xyz", ["zone", "title"]) == "Known: title, zone."
    assert did_you_mean("xyz", []) == ""
