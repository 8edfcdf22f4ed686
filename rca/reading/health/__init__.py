"""Health-care records: HL7 v2 and EDIFACT messages, ATNA audit trails, FHIR audit events."""
