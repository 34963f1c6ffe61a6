"""What a box and an arrow of the picture say, as Graphviz's HTML-like labels.

Green is forward, red is backward; because not everybody sees that difference, every number also stands behind a word:
"value", "∂f/∂x". Every text that a user may have written goes through `escape`.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import numpy as np

from .names import shorten
from .numerals import is_scalar, is_small, number, shape, summary, table
from .text import TIGHT
from .text import name as named
from .walk import EdgeRecord, GraphRecord, NodeRecord

GREEN, RED, GREY, INK = "#006D52", "#B3001B", "#5F6670", "#1A1D21"
FORWARD, BACKWARD = "#E3F4EE", "#FCE9EA"  # tinted grounds of the two halves of a box
GATE, PAPER = "#E9ECF1", "#FFFFFF"
_SIGNS = {
    "add": "+",
    "subtract": "−",
    "multiply": "×",
    "divide": "÷",
    "negative": "−( )",
    "matmul": "@",
    "power": "**",
    "transpose": ".T",
}
_LONGEST_FORMULA = 40
_LONGEST_PRODUCT = 16
_MOST_TERMS = 4


def escape(text: str) -> str:
    """Text for an HTML-like label: markup loses its meaning.

    Graphviz puts the name of the node in the place of \\N even here, so a backslash becomes a sign that looks like it.
    """
    return html.escape(text.replace("\\", "\N{SET MINUS}"))


def _is_choice(text: str) -> bool:
    """Whether an expression is `a if c else b` as a whole, and not somewhere inside its parentheses."""
    depth, outside = 0, ""
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        outside += letter if depth == 0 else ""
    return " if " in outside


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+(e[+-]\d+)?", text) is not None


def _font(text: str, colour: str = "", size: int = 0, bold: bool = False) -> str:
    attributes = (f' COLOR="{colour}"' if colour else "") + (f' POINT-SIZE="{size}"' if size else "")
    inner = f"<B>{text}</B>" if bold else text
    return f"<FONT{attributes}>{inner}</FONT>" if attributes else inner


def _cut(text: str, longest: int = _LONGEST_FORMULA) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def partial(over: str, under: str) -> str:
    """The derivative of one in the other, as ∂f/∂x."""
    return "/".join(f"∂{x}" if x.isidentifier() or x.isalnum() else f"∂({x})" for x in (over, under))


def _row(cells: list[str], left: int = 0, right: int = 0) -> str:
    """Cells side by side. A table grows to fill its place; empty cells at its sides take up that growth instead."""
    empty = '<TD CELLPADDING="0"></TD>'
    inner = empty * left + "".join(f"<TD>{cell}</TD>" for cell in cells) + empty * right
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR>{inner}</TR></TABLE>'


class Labels:
    """The labels of one graph, with numbers of so many significant digits."""

    def __init__(self, graph: GraphRecord, digits: int, beside: bool = False) -> None:
        # A label lies above a level arrow, but beside an upright one, and then needs a gap to it and to the next one.
        self.gap, self.end = ('<TD WIDTH="12"></TD>', '<TD WIDTH="6"></TD>') if beside else ("", "")
        self.graph = graph
        self.digits = digits
        self.root = graph.nodes[graph.root].label

    # --- boxes

    def node(self, node: NodeRecord) -> str:
        """A box: the name and how it was made, the value in green, the gradient in red."""
        if node.kind == "constant":
            return self._constant(node)
        title = _font(escape(shorten(node.label, 24)), INK, 15, bold=True)
        if node.kind == "op":
            title += _font(escape(f" = {_cut(node.formula)}"), GREY)
        if not is_scalar(node.value):
            title += _font(escape(f"  {shape(node.value)} {np.asarray(node.value).dtype}"), GREY, 11)
        gate = ""
        if node.kind == "op":
            sign = _SIGNS.get(node.op or "", node.op or "")
            lines = sign.split("_") if len(sign) > 10 else [sign]
            text = "<BR/>".join(escape(shorten(line)) for line in lines)
            gate = (
                f'<TD ROWSPAN="3" BGCOLOR="{GATE}" CELLPADDING="6">'
                f"{_font(text, INK, 22 if len(sign) <= 2 else 13, bold=True)}</TD>"
            )
        word = {"": "value", "now": "value now", "then": "recorded value"}[node.moment]
        rows = [f'{gate}<TD ALIGN="LEFT">{title}</TD>']
        rows.append(f'<TD ALIGN="LEFT" BGCOLOR="{FORWARD}">{self._entry(word, node.value, GREEN)}</TD>')
        rows.append(f'<TD ALIGN="LEFT" BGCOLOR="{BACKWARD}">{self._gradient(node)}</TD>')
        body = "".join(f"<TR>{row}</TR>" for row in rows)
        border = 2 if node.number == self.graph.root else 1
        return (
            f'<<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4" COLOR="{INK}" '
            f'BGCOLOR="{PAPER}">{body}</TABLE>>'
        )

    def _constant(self, node: NodeRecord) -> str:
        name = f"{escape(shorten(node.label, 24))} " if node.named or not is_scalar(node.value) else ""
        kind = "" if is_scalar(node.value) else escape(f"{shape(node.value)} {np.asarray(node.value).dtype}")
        head = _font(f"{name}constant {kind}".strip(), GREY, 11)
        return (
            f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR><TD>{head}</TD></TR>'
            f"<TR><TD>{_row([self._shown(node.value, GREEN)], left=4, right=4)}</TD></TR></TABLE>>"
        )

    def _entry(self, word: str, value: Any, colour: str) -> str:
        shown = self._shown(value, colour)
        if is_scalar(value):
            return f"{_font(escape(word) + ' = ', colour, 12)}{shown}"
        word = _font(escape(word), colour, 12)
        if not is_small(value):
            return f"{word}  {shown}"
        return _row([f"{word} ", shown], right=8)

    def _gradient(self, node: NodeRecord) -> str:
        word = partial(self.root, node.label) if self.graph.scalar else "gradient"
        if node.gradient is None:
            return _font("no gradient arrives here", RED, 12)
        if len(node.terms) < 2:
            return self._entry(word, node.gradient, RED)
        if is_scalar(node.gradient):
            shown = [number(term, self.digits) for term in node.terms[:_MOST_TERMS]]
            total = " + ".join(f"({x})" if i and x.startswith("-") else x for i, x in enumerate(shown))
            if len(node.terms) > _MOST_TERMS:
                total += f" + … ({len(node.terms)} terms)"
            return f"{_font(escape(f'{word} = {total} = '), RED, 12)}{self._shown(node.gradient, RED)}"
        return self._entry(f"{word}, sum of {len(node.terms)}", node.gradient, RED)

    # --- arrows

    def edge(self, edge: EdgeRecord) -> str:
        """An arrow: local gradient, and local gradient x upstream gradient = contribution, in symbols and numbers."""
        source, target = self.graph.nodes[edge.source], self.graph.nodes[edge.target]
        if edge.contribution is None:
            return ""
        rows = []
        if is_scalar(edge.contribution) and is_scalar(edge.upstream) and edge.local:
            value = number(edge.local_value, self.digits)
            if edge.stale:  # the symbols stand for other numbers now
                edge = replace(edge, local=value)
                rows.append(_font("as recorded", GREY, 11))
            elif _is_number(edge.local):  # of other digits, as 0.333333
                edge = replace(edge, local=value)
            local = f"({edge.local})" if _is_choice(edge.local) else edge.local
            written = escape(f"{partial(target.label, source.label)} = {_cut(local, 30)}")
            rows.append(_font(written if edge.local == value else f"{written} = {value}", INK))
            rows += [_font(escape(line), RED) for line in self._product(value, edge)]
        else:
            sign = "=" if len(source.terms) < 2 else "+="
            differential = f"d{named(source.label).within(TIGHT)}"
            rows.append(_font(escape(f"{differential} {sign} {_cut(edge.rule, 44)}"), RED))
            parts = self._factors(edge)
            upstream = [_font(escape(line), RED, 11) for line in self._upstream(edge, target)]
            rows += parts or [*upstream, *self._contribution(edge)]
        if edge.summed:
            rows.append(_font(escape(edge.summed), GREY))
        body = '<TR><TD HEIGHT="4"></TD></TR>'
        body += "".join(f'<TR>{self.gap}<TD ALIGN="CENTER">{row}</TD>{self.end}</TR>' for row in rows)
        body += '<TR><TD HEIGHT="6"></TD></TR>'  # keeps the last line off the arrow below it
        return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{body}</TABLE>>'

    def _product(self, value: str, edge: EdgeRecord) -> list[str]:
        upstream, result = number(edge.upstream, self.digits), number(edge.contribution, self.digits)
        factors = f"{value} × ({upstream})" if upstream.startswith("-") else f"{value} × {upstream}"
        whole = f"{factors} = {result}"
        return [whole] if len(whole) <= _LONGEST_PRODUCT else [factors, f"= {result}"]

    def _factors(self, edge: EdgeRecord) -> list[str]:
        """Local gradient × upstream gradient = contribution in full, where three small arrays say all."""
        parts = [edge.local_value, edge.upstream, edge.contribution]
        if not edge.elementwise or edge.summed or not all(is_scalar(x) or is_small(x, 4, 3) for x in parts):
            return []
        if is_scalar(edge.local_value) and edge.local_value in (1, -1):
            return []
        cells = [self._shown(parts[0], INK), "×", self._shown(parts[1], RED), "=", self._shown(parts[2], RED)]
        return [_row(cells, left=4, right=4)]

    def _upstream(self, edge: EdgeRecord, target: NodeRecord) -> list[str]:
        """What g is: the gradient in the box at the end of the arrow, in full if it is a number."""
        gradient = partial(self.root, target.label) if self.graph.scalar else f"gradient of {target.label}"
        told = f"{self.graph.upstream} = {gradient}"
        if is_scalar(edge.upstream):
            return [f"{told} = {number(edge.upstream, self.digits)}"]
        told = f"{told}  {shape(edge.upstream)}"
        if is_small(edge.upstream):
            return [told]
        between = summary(edge.upstream, min(self.digits, 3))
        return [told, between] if self.gap else [f"{told} {between}"]

    def _contribution(self, edge: EdgeRecord) -> list[str]:
        if is_scalar(edge.contribution) or is_small(edge.contribution, 4, 4):
            return [_row([self._shown(edge.contribution, RED)], left=4, right=4)]
        told = f"{shape(edge.contribution)} {summary(edge.contribution, min(self.digits, 3))}"
        return [_font(escape(told), RED)]

    # --- numbers

    def _shown(self, value: Any, colour: str) -> str:
        if is_scalar(value):
            return _font(escape(number(value, self.digits)), colour, bold=True)
        if not is_small(value):
            return _font(escape(summary(value, min(self.digits, 3))), colour)
        rows = table(value, min(self.digits, 3))
        cells = [
            "".join(f'<TD ALIGN="RIGHT">{_font(escape(x), colour, 12)}</TD>' for x in row) for row in rows
        ]
        # A bracket is an empty cell beside all the rows, with lines on three of its sides.
        bracket = f'<TD ROWSPAN="{len(rows)}" BORDER="1" SIDES="{{}}TB" CELLPADDING="0" WIDTH="4"></TD>'
        cells[0] = bracket.format("L") + cells[0] + bracket.format("R")
        looks = f'BORDER="0" COLOR="{colour}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"'
        return f"<TABLE {looks}>{''.join(f'<TR>{row}</TR>' for row in cells)}</TABLE>"

    # --- the line below the graph

    def legend(self, title: str | None, legend: bool) -> str:
        """The title, what must be known about this graph, and how to read it."""
        rows = [] if title is None else [_font(escape(shorten(title, 100)), INK, 18, bold=True)]
        rows += [_font(escape(note), INK, bold=True) for note in self.graph.notes]
        if legend and self.graph.edges:
            letter = (
                f" {self.graph.upstream}" if any(np.ndim(edge.upstream) for edge in self.graph.edges) else ""
            )
            rows.append(f"{_font('→ value (forward)', GREEN)}     {_font('← gradient (backward)', RED)}")
            rows.append(
                _font(f"on each arrow:  local gradient × upstream gradient{letter} = contribution", INK)
                + _font("     contributions to one box add up", INK)
            )
        body = "".join(f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows)
        return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{body}</TABLE>>' if rows else ""
