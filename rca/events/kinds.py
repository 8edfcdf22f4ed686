"""The registry of event kinds: every dotted `kind` that a reader may give, with one line of meaning.

The decision hidden here: the vocabulary of what happens. A new reader adds its kinds here, or uses a kind of a table's
mapping under `fact.`.
"""

from __future__ import annotations

__all__ = ["KINDS", "is_kind"]

KINDS: dict[str, str] = {
    "log.line": "a record of a log, with the lines folded into it",
    "log.access": "a request answered by a server",
    "log.login": "someone logged in, or a session was opened for an account",
    "log.login_failed": "a log-in, or a step of one, was refused",
    "log.logout": "someone logged out, or the session of an account was closed",
    "log.connection_opened": "a connection from or to another host was opened",
    "log.connection_closed": "a connection was closed, reset or lost",
    "log.blocked": "a rule refused something: a packet, an address, a query, a message, an access",
    "log.alert": "a tool that looks for attacks, viruses or break-ins reported one",
    "log.audit": "a record of an audit trail: who did what to which object",
    "log.command": "someone or something ran a command",
    "log.started": "a program, service or system started",
    "log.stopped": "a program, service or system stopped in good order",
    "log.crashed": "a program or system broke down: segmentation fault, core dump, panic, killed for want of memory",
    "fact": "a row of an investigator's table of dated facts; the mapping may refine it (fact.warning, …)",
    "minutes.meeting": "a meeting took place",
    "minutes.present": "someone is recorded as present at a meeting",
    "minutes.absent": "someone is recorded as absent from a meeting",
    "minutes.item": "an item was on the agenda or was discussed",
    "minutes.statement": "something is recorded as said or reported at a meeting",
    "minutes.decision": "a meeting decided",
    "minutes.action": "a meeting gave someone a task",
    "minutes.approved": "minutes were approved or published",
    "hl7.message": "an HL7 v2 message was sent, as its header states",
    "fhir.audit": "an AuditEvent of FHIR: who did what to which object, and how it ended",
    "fhir.resource": "another resource of FHIR, at its main time",
    "hl7.ack": "an HL7 v2 message that answers another: accepted (not delivered), error or rejected",
    "hl7.recorded": "an event was recorded in the system that sent the message (EVN-2)",
    "hl7.planned": "an event was planned (EVN-3)",
    "hl7.occurred": "an event occurred (EVN-6)",
    "hl7.admission": "a visit began (PV1-44)",
    "hl7.discharge": "a visit ended (PV1-45)",
    "hl7.order": "an order was placed, changed or answered (ORC-9, ORC-15)",
    "hl7.observation": "something was observed, measured or sampled (OBR-7, OBX-14)",
    "hl7.analysis": "an observation was analysed (OBX-19)",
    "hl7.specimen": "a specimen was collected or received (SPM-17, SPM-18, OBR-14)",
    "hl7.reported": "results were reported or their status changed (OBR-22)",
    "hl7.document": "a document was originated, or the activity took place that it describes (TXA)",
    "hl7.administration": "a drug or vaccine was given (RXA-3)",
    "hl7.procedure": "a procedure was carried out (PR1-5)",
    "hl7.transaction": "a financial transaction took place (FT1-4)",
    "hl7.appointment": "an appointment is scheduled (SCH-11, AIS, AIG, AIL, AIP)",
    "edifact.message": "an EDIFACT message, with the preparation time of its interchange",
    "edifact.time": "a time that an EDIFACT message states (DTM); refined by what its qualifier means",
    "atna.audit": "an audit message of a health-care system (ATNA): who did what to which object",
    "annotation": "a note of the investigators",
}


def is_kind(kind: str) -> bool:
    """Whether `kind` is registered, or refines a registered one.

    >>> is_kind("fact.warning"), is_kind("weather")
    (True, False)
    """
    return kind in KINDS or any(kind.startswith(f"{known}.") for known in KINDS)
