"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine, report
from benchmarks.measure import Result, measure
from benchmarks.row import Row

QUICK_ROUNDS = 3


def main(arguments: Sequence[str] | None = None, rows: Sequence[Row] | None = None) -> int:
    """Measure, print, save. Exit status 1: a row failed or its sides disagree; 2: bad usage."""
    options = _parser().parse_args(arguments)
    if rows is None:
        from benchmarks.rows import all_rows

        rows = all_rows()
    chosen = [row for row in rows if not options.only or any(text in row.name for text in options.only)]
    if options.list:
        print("\n".join(row.name for row in chosen))
        return 0
    if not chosen:
        wanted = " or ".join(map(repr, options.only))
        print(f"no row has {wanted} in its name; --list shows them", file=sys.stderr)
        return 2
    results: list[Result] = []
    failed = []
    for row in chosen:
        print(f"... {row.name}", file=sys.stderr, flush=True)
        try:
            results.append(measure(row, QUICK_ROUNDS if options.quick else None))
        except Exception:  # one broken row must not cost the others' minutes
            traceback.print_exc()
            failed.append(row.name)
    print(report.table(results), end="")
    try:
        report.save(report.as_json(results, machine.facts()), options.json)
    except OSError as error:
        print(f"cannot write {options.json}: {error}; give another path with --json", file=sys.stderr)
        return 2
    print(f"all rounds: {options.json}")
    for name in failed:
        print(f"FAILED, see above: {name}")
    return 1 if failed or any(result.disagreements for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="gradlens beside its peers")
    add = parser.add_argument
    add("--only", action="append", metavar="NAME", help="rows with NAME in their name (repeatable)")
    add("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds a row: noisy, to see that it runs")
    add("--list", action="store_true", help="print the rows' names and stop")
    add("--json", type=Path, default=Path("out/bench.json"), metavar="PATH", help="where to save")
    return parser
