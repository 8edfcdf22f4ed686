"""`rca`: the same verbs from a shell.

The decision hidden here: the contract of the command line. stdout carries what was asked for, stderr progress and
messages; exit 0 is well, 1 is damage or errors found, 2 a wrong call or a missing file, 70 a defect of ours, 130 an
interruption. Nothing prints a traceback unless `--debug` asks for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from rca import __version__
from rca.errors import EvidenceError, Issues, RcaError, Severity, UsageError, did_you_mean

app = typer.Typer(
    name="rca",
    help="From a folder of evidence to a cited timeline, a checked causal graph and a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
graph_app = typer.Typer(
    help="The causal graph: summary, import from spreadsheets, drawing.", no_args_is_help=False
)
app.add_typer(graph_app, name="graph", invoke_without_command=True)

CaseOption = Annotated[
    Path | None, typer.Option("--case", help="The case folder; else the one you stand in or under.")
]
ZoneOption = Annotated[str | None, typer.Option("--zone", help="IANA zone of stamps without an offset.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rca {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Print the traceback of a defect.")] = False,
) -> None:
    """From a folder of evidence to a cited timeline, a checked causal graph and a report."""
    del version, debug


# -- the case ---------------------------------------------------------------------------------------------


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    zone: Annotated[str, typer.Option(help="IANA zone of the case.")] = "UTC",
    title: Annotated[str | None, typer.Option(help="Title; else the folder's name.")] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="Language of its pages: en, sv; the first one leads.")
    ] = None,
) -> None:
    """Make a case in a new folder."""
    from rca.case import Case

    case = Case.create(folder, title=title, zone=zone, languages=tuple(language or ("en",)))
    typer.echo(f"{case.folder}: {case.title}")


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to register.")],
    case: CaseOption = None,
    received_from: Annotated[str, typer.Option("--from", help="Whom they came from.")] = "",
    note: Annotated[str, typer.Option(help="A remark.")] = "",
    custodian: Annotated[str, typer.Option(help="Who keeps the originals.")] = "",
    handling: Annotated[str | None, typer.Option(help="public, internal or personal.")] = None,
    zone: Annotated[str, typer.Option(help="IANA zone of their stamps, where it is known.")] = "",
    reliability: Annotated[str, typer.Option(help="Admiralty reliability of the source, A to F.")] = "",
    replaces: Annotated[str | None, typer.Option(help="Id of the exhibit that the file corrects.")] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Register where they lie, without a copy.")
    ] = False,
    role: Annotated[str | None, typer.Option("--as", help="Role of the person who adds them.")] = None,
) -> None:
    """Register files as exhibits: copied, hashed, entered in the custody chain."""
    opened = _open(case)
    for intake in opened.add(
        *paths,
        received_from=received_from,
        note=note,
        custodian=custodian,
        handling=handling,
        zone=zone,
        reliability=reliability,
        replaces=replaces,
        in_place=in_place,
        role=role,
    ):
        typer.echo(
            f"{intake.exhibit.id}  {intake.outcome:9}  v{intake.exhibit.version}  {intake.exhibit.path}"
        )


@app.command()
def ingest(
    case: CaseOption = None,
    workers: Annotated[int | None, typer.Option(help="Processes; 1 stays in this one.", min=1)] = None,
    dask: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786.")
    ] = None,
) -> None:
    """Read what is not read yet into the case's store."""
    opened = _open(case)
    with _progress("reading") as progress, _executor(dask) as executor:
        report = opened.ingest(workers=workers, executor=executor, progress=progress)
    typer.echo(f"{len(report.read)} read, {len(report.current)} current, {report.events} events")
    _print_issues(report.issues)
    if report.issues.errors:
        raise typer.Exit(1)


@app.command()
def verify(case: CaseOption = None) -> None:
    """Check every exhibit against its hash, the custody chain and the store."""
    verdicts, issues = _open(case).verify()
    for one in verdicts:
        typer.echo(f"{one.exhibit.id}  v{one.exhibit.version}  {one.state:8}  {one.exhibit.path}")
    _print_issues(issues)
    if issues.errors:
        raise typer.Exit(1)


