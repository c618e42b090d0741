"""What is drawn of a graph: boxes, edges and frames, before any language for pictures.

Every form of a diagram is written from a `View`: DOT, Mermaid, the tree for a terminal. Its ids
depend on the graph alone, so that the same value has the same id however much is folded.
"""

import difflib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypedDict

from autograd_engine import Value, graph, primitives
from autograd_engine.explanation import partial_formula
from visualize.folding import Group, Path, fold, module_paths
from visualize.names import names_in

__all__ = ["Box", "Edge", "Frame", "Options", "View", "view"]

Grouping: TypeAlias = Literal["auto", "neuron", "layer"] | None

GROUPS = ("auto", None, "neuron", "layer")
ROWS = ("label", "data", "grad")

DASH = "–"  # where a gradient would be, before the backward pass

# More boxes are folded, where that is left to us.
_READABLE = 30
# More inputs of folded boxes are drawn as one.
_MOST_INPUTS = 8
# Longer sums of products are not unfolded, nor are formulas of more operands printed.
_MOST_OPERANDS = 8
_LONGEST_TITLE = 60
_MERGED = {"constant": "numbers", "input": "inputs", "parameter": "parameters", "value": ""}


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
        their operands; nan without a backward pass.
    tooltip : str
    count : int
        How many values go along it.
    """

    id: str
    source: str
    target: str
    partials: tuple[float, ...]
    flow: float
    tooltip: str = ""
    count: int = 1


@dataclass(frozen=True)
class Frame:
    """The border around the boxes of an opened group."""

    id: str
    kind: str
    title: str
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


@dataclass(eq=False)
class _Parameters:
    """The parameters of a module that is folded, where others use them too."""

    path: Path
    leaves: list[Value] = field(default_factory=list)


# What one box stands for.
_Unit: TypeAlias = Value | Group | _Parameters


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
    if not isinstance(digits, int) or not 1 <= digits <= 17:
        raise ValueError(f"digits is a whole number from 1 to 17, got {digits!r}")
    show = [show] if isinstance(show, str) else list(show)
    for row in show:
        check("show", row, ROWS)
    outputs = _outputs(root if after is None else after)
    drawing = _Drawing(outputs, parameters, labels)
    if after is not None:
        drawing.before = _matched(_outputs(root), outputs)
    drawing.fold(group, depth, expand, max_nodes)
    return drawing.view(show, digits)


class _Drawing:
    """A graph on its way to a `View`."""

    def __init__(
        self, outputs: dict[Value, None], parameters: Any, labels: Mapping[str, Any] | None
    ) -> None:
        self.outputs = outputs
        self.parameters, self.model_name, own_paths = _parameters(parameters)
        self.named = {} if labels is None else names_in(labels)
        self.order = graph.nodes(*outputs)
        self.position = {node: i for i, node in enumerate(self.order)}
        self.made = [node for node in self.order if not node.is_leaf]
        self.consumers: dict[Value, list[Value]] = defaultdict(list)
        for node in self.made:
            for parent in node.parents:
                self.consumers[parent].append(node)
        leaves = [node for node in self.order if node.is_leaf and not node.is_constant]
        self.paths = module_paths(leaves, own_paths)
        self.parameters |= self.paths.keys()
        self.before: dict[Value, Value] = {}
        self.innermost: dict[Value, Group] = {}
        self.groups: list[Group] = []
        self.titles: dict[Group, str] = {}
        self.unfolded: set[Value] = set()  # dot nodes, into products
        self.caption = ""

    # --- what is folded --------------------------------------------------------------------------

    def fold(self, group: Grouping, depth: int | None, expand: Any, max_nodes: int) -> None:
        """Decide which groups are opened, and find the box that each node is in."""
        self.folded = group is not None
        if group is not None:
            self.innermost = fold(self.order, self.paths, self.outputs)
        within = {g for inner in set(self.innermost.values()) for g in inner.around}
        self.groups = sorted(within, key=lambda g: int(g.id[1:]))
        self.home = {leaf: self._home(leaf) for leaf in self.order if leaf.is_leaf}
        self._name_groups()
        expanded = self._expanded(expand)
        if depth is not None:
            self._open(lambda g: g.depth < depth or g in expanded)
        elif group == "neuron":
            self._open(lambda g: g.height > 0 or _holds_modules(g, within) or g in expanded)
        elif group == "layer":
            self._open(lambda g: g.height > 1 or _holds_modules(g, within) or g in expanded)
        else:
            self._open_what_fits(expanded, can_merge=not expanded)
        count = len(self.units)
        if count > max_nodes:
            raise ValueError(self._too_many(count, max_nodes, group, depth))

    def _open_what_fits(self, expanded: Collection[Group], can_merge: bool) -> None:
        deepest = 1 + max((g.depth for g in self.groups), default=-1)
        calls = Counter((g.kind, g.path, g.name) for g in self.groups if g.kind != "chain")
        repeated = can_merge and any(count > 1 for count in calls.values())
        for merge in (False, True) if repeated else (False,):
            for opened in range(deepest, -1, -1):
                self._open(lambda g, opened=opened: g.depth < opened or g in expanded, merge)
                if len(self.units) - len(expanded) <= _READABLE:
                    return

    def _open(self, is_opened: Callable[[Group], bool], merge: bool = False) -> None:
        """Open these groups and leave the others folded."""
        # Of each group, the outermost around it that is folded.
        self.opened: set[Group] = set()
        self.folded_in: dict[Group | None, Group | None] = {None: None}
        for g in self.groups:
            around = self.folded_in[g.parent]
            self.folded_in[g] = around or (None if is_opened(g) else g)
            if self.folded_in[g] is None:
                self.opened.add(g)
        self.unit: dict[Value, _Unit] = {}
        of_module: dict[Path, _Parameters] = {}
        for node in self.order:
            if node in self.outputs:
                self.unit[node] = node
            elif not node.is_leaf:
                self.unit[node] = self.folded_in[self.innermost.get(node)] or node
            else:
                self.unit[node] = self._leaf_unit(node, of_module)
        self.members: dict[_Unit, list[Value]] = {}
        for node, unit in self.unit.items():
            self.members.setdefault(unit, []).append(node)
        # A result is a box of its own, beside the folded group that computes it.
        for node in self.outputs:
            maker = self.folded_in[self.innermost.get(node)] if not node.is_leaf else None
            if maker is not None:
                self.members.setdefault(maker, []).append(node)
        self.merged: Counter[_Unit] = Counter()
        if merge:
            self._merge_equal()
        elif self.folded:
            self._merge_leaves(_MOST_INPUTS)
        self.units = list(self.members)

    def _leaf_unit(self, leaf: Value, of_module: dict[Path, _Parameters]) -> _Unit:
        around = self.folded_in[self.home[leaf]]
        if around is not None:
            return around
        path = self.paths.get(leaf)
        if path is None:
            return leaf
        for consumer in self.consumers[leaf]:
            user = self.folded_in[self.innermost.get(consumer)]
            if user is not None:
                whose = path[: len(user.path)] if user.path else path
                parameters = of_module.setdefault(whose, _Parameters(whose))
                parameters.leaves.append(leaf)
                return parameters
        return leaf

    def _home(self, leaf: Value) -> Group | None:
        """The innermost group that a leaf is a part of, rather than given to."""
        users = {self.innermost.get(consumer) for consumer in self.consumers[leaf]}
        if not users or None in users:
            return None
        first, *others = users
        assert first is not None
        common = [*first.around]
        for user in others:
            assert user is not None
            around = set(user.around)
            common = [g for g in common if g in around]
        is_own = leaf in self.paths or (leaf.is_constant and len(self.consumers[leaf]) == 1)
        for g in common:
            if is_own or g.kind == "chain" or (g.kind == "function" and leaf._index > g.first):
                return g
        return None

    def _merge_equal(self) -> None:
        """Draw what is computed alike as one, as for the examples of a batch."""
        kinds: dict[Any, int] = {}
        kind: dict[_Unit, int] = {}
        by_last = sorted(self.members, key=lambda unit: self.position[self.members[unit][-1]])
        for unit in by_last:
            alike: tuple[Any, ...]
            if isinstance(unit, Group):
                alike = unit.kind, unit.path, unit.name
            elif isinstance(unit, _Parameters) or unit in self.outputs or unit in self.parameters:
                alike = (unit,)
            else:
                alike = unit.op, unit.is_constant, unit.is_leaf and self._label(unit)
            sources = {self.unit[p] for node in self.members[unit] for p in node.parents}
            behind = frozenset(kind[s] for s in sources if s is not unit and s in kind)
            kind[unit] = kinds.setdefault((*alike, behind), len(kinds))
        self._merge({unit: kind[unit] for unit in by_last if not _is_leaf(unit)})
        self._merge_leaves(1)

    def _merge_leaves(self, fewest: int) -> None:
        """Draw inputs as one that are alike and go to the same boxes."""
        used_by: dict[Value, set[_Unit]] = defaultdict(set)
        for unit, nodes in self.members.items():
            for node in nodes:
                for parent in node.parents:
                    used_by[parent].add(unit)
        alike: dict[Any, list[_Unit]] = defaultdict(list)
        for leaf in [unit for unit in self.members if isinstance(unit, Value) and unit.is_leaf]:
            if leaf not in self.parameters and leaf not in self.outputs:
                users = frozenset(used_by[leaf])
                if fewest == 1 or all(isinstance(user, Group) for user in users):
                    alike[leaf.is_constant, users].append(leaf)
        many = [units for units in alike.values() if len(units) > fewest]
        self._merge({unit: i for i, units in enumerate(many) for unit in units})

    def _merge(self, kind: Mapping[_Unit, int]) -> None:
        """Let the first box of each kind stand for all of it."""
        first: dict[int, _Unit] = {}
        for unit, number in kind.items():
            stands_for = first.setdefault(number, unit)
            self.merged[stands_for] += 1
            if stands_for is not unit:
                nodes = self.members.pop(unit)
                self.members[stands_for] += nodes
                for node in nodes:
                    if node not in self.outputs:
                        self.unit[node] = stands_for

    def _too_many(
        self, count: int, max_nodes: int, group: Grouping, depth: int | None
    ) -> str:
        whole = f"the graph has {len(self.order)} nodes"
        if count != len(self.order):
            whole += f", drawn as {count} boxes"
        ways = ["draw a part of it"]
        if group != "auto" or depth is not None:
            ways.append("leave group and depth out, which folds it")
        ways.append("decorate the functions that made it with @named, each of whose calls is a box")
        return (
            f"{whole}, and a drawing of more than {max_nodes} can hardly be read: "
            f"{', or '.join(ways)}; or draw all of it with max_nodes={count}"
        )

    # --- names -----------------------------------------------------------------------------------

    def _name_groups(self) -> None:
        calls: Counter[tuple[str, Path, str]] = Counter()
        for g in self.groups:
            name = self._module_name(g.path) if g.kind == "module" else g.name
            if g.kind != "chain":
                calls[g.kind, g.path, g.name] += 1
                call = calls[g.kind, g.path, g.name]
                name += f"#{call}" if call > 1 else ""
            self.titles[g] = name

    def _module_name(self, path: Path) -> str:
        model = self.model_name if not path[0] else f"{self.model_name} {int(path[0]) + 1}"
        return ".".join(map(str, path[1:])) or model

    def _expanded(self, expand: Any) -> set[Group]:
        """The groups that are opened by name or by a value in them, and those around."""
        given = [expand] if isinstance(expand, (str, Value)) else list(expand)
        opened: set[Group] = set()
        for wanted in given:
            if isinstance(wanted, Value):
                found = self.innermost.get(wanted)
                dots = {wanted} if wanted.primitive is primitives.dot else set()
                matches = [found] if found else []
                known = wanted in self.position
            elif isinstance(wanted, str):
                matches = [
                    g
                    for g in self.groups
                    if wanted in (g.id, self.titles[g], self.titles[g].partition("#")[0])
                ]
                dots = {node for node in self.made if _is_called(self, node, wanted)}
                known = bool(matches or dots)
            else:
                raise TypeError(f"expand takes names and Values, got {wanted!r}")
            if not known:
                raise ValueError(self._unknown(wanted))
            self.unfolded |= dots
            opened.update(around for g in matches for around in g.around)
        return opened

    def _unknown(self, wanted: Any) -> str:
        names = list(dict.fromkeys(self.titles.values()))
        near = difflib.get_close_matches(str(wanted), names, 3) or names[:5]
        hint = f"there are {', '.join(near)}" if near else "nothing is folded here"
        return f"expand: no box is called {wanted!r}; {hint}"

    def _label(self, node: Value) -> str:
        return str(node.label or self.named.get(node, ""))

    # --- the view --------------------------------------------------------------------------------

    def view(self, show: Sequence[str], digits: int) -> View:
        """Boxes, edges and frames."""
        self.show, self.number = show, f".{digits:d}g"
        self.backward_was_run = any(output.grad != 0 for output in self.outputs)
        self.ids = {unit: self._id(unit) for unit in self.units}
        boxes, edges = [], []
        for unit in sorted(self.units, key=self._place):
            if not isinstance(unit, Value):
                boxes.append(self._group_box(unit))
            elif self.merged[unit] > 1:
                boxes.append(self._merged_box(unit))
            else:
                boxes += self._value_boxes(unit)
            edges += self._edges(unit)
        frames = [
            Frame(g.id, g.kind, self._short(self.titles[g], g.parent), self._frame(g.parent))
            for g in self.groups
            if g in self.opened and g.kind != "chain"
        ]
        filled = {box.frame for box in boxes}
        for frame in reversed(frames):
            if frame.id in filled:
                filled.add(frame.frame)
        frames = [frame for frame in frames if frame.id in filled]
        return View(tuple(boxes), tuple(edges), tuple(frames), self._caption())

    def _caption(self) -> str:
        parts = []
        if any(count > 1 for count in self.merged.values()):
            parts.append("what is computed alike is drawn once")
        folded = [unit for unit in self.units if isinstance(unit, Group)]
        if folded:
            name = self.titles[folded[0]]
            name = name if re.fullmatch(r"[\w.]{1,40}", name) else folded[0].id
            parts.append(f"expand='{name}' opens a box, group=None all")
        return "; ".join(parts)

    def _id(self, unit: _Unit) -> str:
        if isinstance(unit, Value):
            return f"n{self.position[unit]}"
        return unit.id if isinstance(unit, Group) else f"p{self.position[unit.leaves[0]]}"

    def _place(self, unit: _Unit) -> tuple[int, int]:
        """Groups after what they are computed from, results after the group they come from."""
        if isinstance(unit, Value):
            return self.position[unit], 1
        nodes = unit.nodes if isinstance(unit, Group) else unit.leaves
        return self.position[nodes[0]], 0

    def _frame(self, g: Group | None) -> str:
        """The id of the innermost opened group with a border."""
        while g is not None and (g not in self.opened or g.kind == "chain"):
            g = g.parent
        return "" if g is None else g.id

    def _short(self, title: str, g: Group | None) -> str:
        """Without what the frame around says already."""
        while g is not None:
            if g in self.opened and g.kind == "module":
                return title.removeprefix(f"{'.'.join(map(str, g.path[1:]))}.")
            g = g.parent
        return title

    def _numbers(self, node: Value) -> list[tuple[str, str]]:
        has_grad = self._has_grad(node)
        then = self.before.get(node)
        data, grad = f"{node.data:{self.number}}", f"{node.grad:{self.number}}"
        if then is not None:
            data = _moved(f"{then.data:{self.number}}", data)
            grad = _moved(f"{then.grad:{self.number}}", grad)
        rows = [("data", data), ("grad", grad if has_grad else DASH)]
        return [(name, text) for name, text in rows if name in self.show]

    def _has_grad(self, node: Value) -> bool:
        return self.backward_was_run or node.grad != 0

    def _value_boxes(self, node: Value) -> Iterator[Box]:
        is_output = node in self.outputs
        group = self.home[node] if node.is_leaf else self.innermost.get(node)
        frame = self._frame(group)
        if is_output and group is not None and self.folded_in[group] is not None:
            frame = self._frame(self.folded_in[group].parent)  # type: ignore[union-attr]
        op = node.op if self.unit_of_maker(node) is None else ""
        if node in self.unfolded and op:
            op = "+"
            yield from self._products(node, frame)
        tooltip = f"data {node.data!r}"
        if self._has_grad(node) and not node.is_constant:
            tooltip += f", grad {node.grad!r}"
        if node.is_constant:
            title, rows = f"{node.data:{self.number}}", []
        else:
            title = self._short(self._label(node), group) if "label" in self.show else ""
            rows = self._numbers(node)
        then = self.before.get(node)
        change = node.data - then.data if then is not None else 0.0
        kind = self._kind(node, is_output)
        yield Box(
            self.ids[node], kind, _abridged(title), tuple(rows), op, tooltip, frame, is_output,
            change, node,
        )  # fmt: skip

    def _products(self, node: Value, frame: str) -> Iterator[Box]:
        """Of a dot node, a box for each product; the numbers are those of the recording."""
        count = len(node.parents) // 2
        for i, (left, right) in enumerate(
            zip(node.partials[count:], node.partials[:count], strict=True)
        ):
            rows = [("data", f"{left * right:{self.number}}")]
            rows.append(("grad", f"{node.grad:{self.number}}" if self._has_grad(node) else DASH))
            shown = tuple((name, text) for name, text in rows if name in self.show)
            tooltip = f"data {left * right!r}"
            yield Box(f"{self.ids[node]}_t{i}", "value", "", shown, "*", tooltip, frame)

    def _kind(self, node: Value, is_output: bool) -> str:
        if node.is_constant:
            return "constant"
        if node.is_leaf:
            return "parameter" if node in self.parameters else "input"
        return "output" if is_output else "value"

    def _merged_box(self, node: Value) -> Box:
        kind = self._kind(node, False)
        count = self.merged[node]
        labels = [label for label in map(self._label, self.members[node]) if label]
        title = labels[0] if labels else _MERGED[kind]
        if len(labels) > 1 and labels[0] != labels[-1]:
            title = f"{labels[0]} … {labels[-1]}"
        kind = "input" if kind == "constant" else kind
        frame = self._frame(self.home[node] if node.is_leaf else self.innermost.get(node))
        rows = (("", f"× {count}"),)
        return Box(self.ids[node], kind, _abridged(title), rows, node.op, f"{count} values", frame)

    def _group_box(self, unit: Group | _Parameters) -> Box:
        if isinstance(unit, _Parameters):
            count = len(unit.leaves)
            title = self._module_name(unit.path)
            rows = [("", _counted(count, "parameter"))]
            return Box(
                self.ids[unit], "parameters", _abridged(title), tuple(rows), "", rows[0][1], "",
                change=self._change(unit.leaves),
            )  # fmt: skip
        count = self.merged[unit]
        ops = Counter(node.op for node in unit.nodes)
        made_of = [f"{n} {op}" if n > 1 else op for op, n in ops.most_common(4)]
        rows = [("", ", ".join(made_of) + (", ..." if len(ops) > 4 else ""))]
        parameters = {p for node in unit.nodes for p in node.parents if p in self.paths}
        if parameters:
            rows.append(("", _counted(len(parameters), "parameter")))
        if count > 1:
            rows.append(("", f"× {count}"))
        else:
            inside = set(unit.nodes)
            given = [
                node
                for node in unit.nodes
                if any(consumer not in inside for consumer in self.consumers[node])
            ]
            drawn = [node for node in unit.nodes if node in self.outputs]
            if len(given) == 1 and not drawn:
                rows += self._numbers(given[0])
            elif len(given) > 1:
                rows.append(("", f"{len(given)} values"))
        title = self.titles[unit] if count < 2 else self.titles[unit].partition("#")[0]
        tooltip = f"{unit.id}: {_counted(len(unit.nodes), 'operation')}"
        return Box(
            unit.id, unit.kind, _abridged(self._short(title, unit.parent)), tuple(rows), "",
            tooltip, self._frame(unit.parent), change=self._change(parameters),
        )  # fmt: skip

    def _change(self, leaves: Iterable[Value]) -> float:
        """How far a step has moved parameters together."""
        pairs = [(leaf.data, self.before[leaf].data) for leaf in leaves if leaf in self.before]
        return math.dist(*zip(*pairs, strict=True)) if pairs else 0.0

    def unit_of_maker(self, node: Value) -> Group | None:
        """The folded group that computes a result, which is drawn beside it."""
        return self.folded_in[self.innermost.get(node)] if not node.is_leaf else None

    def _edges(self, unit: _Unit) -> Iterator[Edge]:
        """The edges that lead to a box."""
        target = self.ids[unit]
        if isinstance(unit, Value):
            maker = self.unit_of_maker(unit)
            if maker is not None:
                source = self.ids[self._stand_in(maker)]
                yield Edge(f"{target}_out", source, target, (), self._flow(unit, 1.0))
                return
        if isinstance(unit, Value) and self.merged[unit] < 2:
            sources = [self.unit[parent] for parent in unit.parents]
            partials = unit.partials
            if unit in self.unfolded:
                yield from self._edges_of_products(unit, sources)
                return
            single = [isinstance(s, Value) and self.merged[s] < 2 for s in sources]
            for i, (source, partial) in enumerate(zip(sources, partials, strict=True)):
                if single[i] or sources.count(source) == 1:
                    tooltip = self._formula(unit, i) + repr(partial)
                    yield Edge(
                        f"{target}_in{i}", self.ids[source], target, (partial,),
                        self._flow(unit, partial), f"local derivative {tooltip}",
                    )  # fmt: skip
            several = {s: None for s, one in zip(sources, single, strict=True) if not one}
            for source in several:
                if sources.count(source) > 1:
                    pairs = zip(sources, partials, unit.parents, strict=True)
                    mine = [(unit, p, parent) for s, p, parent in pairs if s is source]
                    yield self._joint(source, unit, mine)
            return
        joint: dict[_Unit, list[tuple[Value, float, Value]]] = {}
        for node in self.members[unit]:
            if node in self.outputs and isinstance(unit, Value):
                continue
            for parent, partial in zip(node.parents, node.partials, strict=True):
                source = self.unit[parent]
                inside = self.folded_in[self.innermost.get(parent)] if not parent.is_leaf else None
                if source is not unit and inside is not unit:
                    joint.setdefault(source, []).append((node, partial, parent))
        for source in sorted(joint, key=self._place):
            yield self._joint(source, unit, joint[source])

    def _stand_in(self, maker: Group) -> _Unit:
        """What is drawn for a folded group, which may be another one that is like it."""
        if maker in self.members:
            return maker
        return next(self.unit[n] for n in maker.nodes if n not in self.outputs)

    def _joint(
        self, source: _Unit, unit: _Unit, operands: list[tuple[Value, float, Value]]
    ) -> Edge:
        """One edge for several operands: of which node, with which partial, which parent."""
        partials = tuple(partial for _, partial, _ in operands)
        flow = sum(self._flow(node, partial) for node, partial, _ in operands)
        name = f"{self.ids[source]}_{self.ids[unit]}"
        count = len({parent for _, _, parent in operands})
        tooltip = f"{_counted(count, 'value')}, {_counted(len(operands), 'local derivative')}"
        return Edge(name, self.ids[source], self.ids[unit], partials, flow, tooltip, count)

    def _edges_of_products(self, node: Value, sources: list[_Unit]) -> Iterator[Edge]:
        target, count = self.ids[node], len(sources) // 2
        for i in range(count):
            product = f"{target}_t{i}"
            for side, position in enumerate((i, count + i)):
                partial = node.partials[position]
                yield Edge(
                    f"{product}_in{side}", self.ids[sources[position]], product, (partial,),
                    self._flow(node, partial), f"local derivative {partial!r}",
                )  # fmt: skip
            yield Edge(
                f"{target}_in{i}", product, target, (1.0,), self._flow(node, 1.0),
                "local derivative 1.0",
            )  # fmt: skip

    def _flow(self, node: Value, partial: float) -> float:
        return node.grad * partial if self.backward_was_run else math.nan

    def _formula(self, node: Value, position: int) -> str:
        """The local derivative in labels and, for what has none, numbers."""
        if len(node.parents) > _MOST_OPERANDS:
            return ""
        names = {}
        for parent in node.parents:
            number = f"{parent.data:{self.number}}"
            names[parent] = self._label(parent) or (f"({number})" if "-" in number else number)
        formula = partial_formula(node, position, names).text
        partial = node.partials[position]
        return "" if formula in (repr(partial), f"{partial:.6g}") else f"{formula} = "


# --- helpers -------------------------------------------------------------------------------------


def _holds_modules(g: Group, groups: Collection[Group]) -> bool:
    """Whether a function calls modules, and so is more than a neuron or a layer."""
    return g.kind == "function" and any(
        other.kind == "module" and g in other.around for other in groups
    )


def _is_leaf(unit: _Unit) -> bool:
    return isinstance(unit, Value) and unit.is_leaf


def _is_called(drawing: _Drawing, node: Value, wanted: str) -> bool:
    return node.primitive is primitives.dot and wanted in (
        "dot",
        drawing._label(node),
        f"n{drawing.position[node]}",
    )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _moved(then: str, now: str) -> str:
    return now if then == now else f"{then} → {now}"


def _abridged(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"


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


def _parameters(given: Any) -> tuple[set[Value], str, dict[Value, str]]:
    """The parameters, and of a module its name and their paths in it."""
    name, paths = "model", {}
    if callable(getattr(given, "named_parameters", None)):
        name = type(given).__name__
        paths = {parameter: path for path, parameter in given.named_parameters()}
    if callable(getattr(given, "parameters", None)):
        given = given.parameters()
    if not isinstance(given, Iterable):
        raise TypeError(f"parameters is a list of Values or a module, got {given!r}")
    found = list(given)
    for parameter in found:
        if not isinstance(parameter, Value):
            raise TypeError(f"parameters is a list of Values or a module; in it is {parameter!r}")
    return set(found), name, paths


def _matched(
    before: dict[Value, None], after: dict[Value, None]
) -> dict[Value, Value]:
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


def _check_unchanged(then: Sequence[Value], now: Collection[Value]) -> None:
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
