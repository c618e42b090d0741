"""Which values are drawn as one box: what is opened, what stays folded, what is merged."""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from autograd_engine import Value, graph, primitives
from visualize.folding import Group, Path, fold, module_paths
from visualize.names import names_in

__all__ = ["Grouping", "Parameters", "Unit", "Units"]

Grouping: TypeAlias = Literal["auto", "neuron", "layer"] | None

# More boxes are folded, where that is left to us.
_READABLE = 30
# More inputs that go to the same folded boxes are drawn as one.
_MOST_INPUTS = 8


@dataclass(eq=False)
class Parameters:
    """The parameters of a module that is folded, where others use them too."""

    path: Path
    leaves: list[Value] = field(default_factory=list)


# What one box stands for.
Unit: TypeAlias = Value | Group | Parameters


class Units:
    """The nodes of a graph, divided into what is drawn as a box each.

    Parameters
    ----------
    outputs : mapping with Values as keys
        The results, which are boxes of their own.
    labels, parameters
        As for `draw`.

    Attributes
    ----------
    order : list of Value
        The graph in the order of creation.
    position : dict
        Where in it a node is.
    consumers : dict
        The nodes computed from a node, once for each operand that it is.
    parameters : set of Value
    paths : dict
        The modules around each parameter.
    groups : list of Group
        What can be folded, in the order of its ids; `titles` are their names, no two alike.
    innermost, home : dict
        The innermost group of each node that an operation made, and of each leaf.
    opened : set of Group
    folded_in : dict
        Of each group, and of None, the outermost around it that is folded; None if none is.
    members : dict
        The units, and the nodes of each.
    of : dict
        The unit from which a node's consumers have an edge.
    merged : Counter
        How many units are drawn as this one, if it is not the only one; `drawn_as` is the reverse.
    unfolded : set of Value
        The dot products that are drawn as products and a sum.
    """

    def __init__(
        self, outputs: Mapping[Value, None], parameters: Any, labels: Mapping[str, Any] | None
    ) -> None:
        self.outputs = outputs
        self.parameters, self.model, names = _parameters(parameters)
        self.names = {} if labels is None else names_in(labels)
        self.order = graph.nodes(*outputs)
        self.position = {node: i for i, node in enumerate(self.order)}
        self.consumers: dict[Value, list[Value]] = defaultdict(list)
        for node in self.order:
            for parent in node.parents:
                self.consumers[parent].append(node)
        self.leaves = [node for node in self.order if node.is_leaf]
        self.paths = module_paths([leaf for leaf in self.leaves if not leaf.is_constant], names)
        self.parameters |= self.paths.keys()
        self.unfolded: set[Value] = set()

    def label(self, node: Value) -> str:
        """What the user calls a node."""
        return str(node.label or self.names.get(node, ""))

    def module_name(self, path: Path) -> str:
        """The path of a module; of a model as a whole, its name."""
        model = self.model if not path[0] else f"{self.model} {int(path[0]) + 1}"
        return ".".join(map(str, path[1:])) or model

    def maker(self, node: Value) -> Group | None:
        """The folded group that computes a node, or that a leaf is part of."""
        if not node.is_leaf:
            return self.folded_in[self.innermost.get(node)]
        return None if node in self.outputs else self.folded_in[self.home[node]]

    # --- what is folded --------------------------------------------------------------------------

    def divide(self, group: Grouping, depth: int | None, expand: Any) -> None:
        """Decide which groups are opened, and find the unit of each node; options as for `draw`."""
        self.innermost = {} if group is None else fold(self.order, self.paths, self.outputs)
        groups = {around for g in set(self.innermost.values()) for around in g.around}
        self.groups = sorted(groups, key=lambda g: int(g.id[1:]))
        self.around_all: dict[frozenset[Group | None], list[Group]] = {}
        self.home = {leaf: self._home(leaf) for leaf in self.leaves}
        self._name_groups()
        wanted = self._wanted(expand)
        if depth is not None:
            self._open(lambda g: g.depth < depth or g in wanted)
        elif group in ("neuron", "layer"):
            around_modules = {a for g in groups if g.kind == "module" for a in g.around}
            height = 0 if group == "neuron" else 1
            self._open(
                lambda g: (
                    (g.kind == "function" and g in around_modules)
                    or g.height > height
                    or g in wanted
                )
            )
        else:
            self._open_what_fits(wanted)

    def _open_what_fits(self, wanted: Collection[Group]) -> None:
        """Open as many levels as can be read; if none can, draw equal calls as one as well."""
        levels = range(1 + max((g.depth for g in self.groups), default=-1), -1, -1)
        for level in levels:
            self._fold(lambda g, level=level: g.depth < level or g in wanted)  # type: ignore[misc]
            if level == 0 or self._may_fit():
                self._assign()
                if len(self.members) <= _READABLE:
                    return
        calls = Counter((g.kind, g.path, g.name) for g in self.groups if g.kind != "chain")
        if wanted or max(calls.values(), default=0) < 2:
            return
        for level in levels:
            self._open(lambda g, level=level: g.depth < level)  # type: ignore[misc]
            self._merge_equal()
            if len(self.members) <= _READABLE:
                return

    def _may_fit(self) -> bool:
        """What can be said before all the leaves are looked at."""
        made = [node for node in self.order if not node.is_leaf]
        return len({self.maker(node) or node for node in made}) <= _READABLE

    def _open(self, is_opened: Callable[[Group], bool]) -> None:
        self._fold(is_opened)
        self._assign()

    def _fold(self, is_opened: Callable[[Group], bool]) -> None:
        """Open these groups, if those around them are opened too; leave the others folded."""
        self.opened: set[Group] = set()
        self.folded_in: dict[Group | None, Group | None] = {None: None}
        for g in self.groups:
            self.folded_in[g] = self.folded_in[g.parent] or (None if is_opened(g) else g)
            if self.folded_in[g] is None:
                self.opened.add(g)

    def _assign(self) -> None:
        """Find the unit of each node."""
        self.of: dict[Value, Unit] = {}
        self.members: dict[Unit, list[Value]] = {}
        self.merged: Counter[Unit] = Counter()
        self.drawn_as: dict[Unit, Unit] = {}
        of_module: dict[Path, Parameters] = {}
        for node in self.order:
            maker = self.maker(node)
            # A result is a box of its own, beside the folded group that computes it.
            unit = maker or (self._shared(node, of_module) if node in self.paths else node)
            if node in self.outputs:
                if maker is not None:
                    self.members.setdefault(maker, []).append(node)
                unit = node
            self.of[node] = unit
            self.members.setdefault(unit, []).append(node)
        self._merge_inputs(_MOST_INPUTS)

    def _shared(self, leaf: Value, of_module: dict[Path, Parameters]) -> Unit:
        """A parameter, or all of its module's if that is folded but others use it too."""
        path = self.paths[leaf]
        for consumer in self.consumers[leaf]:
            user = self.folded_in[self.innermost.get(consumer)]
            if user is not None:
                whose = path[: len(user.path)] if user.path else path
                shared = of_module.setdefault(whose, Parameters(whose))
                shared.leaves.append(leaf)
                return shared
        return leaf

    def _home(self, leaf: Value) -> Group | None:
        """The innermost group that a leaf is part of, rather than given to."""
        users = frozenset(self.innermost.get(consumer) for consumer in self.consumers[leaf])
        if users not in self.around_all:
            self.around_all[users] = _around_all(users)
        is_own = leaf in self.paths or (leaf.is_constant and len(self.consumers[leaf]) == 1)
        for g in self.around_all[users]:
            is_inside = (g.kind == "chain" and not self.label(leaf)) or (
                g.kind == "function" and leaf._index > g.first
            )
            if is_own or is_inside:
                return g
        return None

    # --- what is merged --------------------------------------------------------------------------

    def _merge_equal(self) -> None:
        """Draw what is computed alike as one, as for the examples of a batch."""
        kinds: dict[Any, int] = {}
        kind: dict[Unit, int] = {}
        for unit in sorted(self.members, key=lambda unit: self.position[self.members[unit][-1]]):
            alike: tuple[Any, ...]
            if isinstance(unit, Group):
                alike = unit.kind, unit.path, unit.name
            elif isinstance(unit, Parameters) or unit in self.outputs or unit in self.parameters:
                alike = (unit,)
            else:
                alike = unit.op, unit.is_constant, unit.is_leaf and self.label(unit)
            sources = {self.of[p] for node in self.members[unit] for p in node.parents}
            behind = frozenset(kind[s] for s in sources if s is not unit and s in kind)
            kind[unit] = kinds.setdefault((*alike, behind), len(kinds))
        self._merge({unit: i for unit, i in kind.items() if not _is_input(unit)})
        self._merge_inputs(1)

    def _merge_inputs(self, fewest: int) -> None:
        """Draw inputs as one that are alike and go to the same boxes."""
        alike: dict[Any, list[Unit]] = defaultdict(list)
        for leaf in self.leaves:
            is_drawn = self.of[leaf] is leaf and leaf not in self.outputs
            if is_drawn and leaf not in self.parameters:
                makers = (self.maker(c) or self.of[c] for c in self.consumers[leaf])
                users = frozenset(self.drawn_as.get(maker, maker) for maker in makers)
                if fewest == 1 or all(isinstance(user, Group) for user in users):
                    alike[leaf.is_constant, users].append(leaf)
        many = [units for units in alike.values() if len(units) > fewest]
        self._merge({unit: i for i, units in enumerate(many) for unit in units})

    def _merge(self, kind: Mapping[Unit, int]) -> None:
        """Let the first unit of each kind stand for all of it."""
        first: dict[int, Unit] = {}
        for unit, number in kind.items():
            stands_for = first.setdefault(number, unit)
            self.merged[stands_for] += 1
            if stands_for is not unit:
                self.drawn_as[unit] = stands_for
                nodes = self.members.pop(unit)
                self.members[stands_for] += nodes
                self.of.update((node, stands_for) for node in nodes if node not in self.outputs)

    # --- names -----------------------------------------------------------------------------------

    def _name_groups(self) -> None:
        self.titles: dict[Group, str] = {}
        calls: Counter[str] = Counter()
        for g in self.groups:
            name = self.module_name(g.path) if g.kind == "module" else g.name
            calls[name] += 1
            self.titles[g] = f"{name}#{calls[name]}" if calls[name] > 1 else name

    def _wanted(self, expand: Any) -> set[Group]:
        """The groups that are named, or that contain a value, and those around them."""
        given = [expand] if isinstance(expand, (str, Value)) else expand
        if not isinstance(given, Iterable):
            raise TypeError(f"expand takes names and Values, got {expand!r}")
        wanted: set[Group] = set()
        for name in given:
            if isinstance(name, Value):
                found = self.innermost.get(name, self.home.get(name))
                groups = [] if found is None else [found]
                is_known = name in self.position
            elif isinstance(name, str):
                titles = self.titles.items()
                groups = [
                    g for g, title in titles if name in (g.id, title, re.sub(r"#\d+$", "", title))
                ]
                is_known = bool(groups)
            else:
                raise TypeError(f"expand takes names and Values, got {name!r}")
            dots = [node for node in self.order if self._is_dot(node, name)]
            if not is_known and not dots:
                raise ValueError(self._unknown(name))
            self.unfolded.update(dots)
            wanted.update(around for g in groups for around in g.around)
        return wanted

    def _is_dot(self, node: Value, name: str | Value) -> bool:
        if node.primitive is not primitives.dot:
            return False
        names = ("dot", self.label(node), f"n{self.position[node]}")
        return node is name or (name != "" and name in names)

    def _unknown(self, name: Any) -> str:
        titles = list(self.titles.values())
        near = difflib.get_close_matches(str(name), titles, 3) or titles[:5]
        hint = f"there are {', '.join(near)}" if near else "nothing is folded here"
        return f"expand: no box is called {name!r}; {hint}"


def _around_all(groups: Collection[Group | None]) -> list[Group]:
    """The groups that are around all of these, from the inside."""
    around = [[] if g is None else [*g.around] for g in groups]
    return [g for g in around[0] if all(g in others for others in around)] if around else []


def _is_input(unit: Unit) -> bool:
    return isinstance(unit, Value) and unit.is_leaf


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
