"""What is drawn of a graph: boxes, edges and frames, before any language for pictures.

Every form of a diagram is written from a `View`: DOT, Mermaid, the tree for a terminal. Its ids
depend on the graph alone, so that the same value has the same id however much is folded.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

from autograd_engine import Value, graph
from autograd_engine.explanation import partial_formula
from visualize.folding import Group
from visualize.units import Grouping, Parameters, Unit, Units

__all__ = ["Box", "Edge", "Frame", "Options", "View", "check", "check_digits", "view"]

DIRECTIONS = ("LR", "TB", "RL", "BT")
GROUPS = ("auto", None, "neuron", "layer")
ROWS = ("label", "data", "grad")

DASH = "–"  # where a gradient would be, before the backward pass

# No formulas are printed of operations with more operands.
_MOST_OPERANDS = 8
_LONGEST_TITLE = 60
# What a box of several nameless values is called.
_SEVERAL = {"constant": "numbers", "input": "inputs", "value": ""}


@dataclass(frozen=True)
class Box:
    """A value with the operation that made it, or several values drawn as one.

    Attributes
    ----------
    id : str
        'n5' for the sixth node of the graph, 'g5' for a group, 'p5' for parameters.
    kind : str
        'input', 'parameter', 'constant', 'value' or 'output'; 'module', 'function', 'chain',
        'parameters' for what is folded.
    title : str
        As the user has written it, with any characters.
    rows : tuple of (str, str)
        What is said below the title, such as ('data', '2').
    op : str
        The name of the operation that made the value; '' for a leaf and for what is folded.
    tooltip : str
    frame : str
        The id of the frame that it is in, or ''.
    is_output : bool
    change : float
        By how much one training step has changed it.
    node : Value or None
        Which value, if it is one.
    """

    id: str
    kind: str
    title: str
    rows: tuple[tuple[str, str], ...]
    op: str = ""
    tooltip: str = ""
    frame: str = ""
    is_output: bool = False
    change: float = 0.0
    node: Value | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """For CSS."""
        changed = ("raised",) * (self.change > 0) + ("lowered",) * (self.change < 0)
        output = ("output",) if self.is_output and self.kind != "output" else ()
        return (self.kind, *output, *changed)


@dataclass(frozen=True)
class Edge:
    """That one box was computed from another.

    Attributes
    ----------
    id : str
    source, target : str
        Of the boxes.
    partials : tuple of float
        The local derivatives; more than one where several operands are drawn as one edge.
    flow : float
        The gradient that comes back through it: what the target's operations add to the grads of
        their operands; None without a backward pass.
    tooltip : str
    count : int
        How many values go along it.
    """

    id: str
    source: str
    target: str
    partials: tuple[float, ...]
    flow: float | None
    tooltip: str
    count: int = 1


@dataclass(frozen=True)
class Frame:
    """The border around the boxes of an opened group."""

    id: str
    kind: str
    title: str
    tooltip: str
    frame: str = ""


@dataclass(frozen=True)
class View:
    """What is drawn.

    Attributes
    ----------
    boxes, edges, frames : tuple
        In an order that depends on the graph alone; a frame comes after the one around it.
    caption : str
        What was left out, and how to see it.
    """

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    frames: tuple[Frame, ...] = ()
    caption: str = ""


class Options(TypedDict, total=False):
    """The options of `view`, which every form of a diagram takes."""

    group: Grouping
    depth: int | None
    expand: Any
    show: Collection[str]
    labels: Mapping[str, Any] | None
    parameters: Any
    digits: int
    max_nodes: int


def view(
    root: Value | Sequence[Value],
    after: Value | Sequence[Value] | None = None,
    *,
    group: Grouping = "auto",
    depth: int | None = None,
    expand: Any = (),
    show: Collection[str] = ROWS,
    labels: Mapping[str, Any] | None = None,
    parameters: Any = (),
    digits: int = 6,
    max_nodes: int = 300,
) -> View:
    """What is drawn of a graph, in no language yet; the options are those of `draw`.

    Parameters
    ----------
    root, after, group, depth, expand, show, labels, parameters, digits, max_nodes
        As for `draw`.

    Returns
    -------
    View

    Raises
    ------
    TypeError, ValueError
        As `draw`.

    Examples
    --------
    >>> a = Value(2.0, label="a")
    >>> drawn = view(a * a)
    >>> [(box.id, box.kind, box.title, box.op) for box in drawn.boxes]
    [('n0', 'input', 'a', ''), ('n1', 'output', '', '*')]
    >>> [(edge.source, edge.target, edge.partials) for edge in drawn.edges]
    [('n0', 'n1', (2.0,)), ('n0', 'n1', (2.0,))]
    """
    check("group", group, GROUPS)
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise ValueError(f"depth is how many levels of groups are opened, 0, 1, ...; got {depth!r}")
    check_digits(digits)
    show = [show] if isinstance(show, str) else list(show)
    for row in show:
        check("show", row, ROWS)
    outputs = _outputs(root if after is None else after)
    before = {} if after is None else _matched(_outputs(root), outputs)
    units = Units(outputs, parameters, labels)
    units.divide(group, depth, expand)
    if len(units.members) > max_nodes:
        raise ValueError(_too_many(units, max_nodes, group == "auto" and depth is None))
    return _Viewer(units, before, show, f".{digits:d}g").view()


class _Viewer:
    """Makes the view of a graph that is divided into units."""

    def __init__(
        self, units: Units, before: Mapping[Value, Value], show: Sequence[str], number: str
    ) -> None:
        self.units, self.before, self.show, self.number = units, before, show, number
        self.backward_was_run = any(output.grad != 0 for output in units.outputs)
        self.ids = {unit: self._id(unit) for unit in units.members}

    def view(self) -> View:
        """Boxes, edges and frames."""
        boxes: list[Box] = []
        edges: list[Edge] = []
        for unit in sorted(self.ids, key=self._place):
            if not isinstance(unit, Value):
                boxes.append(self._group(unit) if isinstance(unit, Group) else self._shared(unit))
                edges += self._edges_of_several(unit)
            elif self.units.merged[unit] > 1:
                boxes.append(self._several(unit))
                edges += self._edges_of_several(unit)
            else:
                boxes += self._value(unit)
                edges += self._edges_of_value(unit)
        return View(tuple(boxes), tuple(edges), self._frames(boxes), self._caption())

    def _id(self, unit: Unit) -> str:
        if isinstance(unit, Group):
            return unit.id
        if isinstance(unit, Parameters):
            return f"p{self.units.position[unit.leaves[0]]}"
        return f"n{self.units.position[unit]}"

    def _place(self, unit: Unit) -> tuple[int, int]:
        """Where in the order of creation a box stands; a group before its first node."""
        if isinstance(unit, Value):
            return self.units.position[unit], 1
        nodes = unit.nodes if isinstance(unit, Group) else unit.leaves
        return self.units.position[nodes[0]], 0

    def _caption(self) -> str:
        parts = []
        if self.before:
            parts.append("before → after; bold: blue has grown, orange has shrunk")
        if any(count > 1 for count in self.units.merged.values()):
            parts.append("what is alike is drawn once")
        folded = [unit for unit in self.ids if isinstance(unit, Group)]
        if folded:
            title = self.units.titles[folded[0]]
            name = title if re.fullmatch(r"[\w.]{1,40}", title) else folded[0].id
            parts.append(f"expand='{name}' opens a box, group=None all")
        return "; ".join(parts)

    # --- frames ----------------------------------------------------------------------------------

    def _frames(self, boxes: Iterable[Box]) -> tuple[Frame, ...]:
        """Those with something in them, the outer ones first."""
        frames = {}
        filled = {box.frame for box in boxes}
        for g in reversed(self.units.groups):
            if g in self.units.opened and g.id in filled:
                outer = self._frame(g.parent)
                filled.add(outer)
                title = self._short(self.units.titles[g], g.parent)
                operations = f"{g.id}: {_counted(len(g.nodes), 'operation')}"
                frames[g] = Frame(g.id, g.kind, title, operations, outer)
        return tuple(frames[g] for g in self.units.groups if g in frames)

    def _frame(self, g: Group | None) -> str:
        """The id of the innermost opened group; an opened sum needs no border."""
        while g is not None and (g not in self.units.opened or g.kind == "chain"):
            g = g.parent
        return "" if g is None else g.id

    def _short(self, title: str, g: Group | None) -> str:
        """Without what the frame around says already."""
        while g is not None:
            if g in self.units.opened and g.kind == "module":
                return title.removeprefix(f"{g.name}.")
            g = g.parent
        return title

    # --- boxes -----------------------------------------------------------------------------------

    def _value(self, node: Value) -> Iterator[Box]:
        units = self.units
        group = units.home[node] if node.is_leaf else units.innermost.get(node)
        maker = units.maker(node)
        if maker is not None:
            group = maker.parent
        op = "" if maker is not None else node.op
        if op and node in units.unfolded:
            op = "+"
            yield from self._products(node, self._frame(group))
        tooltip = f"data {node.data!r}"
        title = self._short(units.label(node), group) if "label" in self.show else ""
        if node.is_constant:
            title = f"{node.data:{self.number}}"
        elif self._has_grad(node):
            tooltip += f", grad {node.grad!r}"
        yield Box(
            id=self.ids[node],
            kind=self._kind(node),
            title=_abridged(title),
            rows=() if node.is_constant else self._numbers(node),
            op=op,
            tooltip=tooltip,
            frame=self._frame(group),
            is_output=node in units.outputs,
            change=node.data - self.before[node].data if node in self.before else 0.0,
            node=node,
        )

    def _kind(self, node: Value) -> str:
        if node.is_constant:
            return "constant"
        if node.is_leaf:
            return "parameter" if node in self.units.parameters else "input"
        return "output" if node in self.units.outputs else "value"

    def _has_grad(self, node: Value) -> bool:
        return self.backward_was_run or node.grad != 0

    def _numbers(self, node: Value) -> tuple[tuple[str, str], ...]:
        data, grad = f"{node.data:{self.number}}", f"{node.grad:{self.number}}"
        if node in self.before:
            then = self.before[node]
            data = _moved(f"{then.data:{self.number}}", data)
            grad = _moved(f"{then.grad:{self.number}}", grad)
        rows = [("data", data), ("grad", grad if self._has_grad(node) else DASH)]
        return tuple(row for row in rows if row[0] in self.show)

    def _products(self, node: Value, frame: str) -> Iterator[Box]:
        """The products of a dot node; its partials are the factors as they were recorded."""
        half = len(node.partials) // 2
        for i, (right, left) in enumerate(
            zip(node.partials[:half], node.partials[half:], strict=True)
        ):
            product = f"{left * right:{self.number}}"
            grad = f"{node.grad:{self.number}}" if self._has_grad(node) else DASH
            rows = [row for row in (("data", product), ("grad", grad)) if row[0] in self.show]
            tooltip = f"data {left * right!r}"
            yield Box(f"{self.ids[node]}_t{i}", "value", "", tuple(rows), "*", tooltip, frame)

    def _several(self, node: Value) -> Box:
        """Values that are computed alike."""
        units = self.units
        nodes, kind = units.members[node], self._kind(node)
        labels = [units.label(member) for member in nodes if units.label(member)]
        title = labels[0] if labels else _SEVERAL.get(kind, "")
        if labels and labels[-1] != labels[0]:
            title = f"{labels[0]} … {labels[-1]}"
        group = units.home[node] if node.is_leaf else units.innermost.get(node)
        return Box(
            id=self.ids[node],
            kind="input" if kind == "constant" else kind,
            title=_abridged(title),
            rows=(("", f"× {len(nodes)}"),),
            op=node.op,
            tooltip=_counted(len(nodes), "value"),
            frame=self._frame(group),
        )

    def _group(self, group: Group) -> Box:
        units = self.units
        calls = units.merged[group]
        ops = Counter(node.op for node in group.nodes).most_common()
        made_of = [f"{count} {op}" if count > 1 else op for op, count in ops[:4]]
        rows = [("", ", ".join(made_of) + (", ..." if len(ops) > 4 else ""))]
        parameters = {p for node in group.nodes for p in node.parents if p in units.paths}
        if parameters:
            rows.append(("", _counted(len(parameters), "parameter")))
        rows += self._moved_by(parameters)
        title = units.titles[group]
        if calls > 1:
            title = title.partition("#")[0]
            rows.append(("", f"× {calls}"))
        else:
            inside = set(group.nodes)
            given = [
                node
                for node in group.nodes
                if node in units.outputs or not inside.issuperset(units.consumers[node])
            ]
            if len(given) > 1:
                rows.append(("", f"{len(given)} values"))
            elif given[0] not in units.outputs:
                rows += self._numbers(given[0])
        return Box(
            id=group.id,
            kind=group.kind,
            title=_abridged(self._short(title, group.parent)),
            rows=tuple(rows),
            tooltip=f"{group.id}: {_counted(len(group.nodes), 'operation')}",
            frame=self._frame(group.parent),
        )

    def _shared(self, parameters: Parameters) -> Box:
        count = _counted(len(parameters.leaves), "parameter")
        return Box(
            id=self.ids[parameters],
            kind="parameters",
            title=_abridged(self.units.module_name(parameters.path)),
            rows=(("", count), *self._moved_by(parameters.leaves)),
            tooltip=count,
        )

    def _moved_by(self, parameters: Iterable[Value]) -> list[tuple[str, str]]:
        """How far a step has moved parameters, together."""
        pairs = [(p.data, self.before[p].data) for p in parameters if p in self.before]
        distance = math.dist(*zip(*pairs, strict=True)) if pairs else 0.0
        return [("", f"moved by {distance:{self.number}}")] if distance else []

    # --- edges -----------------------------------------------------------------------------------

    def _edges_of_value(self, node: Value) -> Iterator[Edge]:
        target = self.ids[node]
        maker = self.units.maker(node)
        if maker is not None:
            made_in = self.ids[self.units.drawn_as.get(maker, maker)]
            yield Edge(f"{target}_out", made_in, target, (), self._flow(node, 1.0), "1 value")
            return
        sources = [self.units.of[parent] for parent in node.parents]
        if node in self.units.unfolded:
            yield from self._edges_of_products(node, sources)
            return
        together: dict[Unit, list[_Operand]] = {}
        for i, (source, partial) in enumerate(zip(sources, node.partials, strict=True)):
            is_one = isinstance(source, Value) and self.units.merged[source] < 2
            if is_one or sources.count(source) == 1:
                formula = self._formula(node, i)
                yield Edge(
                    f"{target}_in{i}",
                    self.ids[source],
                    target,
                    (partial,),
                    self._flow(node, partial),
                    f"local derivative {formula}{partial!r}",
                )
            else:
                together.setdefault(source, []).append((node, partial, node.parents[i]))
        for several, operands in together.items():
            yield self._together(several, node, operands)

    def _edges_of_products(self, node: Value, sources: Sequence[Unit]) -> Iterator[Edge]:
        target, half = self.ids[node], len(sources) // 2
        for i in range(half):
            product = f"{target}_t{i}"
            for side, position in enumerate((i, half + i)):
                partial = node.partials[position]
                yield Edge(
                    f"{product}_in{side}",
                    self.ids[sources[position]],
                    product,
                    (partial,),
                    self._flow(node, partial),
                    f"local derivative {partial!r}",
                )
            flow = self._flow(node, 1.0)
            yield Edge(f"{target}_in{i}", product, target, (1.0,), flow, "local derivative 1.0")

    def _edges_of_several(self, unit: Unit) -> Iterator[Edge]:
        together: dict[Unit, list[_Operand]] = {}
        for node in self.units.members[unit]:
            for parent, partial in zip(node.parents, node.partials, strict=True):
                source = self.units.of[parent]
                if source is not unit and self.units.maker(parent) is not unit:
                    together.setdefault(source, []).append((node, partial, parent))
        for source in sorted(together, key=self._place):
            yield self._together(source, unit, together[source])

    def _together(self, source: Unit, unit: Unit, operands: Sequence["_Operand"]) -> Edge:
        count = len({parent for _, _, parent in operands})
        return Edge(
            id=f"{self.ids[source]}_{self.ids[unit]}",
            source=self.ids[source],
            target=self.ids[unit],
            partials=tuple(partial for _, partial, _ in operands),
            flow=sum(node.grad * partial for node, partial, _ in operands)
            if self.backward_was_run
            else None,
            tooltip=f"{_counted(count, 'value')}, {_counted(len(operands), 'local derivative')}",
            count=count,
        )

    def _flow(self, node: Value, partial: float) -> float | None:
        return node.grad * partial if self.backward_was_run else None

    def _formula(self, node: Value, position: int) -> str:
        """The local derivative in labels and, for what has none, numbers."""
        if len(node.parents) > _MOST_OPERANDS:
            return ""
        names = {}
        for parent in node.parents:
            number = f"{parent.data:{self.number}}"
            names[parent] = self.units.label(parent) or (f"({number})" if "-" in number else number)
        formula = partial_formula(node, position, names).text
        return "" if formula == f"{node.partials[position]:.6g}" else f"{formula} = "


# One operand of one operation: the node it makes, the local derivative, and the operand.
_Operand: TypeAlias = tuple[Value, float, Value]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _moved(then: str, now: str) -> str:
    return now if then == now else f"{then} → {now}"


def _abridged(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"


def _too_many(units: Units, max_nodes: int, is_auto: bool) -> str:
    count, whole = len(units.members), f"the graph has {len(units.order)} nodes"
    if count != len(units.order):
        whole += f", drawn as {count} boxes"
    ways = [] if is_auto else ["leave group and depth out, so that it is folded"]
    return (
        f"{whole}, and a drawing of more than {max_nodes} can hardly be read: "
        f"{''.join(f'{way}; ' for way in ways)}draw a part of it; decorate the functions that "
        f"made it with @named, which makes each call a box; or draw all with max_nodes={count}"
    )


# --- what is given -------------------------------------------------------------------------------


def _outputs(root: Any) -> dict[Value, None]:
    """The results, each once and in order."""
    outputs = list(root) if isinstance(root, (list, tuple)) else [root]
    for output in outputs:
        if not isinstance(output, Value):
            raise TypeError(
                f"draw takes a Value or a list of Values, got {output!r} of type "
                f"{type(output).__name__}"
            )
    if not outputs:
        raise ValueError("draw takes a Value or a list of Values, got an empty list")
    return dict.fromkeys(outputs)


def _matched(before: dict[Value, None], after: dict[Value, None]) -> dict[Value, Value]:
    """For each node after a training step, the one before that it corresponds to."""
    then, now = graph.nodes(*before), graph.nodes(*after)
    old, new = ({node: i for i, node in enumerate(order)} for order in (then, now))
    for a, b in zip(then, now, strict=False):
        if a.op != b.op or [old[p] for p in a.parents] != [new[p] for p in b.parents]:
            break
    else:
        if len(then) == len(now):
            _check_unchanged(then, set(now))
            return dict(zip(now, then, strict=True))
    raise ValueError(
        f"before and after are computed in different ways, from {len(then)} and {len(now)} nodes: "
        "draw(before, after) takes the same computation recorded twice"
    )


def _check_unchanged(then: Sequence[Value], now: set[Value]) -> None:
    """Refuse a recording whose leaves have moved on since."""
    for node in then:
        primitive = node.primitive
        if primitive is None or now.isdisjoint(node.parents):
            continue
        numbers = [
            [x.data for x in operand] if isinstance(operand, list) else operand.data
            for operand in graph.operands(node)
        ]
        data = primitive.evaluate(tuple(numbers))[0]
        if data != node.data and not (math.isnan(data) and math.isnan(node.data)):
            raise ValueError(
                "the numbers of the leaves before the step are gone: take a copy before it, with "
                "before = copy.deepcopy(loss), and draw(before, loss) after it"
            )


def check(option: str, given: object, choices: Sequence[object]) -> None:
    """Refuse an option that is none of its choices.

    Parameters
    ----------
    option : str
    given : object
    choices : sequence

    Raises
    ------
    ValueError
    """
    if given not in choices:
        raise ValueError(f"{option} is one of {', '.join(map(str, choices))}; got {given!r}")


def check_digits(given: object) -> None:
    """Refuse a number of significant digits that a float has not.

    Parameters
    ----------
    given : object

    Raises
    ------
    ValueError
    """
    if not isinstance(given, int) or not 1 <= given <= 17:
        raise ValueError(f"digits is a whole number from 1 to 17, got {given!r}")
