"""Benchmarks: how fast logs become events on disk, beside what others do with the same lines in the same run.

`make bench` compares on a million lines of each mix; `python -m tests.bench --help` has the rest. Compare ratios, not
seconds: `logs` says what the lines look like, `tools` which commands are run, `processes` what is measured. The losing
ways to take a line apart, with their figures, are in `alternatives`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench import logs

PLASO_LINES = 50_000
TELLING_LINES = 500_000  # where a start-up of a second stops mattering


def arguments(words: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Benchmarks of reading logs.")
    parser.add_argument(
        "what",
        nargs="?",
        default="compare",
        choices=["compare", "odd", "memory", "alternatives"],
        help="compare: all tools side by side; odd: small files, a huge line, gzip; memory: peak by size; alternatives: ways to take a line apart",
    )
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines in each log (default: 1 000 000)")
    parser.add_argument("--best", type=int, default=3, help="runs of which the best counts (default: 3)")
    parser.add_argument(
        "--mixes", nargs="+", choices=[*logs.MIXES, logs.JSON_LINES], default=list(logs.MIXES)
    )
    parser.add_argument("--json-lines", action="store_true", help="also a log of JSON objects")
    parser.add_argument("--workers", type=int, help="rca ingest --workers (default: rca's own)")
    parser.add_argument(
        "--plaso", action="store_true", help="also plaso, installed in a venv of its own in the cache"
    )
    parser.add_argument(
        "--plaso-lines", type=int, default=PLASO_LINES, help="the slice that plaso reads (default: 50 000)"
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000], help="sizes for memory"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--markdown", action="store_true", help="print the table for the README")
    chosen = parser.parse_args(words)
    if chosen.lines < 1 or chosen.best < 1:
        parser.error("--lines and --best start at 1")
    return chosen


def main(words: list[str] | None = None) -> None:
    """Measure and print."""
    chosen = arguments(words)
    if chosen.what == "alternatives":
        from tests.bench.alternatives import measure

        for line in measure(min(chosen.lines, 200_000), chosen.best):
            print(line, flush=True)
    elif chosen.what == "compare":
        compare(chosen)
    else:
        from tests.bench.oddities import memory, shapes

        lines = (
            shapes(chosen.lines, chosen.workers)
            if chosen.what == "odd"
            else memory(chosen.sizes, chosen.mixes, chosen.workers)
        )
        for line in lines:
            print(line, flush=True)


def compare(chosen: argparse.Namespace) -> None:
    """All tools side by side."""
    from tests.bench import comparison

    mixes = dict.fromkeys([*chosen.mixes, *([logs.JSON_LINES] if chosen.json_lines else [])])
    before = comparison.machine()
    figures, skipped = comparison.compare(
        mixes,
        chosen.lines,
        best=chosen.best,
        workers=chosen.workers,
        plaso_lines=chosen.plaso_lines if chosen.plaso else 0,
    )
    machine = {**comparison.machine(), "load before": before["load before"]}
    found = comparison.ratios(figures)
    about = " · ".join(f"{name} {value}" for name, value in machine.items())
    print(f"{about} · best of {chosen.best}\n")
    print(comparison.table(figures, markdown=chosen.markdown))
    if chosen.markdown:
        print("\n| mix | rca ingest against | ratio | target |\n| --- | --- | ---: | --- |")
        for ratio in found:
            name = f"{ratio.name} ({ratio.remark})" if ratio.remark else ratio.name
            print(f"| {ratio.mix} | {name} | {ratio.value:.2f} | {ratio.verdict} |")
    else:
        print("\nrca ingest against")
        print("\n".join(map(str, found)))
    if chosen.lines < TELLING_LINES:
        print(f"\nFewer than {TELLING_LINES:,} lines: start-up weighs in, the verdicts say little.")
    if skipped:
        print("\n" + "\n".join(skipped))
    if chosen.json:
        document = {
            "machine": machine,
            "lines": chosen.lines,
            "best_of": chosen.best,
            "figures": [comparison.record(figure) for figure in figures],
            "ratios": [asdict(ratio) | {"verdict": ratio.verdict} for ratio in found],
            "skipped": skipped,
        }  # fmt: skip
        chosen.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"\nwritten: {chosen.json}", file=sys.stderr)


if __name__ == "__main__":
    main()
