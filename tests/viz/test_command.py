"""The command `gradlens`: what it prints, and one clear line for everything that cannot be drawn."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import OPS

from viz import ExpressionError
from viz.__main__ import main
from viz.doctor import report
from viz.expression import functions, parse, read_values


def test_the_neuron_of_the_readme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "neuron.png"
    assert main(["draw", "tanh(w*x + b)", "w=2", "x=-1", "b=0.5", "-o", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "tanh(w*x + b) = -0.905148",
        "  name  value   gradient",
        "  w         2  -0.180707",
        "  x        -1   0.361413",
        "  b       0.5   0.180707",
        f"picture: {picture}",
    ]
    assert err == ""


def test_the_default_name_is_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["draw", "-x", "x=3"]) == 0  # starts with a minus sign, and is no option
    assert (tmp_path / "graph.png").is_file()
    assert "picture: graph.png" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tahn(x)", "x=1"], "Unknown function 'tahn': did you mean tanh?"),
        (["qqqq(x)", "x=1"], "--help"),
        (["x +", "x=1"], "not an expression"),
        (["(x", "x=1"], "not an expression"),
        (["", "x=1"], "empty"),
        (["x^2", "x=1"], "a power is written x**2"),
        (["x @ y", "x=1", "y=1"], "a product is written x * y"),
        (["2(x)", "x=1"], "a product is written 2 * (x)"),
        (["x.real", "x=1"], "cannot be part of an expression"),
        (["math.sin(x)", "x=1"], "without a module name"),
        (["x < 1", "x=1"], "not a comparison"),
        (["[x]", "x=1"], "cannot be part of an expression"),
        (["lambda: x", "x=1"], "cannot be part of an expression"),
        (["__import__('os').system('echo')"], "cannot be called"),
        (["'text' * x", "x=1"], "'text' is not a real number"),
        (["1j * x", "x=1"], "not a real number"),
        (["True * x", "x=1"], "not a real number"),
        (["tanh(x, x)", "x=1"], "tanh takes 1 input, not 2"),
        (["maximum(x)", "x=1"], "maximum takes 2 inputs, not 1"),
        (["tanh(x=1)", "x=1"], "takes only expressions"),
        (["tanh(*x)", "x=1"], "takes only expressions"),
        (["tanh + x", "x=1"], "tanh is a function"),
        (["x * y", "x=1"], "No value for y; add y=1."),
        (["x", "x=1", "z=2"], "z is not in the expression"),
        (["width", "widht=1", "width=1"], "Did you mean width?"),
        (["x", "x=1", "x=2"], "given twice"),
        (["x", "x=one"], "'one' is not a number"),
        (["x", "x="], "is not a number"),
        (["x", "x"], "write name=number"),
        (["x", "2=x"], "write name=number"),
        (["x", "-x=1"], "gradlens: '-x=1' is not a value"),
        (["1/0", "x=1"], "x is not in the expression. The expression has no names."),
        (["1/0"], "gradlens: division by zero. At column 2"),
        (["1/0 * x", "x=1"], "gradlens: division by zero. At column 2"),
        (["x", "x=1", "y=2", "z=3"], "y, z are not in the expression. The expression has x."),
        (["x", "x=1", "--direction", "up"], "up"),
        (["x", "x=nan"], "finite"),
        (["x", "x=1e999"], "finite"),
        (["log(x)", "x=-1"], "log"),
        (["1 / x", "x=0"], "division by zero"),
        (["exp(x)", "x=1000"], "too large"),
        (["10**400 * x", "x=1"], "too large"),
        (["1e999 * x", "x=1"], "too large"),
        (["x * 1e300 * 1e300", "x=1"], "not a finite number"),
        (["x**0.5", "x=-2"], "not a real number"),
        (["sqrt(x)", "x=0"], "no finite derivative"),
        (["exp(700*x) * exp(y)*1e4", "x=1", "y=0"], "gradient of x|finite|large"),
        (["2 + 3"], "no variable"),
        (["x\ny", "x=1"], "one line"),
        (["x" * 1001, "x=1"], "at most 1000"),
        (["-" * 900 + "x", "x=1"], "nested too deeply"),
        (["(" * 400 + "x" + ")" * 400, "x=1"], "nested"),
        (["+".join("x" * 400), "x=1"], "nested too deeply"),
        (["x", "x=1", "-o", "f.bmp"], ".png, .svg, .pdf"),
        (["x", "x=1", "-o", "f"], "a name without a suffix"),
        (["x", "x=1", "--digits", "0"], "1 to 15"),
        (["x", "x=1", "--nonsense"], "--nonsense"),
        (["x", "x=1", "--renderer", "paint"], "paint"),
        ([], "EXPRESSION"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status = main(["draw", *arguments])
    except SystemExit as ended:  # argparse's way
        status = int(ended.code or 0)
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("gradlens: ")
    assert any(part in err for part in said.split("|")), err
    assert list(tmp_path.iterdir()) == []


def test_an_error_points_at_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "1 + tahn(x)", "x=1"]) == 2
    assert "At column 5: 1 + ⟪t⟫ahn(x)" in capsys.readouterr().err


def test_an_error_of_grammar_points_at_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "x ) y", "x=1"]) == 2
    assert "At column 3: x ⟪)⟫ y" in capsys.readouterr().err


def test_what_is_no_number_is_refused_before_any_value_is_given() -> None:
    with pytest.raises(ExpressionError, match="1j is not a real number"):
        parse("1j * x")


def test_pi_needs_no_value() -> None:
    assert read_values(["x=2"], parse("pi * x").names) == {"x": 2.0}


def test_the_arguments_are_those_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gradlens", "draw", "x**2", "x=3", "-o", str(tmp_path / "f.dot")])
    assert main() == 0
    assert "x**2 = 9" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="a pipe that nobody reads is another error elsewhere")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_is_told_by_the_status_alone(unbuffered: str, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "viz", "draw", "x**2", "x=3", "-o", str(tmp_path / "f.dot")],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_output_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "x", "x=1", "-o", str(tmp_path / "absent" / "f.png")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "there is no folder" in err


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("(x + y) * z", {"x": -2.0, "y": 5.0, "z": -4.0}, -12.0),
        ("2**3**x", {"x": 2.0}, 512.0),
        ("-x**2", {"x": 3.0}, -9.0),
        ("+x - -x", {"x": 3.0}, 6.0),
        ("max(x, 2) + abs(-x) + ln(e)", {"x": 3.0, "e": 1.0}, 6.0),
        ("sin(pi / 2) * x", {"x": 3.0}, 3.0),
        ("pi * x", {"x": 2.0, "pi": 3.0}, 6.0),
        ("größe * 2", {"größe": 2.0}, 4.0),
    ],
)
def test_expressions_compute(text: str, values: dict[str, float], result: float) -> None:
    assert parse(text).evaluate(values).data == pytest.approx(result)


def test_every_function_can_be_called() -> None:
    ours = {
        name: op for name, op in functions().items() if op is OPS.get(op.name)
    }  # not those of other tests
    assert "tanh" in ours
    for name, op in ours.items():
        inputs = [sum(bounds) / 2 + 0.1 for bounds in op.domain]
        names = ["a", "b"][: len(inputs)]
        value = parse(f"{name}({', '.join(names)})").evaluate(dict(zip(names, inputs)))
        value.backward()


def test_names_come_in_the_order_of_the_text() -> None:
    assert parse("b * a + tanh(c) - b").names == ("b", "a", "c")


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_a_clear_refusal(text: str) -> None:
    with suppress(ExpressionError):
        expression = parse(text)
        expression.evaluate(dict.fromkeys(expression.names, 0.5))


@given(st.text(alphabet="xy12.+-*/() ,tanh", max_size=30))
def test_anything_near_the_grammar_is_an_expression_or_a_clear_refusal(text: str) -> None:
    test_any_text_is_an_expression_or_a_clear_refusal.hypothesis.inner_test(text)  # type: ignore[attr-defined]


def test_the_direction_of_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for direction in ("LR", "TB"):
        path = tmp_path / f"{direction}.dot"
        assert main(["draw", "-x * y", "x=1", "y=2", "--direction", direction, "-o", str(path)]) == 0
        assert f"rankdir={direction}" in path.read_text(encoding="utf-8")
    capsys.readouterr()


def test_the_digits_of_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.dot"
    for more, shown in (
        ([], "0.3333"),
        (["--digits", "1"], "0.3"),
        (["--digits", "15"], "0.333333333333333"),
    ):
        assert main(["draw", "x / 3", "x=1", "-o", str(path), *more]) == 0
        assert f"<B>{shown}</B>" in path.read_text(encoding="utf-8")
    capsys.readouterr()


def test_the_renderer_that_was_asked_for_is_used(
    without_dot: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", "x", "x=1", "--renderer", "dot", "-o", str(tmp_path / "f.png")]) == 1
    assert "the 'dot' program was not found" in capsys.readouterr().err


@pytest.mark.filterwarnings("always::viz.SizeWarning")
def test_what_became_of_the_picture_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("viz.render._LARGEST", 720)
    assert main(["draw", "x**2", "x=1", "-o", str(tmp_path / "f.png")]) == 0
    out, err = capsys.readouterr()
    assert "picture: " in out
    assert len(err.splitlines()) == 1
    assert err.startswith("gradlens: the picture was made smaller")


def test_help_tells_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["draw", "--help"])
    shown = capsys.readouterr().out
    assert "exit status: 0 when the picture is written; 2 when" in shown
    assert "1 when it cannot be done here" in shown
    assert max(len(line) for line in shown.splitlines()) < 120


def test_help_lists_the_functions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["draw", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "tanh" in shown
    assert "neuron.png" in shown


def test_the_doctor_names_the_renderer(without_dot: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "made with pygraphviz" in shown
    assert "OpenBLAS" in shown


def test_the_doctor_of_a_broken_installation(
    without_dot: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("viz.render._home_of_pygraphviz", lambda: None)
    lines, healthy = report()
    assert not healthy
    assert any("pip install pygraphviz" in line for line in lines)
    assert main(["doctor"]) == 1
    capsys.readouterr()


def test_the_micro_sign_is_the_greek_letter(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "viz", "draw", "\u00b5*2", "\u00b5=1", "-o", str(tmp_path / "f.dot")],
        capture_output=True,
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr
