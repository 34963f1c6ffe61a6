"""The command: `gradlens draw "tanh(w*x + b)" w=2 x=-1 b=0.5 -o neuron.png`, and `gradlens doctor`."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
import textwrap
import warnings
from typing import Any, NoReturn

import autograd

from .doctor import report
from .drawing import DIRECTIONS, draw
from .errors import ExpressionError, FormatError, PictureError
from .expression import functions, parse, read_values
from .numerals import number
from .render import PICTURES, RENDERERS, SOURCES

_WITH_VALUE = ("-o", "--output", "--digits", "--title", "--direction", "--renderer")
_OPTIONS = frozenset(("-h", "--help", "--no-legend", *_WITH_VALUE))


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit status: 2 when what was asked for makes no sense, 1 when it cannot be done."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        options = _parser().parse_args(_shielded(arguments))
        status = int(options.run(options))
        print(end="", flush=True)  # a reader that has gone shows here, and not when Python ends
        return status
    except (ExpressionError, FormatError) as error:
        return _fail(error, 2)
    except PictureError as error:
        return _fail(error, 1)
    except BrokenPipeError:  # the reader of our output has gone, as in `gradlens doctor | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where the rest goes
        return 1


def _fail(error: PictureError, status: int) -> int:
    message = " ".join(str(error).split())
    where = ""
    if isinstance(error, ExpressionError) and error.column is not None:
        start, end = max(0, error.column - 20), error.column + 20
        before, at = error.text[start : error.column], error.text[error.column : error.column + 1]
        after = error.text[error.column + 1 : end] + ("…" if error.text[end:] else "")
        where = f" At column {error.column + 1}: {'…' if start else ''}{before}⟪{at}⟫{after}"
    text = f"gradlens: {message}{where}"
    encoding = sys.stderr.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=sys.stderr)
    return status


def _shielded(arguments: list[str]) -> list[str]:
    """An expression may start with a minus sign: a space in front keeps argparse from reading an option."""
    if arguments[:1] != ["draw"]:
        return arguments
    shielded, is_value = ["draw"], False
    for argument in arguments[1:]:
        option = argument.partition("=")[0] in _OPTIONS or re.fullmatch(
            r"-o.*\.\w+|--[a-z][a-z-]*(=.*)?", argument
        )
        shielded.append(argument if is_value or option or not argument.startswith("-") else f" {argument}")
        is_value = argument in _WITH_VALUE
    return shielded


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and status 2, without the usage in front of it."""
        self.exit(2, f"gradlens: {message}. '{self.prog} --help' tells more.\n")


def _digits(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 15:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 15")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="gradlens", description="See backpropagation: draw a computation graph with its gradients."
    )
    parser.add_argument("--version", action="version", version=f"gradlens {autograd.__gradlens__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    known = textwrap.fill(", ".join(sorted(functions())), 76, initial_indent="  ", subsequent_indent="  ")
    drawing = commands.add_parser(
        "draw",
        help="draw an expression with all its gradients",
        description="Draw an expression: every value, every gradient, and the chain rule on every arrow.",
        epilog=f"an expression has numbers, names, + - * / ** and these functions (and pi):\n{known}\n\n"
        'example:\n  gradlens draw "tanh(w*x + b)" w=2 x=-1 b=0.5 -o neuron.png\n\n'
        "exit status: 0 when the picture is written; 2 when what was asked for makes no sense, such as an unknown\n"
        "function, a missing value or an unknown ending; 1 when it cannot be done here, such as a folder that is not\n"
        "there or cannot be written, or no layout engine.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    drawing.add_argument("expression", metavar="EXPRESSION", help='such as "tanh(w*x + b)"')
    drawing.add_argument("values", nargs="*", metavar="NAME=NUMBER", help="the value of each name")
    endings = ", ".join(f".{form}" for form in PICTURES + SOURCES)
    drawing.add_argument(
        "-o",
        "--output",
        default="graph.png",
        metavar="FILE",
        help=f"the picture, ending in {endings} (default: graph.png)",
    )
    drawing.add_argument(
        "--digits", type=_digits, default=4, help="significant digits in the picture (default: 4)"
    )
    drawing.add_argument("--title", help="a title below the graph (default: the expression)")
    drawing.add_argument(
        "--direction",
        choices=DIRECTIONS,
        default="LR",
        help="LR: inputs at the left; TB: inputs on top, for long expressions (default: LR)",
    )
    drawing.add_argument("--no-legend", action="store_true", help="leave out how to read the picture")
    drawing.add_argument(
        "--renderer",
        choices=RENDERERS,
        default="auto",
        help="the dot program or the pygraphviz package (default: dot if it is there)",
    )
    drawing.set_defaults(run=_draw)
    doctor = commands.add_parser(
        "doctor", help="say what pictures are made with, and whether NumPy runs at full speed"
    )
    doctor.set_defaults(run=_doctor)
    return parser


def _draw(options: Any) -> int:
    expression = parse(options.expression)
    values = read_values(options.values, expression.names)
    result = expression.evaluate(values)
    result.backward()
    for name, leaf in _leaves(result).items():
        if not math.isfinite(leaf.grad):
            raise ExpressionError(
                f"The gradient of {name} is {leaf.grad}: numbers on the way are too large for a float."
            )
    title = expression.text if options.title is None else options.title
    with warnings.catch_warnings(record=True) as told:
        drawing = draw(
            result,
            digits=options.digits,
            title=title,
            legend=not options.no_legend,
            direction=options.direction,
        )
        path = drawing.save(options.output, renderer=options.renderer)
    print(f"{expression.text} = {number(result.data, 6)}")
    print(_table(result, expression.names))
    print(f"picture: {path}")
    for warning in told:
        print(f"gradlens: {warning.message}", file=sys.stderr)
    return 0


def _leaves(result: Any) -> dict[str | None, Any]:
    return {node.name: node for node in autograd.topological_order(result) if node.op is None}


def _table(result: Any, names: tuple[str, ...]) -> str:
    """Names, values and gradients in columns, numbers aligned at the right."""
    leaves = _leaves(result)
    rows = [("name", "value", "gradient")]
    rows += [
        (name, number(leaves[name].data, 6), number(leaves[name].grad, 6)) for name in names if name in leaves
    ]
    wide = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(f"  {a:<{wide[0]}}  {b:>{wide[1]}}  {c:>{wide[2]}}" for a, b, c in rows)


def _doctor(options: Any) -> int:
    lines, healthy = report()
    print("\n".join(lines))
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
