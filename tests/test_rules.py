"""Rules run under a profile, and a waiver keeps its reason."""

import pytest

from rca.errors import Severity, UsageError
from rca.rules import Hit, Profile, Rule, Stage, Waiver, load_profile, profile_names, run


def rule(code, check, *, stage=Stage.DRAFT, severity=Severity.ERROR):
    return Rule(code, code[-1], "t", severity, stage, "why", "mend it", "example", "source", check)


ODD = rule("RCA901", lambda numbers: (Hit(str(n), f"{n} is odd") for n in numbers if n % 2))
LARGE = rule(
    "RCA902", lambda numbers: (Hit(str(n), f"{n} is large") for n in numbers if n > 9), stage=Stage.PUBLISH
)


def test_each_hit_becomes_an_issue_with_the_rules_severity_and_advice():
    issues = run([ODD, LARGE], [2, 3, 11]).issues
    assert [(i.code, i.where, i.severity, i.hint) for i in issues] == [
        ("RCA901", "3", Severity.ERROR, "mend it"),
        ("RCA901", "11", Severity.ERROR, "mend it"),
        ("RCA902", "11", Severity.ERROR, "mend it"),
    ]


def test_a_draft_is_not_held_to_the_rules_of_publication():
    assert run([ODD, LARGE], [10, 12], stage=Stage.DRAFT).issues.counts == {}


def test_a_profile_changes_or_switches_off_a_rule():
    profile = Profile("p", "t", {"RCA901": None, "RCA902": Severity.INFO})
    issues = run([ODD, LARGE], [11], profile=profile).issues
    assert [(i.code, i.severity) for i in issues] == [("RCA902", Severity.INFO)]


def test_a_waiver_sets_one_place_aside_and_keeps_the_reason():
    verdict = run([ODD], [3, 5], waivers=[Waiver("RCA901", "not in the public record", "3")])
    assert [i.where for i in verdict.issues] == ["5"]
    assert [(i.where, w.reason) for i, w in verdict.waived] == [("3", "not in the public record")]


def test_an_unknown_profile_gets_advice():
    assert profile_names()[0] == "default"
    with pytest.raises(UsageError, match="default"):
        load_profile("defualt")
