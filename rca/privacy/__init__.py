"""WHO MAY SEE: detectors of names and of wordings that must not be published."""

from rca.privacy.language import Wording, find_human_error, find_wordings, outside_quotes
from rca.privacy.names import find_names

__all__ = ["Wording", "find_human_error", "find_names", "find_wordings", "outside_quotes"]
