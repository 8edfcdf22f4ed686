"""HELD: exhibits and their versions, the register, the custody chain, opening, citations."""

from rca.evidence.custody import entries, verify_chain
from rca.evidence.folder import (
    Intake,
    Outcome,
    State,
    Verification,
    exhibit_path,
    expand,
    register_file,
    verify,
)
from rca.evidence.locators import Citation, LocatorKind, cite, parse_citation
from rca.evidence.opening import Limits, Member, members, open_member
from rca.evidence.register import Exhibit, current, read_register

__all__ = [
    "Citation",
    "Exhibit",
    "Intake",
    "Limits",
    "LocatorKind",
    "Member",
    "Outcome",
    "State",
    "Verification",
    "cite",
    "current",
    "entries",
    "exhibit_path",
    "expand",
    "members",
    "open_member",
    "parse_citation",
    "read_register",
    "register_file",
    "verify",
    "verify_chain",
]
