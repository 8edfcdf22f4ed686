"""Which time dates a FHIR resource, and how its stamps are read: to the year, the month, the day, or finer, as written.

The decision hidden here: the main time of each resource. The first path that states a time wins; of a period the start
is the time and the end is kept. Births and deaths are no times of events: they identify persons.

References:
    HL7 FHIR R5, R4, STU3 and DSTU2, the resource definitions; FHIR R5, 2.1.28.0.1 (date, dateTime, instant).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from rca.moments.moment import Precision, TimeKind
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.dating import Dating, read_stamp

__all__ = ["TYPES", "FhirDating", "Times", "read_fhir_stamp", "times_of"]

_COARSE = re.compile(r"(\d{4})(?:-(\d\d))?")
_KINDS = {
    "started": TimeKind.STARTED, "sent": TimeKind.SENT, "issued": TimeKind.REPORTED, "dateSent": TimeKind.SENT,
    "received": TimeKind.RECORDED, "receivedTime": TimeKind.RECORDED, "recorded": TimeKind.RECORDED,
    "recordedDate": TimeKind.RECORDED, "dateRecorded": TimeKind.RECORDED, "recordedOn": TimeKind.RECORDED,
    "assertedDate": TimeKind.RECORDED, "dateAsserted": TimeKind.RECORDED, "authoredOn": TimeKind.RECORDED,
    "authored": TimeKind.RECORDED, "dateWritten": TimeKind.RECORDED, "orderedOn": TimeKind.RECORDED,
    "created": TimeKind.RECORDED, "enteredDate": TimeKind.RECORDED, "indexed": TimeKind.RECORDED,
    "lastModified": TimeKind.MODIFIED, "reportedDateTime": TimeKind.REPORTED,
}  # fmt: skip
"""What a time means by the name of its element; others are when something occurred."""
_ORDERED = "authoredOn orderedOn dateWritten dateSent date created occurrenceDateTime occurrencePeriod"
_PATHS = {
    "AuditEvent": "recorded occurredDateTime occurredPeriod event.dateTime",
    "SecurityEvent": "event.dateTime",
    "Provenance": "recorded occurredDateTime occurredPeriod",
    "Account": "servicePeriod activePeriod", "AdverseEvent": "occurrenceDateTime occurrencePeriod date detected recordedDate",
    "AllergyIntolerance": "recordedDate assertedDate onsetDateTime onset",
    "Appointment": "start", "AppointmentResponse": "start", "Slot": "start", "Schedule": "planningHorizon",
    "Basic": "created", "BodySite": "", "Bundle": "timestamp", "CarePlan": "created period", "CareTeam": "period",
    "ChargeItem": "occurrenceDateTime occurrencePeriod enteredDate", "Claim": "created", "ClaimResponse": "created",
    "ClinicalImpression": "effectiveDateTime effectivePeriod date",
    "Communication": "sent received", "CommunicationRequest": "authoredOn requestedOn occurrenceDateTime",
    "Composition": "date", "Condition": "recordedDate dateRecorded assertedDate onsetDateTime onsetPeriod",
    "Consent": "dateTime date", "Contract": "issued", "Coverage": "period",
    "CoverageEligibilityRequest": "created", "CoverageEligibilityResponse": "created",
    "DetectedIssue": "identifiedDateTime identifiedPeriod date",
    "DeviceAssociation": "period", "DeviceDispense": "whenHandedOver preparedDate",
    "DeviceMetric": "", "DeviceRequest": _ORDERED, "DeviceUsage": "dateAsserted", "DeviceUseRequest": _ORDERED,
    "DeviceUseStatement": "recordedOn", "DiagnosticOrder": "event.dateTime",
    "DiagnosticReport": "issued effectiveDateTime effectivePeriod", "DocumentManifest": "created",
    "DocumentReference": "date indexed created", "Encounter": "period actualPeriod",
    "EncounterHistory": "actualPeriod", "EnrollmentRequest": "created", "EnrollmentResponse": "created",
    "EpisodeOfCare": "period", "ExplanationOfBenefit": "created", "FamilyMemberHistory": "date", "Flag": "period",
    "GenomicStudy": "startDate", "Goal": "startDate", "GuidanceResponse": "occurrenceDateTime",
    "ImagingObjectSelection": "authoringTime", "ImagingSelection": "issued", "ImagingStudy": "started",
    "Immunization": "occurrenceDateTime date recorded", "ImmunizationEvaluation": "date",
    "ImmunizationRecommendation": "date", "InventoryReport": "reportedDateTime", "Invoice": "date", "List": "date",
    "MeasureReport": "date", "Media": "createdDateTime createdPeriod issued occurrenceDateTime",
    "MedicationAdministration":
        "effectiveDateTime effectivePeriod occurenceDateTime occurencePeriod effectiveTimeDateTime effectiveTimePeriod recorded",
    "MedicationDispense": "whenHandedOver whenPrepared recorded", "MedicationOrder": "dateWritten",
    "MedicationRequest": "authoredOn", "MedicationStatement": "effectiveDateTime effectivePeriod dateAsserted",
    "MessageHeader": "timestamp", "NutritionIntake": "occurrenceDateTime occurrencePeriod recorded",
    "NutritionOrder": "dateTime",
    "Observation": "effectiveDateTime effectivePeriod effectiveInstant effectiveTiming.event issued appliesDateTime",
    "Order": "date", "OrderResponse": "date", "PaymentNotice": "created", "PaymentReconciliation": "created",
    "Procedure": "performedDateTime performedPeriod occurrenceDateTime occurrencePeriod recorded",
    "ProcedureRequest": _ORDERED, "QuestionnaireResponse": "authored", "ReferralRequest": _ORDERED,
    "RequestGroup": "authoredOn", "RequestOrchestration": "authoredOn",
    "RiskAssessment": "occurrenceDateTime occurrencePeriod date", "ServiceRequest": _ORDERED,
    "Specimen": "collection.collectedDateTime collection.collectedPeriod receivedTime",
    "SupplyDelivery": "occurrenceDateTime occurrencePeriod time", "SupplyRequest": _ORDERED, "Task": "authoredOn created",
    "TestReport": "issued", "Transport": "authoredOn", "VerificationResult": "statusDate",
    "VisionPrescription": "dateWritten created",
    "": "response.lastModified",
}  # fmt: skip
"""The paths to the time of each resource, the best first; "" is an entry of a bundle that holds none."""
_SCHEDULED = frozenset({"Appointment", "AppointmentResponse", "Slot", "Schedule"})
_DEFINITIONS = frozenset(
    [
        "ActivityDefinition",
        "ActorDefinition",
        "CapabilityStatement",
        "ChargeItemDefinition",
        "CodeSystem",
        "CompartmentDefinition",
        "ConceptMap",
        "ConditionDefinition",
        "Conformance",
        "DataElement",
        "EventDefinition",
        "Evidence",
        "EvidenceReport",
        "EvidenceVariable",
        "ExampleScenario",
        "GraphDefinition",
        "ImplementationGuide",
        "Library",
        "Measure",
        "MessageDefinition",
        "NamingSystem",
        "ObservationDefinition",
        "OperationDefinition",
        "PlanDefinition",
        "Questionnaire",
        "Requirements",
        "ResearchDefinition",
        "ResearchElementDefinition",
        "SearchParameter",
        "ServiceDefinition",
        "SpecimenDefinition",
        "StructureDefinition",
        "StructureMap",
        "SubscriptionTopic",
        "TerminologyCapabilities",
        "TestPlan",
        "TestScript",
        "ValueSet",
    ]
)
"""Resources that define; their `date` says when they were changed."""
_TIMELESS = (
    "AdministrableProductDefinition AppointmentRequest ArtifactAssessment Binary BiologicallyDerivedProduct "
    "BiologicallyDerivedProductDispense BodyStructure CatalogEntry Citation ClinicalUseDefinition "
    "Device DeviceComponent DeviceDefinition EffectEvidenceSynthesis Endpoint FormularyItem Group HealthcareService Ingredient "
    "InsurancePlan InventoryItem Linkage Location ManufacturedItemDefinition Medication MedicationKnowledge "
    "MedicationUsage MedicinalProductDefinition MolecularSequence NutritionProduct ObservationResult OperationOutcome "
    "Organization OrganizationAffiliation PackagedProductDefinition Parameters Patient Permission Person Practitioner "
    "PractitionerRole ProcessRequest ProcessResponse RegulatedAuthorization RelatedPerson ResearchStudy ResearchSubject "
    "RiskEvidenceSynthesis Sequence Subscription SubscriptionStatus Substance SubstanceDefinition SubstanceNucleicAcid "
    "SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification "
    "EligibilityRequest EligibilityResponse ExpansionProfile"
)
TYPES = frozenset(filter(None, _PATHS)) | _DEFINITIONS | frozenset(_TIMELESS.split())
"""The names of resources from DSTU2 to R5."""


@dataclass(frozen=True, slots=True)
class Times:
    """The main time of a resource as written, the end of its period, and its other times by their paths."""

    stamp: str = ""
    end: str = ""
    kind: TimeKind = TimeKind.OCCURRED
    path: str = ""
    others: tuple[tuple[str, str], ...] = ()


def times_of(kind: str, resource: Mapping[str, Any]) -> Times:
    """The times of a resource of type `kind`.

    >>> times_of("Encounter", {"period": {"start": "2024-11-12", "end": "2024-11-13"}}).end
    '2024-11-13'
    """
    paths = _PATHS.get(kind, "date" if kind in _DEFINITIONS else "").split()
    found: list[tuple[str, str, str]] = []
    for path in paths:
        value = _reach(resource, path)
        if isinstance(value, dict):
            start, end = value.get("start"), value.get("end")
            if isinstance(start, str) and start.strip():
                found.append((f"{path}.start", start, end if isinstance(end, str) else ""))
            elif isinstance(end, str) and end.strip():
                found.append((f"{path}.end", end, ""))
        elif isinstance(value, str) and value.strip():
            end = resource.get("end") if path == "start" else None
            found.append((path, value, end if isinstance(end, str) else ""))
    if not found:
        return Times()
    path, stamp, end = found[0]
    others = [(name, text) for name, text, _ in found[1:]]
    others += [(f"{name.removesuffix('.start')}.end", text) for name, _, text in found if text]
    return Times(stamp.strip(), end.strip(), _time_kind(kind, path), path, tuple(others))


def _reach(resource: Mapping[str, Any], path: str) -> Any:
    value: Any = resource
    for name in path.split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(name) if isinstance(value, dict) else None
    return value[0] if isinstance(value, list) and value else value


def _time_kind(kind: str, path: str) -> TimeKind:
    if kind in _SCHEDULED:
        return TimeKind.SCHEDULED
    if kind in _DEFINITIONS:
        return TimeKind.MODIFIED
    name = path.rpartition(".")[2]
    if name == "end":
        return TimeKind.ENDED
    return TimeKind.STARTED if name == "start" else _KINDS.get(name, TimeKind.OCCURRED)


@lru_cache(maxsize=8192)
def read_fhir_stamp(text: str, *, day_first: bool = True) -> Stamp | None:
    """The stamp that a date, dateTime or instant is; None where it is no possible time.

    >>> read_fhir_stamp("2024").precision, read_fhir_stamp("2024-11").precision
    (<Precision.YEAR: 'year'>, <Precision.MONTH: 'month'>)
    """
    text = text.strip()
    found = _COARSE.fullmatch(text)
    if found is None:
        return read_stamp(text, day_first=day_first)
    stamp = compile_layout("iso").parse(f"{found[1]}-{found[2] or '01'}-01")
    if stamp is None:
        return None
    return replace(stamp, text=text, precision=Precision.MONTH if found[2] else Precision.YEAR)


class FhirDating(Dating):
    """Reads the stamps of FHIR, which may end after the year or the month."""

    def parse(self, text: str) -> Stamp | None:
        """The stamp that `text` is."""
        return read_fhir_stamp(text, day_first=self.order.day_first)
