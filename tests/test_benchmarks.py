"""The benchmark harness on stub workloads whose costs are made up, so that nothing here depends on a clock."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks import cli, report
from benchmarks.clock import Timed, collector
from benchmarks.measure import MOST_LAPS, RecursionLimit, measure
from benchmarks.row import OURS, MissingPeer, Peer, Row


@dataclass
class Stub:
    """A side that replays costs and, when given a log, writes down its turns."""

    costs: list[float]
    numbers: Sequence[float] = ()
    name: str = ""
    log: list[str] = field(default_factory=list)

    def measure(self, laps: int) -> float:
        self.log.append(self.name)
        return self.costs.pop(0)

    def answer(self) -> Sequence[float]:
        return self.numbers


def stub(*costs: float, numbers: Sequence[float] = ()) -> Callable[[], Stub]:
    return lambda: Stub(list(costs), numbers)


def absent() -> Stub:
    raise MissingPeer("install it")


def row(**changes: object) -> Row:
    defaults: dict[str, object] = {
        "name": "stub",
        "ours": stub(2e-3, 1e-3, 4e-3),
        "peers": (Peer("peer", stub(8e-3, 4e-3, 4e-3), 0.5),),
        "rounds": 3,
    }
    return Row(**(defaults | changes))  # type: ignore[arg-type]


def test_share_is_ours_over_peer() -> None:
    result = measure(row())
    assert result.ratio("peer") == pytest.approx(0.25)  # best 1 ms over best 4 ms
    assert result.median_ratio("peer") == pytest.approx(0.25)  # of 0.25, 0.25 and 1
    assert result.verdict(row().peers[0]) == "ok"
    assert result.verdict(Peer("peer", absent, target=0.25)) == "ok"  # "<= 0.25", says the table
    assert result.verdict(Peer("peer", absent, target=0.24)) == "over"


def test_times_is_peer_over_ours() -> None:
    result = measure(row(reading="times"))
    assert result.ratio("peer") == pytest.approx(4)
    assert result.verdict(Peer("peer", absent, target=4.5)) == "over"
    assert result.verdict(Peer("peer", absent, target=3.5)) == "ok"
    assert result.verdict(Peer("peer", absent)) == ""


def test_costs_are_divided_by_what_a_lap_counts_as() -> None:
    result = measure(row(per=100, ceiling=1e-5))
    assert result.best(OURS) == pytest.approx(1e-5)
    assert result.verdict(None) == "ok"
    assert measure(row(per=10, ceiling=1e-5)).verdict(None) == "over"


def test_turns_alternate() -> None:
    log: list[str] = []
    sides = {name: Stub([1.0] * 4, (), name, log) for name in ("a", "b")}
    measure(row(ours=lambda: sides["a"], peers=(Peer("b", lambda: sides["b"]),), rounds=4))
    assert "".join(log) == "abbaabba"


def test_laps_fill_a_round() -> None:
    side = Stub([1e-4] * 50)
    result = measure(row(ours=lambda: side, peers=(), round_seconds=1e-2, rounds=2))
    assert result.laps[OURS] == 100


def test_laps_are_counted_again_until_a_round_is_long_enough_to_judge() -> None:
    slow_start = Stub([1e-3, *[1e-4] * 5])
    result = measure(row(ours=lambda: slow_start, peers=(), round_seconds=1e-2, rounds=2))
    assert result.laps[OURS] == 100
    nothing = Stub([1e-12] * 50)
    result = measure(row(ours=lambda: nothing, peers=(), round_seconds=1.0, rounds=2))
    assert result.laps[OURS] == MOST_LAPS


def test_other_numbers_are_reported() -> None:
    ours, theirs = stub(1.0, numbers=[1.0, 2.0]), stub(1.0, numbers=[1.0, 2.1])
    different = row(ours=ours, peers=(Peer("peer", theirs, 9.0),), rounds=1)
    result = measure(different)
    assert result.verdict(different.peers[0]) == "DIFFERS"
    assert "number 1" in result.disagreements["peer"]
    assert not measure(row(ours=ours, peers=different.peers, rounds=1, tolerance=0.1)).disagreements
    fewer = Peer("peer", stub(1.0, numbers=[1.0]))
    (said,) = measure(row(ours=ours, peers=(fewer,), rounds=1)).disagreements.values()
    assert said == "2 numbers against 1"
    silent = Peer("peer", stub(1.0))
    assert not measure(row(ours=ours, peers=(silent,), rounds=1)).disagreements
    unknown = Peer("peer", stub(1.0, numbers=[1.0, float("nan")]))
    assert measure(row(ours=ours, peers=(unknown,), rounds=1, tolerance=9.0)).disagreements


def test_missing_peer_is_a_line_and_not_a_crash() -> None:
    result = measure(row(peers=(Peer("peer", absent), Peer("other", stub(1.0, 1.0, 1.0)))))
    assert list(result.costs) == [OURS, "other"]
    text = report.table([result])
    assert text.splitlines()[-1] == "peer: install it"


def test_table() -> None:
    text = report.table([measure(row(name="first")), measure(row(reading="times", peers=()))])
    assert text.splitlines() == [
        "row    gradlens  against  peer  ratio  median  target",
        "---------------------------------------------------------",
        "first      1 ms  peer     4 ms   0.25    0.25  <= 0.5  ok",
        "stub       1 ms  -           -      -       -",
    ]


def test_amounts_have_a_unit_that_suits() -> None:
    texts = [report.amount(cost, row()) for cost in (2.5, 0.99996, 0.0123, 4.5e-6, 7e-8)]
    assert texts == ["2.5 s", "1 s", "12.3 ms", "4.5 us", "70 ns"]
    assert report.amount(112.04, row(unit="bytes")) == "112.0 B"


def test_promises_are_in_the_words_of_the_table() -> None:
    peer = Peer("peer", absent, target=1.5)
    assert report.target_text(row(ceiling=2e-5), None) == "<= 2e-05 s"
    assert report.target_text(row(ceiling=5, unit="activations"), peer) == "<= 1.5, <= 5"
    assert report.target_text(row(reading="times"), peer) == ">= 1.5x"


def test_the_recursion_limit_is_put_back() -> None:
    before = sys.getrecursionlimit()
    with RecursionLimit(before + 10):
        assert sys.getrecursionlimit() == before + 10
    assert sys.getrecursionlimit() == before


def test_prepare_is_outside_the_clock_and_a_used_up_work_is_prepared_again() -> None:
    seen: list[str] = []

    def prepare() -> Callable[[], object]:
        seen.append("prepare")
        return lambda: seen.append("work")

    assert Timed(prepare, warm_up=1).measure(2) > 0
    assert seen == ["prepare", "work", "work", "work"]
    seen.clear()
    assert Timed(prepare, used_up=True).measure(2) > 0
    assert seen == ["prepare", "work", "prepare", "work"]


def test_what_is_measured_is_the_time_of_one_lap(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(100))
    monkeypatch.setattr("benchmarks.clock.perf_counter", lambda: float(next(ticks)))  # a second each time
    assert Timed(lambda: lambda: None, warm_up=3).measure(4) == 0.25
    assert Timed(lambda: lambda: None, used_up=True).measure(4) == 1.0


def test_collector_is_as_the_row_says_and_restored() -> None:
    before = gc.isenabled()
    states: list[bool] = []

    def side() -> Timed:
        return Timed(lambda: lambda: states.append(gc.isenabled()))

    for running in (True, False):
        measure(row(ours=side, peers=(), collector=running, rounds=1))
    assert states == [True, False]
    assert gc.isenabled() == before
    with pytest.raises(KeyError), collector(not before):
        raise KeyError
    assert gc.isenabled() == before


def test_deep_recursion_gets_its_stack_and_errors_pass_through() -> None:
    def broken() -> Stub:
        raise ZeroDivisionError

    assert measure(row(stack_bytes=2**24)).ratio("peer") == pytest.approx(0.25)
    with pytest.raises(ZeroDivisionError):
        measure(row(ours=broken, stack_bytes=2**24))


def test_command_prints_and_saves_every_round(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new" / "bench.json"
    assert cli.main(["--json", str(path)], [row()]) == 0
    assert "0.25" in capsys.readouterr().out
    document = json.loads(path.read_text())
    assert document["machine"]["versions"]["numpy"]
    assert document["rows"][0]["rounds"] == {OURS: [2e-3, 1e-3, 4e-3], "peer": [8e-3, 4e-3, 4e-3]}
    assert document["rows"][0]["peers"]["peer"]["verdict"] == "ok"
    assert [child.name for child in path.parent.iterdir()] == ["bench.json"]


def test_command_lists_selects_and_survives_a_broken_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Stub:
        raise ZeroDivisionError

    rows = [row(name="one", ours=broken), row(name="two")]
    json_option = ["--json", str(tmp_path / "bench.json")]
    assert cli.main(["--list"], rows) == 0
    assert capsys.readouterr().out.split() == ["one", "two"]
    assert cli.main(["--list", "--only", "w", "--only", "x"], rows) == 0
    assert capsys.readouterr().out.split() == ["two"]
    assert cli.main(["--only", "three", *json_option], rows) == 2
    assert "three" in capsys.readouterr().err
    assert cli.main(json_option, rows) == 1
    printed = capsys.readouterr()
    assert "FAILED, see above: one" in printed.out
    assert "two" in printed.out
    assert "ZeroDivisionError" in printed.err


def test_sides_that_disagree_are_noted_and_are_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    peers = (Peer("peer", stub(1.0, 1.0, 1.0, numbers=[2.0])),)
    rows = [row(ours=stub(1.0, 1.0, 1.0, numbers=[1.0]), peers=peers, rounds=9)]
    json_option = ["--json", str(tmp_path / "bench.json")]
    assert cli.main(["--quick", *json_option], rows) == 1  # and three rounds, for there are no more costs
    assert "stub DIFFERS from peer: number 0: ours 1.0, peer 2.0" in capsys.readouterr().out


def test_unwritable_path_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert cli.main(["--json", str(blocked / "bench.json")], [row()]) == 2
    assert "--json" in capsys.readouterr().err


def test_real_rows_load_without_any_peer() -> None:
    from benchmarks.rows import all_rows

    peers_before = {"torch", "micrograd", "mygrad"} & set(sys.modules)
    names = [each.name for each in all_rows()]
    assert len(names) == len(set(names))
    assert {"torch", "micrograd", "mygrad"} & set(sys.modules) == peers_before
