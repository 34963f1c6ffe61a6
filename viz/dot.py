"""From records to DOT, the text that Graphviz lays out. The same records give the same text, byte for byte."""

from __future__ import annotations

import graphviz

from .labels import GREEN, GREY, INK, RED, Labels
from .walk import GraphRecord

FONT = "DejaVu Sans,Verdana,sans-serif"  # of one width; the first is in this package, the second on most computers


def dot(
    graph: GraphRecord,
    digits: int = 4,
    title: str | None = None,
    legend: bool = True,
    direction: str = "LR",
) -> str:
    """The DOT text of a graph, inputs at the left and the result at the right ("TB": on top and at the bottom).

    >>> from autograd import Value
    >>> from viz.walk import walk
    >>> dot(walk(Value(2.0, name="x") ** 2)).startswith("digraph gradlens {")
    True
    """
    labels = Labels(graph, digits, beside=direction == "TB")
    picture = graphviz.Digraph("gradlens")
    picture.attr(
        "graph",
        rankdir=direction,
        bgcolor="white",
        nodesep="0.35",
        ordering="in",  # operands stand in the order of the formula
        ranksep="0.3",
        pad="0.2",
        fontname=FONT,
        fontsize="12",
        labelloc="b",
        labeljust="l",
        charset="UTF-8",
    )
    below = labels.legend(title, legend)
    if below:
        picture.attr("graph", label=below)
    picture.attr("node", shape="plain", fontname=FONT, fontsize="14", fontcolor=INK)
    picture.attr(
        "edge",
        fontname=FONT,
        fontsize="12",
        color=f"{GREEN}:{RED}",
        dir="both",
        arrowsize="0.7",
        arrowhead="normal",
        arrowtail="vee",
    )
    for node in graph.nodes:
        looks = (
            {}
            if node.kind != "constant"
            else {
                "shape": "box",
                "style": "rounded,dashed",
                "color": GREY,
                "margin": "0.05,0.02",
                "height": "0",
                "width": "0",
            }
        )
        picture.node(
            f"n{node.number}", label=labels.node(node), tooltip=_plain(node.formula or node.label), **looks
        )
    if graph.folded:
        picture.node(
            "folded",
            label=_plain(f"… {graph.folded} more nodes folded"),
            shape="box3d",
            color=GREY,
            fontcolor=GREY,
            margin="0.15",
        )
        for number in graph.cut:
            picture.edge("folded", f"n{number}", style="dashed", color=GREY, dir="forward")
    for edge in graph.edges:
        ends = f"n{edge.source}", f"n{edge.target}"
        if edge.contribution is None:
            picture.edge(*ends, style="dashed", color=GREY, dir="forward")
        else:
            picture.edge(*ends, label=labels.edge(edge), tooltip=_plain(edge.rule or edge.local))
    return str(picture.source)


def _plain(text: str) -> str:
    """Text for an attribute that is no HTML: the package must not take <...> for a label, nor \\N for a name."""
    quoted: str = graphviz.nohtml(graphviz.escape(text))
    return quoted
