"""The reader seam: what a reader is, how readers are found, and which one gets a stream.

The decision hidden here: selection. An explicit name wins; else the best content score; among equals, the one whose
suffix fits; a tie that is left is an issue, and goes to the first by name, never by import order. Our own readers come
through the same door (entry points `rca.readers`) as anybody's; one that fails to load is listed with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rca.errors import Severity, UsageError, did_you_mean
from rca.reading.source import Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

    from rca.reading.lines.parts import Parts

__all__ = ["FailedReader", "PartedReader", "Reader", "choose", "failed_readers", "readers"]

GROUP = "rca.readers"


@runtime_checkable
class Reader(Protocol):
    """Turns a source into Arrow batches of events.

    `score` looks at the beginning of a stream and says from 0 (not mine) to 1 (surely mine). `read` yields batches of
    `rca.events.arrow_schema()` in file order and tells the source where every byte ended.
    """

    name: str
    version: str
    title: str
    suffixes: tuple[str, ...]

    def score(self, sample: Sample) -> float:
        """How surely this stream is this reader's, from 0 to 1."""
        ...

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        ...


@runtime_checkable
class PartedReader(Reader, Protocol):
    """A reader that also gives a stream in parts, to be written by several threads at once."""

    def parts(self, source: Source) -> Parts:
        """The stream in parts."""
        ...


@dataclass(frozen=True, slots=True)
class FailedReader:
    """A reader that could not be loaded, with the reason."""

    name: str
    reason: str


@cache
def _loaded() -> tuple[dict[str, Reader], tuple[FailedReader, ...]]:
    found: dict[str, Reader] = {}
    failed: list[FailedReader] = []
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        try:
            reader = point.load()()
        except Exception as error:  # a foreign reader may fail in any way; the list says how
            failed.append(FailedReader(point.name, f"{type(error).__name__}: {error}"))
            continue
        if not isinstance(reader, Reader):
            failed.append(
                FailedReader(point.name, f"{point.value} is no reader: it lacks a name, score or read")
            )
        elif point.name in found:
            failed.append(
                FailedReader(point.name, f"{point.value} has the name of a reader that is loaded already")
            )
        else:
            found[point.name] = reader
    return found, tuple(failed)


def readers() -> dict[str, Reader]:
    """All readers that loaded, by name."""
    return dict(_loaded()[0])


def failed_readers() -> tuple[FailedReader, ...]:
    """The readers that did not load, with their reasons."""
    return _loaded()[1]


def choose(source: Source) -> Reader | None:
    """The reader for `source`, or None when no reader knows what it is.

    Raises:
        UsageError: the declared format names no reader and no format of one.
    """
    known = readers()
    asked = source.declared.format
    if asked is not None:
        return _by_name(asked, known)
    scores: dict[str, float] = {}
    best = 0.0
    for name in sorted(known, key=lambda name: -_ceiling(known[name])):
        if _ceiling(known[name]) < best:
            continue  # it could not be the best one, and asking several hundred formats takes its time
        scores[name] = known[name].score(source.sample)
        best = max(best, scores[name])
    if best <= 0:
        return None
    tied = sorted(name for name, score in scores.items() if score == best)
    if len(tied) > 1:
        fitting = [name for name in tied if source.name.lower().endswith(known[name].suffixes or ("\0",))]
        tied = fitting or tied
    if len(tied) > 1:
        source.issue(
            "RCA151",
            Severity.WARNING,
            f"Several readers fit equally well: {', '.join(tied)}; {tied[0]} was used",
            hint="Name one with format=… or --format.",
        )
    return known[tied[0]]


def _ceiling(reader: Reader) -> float:
    """The highest score that a reader gives; one that does not say may give 1."""
    return float(getattr(reader, "ceiling", 1.0))


def _by_name(asked: str, known: dict[str, Reader]) -> Reader:
    if asked in known:
        return known[asked]
    options = list(known)
    for name in sorted(known):
        formats = getattr(known[name], "formats", None)
        if formats is not None:
            names = formats()
            if asked in names:
                return known[name]
            options.extend(names)
    raise UsageError(f'There is no reader or format "{asked}"', hint=did_you_mean(asked, options))
