"""What an HL7 v2 message says: its fields by number and component, its times, and the rows that it becomes.

The decision hidden here: which words of a message may leave the exhibit. Systems, facilities, codes, states and the
ids of messages, orders and visits may; names, births, results and free text may not, so that of an acknowledgement's
text only the wordings of table 0357 are kept.

References:
    HL7 v2.8.2, chapter 2: 2.14.5 (ERR), 2.14.8 (MSA), 2.14.9 (MSH), tables 0008 and 0357.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rca.events.batches import attributes
from rca.moments.moment import TimeKind
from rca.reading.health.hl7v2_segments import Separators
from rca.reading.health.hl7v2_times import TIMES, Field

__all__ = ["Fields", "Message", "Time", "message_row", "read_segment", "time_row"]

_MOST_TIMES = 100_000  # of one message
_VERDICTS = {
    "AA": "accepted",
    "AE": "error",
    "AR": "rejected",
    "CA": "commit: accepted",
    "CE": "commit: error",
    "CR": "commit: rejected",
}
_REASONS = {
    "segment sequence error", "required field missing", "data type error", "table value not found",
    "value too long", "unsupported message type", "unsupported event code", "unsupported processing id",
    "unsupported version id", "unknown key identifier", "duplicate key identifier", "application record locked",
    "application internal error", "application error", "message accepted",
}  # fmt: skip


@dataclass(slots=True)
class Time:
    """A field of a message that holds a time, with what its segment says about it."""

    field: Field
    text: str
    end: str
    segment: str
    start: int
    length: int
    line: int
    index: int
    code: str = ""
    words: str = ""
    status: str = ""
    actor: str = ""
    refs: tuple[str, ...] = ()


@dataclass(slots=True)
class Message:
    """A message on its way from its first line to its last."""

    number: int
    start: int
    end: int
    line: int
    separators: Separators
    header: list[str] = field(default_factory=list)
    codec: str = ""
    segments: int = 0
    times: list[Time] = field(default_factory=list)
    msa: list[str] = field(default_factory=list)
    error: str = ""
    unit: str = ""
    trigger: str = ""
    pointer: str = ""
    is_closed: bool = False
    is_capped: bool = False


class Fields:
    """The fields of a segment, by number and component."""

    def __init__(self, fields: list[str], separators: Separators) -> None:
        self.fields = fields
        self.separators = separators

    def __call__(self, number: int, component: int = 1) -> str:
        """Component `component` of the first repetition of field `number`; "" where there is none."""
        value = self.fields[number] if number < len(self.fields) else ""
        if not value:
            return ""
        value = value.split(self.separators.repetition, 1)[0]
        parts = value.split(self.separators.component, component)
        value = parts[component - 1].strip(" \t\r\n\0\x0b\x1c") if component <= len(parts) else ""
        return "" if value == '""' else self._plain(value)

    def party(self, number: int) -> str:
        """Who an HD names: its namespace, else its universal id."""
        return self(number) or self(number, 2)

    def _plain(self, value: str) -> str:
        marks = self.separators
        if not marks.escape or marks.escape not in value:
            return value
        for letter, mark in (
            ("F", marks.field), ("S", marks.component), ("T", marks.subcomponent), ("R", marks.repetition),
            ("E", marks.escape),
        ):  # fmt: skip
            value = value.replace(f"{marks.escape}{letter}{marks.escape}", mark)
        return value


def read_segment(
    message: Message, name: str, fields: list[str], *, start: int, length: int, line: int
) -> None:
    """Let `message` know what one of its segments says; `start`, `length` and `line` tell where it stands."""
    say = Fields(fields, message.separators)
    if name == "MSA" and not message.msa:
        message.msa = [say(1), say(2), say(3)]
    elif name == "ERR" and not message.error:
        message.error = say(3) or say(1, 4)
    elif name == "DSC":
        message.pointer = say(1)
    elif name == "EVN":
        message.trigger = say(1)
    elif name == "PV1" and not message.unit:
        message.unit = "/".join(part for part in (say(3, 4), say(3)) if part)
    for order, known in enumerate(TIMES.get(name, ())):
        text = say(known.number, known.component)
        if not text:
            continue
        if len(message.times) >= _MOST_TIMES:
            message.is_capped = True
            return
        index = len(message.times) + 1 if start == message.start else order
        end = say(known.end) if known.end else ""
        time = Time(known, text, end, name, start, length, line, min(index, 255))
        _describe(time, say)
        message.times.append(time)


def _describe(time: Time, say: Fields) -> None:
    """What the segment of a time says about it: a code, a status, ids of orders and visits; no names, no results."""
    code = {"OBX": 3, "OBR": 4, "RXA": 5, "PR1": 3, "TXA": 2, "SPM": 4, "AIS": 3}.get(time.segment)
    if code:
        time.code, time.words = say(code), say(code, 2)
    status = {"OBX": 11, "OBR": 25, "ORC": 5, "EVN": 1, "PV1": 2, "TXA": 17, "SCH": 25}.get(time.segment)
    if status:
        time.status = say(status)
    if time.segment == "EVN":
        time.actor = say(5)
    ids = {"ORC": (2, 3), "OBR": (2, 3), "PV1": (19,), "TXA": (12,), "SCH": (1, 2), "SPM": (2,)}.get(
        time.segment, ()
    )
    time.refs = tuple(dict.fromkeys(value for number in ids if (value := say(number))))


def message_row(message: Message, say: Fields, sender: str, receiver: str) -> dict[str, Any]:
    """The row of the message itself, without its time and place; `say` are the fields of its header."""
    what = "^".join(part for part in (say(9), say(9, 2)) if part)
    verdict, answered = (message.msa[0].upper(), message.msa[1]) if message.msa else ("", "")
    reason = message.msa[2] if message.msa and message.msa[2].lower().rstrip(".") in _REASONS else ""
    words = what or "message without a type"
    if message.msa:
        words += f" {verdict} ({_VERDICTS.get(verdict, 'no known code')}) for {answered or 'no message'}"
    if sender:
        words += f" from {sender}"
    if receiver:
        words += f" to {receiver}"
    if say(10):
        words += f", id {say(10)}"
    if verdict[1:] in ("E", "R") and (message.error or reason):
        words += f": {message.error or reason}"
    row: dict[str, Any] = {
        "kind": "hl7.ack" if message.msa or say(9) == "ACK" else "hl7.message",
        "time_kind": TimeKind.SENT.value,
        "message": words,
        "actor": sender or None,
        "subject": receiver or None,
        "component": what or None,
        "unit": message.unit or None,
        "parent": answered or None,
        "trace_id": say(10) or None,
        "refs": list(dict.fromkeys(ref for ref in (say(10), answered) if ref)) or None,
        "byte_length": message.end - message.start,
        "line": message.line,
        "attributes": attributes(
            {
                "version": say(12),
                "processing_id": say(11),
                "trigger": say(9, 2) or message.trigger,
                "structure": say(9, 3),
                "control_id": say(10),
                "sequence": say(13),
                "charset": say(18),
                "ack_code": verdict,
                "error": message.error,
                "reason": reason,
                "continues": say(14),
                "continued_by": message.pointer,
                "segments": str(message.segments),
            }
        ),
    }
    if verdict in _VERDICTS:
        row["severity"] = 17 if verdict[1] in "ER" else 9
        row["severity_text"] = verdict
    return row


def time_row(time: Time, message: Message, say: Fields, sender: str) -> dict[str, Any]:
    """The row of a time inside of `message`, without its place; `say` are the fields of the message's header."""
    what = "^".join(part for part in (say(9), say(9, 2)) if part)
    named = " ".join(part for part in (time.code, time.words) if part)
    words = time.field.words + (f": {named}" if named else "")
    if time.refs:
        words += f" ({', '.join(time.refs)})"
    return {
        "kind": time.field.kind,
        "time_kind": time.field.time_kind.value,
        "message": words,
        "actor": time.actor or sender or None,
        "component": what or None,
        "unit": message.unit or None,
        "parent": say(10) or None,
        "trace_id": say(10) or None,
        "refs": list(time.refs) or None,
        "byte_length": time.length,
        "line": time.line,
        "attributes": attributes(
            {
                "field": f"{time.segment}-{time.field.number}",
                "code": time.code,
                "status": time.status,
            }
        ),
    }
