"""WHO MAY SEE: detectors of what must not be published."""