@app.command()
def show(
    citation: Annotated[str, typer.Argument(help="Such as E3:L48, E1#M101 or E3!var/log/a.log:L7.")],
    case: CaseOption = None,
    context: Annotated[int, typer.Option(help="Lines before and after.", min=0)] = 2,
) -> None:
    """Print the raw lines that a citation leads to."""
    typer.echo(str(_open(case).show(citation, context=context)))


@app.command()
def timeline(
    case: CaseOption = None,
    between: Annotated[
        tuple[str, str] | None, typer.Option(help="First and last time; local to the case's zone.")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(help='Condition, such as kind=fact.warning or severity=">=error".')
    ] = None,
    text: Annotated[str | None, typer.Option(help="Part of the message.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to print.", min=0)] = 40,
    export: Annotated[
        Path | None, typer.Option(help="Write figure, tables and manifest into this folder.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Write the figure only: .html, .svg, .png or .pdf.")
    ] = None,
) -> None:
    """Print, draw or export the timeline."""
    events = _open(case).timeline
    if between is not None:
        events = events.between(*between)
    for condition in where or ():
        column, sign, value = condition.partition("=")
        if not sign:
            raise UsageError(
                f'"{condition}" is no condition', hint="Write it like kind=fact or severity='>=error'."
            )
        events = events.where(**{column.strip(): value.strip()})
    if text is not None:
        events = events.where(text=text)
    if figure is not None:
        _write_figure(events.figure(), figure, events.view.title or "Timeline", events.view.language)
    if export is not None:
        for name, path in events.export(export).items():
            typer.echo(f"{name:8}  {path}")
    if figure is None and export is None:
        _print_timeline(events, limit)


@app.command()
def acts(
    case: CaseOption = None,
    kind: Annotated[
        str | None,
        typer.Option("--class", help="decision, assurance, warning, proposal, action, question, …"),
    ] = None,
    confirm: Annotated[str | None, typer.Option(help="Id of an act that is what the rule says.")] = None,
    reject: Annotated[str | None, typer.Option(help="Id of an act that is not; give --why.")] = None,
    why: Annotated[str, typer.Option(help="The reason for a verdict.")] = "",
    role: Annotated[str | None, typer.Option("--as", help="Your role.")] = None,
) -> None:
    """List the speech acts that rules propose in the records, or confirm or reject one."""
    opened = _open(case)
    for act, ruling in ((confirm, "confirmed"), (reject, "rejected")):
        if act is not None:
            changed = opened.judge_act(act, ruling, reason=why, role=role)
            typer.echo(f"{act}  {ruling}" + ("" if changed else ", as it was"))
    if confirm is not None or reject is not None:
        return
    found = opened.acts
    if kind is not None:
        from rca.claims import ActClass

        if kind not in tuple(ActClass):
            raise UsageError(f'There is no class "{kind}"', hint=did_you_mean(kind, tuple(ActClass)))
        found = found[found["class"] == kind]
    for one in found.to_dict("records"):
        cited = f"{one['exhibit']}:{one['locator']}"
        typer.echo(
            f"{one['id']}  {one['status']:9}  {one['class']:9}  {cited:14}  {one['rule']:28}  {one['text']}"
        )


@app.command()
def links(case: CaseOption = None) -> None:
    """List what tickets say of other tickets: asserted by who linked them, never found."""
    for one in _open(case).ticket_links.to_dict("records"):
        words = one["phrase"] or one["relation"]
        cited = f"{one['exhibit']}:{one['locator']}"
        typer.echo(
            f"{cited:16}  {one['source_ticket']}  {words}  {one['target']}"
            + ("  (claims a cause)" if one["is_causal"] else "")
        )


