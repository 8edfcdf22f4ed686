"""`Case`: one folder, one investigation. The facade that gathers every room.

The decision hidden here: how the rooms work together. Adding registers and hashes; ingesting reads what is not read yet;
the timeline, the graph and the narrative look at the same events; checking gathers the rules of all rooms. Only here,
and only when something changes, is the clock read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rca.errors import CaseError, EvidenceError, Issue, Issues, Severity, UsageError, did_you_mean
from rca.evidence.custody import lock
from rca.evidence.folder import (
    REGISTER_FILE,
    Intake,
    Verification,
    exhibit_path,
    expand,
    register_file,
    verify,
)
from rca.evidence.locators import Citation, LocatorKind, parse_citation
from rca.evidence.opening import open_member, sha256_of
from rca.evidence.register import Exhibit, current, read_register, write_atomically
from rca.moments.instants import format_instant
from rca.moments.zones import check_zone
from rca.rules import Rule, Stage, Verdict, load_profile, run
from rca.settings import SETTINGS_FILE, Settings, read_definitions, read_settings
from rca.timeline.ingest import ATTACHMENTS, Task, attachment_path, newer_siblings, run_tasks
from rca.timeline.store import Entry, Store

if TYPE_CHECKING:
    import pandas as pd

    from rca.causes import CausalGraph, EvidenceFacts
    from rca.figures.board import Board
    from rca.report.fragments import Fragment
    from rca.report.narrative import Narrative
    from rca.timeline import Timeline

__all__ = ["Case", "IngestReport", "Shown", "all_rules", "find_case", "open_case"]

_COMMIT_EVERY = 2.0
"""Seconds after which what is finished is made live, while others are still read."""

_AHEAD = 300
"""Bytes before a record in its line that are shown with it."""
_NESTED = 8
"""How deep attachments of attachments are followed."""

Progress = Callable[[str, int, int], None]
"""Called with what was finished, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did: exhibits read anew, those that were current already, and what was found on the way."""

    read: tuple[str, ...]
    current: tuple[str, ...]
    removed: tuple[str, ...]
    events: int
    issues: Issues

    def __repr__(self) -> str:
        return f"IngestReport({len(self.read)} read, {len(self.current)} current, {self.events} events, {self.issues!r})"


@dataclass(frozen=True, slots=True)
class Shown:
    """The raw bytes that a citation leads to, with lines around them. Prints as text; hostile bytes are escaped."""

    citation: str
    exhibit: Exhibit
    first_line: int
    before: tuple[str, ...]
    lines: tuple[str, ...]
    after: tuple[str, ...]
    sha256: str
    raw: bytes = field(repr=False, default=b"")

    def __str__(self) -> str:
        width = len(str(self.first_line + len(self.lines) + len(self.after)))
        out = [f"{self.citation}  {self.exhibit.path}  sha256 {self.sha256[:16]}…"]
        number = self.first_line - len(self.before)
        for mark, group in ((" ", self.before), (">", self.lines), (" ", self.after)):
            for line in group:
                out.append(f"{mark} {number:>{width}} {_printable(line)}")
                number += 1
        return "\n".join(out)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in line.rstrip("\r\n"))


def find_case(start: str | Path = ".") -> Path:
    """The folder of the case that `start` lies in, or that RCA_CASE names.

    Raises:
        CaseError: there is none.
    """
    named = os.environ.get("RCA_CASE")
    if named and str(start) == ".":
        return Path(named)
    folder = Path(start).resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / SETTINGS_FILE).is_file():
            return candidate
    raise CaseError(f"{Path(start)} is in no case", hint="`rca init DIR` makes one; --case DIR names one.")


def open_case(path: str | Path = ".") -> Case:
    """The case in the folder `path`, or the one that `path` lies in.

    Raises:
        CaseError: there is no case there.
        FormatError: its `case.toml` is malformed.

    >>> open_case("/nonexistent")
    Traceback (most recent call last):
        ...
    rca.errors.CaseError: There is no folder /nonexistent. Check the path; `rca init DIR` makes a case.
    """
    path = Path(path)
    if not path.is_dir():
        raise CaseError(f"There is no folder {path}", hint="Check the path; `rca init DIR` makes a case.")
    return Case(path if (path / SETTINGS_FILE).is_file() else find_case(path))


class Case:
    """One folder, one investigation: exhibits, timeline, causal graph, narrative, rules, report."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.settings: Settings = read_settings(self.folder)
        self.store = Store(self.folder / "store")
        self._intact: dict[str, tuple[str, int, int]] = {}

    # -- the folder ---------------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        title: str | None = None,
        zone: str = "UTC",
        languages: Sequence[str] = ("en",),
    ) -> Case:
        """Make a case in a new or empty folder.

        Raises:
            CaseError: the folder is a case already, or holds other files.
            UsageError: the zone is unknown.
        """
        folder = Path(path)
        check_zone(zone)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            what = "is a case already" if (folder / SETTINGS_FILE).is_file() else "is not empty"
            raise CaseError(
                f"{folder} {what}", hint="Choose another folder, or open it with rca.open_case()."
            )
        title = title or folder.resolve().name
        for sub in ("exhibits", "analysis", "formats"):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        quoted = ", ".join(_toml(language) for language in languages)
        text = f"schema = 1\ntitle = {_toml(title)}\nzone = {_toml(zone)}\nlanguages = [{quoted}]\n"
        write_atomically(folder / SETTINGS_FILE, text.encode("utf-8"))
        write_atomically(folder / ".gitignore", b"store/\nreport/\nroots.toml\n.lock\n")
        return cls(folder)

    @property
    def title(self) -> str:
        """The title of the case."""
        return self.settings.title

    @property
    def register(self) -> list[Exhibit]:
        """All versions of all exhibits."""
        return read_register(self.folder / REGISTER_FILE)

    @property
    def exhibits(self) -> pd.DataFrame:
        """The register as a frame, one row a version."""
        import pandas as pd

        return pd.DataFrame([asdict(e) for e in self.register], columns=list(Exhibit.__dataclass_fields__))

    def add(
        self,
        *paths: str | Path,
        received_from: str = "",
        note: str = "",
        custodian: str = "",
        handling: str | None = None,
        zone: str = "",
        reliability: str = "",
        replaces: str | None = None,
        exhibit_id: str | None = None,
        in_place: bool = False,
        role: str | None = None,
    ) -> list[Intake]:
        """Register files as exhibits: copied, hashed, entered in the custody chain. The same bytes are taken once.

        A file that begins with all bytes of a registered one of the same name is its next version; `replaces` says
        that a file corrects an exhibit. Folders are searched through.

        Raises:
            EvidenceError: a path does not exist or cannot be read; then nothing was added.
        """
        files, _ = expand(paths)
        if (replaces or exhibit_id) and len(files) != 1:
            raise UsageError(f"One file takes the place of one exhibit, not {len(files)}")
        return [
            register_file(
                self.folder,
                file,
                at=time.time_ns() // 10**9 * 10**9,
                role=role or os.environ.get("RCA_ROLE") or "investigator",
                received_from=received_from,
                note=note,
                custodian=custodian,
                handling=handling or self.settings.handling,
                zone=zone,
                reliability=reliability,
                replaces=replaces,
                exhibit_id=exhibit_id,
                in_place=in_place,
            )
            for file in files
        ]

    def verify(self) -> tuple[list[Verification], Issues]:
        """Every exhibit against its hash, the custody chain, the store; the verdicts and what is wrong."""
        verdicts, issues = verify(self.folder)
        return verdicts, Issues([*issues, *self.store.verify()])

    # -- reading ------------------------------------------------------------------------------------------

    def ingest(
        self,
        *,
        workers: int | None = None,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> IngestReport:
        """Read what is not read yet: new exhibits, new versions, those whose reader or declaration changed.

        A file found inside a record, such as an attachment of a mail, becomes an exhibit of its own and is read too.

        Args:
            workers: processes; None uses the cores there are, 1 stays in this one.
            executor: any `concurrent.futures.Executor` instead, such as Dask's `client.get_executor()`.
            progress: called after each exhibit.
        """
        report = self._ingest_pass(workers, executor, progress)
        read, depth = set(report.read), 0
        while depth < _NESTED and self._register_attachments():
            report = self._ingest_pass(workers, executor, progress)
            read.update(report.read)
            depth += 1
        if "graph" in self.__dict__:  # what was said of the graph stays, its citations are looked up again
            self.graph.resolve(self.facts)
        return replace(
            report,
            read=tuple(sorted(read, key=_number)),
            current=tuple(name for name in report.current if name not in read),
        )

    def _register_attachments(self) -> int:
        """Make exhibits of the files that were found inside records and wait in the store; how many."""
        known = {exhibit.sha256 for exhibit in self.register}
        parents = {exhibit.id: exhibit for exhibit in current(self.register)}
        count = 0
        for name, entry in sorted(self.store.exhibits().items(), key=lambda pair: _number(pair[0])):
            parent = parents.get(name)
            for found in entry.summary.get("attachments", ()):
                path = attachment_path(self.folder, found)
                if parent is None or found["sha256"] in known or not path.is_file():
                    continue
                register_file(
                    self.folder,
                    path,
                    at=time.time_ns() // 10**9 * 10**9,
                    role=os.environ.get("RCA_ROLE") or "investigator",
                    note=f"attachment {found['name']}",
                    custodian=parent.custodian,
                    handling=parent.handling,
                    reliability=parent.reliability,
                    found_in=f"{name}:{found['place']}",
                )
                known.add(found["sha256"])
                count += 1
        shutil.rmtree(self.store.folder / ATTACHMENTS, ignore_errors=True)
        return count

    def _ingest_pass(
        self, workers: int | None, executor: Executor | None, progress: Progress | None
    ) -> IngestReport:
        """Read every exhibit of the register that is not current."""
        latest = current(self.register)
        definitions = read_definitions(self.folder)
        live = self.store.exhibits()
        gone = tuple(sorted(set(live) - {e.id for e in latest}))
        fresh: list[str] = []
        issues: list[Issue] = []
        entries: list[Entry] = []
        waiting, newer = list(latest), newer_siblings(latest)
        with contextlib.ExitStack() as stack:
            is_locked = False
            while waiting:  # of a rotated log the newest piece comes first: it bounds the one before it
                names = {exhibit.id for exhibit in waiting}
                ready = [exhibit for exhibit in waiting if newer.get(exhibit.id) not in names]
                waiting = [exhibit for exhibit in waiting if newer.get(exhibit.id) in names]
                tasks = []
                for exhibit in ready:
                    task = self._task(exhibit, definitions, live, newer.get(exhibit.id))
                    if task is None:
                        fresh.append(exhibit.id)
                    else:
                        tasks.append(task)
                if (tasks or gone) and not is_locked:
                    self.store.folder.mkdir(exist_ok=True)
                    stack.enter_context(
                        lock(self.store.folder)
                    )  # one ingest at a time; adding goes on meanwhile
                    is_locked = True
                finished: list[Entry] = []
                committed = time.monotonic()
                for task, result in run_tasks(tasks, workers, executor):
                    if isinstance(result, Entry):
                        entries.append(result)
                        finished.append(result)
                    else:
                        issues.append(result)
                    if (
                        time.monotonic() - committed > _COMMIT_EVERY
                    ):  # a killed ingest loses no more than this
                        self.store.commit(*finished)
                        finished, committed = [], time.monotonic()
                    if progress is not None:
                        progress(task.exhibit.id, len(entries) + len(issues), len(latest))
                self.store.commit(*finished)
            if is_locked or gone:
                if not is_locked:
                    stack.enter_context(lock(self.store.folder))
                self.store.remove(*gone)
                self.store.prune()
        return IngestReport(
            tuple(sorted((e.exhibit for e in entries), key=_number)),
            tuple(sorted(fresh, key=_number)),
            gone,
            sum(int(e.summary["events"]) for e in self.store.exhibits().values()),
            Issues([*issues, *self.store.issues()]),
        )

    def _task(
        self,
        exhibit: Exhibit,
        definitions: Mapping[str, Mapping[str, Any]],
        live: Mapping[str, Entry],
        newer: str | None,
    ) -> Task | None:
        """What reading an exhibit needs; None where its live events are current."""
        sibling = self.store.first_time(newer) if newer is not None else None
        task = Task(str(self.folder), exhibit, self.settings.zone, definitions, sibling=sibling)
        known = live.get(exhibit.id)
        if (
            known is not None
            and self.store.is_current(known, exhibit.sha256, task.recipe(known.summary))
            and self._are_attachments_here(known)
        ):
            return None
        return replace(task, grown_from=self._grown_from(exhibit, known))

    def _are_attachments_here(self, known: Entry) -> bool:
        """Whether the files found inside an exhibit are exhibits, or wait to be made so."""
        found = known.summary.get("attachments", ())
        if not found:
            return True
        registered = {exhibit.sha256 for exhibit in self.register}
        return all(
            one["sha256"] in registered or attachment_path(self.folder, one).is_file() for one in found
        )

    def _grown_from(self, exhibit: Exhibit, known: Entry | None) -> int:
        """The size of the version that the live events were read from, if the exhibit only grew since; else 0."""
        if known is None:
            return 0
        for version in self.register:
            if (version.id, version.sha256) == (exhibit.id, known.sha256):
                return version.size if version.key == exhibit.key and version.size < exhibit.size else 0
        return 0

    @property
    def timeline(self) -> Timeline:
        """All events of the case; `rca ingest` fills it."""
        from rca.timeline import Doubt, Timeline, View

        settings = self.settings
        view = View(
            title=settings.title,
            lanes=settings.figure.lanes,
            colour=settings.figure.colour,
            focus=tuple((f.at, f.label) for f in settings.focus),
            window=(settings.figure.window[0], settings.figure.window[1]) if settings.figure.window else None,
            language=settings.language,
            inputs={e.exhibit: e.sha256 for e in self.store.exhibits().values()},
            sources=self._sources,
        )
        doubt = Doubt(tuple(self.store.assumptions()), tuple(self.store.unparsed()))
        return Timeline(self.store.scan(), zone=settings.zone, doubt=doubt, view=view)

    def board(self, timeline: Timeline | None = None, **choices: Any) -> Board:
        """The timeline, or the part of it that is given, as a page in which a click on a mark shows its raw source.

        Shows itself in a notebook; `.save(path)` writes it. `choices` are those of `rca.figures.timeline_figure`.
        """
        return (self.timeline if timeline is None else timeline).board(**choices)

    def _sources(self, events: pd.DataFrame, is_exported: bool) -> Mapping[str, Any]:  # noqa: FBT001 (a callback)
        """What `events` were read from; personal exhibits are not quoted where it leaves the house."""
        from rca.timeline.raw import raw_sources

        exhibits = {e.id: e for e in current(self.register)}

        def opening(name: str) -> tuple[Exhibit, Path]:
            if name not in exhibits:
                raise EvidenceError(f"There is no exhibit {name}", where=name)
            return exhibits[name], self._intact_path(exhibits[name])

        return raw_sources(
            events,
            opening,
            assumptions=self.store.assumptions(),
            zone=self.settings.zone,
            language=self.settings.language,
            withheld=frozenset({"personal"}) if is_exported else frozenset(),
        )

    def show(self, citation: str, *, context: int = 2) -> Shown:
        """The raw bytes that a citation leads to, with `context` lines before and after.

        Raises:
            UsageError: the citation is malformed, or leads to no exhibit, line or row.
            EvidenceError: the exhibit is missing or was altered.
        """
        cited = parse_citation(citation)
        exhibits = {e.id: e for e in current(self.register)}
        if cited.exhibit not in exhibits:
            raise UsageError(
                f"There is no exhibit {cited.exhibit}", hint=did_you_mean(cited.exhibit, exhibits)
            )
        exhibit = exhibits[cited.exhibit]
        path = self._intact_path(exhibit)
        if cited.kind not in (LocatorKind.EXHIBIT, LocatorKind.BYTES, LocatorKind.LINE):
            row = self._event_at(cited)
            if row["byte_start"] is None:
                return _shown_text(citation, exhibit, row)
            with open_member(path, cited.members).open() as stream:
                data = stream.read()
            return _shown(citation, exhibit, data, int(row["byte_start"]), int(row["byte_length"]), context)
        with open_member(path, cited.members).open() as stream:
            data = stream.read()
        start, length = self._span(cited, data)
        return _shown(citation, exhibit, data, start, length, context)

    def _event_at(self, cited: Citation) -> dict[str, Any]:
        """The event at a place that is no line; for a place inside a JSON record, the innermost event around it."""
        place: Citation | None = cited
        while place is not None:
            found = self._events_at([str(place)])
            if found:
                return found[str(place)]
            outer = place.name.rpartition("/")[0] if place.kind is LocatorKind.JSON and place.name else None
            place = replace(place, name=outer) if outer is not None else None
        raise UsageError(
            f"Nothing stands at {cited}", hint="Check the key; if the exhibit is new, run `rca ingest` first."
        )

    def _intact_path(self, exhibit: Exhibit) -> Path:
        """Where an exhibit lies, once its bytes were held against its hash; a file that is as it was is not read again.

        Raises:
            EvidenceError: it is missing or was altered.
        """
        path = exhibit_path(self.folder, exhibit)
        if not path.is_file():
            raise EvidenceError(
                f"{exhibit.path} is missing", where=exhibit.id, hint="`rca verify` lists all damage."
            )
        facts = path.stat()
        seen = (exhibit.sha256, facts.st_size, facts.st_mtime_ns)
        if self._intact.get(exhibit.path) != seen:
            if sha256_of(path)[0] != exhibit.sha256:
                raise EvidenceError(
                    f"{exhibit.path} was altered after registration",
                    where=exhibit.id,
                    hint="`rca verify` lists all damage.",
                )
            self._intact[exhibit.path] = seen
        return path

    def _span(self, cited: Citation, data: bytes) -> tuple[int, int]:
        """First byte and length of what a citation names."""
        if cited.kind is LocatorKind.EXHIBIT:
            return 0, min(len(data), 2_000)
        if cited.kind is LocatorKind.BYTES:
            assert cited.first is not None
            assert cited.last is not None
            if cited.first + cited.last > len(data):
                raise UsageError(f"{cited} lies outside the {len(data)} bytes of the exhibit")
            return cited.first, cited.last
        assert cited.kind is LocatorKind.LINE
        assert cited.first is not None
        end = b"\n" if b"\n" in data or b"\r" not in data else b"\r"
        lines = data.split(end)
        last = cited.last or cited.first
        total = len(lines) - (not lines[-1])
        if not 1 <= cited.first <= last <= total:
            raise UsageError(f"{cited} does not exist: the exhibit has {total} lines")
        start = sum(len(line) + 1 for line in lines[: cited.first - 1])
        return start, sum(len(line) + 1 for line in lines[cited.first - 1 : last])

    def _events_at(self, citations: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The events that citations lead to, by citation; those that lead nowhere are left out."""
        import polars as pl

        wanted: dict[tuple[str, str], list[str]] = {}
        for text in citations:
            try:
                cited = parse_citation(text)
            except UsageError:
                continue
            wanted.setdefault((cited.exhibit, cited.locator), []).append(text)
        if not wanted:
            return {}
        exhibits, locators = zip(*sorted(wanted), strict=True)
        asked = pl.LazyFrame({"exhibit": list(exhibits), "locator": list(locators)})
        columns = ["time", "time_earliest", "time_latest", "known_time"]
        rows = (
            self.store.scan(sorted(set(exhibits)))
            .join(asked, on=["exhibit", "locator"])
            .sort("exhibit", "byte_start", "event_id")
            .with_columns(pl.col(columns).cast(pl.Int64))
            .collect()
        )
        found: dict[str, dict[str, Any]] = {}
        for row in rows.iter_rows(named=True):
            for text in wanted[row["exhibit"], row["locator"]]:
                found.setdefault(text, row)
        missing = [c for texts in wanted.values() for c in texts if c not in found]
        found.update(self._lines_at(missing))
        return found

    def _lines_at(self, citations: Iterable[str]) -> dict[str, dict[str, Any]]:
        """For a line inside a record of several lines: the record."""
        import polars as pl

        found: dict[str, dict[str, Any]] = {}
        columns = ["time", "time_earliest", "time_latest", "known_time"]
        for text in citations:
            cited = parse_citation(text)
            if cited.kind is not LocatorKind.LINE or cited.first is None:
                continue
            rows = (
                self.store.scan([cited.exhibit])
                .filter(pl.col("line") <= cited.first)
                .sort("line")
                .tail(1)
                .with_columns(pl.col(columns).cast(pl.Int64))
                .collect()
            )
            for row in rows.iter_rows(named=True):
                last = int(str(row["locator"]).rpartition("-")[2].lstrip("L") or 0)
                if last >= cited.first:
                    found[text] = row
        return found

    # -- what was said ------------------------------------------------------------------------------------

    @property
    def ticket_links(self) -> pd.DataFrame:
        """What tickets say of other tickets, as edges that somebody asserted; see `rca.timeline.ticket_links`."""
        from rca.timeline.ticket_links import asserted_links

        return asserted_links(self.timeline.where(kind=["ticket.link", "ticket.created"]).frame)

    @property
    def acts(self) -> pd.DataFrame:
        """The speech acts that rules propose in all records, with the latest verdict of a person on each.

        Columns as `rca.claims.assertions` has them; `status` is proposed, confirmed or rejected.
        """
        from rca.claims import assertions, load_verdicts, merge_verdicts

        verdicts, _ = load_verdicts(self.folder / "analysis")
        proposed = assertions(self.timeline, zone=self.settings.zone)
        return merge_verdicts(proposed, verdicts)[0]

    def judge_act(self, act: str, ruling: str, *, reason: str = "", role: str | None = None) -> bool:
        """Confirm or reject a proposed speech act; whether that changed anything. All verdicts are kept.

        Raises:
            UsageError: no act has this id, the ruling is neither confirmed nor rejected, or a rejection has no reason.
        """
        from rca.claims import Ruling, Verdict, add_verdict

        known = set(self.acts["id"])
        if act not in known:
            raise UsageError(f"There is no speech act {act}", hint=did_you_mean(act, known))
        if ruling not in tuple(Ruling):
            raise UsageError(f'"{ruling}" is no ruling', hint=did_you_mean(ruling, tuple(Ruling)))
        who = role or os.environ.get("RCA_ROLE") or "investigator"
        at = format_instant(time.time_ns() // 10**9 * 10**9)
        return add_verdict(self.folder / "analysis", Verdict(act, Ruling(ruling), who, reason, at))

    # -- judging ------------------------------------------------------------------------------------------

    @cached_property
    def graph(self) -> CausalGraph:
        """The causal graph of `analysis/`, its citations looked up. Change it, then `save()`."""
        from rca.causes import load_graph

        return load_graph(self.folder / "analysis").resolve(self.facts)

    def facts(self, citations: Sequence[str]) -> Mapping[str, EvidenceFacts]:
        """What the store knows of cited events, by citation; citations that lead nowhere are left out."""
        from rca.causes import EvidenceFacts

        return {
            text: EvidenceFacts(
                row["exhibit"],
                row["message"] or "",
                row["time_earliest"] if row["time"] is not None else None,
                row["time_latest"] if row["time"] is not None else None,
                row["known_time"],
                row["reliability"],
                row["credibility"],
                row["time_precision"],
            )
            for text, row in self._events_at(citations).items()
        }

    def save(self) -> list[Path]:
        """Write what changed of the graph into `analysis/`; the files that were written."""
        from rca.causes import save_graph

        written = save_graph(self.graph, self.folder / "analysis")
        self.__dict__.pop("graph", None)
        return written

    @property
    def narrative(self) -> Narrative:
        """The narrative of `analysis/narrative.md`, sentence by sentence with its citations."""
        from rca.report.narrative import read_narrative

        return read_narrative(self.folder / "analysis" / "narrative.md")

    def judge(self, *, profile: str | None = None, stage: Stage = Stage.PUBLISH) -> Verdict:
        """What the rules of all rooms find, and what was waived with which reason."""
        from rca.causes import RULES as CAUSAL
        from rca.report.rules import RULES as NARRATIVE
        from rca.report.rules import CitedNarrative

        chosen = load_profile(profile or self.settings.profile)
        waivers = self.settings.waivers
        narrative = self.narrative
        resolved = frozenset(self._events_at(narrative.citations))
        graph = self.graph if self.graph.is_resolved else self.graph.resolve(self.facts)
        causal = run(CAUSAL, graph, profile=chosen, stage=stage, waivers=waivers)
        told = run(
            NARRATIVE, CitedNarrative(narrative, resolved), profile=chosen, stage=stage, waivers=waivers
        )
        found = Issues(
            [*causal.issues, *told.issues, *self.verify()[1], *self.store.issues(), *self._stale()]
        )
        return Verdict(found, (*causal.waived, *told.waived))

    def check(self, *, profile: str | None = None, stage: Stage = Stage.PUBLISH) -> Issues:
        """What is wrong with the case under a profile: errors first, each with its place and the mend."""
        return self.judge(profile=profile, stage=stage).issues

    def _stale(self) -> list[Issue]:
        """Exhibits that the store does not hold yet, or not in their latest version."""
        live = self.store.exhibits()
        return [
            Issue("RCA127", Severity.WARNING, f"{e.id} is not read yet", e.id, "Run `rca ingest`.")
            for e in current(self.register)
            if e.id not in live or live[e.id].sha256 != e.sha256
        ]

    def tell(self, section: str | None = None) -> Fragment:
        """The narrative, or one section of it by its slug, as HTML in which every citation leads to its evidence."""
        from rca.report.fragments import told

        narrative = self.narrative
        return told(narrative, self.facts(narrative.citations), section=section, zone=self.settings.zone)

    def assurances(self) -> Fragment:
        """Every assurance in order of time: who gave it, when, and what stands against it, earlier and later."""
        from rca.report.fragments import assurance_list

        return assurance_list(self.graph, zone=self.settings.zone, language=self.settings.language)

    def criteria(self) -> Fragment:
        """What would have to be shown before a return, by domain, with its basis and citations."""
        from rca.report.fragments import criteria_list

        return criteria_list(self.graph, language=self.settings.language)

    def report(
        self,
        folder: str | Path | None = None,
        *,
        notebook: str | Path | None = None,
        language: str | None = None,
    ) -> Path:
        """Execute the narrative notebook against this case and render it; the path of the HTML page.

        Raises:
            UsageError: what executes notebooks is not installed.
            CaseError: a cell of the notebook failed.
        """
        from rca.report.rendering import render_report

        target = Path(folder) if folder is not None else self.folder / "report"
        return render_report(self, target, notebook=notebook, language=language or self.settings.language)

    def __repr__(self) -> str:
        entries = self.store.exhibits().values()
        events = sum(int(e.summary["events"]) for e in entries)
        waiting = len(self._stale())
        doubt = f", {waiting} not read yet" if waiting else ""
        return (
            f"Case({self.title!r}, {len(current(self.register))} exhibits{doubt}, {events} events, "
            f"{len(self.store.assumptions())} assumptions, {len(self.store.unparsed())} unparsed)"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{e.id}</td><td>{escape(e.path)}</td><td>{e.size}</td><td>{e.sha256[:12]}…</td></tr>"
            for e in current(self.register)
        )
        head = "<tr><th>exhibit</th><th>path</th><th>bytes</th><th>sha256</th></tr>"
        return f"<p>{escape(repr(self))}</p><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def all_rules() -> tuple[Rule, ...]:
    """The rules of all rooms, by code."""
    from rca.causes import RULES as CAUSAL
    from rca.report.rules import RULES as NARRATIVE

    return tuple(sorted((*CAUSAL, *NARRATIVE), key=lambda rule: rule.code))


# -- showing --------------------------------------------------------------------------------------------


def _shown(citation: str, exhibit: Exhibit, data: bytes, start: int, length: int, context: int) -> Shown:
    raw = data[start : start + length]
    before = data[:start].split(b"\n")
    first = len(before)
    tail = data[start + length :].split(b"\n")
    lines = raw.rstrip(b"\r\n").split(b"\n")
    begins_mid_line = bool(before[-1])
    head = (
        before[-1] if len(before[-1]) <= _AHEAD else b""
    )  # of a document in one long line only the record is shown
    earlier = before[:-1][-context:] if context else []
    return Shown(
        citation,
        exhibit,
        first,
        tuple(_decode(line) for line in earlier),
        tuple(_decode(line) for line in ([head + lines[0], *lines[1:]] if begins_mid_line else lines)),
        tuple(_decode(line) for line in tail[:context] if line or len(tail) > 1),
        hashlib.sha256(raw).hexdigest(),
        raw,
    )


def _shown_text(citation: str, exhibit: Exhibit, row: Mapping[str, Any]) -> Shown:
    """What a part of a container format (docx, pdf, xlsx, msg) says, as its reader took it out."""
    fields = json.loads(row["attributes"] or "{}")
    text = str(fields.get("text") or row["message"] or "")
    raw = text.encode("utf-8")
    return Shown(
        citation, exhibit, 1, (), tuple(text.splitlines()) or ("",), (), hashlib.sha256(raw).hexdigest(), raw
    )


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", errors="backslashreplace").rstrip("\r")


def _number(exhibit: str) -> int:
    return int(exhibit[1:])


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
