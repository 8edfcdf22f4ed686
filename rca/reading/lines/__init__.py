"""Line logs: formats are data, several may live in one file, every byte is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rca.evidence.opening import is_binary
from rca.reading.lines.engine import Matcher, read_lines
from rca.reading.lines.formats import Format, load_formats, names_of, parse_formats
from rca.reading.source import Declared, Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Format", "LineReader"]

_SAMPLED = 200


class LineReader:
    """Reads logs line by line. An unknown format name is refused by the seam; without one, content decides."""

    name = "lines"
    version = "1"
    title = "logs: records led by a stamp, JSON Lines, stack traces folded in"
    suffixes = (".log", ".txt", ".jsonl", ".ndjson", ".out", ".err")

    def formats(self) -> dict[str, Format]:
        """The formats that ship with the package, by name."""
        return names_of(load_formats())

    def score(self, sample: Sample) -> float:
        """The share of sampled lines that a format takes, scaled to at most 0.9; a little for any text."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        lines = [line for line in sample.text.lstrip("\ufeff").splitlines()[: _SAMPLED * 2] if line.strip()][
            :_SAMPLED
        ]
        matcher = Matcher(_formats_for(sample.declared))
        records = folded = 0
        for line in lines:
            if matcher.find(line) is not None:
                records += 1
            elif records:
                folded += 1
        if not records:
            return 0.05
        return 0.3 + 0.6 * (records + min(folded, records * 4)) / len(lines)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        return read_lines(source, _formats_for(source.declared), reader=self.name, version=self.version)


def _formats_for(declared: Declared) -> tuple[Format, ...]:
    own = [
        f for origin, document in declared.definitions.items() for f in parse_formats(document, origin=origin)
    ]
    known = (*own, *load_formats())
    asked = declared.format
    if asked is not None and asked != LineReader.name:
        chosen = tuple(f for f in known if f.name == asked)
        if chosen:
            return chosen
    return known