@app.command()
def check(
    case: CaseOption = None,
    profile: Annotated[str | None, typer.Option(help="Rule profile; else the case's.")] = None,
    stage: Annotated[str, typer.Option(help="draft or publish.")] = "publish",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Lint the investigation: errors first, each with its place and the mend."""
    from rca.rules import Stage

    if stage not in tuple(Stage):
        raise UsageError(f'There is no stage "{stage}"', hint=did_you_mean(stage, tuple(Stage)))
    verdict = _open(case).judge(profile=profile, stage=Stage(stage))
    for issue in verdict.issues:
        if as_json:
            fields = {
                name: str(getattr(issue, name)) for name in ("code", "severity", "where", "message", "hint")
            }
            typer.echo(json.dumps(fields, ensure_ascii=False))
        else:
            typer.echo(str(issue))
    for issue, waiver in verdict.waived:
        typer.echo(f"{issue.code} waived {issue.where}: {waiver.reason}", err=True)
    typer.echo(repr(verdict.issues), err=True)
    if verdict.issues.errors:
        raise typer.Exit(1)


@app.command()
def explain(
    code: Annotated[str | None, typer.Argument(help="Such as RCA301 or G1; none lists all.")] = None,
) -> None:
    """Explain a rule: why it matters, how to mend it, an example, its source."""
    from rca.case import all_rules

    rules = all_rules()
    if code is None:
        for rule in rules:
            typer.echo(f"{rule.code}  {rule.short:3} {rule.severity:8} {rule.title}")
        return
    wanted = code.upper()
    found = next((r for r in rules if wanted in (r.code, r.short)), None)
    if found is None:
        raise UsageError(f'There is no rule "{code}"', hint=did_you_mean(wanted, [r.code for r in rules]))
    typer.echo(f"{found.code} ({found.short}), {found.severity}, from stage {found.stage}: {found.title}\n")
    typer.echo(
        f"Why: {found.why}\nMend: {found.mend}\nSource: {found.source}\n\nExample that breaks it:\n\n{found.example}"
    )


@app.command()
def report(
    folder: Annotated[Path | None, typer.Argument(help="Where to; else the case's report/.")] = None,
    case: CaseOption = None,
    notebook: Annotated[Path | None, typer.Option(help="Another narrative notebook.")] = None,
    language: Annotated[str | None, typer.Option(help="en or sv; else the case's first language.")] = None,
) -> None:
    """Execute the narrative notebook and render the report."""
    typer.echo(_open(case).report(folder, notebook=notebook, language=language))


# -- the graph --------------------------------------------------------------------------------------------


@graph_app.callback()
def graph(context: typer.Context, case: CaseOption = None) -> None:
    """Print a summary of the causal graph."""
    if context.invoked_subcommand is None:
        found = _open(case).graph
        typer.echo(repr(found))
        for node in found.factors:
            typer.echo(f"{node.id}  [{len(node.evidence)}]  {node.statement}")


@graph_app.command("import")
def graph_import(
    factors: Annotated[Path, typer.Argument(help="CSV of factors.")],
    edges: Annotated[Path, typer.Argument(help="CSV of edges, cause to effect.")],
    case: CaseOption = None,
    mapping: Annotated[
        Path | None, typer.Option(help="TOML: the exhibit, and what the level words mean.")
    ] = None,
    assurances: Annotated[Path | None, typer.Option(help="CSV of assurances.")] = None,
    criteria: Annotated[Path | None, typer.Option(help="CSV of criteria.")] = None,
) -> None:
    """Put factors and edges kept in spreadsheets into analysis/, as YAML."""
    from rca.causes import (
        SheetMapping,
        import_assurances,
        import_criteria,
        import_factors,
        parse_sheet_mapping,
    )
    from rca.settings import read_toml

    opened = _open(case)
    found = opened.folder / "graph-import.toml"
    path = mapping or (found if found.is_file() else None)
    if path is not None and not path.is_file():
        raise EvidenceError(f"There is no file {path}")
    rules = parse_sheet_mapping(read_toml(path), origin=path.name) if path else SheetMapping()
    built = import_factors(opened.graph, factors, edges, mapping=rules)
    if assurances is not None:
        import_assurances(built, assurances, mapping=rules)
    if criteria is not None:
        import_criteria(built, criteria, mapping=rules)
    typer.echo(repr(built))
    for written in opened.save():
        typer.echo(written)


@graph_app.command("draw")
def graph_draw(
    path: Annotated[Path, typer.Argument(help="Where to: .html, .svg, .png or .pdf.")],
    case: CaseOption = None,
    focus: Annotated[str | None, typer.Option(help="A factor; only what lies near it is drawn.")] = None,
) -> None:
    """Draw the causal graph by levels."""
    opened = _open(case)
    language = opened.settings.language
    figure = opened.graph.figure(title=opened.title, language=language, focus=focus)
    _write_figure(figure, path, opened.title, language)


# -- without a case ---------------------------------------------------------------------------------------


@app.command()
def read(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    zone: ZoneOption = None,
    anchor: Annotated[
        str | None, typer.Option(help="RFC 3339 time that no stamp exceeds, for stamps without a year.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="Reader or format, instead of recognising it.")
    ] = None,
    mapping: Annotated[
        list[Path] | None, typer.Option(help="TOML with own formats or a table's mapping.")
    ] = None,
    jsonl: Annotated[
        str | None, typer.Option(help="Write events as JSON Lines to this file; - is stdout.")
    ] = None,
    summary: Annotated[
        str | None, typer.Option(help="Write one JSON object about each file; - is stdout.")
    ] = None,
) -> None:
    """Read files without a case: events as JSON Lines, a summary, or a table for the eye."""
    from rca.evidence.folder import expand
    from rca.reading import read as read_file

    if jsonl == "-" and summary == "-":
        raise UsageError("Only one of --jsonl and --summary goes to stdout", hint="Give the other a file.")
    definitions = _definitions(mapping)
    files, issues = expand(paths)
    readings: list[tuple[Path, Any]] = []
    with _stream(jsonl) as lines, _progress("reading", quiet=len(files) < 2) as progress:
        for done, path in enumerate(files, start=1):
            reading = read_file(path, zone=zone, anchor=anchor, format=format, definitions=definitions)
            readings.append((path, reading))
            if lines is not None:
                from rca.events import to_jsonl

                for line in to_jsonl(reading.batches):
                    lines.write(line + "\n")
            progress(path.name, done, len(files))
    facts = {"schema": 1, "files": [_summary(path, reading) for path, reading in readings]}
    if summary is not None:
        with _stream(summary) as out:
            assert out is not None
            out.write(json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    if jsonl is None and summary is None:
        _print_readings(readings)
    _print_issues(Issues([*issues, *(i for _, r in readings for i in r.issues)]))


@app.command()
def look(
    folder: Annotated[Path, typer.Argument(help="A folder of evidence, or one file.")],
    out: Annotated[Path | None, typer.Option(help="The page; else look-NAME.html here.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Also make a case of it in this new folder.")] = None,
    language: Annotated[str, typer.Option(help="en or sv.")] = "en",
) -> None:
    """Look at a folder: one page of what is in it, what is doubtful, and what could not be read."""
    from rca.report.look import look_at

    with _progress("looking") as progress:
        seen = look_at(folder, progress=progress)
    path = seen.write(out or Path(f"look-{folder.resolve().name}.html"), language=language)
    typer.echo(f"{seen.events} events from {len(seen.files)} files")
    typer.echo(path)
    if keep is not None:
        from rca.case import Case

        case = Case.create(keep, title=folder.resolve().name, languages=(language,))
        case.add(folder)
        with _progress("reading") as progress:
            case.ingest(progress=progress)
        typer.echo(repr(case))
        typer.echo(case.folder)


@app.command()
def formats(
    trial: Annotated[
        Path | None, typer.Option("--try", help="Show which format takes which lines of this file, and why.")
    ] = None,
    learn: Annotated[
        Path | None,
        typer.Option(
            help="Draft a format from this log, or a column mapping from this table, as TOML on stdout."
        ),
    ] = None,
    convert: Annotated[
        Path | None, typer.Option("--import", help="Turn an lnav format or grok file into TOML on stdout.")
    ] = None,
    mapping: Annotated[list[Path] | None, typer.Option(help="TOML with own formats, for --try.")] = None,
) -> None:
    """List readers and formats; try them on a file, draft one from a log, import lnav's and grok's."""
    if sum(choice is not None for choice in (trial, learn, convert)) > 1:
        raise UsageError("Only one of --try, --learn and --import at a time")
    if trial is not None:
        _try_formats(trial, _definitions(mapping))
    elif learn is not None:
        _learn_format(learn)
    elif convert is not None:
        from rca.reading.lines.document import import_formats, to_toml

        document, issues = import_formats(convert)
        typer.echo(to_toml(document), nl=False)
        _print_issues(Issues(issues))
    else:
        _list_formats()


def _list_formats() -> None:
    from rca.reading import failed_readers, readers

    for name, reader in sorted(readers().items()):
        typer.echo(f"{name}  v{reader.version}  {reader.title}")
        known = getattr(reader, "formats", None)
        for one in known().values() if known else ():
            typer.echo(f"  {one.name:18} {one.title}  ({one.reference})")
    for failed in failed_readers():
        typer.echo(f"{failed.name}  FAILED  {failed.reason}")


def _first_source(path: Path) -> Any:
    """The first stream of a file."""
    from rca.evidence.opening import Member, members
    from rca.reading.source import Source

    if not path.is_file():
        raise EvidenceError(f"There is no file {path}")
    for member in members(path):
        if isinstance(member, Member):
            return Source(
                "!".join(member.names) or path.name, member.open, stream_key="", size=path.stat().st_size
            )
    raise EvidenceError(f"{path} holds nothing to read")


def _try_formats(path: Path, definitions: dict[str, Any]) -> None:
    from rca.reading.lines.formats import load_formats, parse_formats
    from rca.reading.lines.trying import try_formats

    own = [one for name, document in definitions.items() for one in parse_formats(document, origin=name)]
    trial = try_formats(_first_source(path), (*own, *load_formats()))
    for share in trial.shares:
        typer.echo(f"{share.who}  {share.lines} lines, the first L{share.first}: {share.why}")
        if share.stamp:
            typer.echo(f"  stamp  {_one_line(share.stamp)}")
        if share.example.strip():
            typer.echo(f"  such as  {_one_line(share.example)}")
    part = "" if trial.is_whole else " (the first 8 MiB of the file)"
    typer.echo(f"{trial.lines} lines looked at{part}", err=True)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _learn_format(path: Path) -> None:
    """A draft of a format for a log, or of a column mapping for a table: the content tells which."""
    from rca.reading.lines import LineReader
    from rca.reading.lines.learn import learn
    from rca.reading.table_learning import learn_table
    from rca.reading.tables import TableReader, first_rows
    from rca.reading.workbook import WorkbookReader, first_table

    source = _first_source(path)
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in path.stem.lower()).strip("-") or "own"
    if WorkbookReader().score(source.sample):
        table = first_table(source)
        _print_issues(Issues(source.issues))
        if table is None:
            raise UsageError(
                f"{path.name} holds no sheet with a table", hint="A table has its names in one row."
            )
    else:
        is_table = TableReader().score(source.sample) > LineReader().score(source.sample)
        table = first_rows(source.sample) if is_table else None
    if table is not None:
        header, rows = table
        typer.echo(learn_table(header, rows, name=name), nl=False)
        return
    lines = source.sample.text.splitlines()[:2_000]
    typer.echo(learn(lines, name=name), nl=False)


@app.command()
def demo(
    case: Annotated[Path | None, typer.Option("--case", help="Another case than the shipped one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the exports go; else timelines/NAME.")] = None,
) -> None:
    """Run the main job on the shipped case: timeline, causal graph, assurances, report."""
    from rca.case import open_case

    folder = case or _shipped_case()
    opened = open_case(folder)
    target = out or folder.resolve().parents[1] / "timelines" / folder.resolve().name
    with _progress("demo") as progress:
        verdicts, damage = opened.verify()
        if damage.errors:
            _print_issues(damage)
            raise typer.Exit(1)
        progress(f"{len(verdicts)} exhibits intact", 1, 6)
        done = opened.ingest(workers=1)
        progress(f"{done.events} events", 2, 6)
        written = opened.timeline.export(target)
        progress("timeline", 3, 6)
        graph_page, has_picture = _demo_graph(opened, target)
        progress("causal graph", 4, 6)
        assurances = _demo_page(opened, target)
        progress("assurances", 5, 6)
        told = opened.report()
        progress("report", 6, 6)
    issues = opened.check()
    typer.echo(f"case        {opened!r}")
    typer.echo(f"timeline    {_short(written['html'])}")
    typer.echo(f"graph       {_short(graph_page)}")
    typer.echo(f"assurances  {_short(assurances)}")
    typer.echo(f"report      {_short(told)}")
    typer.echo(f"data        {_short(written['csv'])}")
    typer.echo(
        f"checked     {len(issues.errors)} errors, {len(issues.of(Severity.WARNING))} warnings: `rca check`"
    )
    if "svg" not in written or not has_picture:
        from rca.texts import say

        typer.echo(say("page.no_browser", opened.settings.language), err=True)


def _shipped_case() -> Path:
    for root in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[1]):
        found = root / "data" / "millennium-vgr-2024"
        if (found / "case.toml").is_file():
            return found
    raise EvidenceError(
        "The shipped case is not here", hint="Stand in a checkout of rca, or name a case with --case."
    )


def _demo_graph(opened: Any, target: Path) -> tuple[Path, bool]:
    from rca.figures.page import write_html, write_image

    language = opened.settings.language
    figure = opened.graph.figure(title=opened.title, language=language)
    page = write_html(figure, target / "causes.html", title=opened.title, language=language)
    return page, write_image(figure, target / "causes.svg")


def _demo_page(opened: Any, target: Path) -> Path:
    from html import escape

    from rca.figures.page import page, write_text
    from rca.texts import say

    language = opened.settings.language
    title = say("assurances.title", language)
    body = f"<h1>{escape(title)}</h1><p class='lead'>{escape(opened.title)}</p>{opened.assurances()}"
    links = str(body).replace('href="#evidence-', f'href="{_report_link(opened, target)}#evidence-')
    return write_text(
        target / "assurances.html", page(title, f'<main class="wide">{links}</main>', language=language)
    )


def _report_link(opened: Any, target: Path) -> str:
    return Path(os.path.relpath(opened.folder / "report" / "report.html", target)).as_posix()


# -- helping hands ----------------------------------------------------------------------------------------


def _definitions(paths: list[Path] | None) -> dict[str, Any]:
    """The own formats and mappings in TOML files, by file name."""
    from rca.settings import read_toml

    definitions = {}
    for path in paths or ():
        if not path.is_file():
            raise EvidenceError(f"There is no file {path}")
        definitions[path.name] = read_toml(path)
    return definitions


def _open(folder: Path | None) -> Any:
    from rca.case import find_case, open_case

    return open_case(folder if folder is not None else find_case())


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return path.resolve().relative_to(Path.cwd()).as_posix()
    return str(path)


@contextlib.contextmanager
def _progress(word: str, *, quiet: bool = False) -> Iterator[Any]:
    """A progress bar on stderr; none where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(word, total=None)
        yield lambda name, done, total: bar.update(
            task, completed=done, total=total, description=f"{word}: {name}"
        )


@contextlib.contextmanager
def _executor(address: str | None) -> Iterator[Any]:
    """A Dask cluster's executor, or None."""
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "Dask is not installed here", hint="Install the extra: pip install 'rca[dask]'."
        ) from None
    with Client(address) as client:
        yield client.get_executor()


