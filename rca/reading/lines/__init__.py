"""Line logs: formats are data, several may live in one file, every byte is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rca.evidence.opening import is_binary, mark_length
from rca.reading.lines.formats import Format, load_formats, names_of, parse_formats
from rca.reading.lines.parts import Parts
from rca.reading.source import Declared, Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Format", "LineReader"]


class LineReader:
    """Reads logs line by line. An unknown format name is refused by the seam; without one, content decides."""

    name = "lines"
    version = "2"
    title = "logs: records led by a stamp, JSON Lines, stack traces folded in"
    suffixes = (".log", ".txt", ".jsonl", ".ndjson", ".out", ".err")
    ceiling = 0.9

    def formats(self) -> dict[str, Format]:
        """The formats that ship with the package, by name."""
        return names_of(load_formats())

    def score(self, sample: Sample) -> float:
        """The share of sampled lines that a format takes, scaled to at most 0.9; a little for any text."""
        from rca.reading.lines.folding import fold
        from rca.reading.lines.plan import look_at

        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        look = look_at(sample.head, sample.encoding, mark_length(sample.head), _formats_for(sample.declared))
        block, layout = look.block, look.layout
        folded = fold(block, layout)
        records = int(folded.is_head.sum())
        solid = int((~block.is_blank & ~layout.is_structure).sum())
        if not records or not solid:
            return 0.05
        inside = int((folded.inside & ~block.is_blank).sum()) - int((~folded.is_head).sum())
        return 0.3 + 0.6 * min(inside, records * 5) / solid

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        from rca.events.columns import conformed

        for table in self.parts(source).read():
            yield conformed(table)

    def parts(self, source: Source) -> Parts:
        """The stream in parts, which may be written by several threads at once."""
        return Parts(source, _formats_for(source.declared), reader=self.name, version=self.version)


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
