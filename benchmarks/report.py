"""The table a person reads and the JSON a program reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Result
from benchmarks.row import OURS, Peer, Row

_UNITS = {"seconds": "s", "bytes": "B", "activations": ""}
HEAD = ("row", OURS, "against", "peer", "ratio", "median", "target", "")


def table(results: Iterable[Result]) -> str:
    """Return the results as an aligned table, one line for each peer, with notes on what is missing below."""
    lines: list[Sequence[str]] = [HEAD]
    notes: dict[str, None] = {}  # a set that keeps its order
    for result in results:
        lines.extend(cells(result))
        for name, reason in result.missing.items():
            notes[f"{name}: {reason}"] = None
        for name, what in result.disagreements.items():
            notes[f"{result.row.name} DIFFERS from {name}: {what}"] = None
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    text = [_line(line, widths) for line in lines]
    text.insert(1, "-" * max(map(len, text)))
    return "\n".join([*text, *notes]) + "\n"


def cells(result: Result) -> list[Sequence[str]]:
    """Return the table lines of one row: one for each peer that ran, or one line of our own number."""
    row = result.row
    ours = amount(result.best(OURS), row)
    lines: list[Sequence[str]] = []
    for peer in row.peers:
        name = peer.name
        if name in result.costs:
            ratios = (ratio_text(result.ratio(name), row), ratio_text(result.median_ratio(name), row))
            judged = (target_text(row, peer), result.verdict(peer))
            lines.append((row.name, ours, name, amount(result.best(name), row), *ratios, *judged))
    if not lines:
        lines.append((row.name, ours, "-", "-", "-", "-", target_text(row, None), result.verdict(None)))
    return lines


def amount(cost: float, row: Row) -> str:
    """Return a cost with a unit that suits its size."""
    if row.unit == "bytes":
        return f"{cost:.1f} B"
    if row.unit == "activations":
        return f"{cost:.1f}"
    for scale, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if cost >= 0.9995 * scale:  # 0.9996 s reads "1 s", not "1e+03 ms"
            return f"{cost / scale:.3g} {unit}"
    return f"{cost / 1e-9:.3g} ns"


def ratio_text(ratio: float, row: Row) -> str:
    """Return "21.4x" for a row read as times, "0.43" for one read as a share."""
    return f"{ratio:.1f}x" if row.reading == "times" else f"{ratio:.2f}"


def target_text(row: Row, peer: Peer | None) -> str:
    """Return what the row promises, in the table's words."""
    promises = []
    if peer is not None and peer.target is not None:
        promises.append(f">= {peer.target:g}x" if row.reading == "times" else f"<= {peer.target:g}")
    if row.ceiling is not None:
        promises.append(f"<= {row.ceiling:g} {_UNITS[row.unit]}".rstrip())
    return ", ".join(promises)


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    left = {0, 2, 7}
    padded = [
        text.ljust(width) if column in left else text.rjust(width)
        for column, (text, width) in enumerate(zip(texts, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def as_json(results: Iterable[Result], machine: dict[str, Any]) -> dict[str, Any]:
    """Return machine facts and every round of every row, ready for `json`."""
    return {"machine": machine, "rows": [_row(result) for result in results]}


def _row(result: Result) -> dict[str, Any]:
    row = result.row
    peers = {
        peer.name: {
            "ratio": result.ratio(peer.name),
            "median_ratio": result.median_ratio(peer.name),
            "target": peer.target,
            "verdict": result.verdict(peer),
        }
        for peer in row.peers
        if peer.name in result.costs
    }
    return {
        "name": row.name,
        "unit": row.unit,
        "reading": row.reading,
        "ceiling": row.ceiling,
        "collector": row.collector,
        "best": {name: result.best(name) for name in result.costs},
        "peers": peers,
        "verdict": result.verdict(None),
        "missing": result.missing,
        "disagreements": result.disagreements,
        "laps": result.laps,
        "rounds": result.costs,
    }


def save(document: dict[str, Any], path: Path) -> None:
    """Write the JSON whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