@contextlib.contextmanager
def _stream(target: str | None) -> Iterator[Any]:
    """Where text goes: stdout for `-`, a file for a path, nowhere for None."""
    if target is None:
        yield None
    elif target == "-":
        yield sys.stdout
    else:
        try:
            with Path(target).open("w", encoding="utf-8", newline="\n") as out:
                yield out
        except OSError as error:
            raise EvidenceError(f"{target} cannot be written: {error.strerror}") from None


def _summary(path: Path, reading: Any) -> dict[str, Any]:
    books = reading.books
    return {
        "file": str(path),
        "readers": sorted({s.reader for s in reading.streams if s.reader}),
        "events": sum(s.events for s in reading.streams),
        "undated": sum(s.undated for s in reading.streams),
        "unparsed": sum(len(s.unparsed) for s in reading.streams),
        "assumptions": [
            {
                "id": a.id,
                "kind": a.kind,
                "what": a.what,
                "rests_on": a.rests_on,
                "alternatives": list(a.alternatives),
            }
            for s in reading.streams
            for a in s.assumptions
        ],
        "bytes": books.total,
        "books": {
            "in_events": books.in_events,
            "structure": books.structure,
            "blank": books.blank,
            "unparsed": books.unparsed,
            "balanced": books.balanced,
            "unit": books.unit,
        },
    }


