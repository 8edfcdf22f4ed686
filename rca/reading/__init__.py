"""EXHIBIT → EVENTS: the reader seam, and the readers that come with the package."""

from rca.reading.books import Books
from rca.reading.readers import Reader, failed_readers, readers
from rca.reading.reading import Reading, StreamSummary, read, read_streams
from rca.reading.source import Declared, Sample, Source, Unparsed

__all__ = [
    "Books",
    "Declared",
    "Reader",
    "Reading",
    "Sample",
    "Source",
    "StreamSummary",
    "Unparsed",
    "failed_readers",
    "read",
    "read_streams",
    "readers",
]