def _print_readings(readings: list[tuple[Path, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("file", "read by", "events", "undated", "assumptions", "unparsed bytes", "books")
    for path, reading in readings:
        facts = _summary(path, reading)
        table.add_row(
            str(path),
            ", ".join(facts["readers"]) or "–",
            str(facts["events"]),
            str(facts["undated"]),
            str(len(facts["assumptions"])),
            str(facts["books"]["unparsed"]),
            "balance" if facts["books"]["balanced"] else "DO NOT BALANCE",
        )
    Console().print(table)


def _print_timeline(events: Any, limit: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from rca.evidence.locators import cite
    from rca.timeline import row_in_words

    table = Table("time", "kind", "message", "citation")
    for row in events.head(limit).frame.to_dict("records"):
        cells = (
            row_in_words(row, events.zone),
            row["kind"],
            row["message"],
            cite(str(row["exhibit"]), str(row["locator"])),
        )
        table.add_row(*(Text(str(cell)) for cell in cells))
    Console().print(table)
    typer.echo(repr(events), err=True)


def _print_issues(issues: Issues) -> None:
    for issue in issues:
        typer.echo(str(issue), err=True)


def _write_figure(figure: Any, path: Path, title: str, language: str) -> None:
    from rca.figures.page import write_html, write_image
    from rca.texts import say

    if path.suffix == ".html":
        write_html(figure, path, title=title, language=language)
    elif path.suffix not in (".svg", ".png", ".pdf"):
        raise UsageError(f'A figure is not written as "{path.suffix}"', hint="Use .html, .svg, .png or .pdf.")
    elif not write_image(figure, path):
        raise UsageError(say("page.no_browser", language))
    typer.echo(path)


def main() -> None:
    """The entry point: runs a command and turns what goes wrong into one line and an exit code."""
    debug = "--debug" in sys.argv
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("rca: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except RcaError as error:
        if debug:
            raise
        typer.echo(f"rca: {error}", err=True)
        sys.exit(2)
    except Exception as error:
        show_wrong_call = getattr(error, "show", None)  # what the command line library raises shows itself
        if callable(show_wrong_call) and hasattr(error, "exit_code"):
            show_wrong_call()
            sys.exit(2)
        if debug:
            raise
        typer.echo(f"rca: a defect of ours: {type(error).__name__}: {error} (--debug shows where)", err=True)
        sys.exit(70)
