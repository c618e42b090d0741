"""Which nodes of a graph belong together: the calls of modules and functions, and long sums.

A module is recognised by the labels of its parameters, which are their paths, such as
``layers.0.neurons.3.w[1]``: no call of a module is recorded anywhere, so that recording is as fast
as without pictures, and a graph that comes out of a file folds too.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from autograd_engine import Value
from autograd_engine.naming import calls_of

__all__ = ["Group", "fold", "module_paths"]

# The modules around a parameter, outermost first: (0, 'layers.0', 'neurons.3'). The number tells
# models apart whose parameters have the same names.
Path: TypeAlias = tuple[int | str, ...]

_PARAMETER = re.compile(r"(?:(.+)\.)?[^\W\d]\w*(?:\[.*\])?", re.DOTALL)
_MODULE = re.compile(r"[^.\[]+(?:\[[^]]*\])?(?:\.\d+)*")

# What belongs to the neuron whose sum it is applied to, although it has no parameter.
_ACTIVATIONS = (
    *("celu", "elu", "gelu", "gelu_tanh", "hardtanh", "leaky_relu", "mish", "relu", "relu6"),
    *("selu", "sigmoid", "silu", "sin", "softplus", "softsign", "step", "tanh"),
)

# Modules within more modules are not told apart.
_DEEPEST = 32
# Sums of fewer terms are not worth a box.
_FEWEST_TERMS = 4


@dataclass(eq=False)
class Group:
    """Nodes that can be drawn as one box.

    Attributes
    ----------
    name : str
        The path of a module, the name of a function, or 'sum' or 'product'.
    kind : str
        'module', 'function' or 'chain'.
    parent : Group or None
        What it is part of.
    path : tuple
        Of a module.
    nodes : list of Value
        What operations made in it and in the groups within, in the order of creation.
    id : str
        Depends on the graph alone, not on what is drawn of it.
    depth : int
        How many groups are around it.
    height : int
        How many levels of modules are within it.
    first, last : int
        Of a function: the places in the order of creation where its call began and ended.
    """

    name: str
    kind: str
    parent: "Group | None" = None
    path: Path = ()
    nodes: list[Value] = field(default_factory=list)
    id: str = ""
    depth: int = 0
    height: int = 0
    first: int = 0
    last: int = 0

    @property
    def around(self) -> Iterator["Group"]:
        """The group and those around it, from the inside."""
        group: Group | None = self
        while group is not None:
            yield group
            group = group.parent


# An operation, or a whole call of a function, where modules are looked for around it.
_Item: TypeAlias = Value | Group


def module_paths(
    leaves: Iterable[Value], parameters: Mapping[Value, str] | None = None
) -> dict[Value, Path]:
    """The modules around each parameter, by its name.

    Parameters
    ----------
    leaves : iterable of Value
        In the order of creation.
    parameters : mapping, optional
        The paths of a module's parameters within it. Of the other leaves, those count as
        parameters whose label is a path, with a dot in it.

    Returns
    -------
    dict
        Without the leaves that are not parameters.

    Examples
    --------
    >>> leaves = [Value(1.0, label=label) for label in ("layers.0.w[1]", "x", "layers.0.w[1]")]
    >>> list(module_paths(leaves).values())
    [(0, 'layers.0'), (1, 'layers.0')]
    """
    parameters = parameters or {}
    model: Counter[str] = Counter()
    split: dict[str, tuple[str, ...]] = {}
    found: dict[Value, Path] = {}
    for leaf in leaves:
        name = parameters.get(leaf, leaf.label)
        match = _PARAMETER.fullmatch(name)
        if match is None or (match[1] is None and leaf not in parameters):
            continue
        modules = match[1] or ""
        if modules not in split:
            split[modules] = tuple(_MODULE.findall(modules)[:_DEEPEST])
        found[leaf] = (model[name], *split[modules])
        model[name] += 1
    return found


def fold(
    order: Sequence[Value], paths: Mapping[Value, Path], keep: Collection[Value] = ()
) -> dict[Value, Group]:
    """The innermost group of each node that an operation made, if it is in any.

    Parameters
    ----------
    order : list of Value
        The nodes of a graph in the order of creation.
    paths : mapping
        The modules around each parameter, as from `module_paths`.
    keep : collection of Value
        What no sum hides, such as the results.

    Returns
    -------
    dict
        From the nodes to their groups.
    """
    made = [node for node in order if not node.is_leaf]
    uses = Counter(parent for node in made for parent in set(node.parents))
    innermost = _functions(made)
    regions: dict[Group | None, list[Value]] = {None: made}
    for node in made:
        if node in innermost:
            for group in innermost[node].around:
                regions.setdefault(group, []).append(node)
    for region, nodes in regions.items():
        _Modules(region, nodes, innermost, paths, uses).find()
    _chains(made, innermost, uses, set(keep))
    _finish(made, innermost)
    return innermost


# --- functions -----------------------------------------------------------------------------------


def _functions(made: Sequence[Value]) -> dict[Value, Group]:
    """Calls lie within each other or apart, as their places in the order of creation do."""
    calls = {call for node in made for call in calls_of(node)}
    pending = sorted(calls, key=lambda call: (-call.first, call.last))
    innermost: dict[Value, Group] = {}
    group: Group | None = None
    for node in made:
        while pending and pending[-1].first < node._index:
            call = pending.pop()
            while group is not None and group.last < call.first:
                group = group.parent
            group = Group(call.name, "function", group, first=call.first, last=call.last)
        while group is not None and group.last < node._index:
            group = group.parent
        if group is not None:
            innermost[node] = group
    return innermost


# --- modules -------------------------------------------------------------------------------------


class _Modules:
    """The calls of modules among the nodes of one call of a function, or outside of all."""

    def __init__(
        self,
        region: Group | None,
        nodes: Sequence[Value],
        innermost: dict[Value, Group],
        paths: Mapping[Value, Path],
        uses: Counter[Value],
    ) -> None:
        self.region, self.innermost = region, innermost
        item_of = {node: self._item(node) for node in nodes}
        # A call of a function comes where its last node does: after all that it depends on.
        self.items: list[_Item] = list(dict.fromkeys(map(item_of.__getitem__, reversed(nodes))))
        self.items.reverse()
        self.producers: dict[_Item, set[_Item]] = {item: set() for item in self.items}
        parameters: dict[_Item, set[Value]] = {item: set() for item in self.items}
        # What is computed of parameters alone is a penalty, or the embeddings that a model begins
        # with, which only what is computed of it can tell.
        self.of_parameters: set[_Item] = set()
        for node, item in item_of.items():
            parents = node.parents
            self.producers[item].update(item_of[p] for p in parents if p in item_of)
            used = {p for p in parents if p in paths}
            if not used.issuperset(parents):
                parameters[item] |= used
            if all(p in paths or p.is_constant or p in self.of_parameters for p in parents):
                self.of_parameters.add(node)
        for item in self.items:
            self.producers[item].discard(item)
        self.parameters = parameters
        self.scope: dict[_Item, Path] = {}
        for item, used in parameters.items():
            scope = _common(paths[p] for p in used) if used else ()
            if len(scope) > 1 or (scope and isinstance(item, Value)):
                self.scope[item] = scope  # a function that uses the whole model is around it
        self._extend(uses)

    def _item(self, node: Value) -> _Item:
        item: _Item = node
        if node in self.innermost:
            for group in self.innermost[node].around:
                if group is self.region:
                    break
                item = group
        return item

    def _extend(self, uses: Counter[Value]) -> None:
        """Count activations, and sums of a module's own products, as the module's."""
        behind: dict[_Item, set[Value]] = {}
        for item in self.items:
            parents = set(item.parents) if isinstance(item, Value) else set()
            made = [p for p in parents if p in self.producers]
            scopes = {self.scope.get(p, ()) for p in made}
            if (
                isinstance(item, Value)
                and item not in self.scope
                and len(scopes) == 1
                and all(p.is_constant or p in self.producers for p in parents)
                and all(uses[p] == 1 for p in made)
            ):
                (scope,) = scopes
                below = [behind[p] for p in made]
                apart = len(set().union(*below)) == sum(map(len, below))
                is_activation = len(made) == 1 and item.op in _ACTIVATIONS
                # Python's sum begins with 0.
                is_sum = item.op == "+" and all(
                    p in self.producers or p.data == 0.0 for p in parents
                )
                if scope and (is_activation or (is_sum and apart)):
                    self.scope[item] = scope
            mine = [behind[p] for p in made if self.scope.get(p) == self.scope.get(item)]
            behind[item] = self.parameters[item].union(*mine)

    def find(self) -> None:
        """Put each node into the innermost module that it belongs to."""
        models = dict.fromkeys(path[:1] for path in self.scope.values())
        for prefix in models:
            self._split(self.items, prefix, self.region)

    def _split(self, items: Sequence[_Item], prefix: Path, parent: Group | None) -> int:
        """The calls of the module at this path, and within them those of its parts."""
        height = 0
        for call in self._calls(items, prefix):
            group = Group(".".join(map(str, prefix[1:])), "module", parent, prefix)
            for item in call:
                if isinstance(item, Group):
                    item.parent = group
                else:
                    self.innermost[item] = group
            parts: dict[Path, list[_Item]] = {}
            for item in call:
                path = self.scope.get(item, ())
                parts.setdefault(path[: len(prefix) + 1], []).append(item)
            apart = all(len(path) > len(prefix) for path in parts)
            for path, part in parts.items():
                if len(path) > len(prefix):
                    within = self._split(part if apart else call, path, group)
                    group.height = max(group.height, 1 + within)
            height = max(height, group.height)
        return height

    def _calls(self, items: Sequence[_Item], prefix: Path) -> list[list[_Item]]:
        """One list of items for each time that the module was called.

        An item goes on with the call that it depends on, or else with the latest; unless that has
        used one of its parameters already, which begins the next.
        """
        mine = [self.scope.get(item, ())[: len(prefix)] == prefix for item in items]
        used: list[set[Value]] = []
        after: dict[_Item, int] = {}  # the latest call that the item belongs to or depends on
        own_call: dict[_Item, int] = {}
        for item, own in zip(items, mine, strict=True):
            call = max((after[p] for p in self.producers[item] if p in after), default=-1)
            if own:
                # A model may call its parts again and again, as a recurrent one does.
                parameters = self.parameters[item]
                whole = len(prefix) == 1 and call >= 0
                if not whole and (call < 0 or not used[call].isdisjoint(parameters)):
                    call = len(used) - 1
                    if call < 0 or not used[call].isdisjoint(parameters):
                        call = len(used)
                        used.append(set())
                used[call] |= parameters
                own_call[item] = call
            if call >= 0:
                after[item] = call
        # What lies between two operations of one call is part of it, as in attention.
        before: dict[_Item, int] = {}
        for item in reversed(items):
            call = own_call.get(item, before.get(item, -1))
            begins = len(prefix) == 1 and item in self.of_parameters and item not in after
            if item not in self.scope and call >= 0 and (begins or after.get(item) == call):
                own_call[item] = call
            if call >= 0:
                for producer in self.producers[item]:
                    before[producer] = min(call, before.get(producer, call))
        calls: list[list[_Item]] = [[] for _ in used]
        for item in items:
            if item in own_call:
                calls[own_call[item]].append(item)
        return calls


def _common(paths: Iterable[Path]) -> Path:
    common, *others = set(paths)
    for path in others:
        same = [a == b for a, b in zip(common, path, strict=False)]
        common = common[: same.index(False) if False in same else len(same)]
    return common


# --- sums and products ---------------------------------------------------------------------------


def _chains(
    made: Sequence[Value], innermost: dict[Value, Group], uses: Counter[Value], keep: set[Value]
) -> None:
    """Fold a + b + c + ... into one group, with the products that are its terms."""
    taken: set[Value] = set()
    for top in reversed(made):
        if top.op not in ("+", "*") or top in taken:
            continue
        region = innermost.get(top)

        def is_inner(node: Value, region: Group | None = region) -> bool:
            return (
                uses[node] == 1
                and not node.label
                and node not in keep
                and innermost.get(node) is region
            )

        links = [top]
        terms: list[Value] = []
        for link in links:  # which grows as it is walked
            for parent in link.parents:
                inner = not parent.is_leaf and parent.op == top.op and is_inner(parent)
                (links if inner else terms).append(parent)
        taken.update(links)
        if len(terms) < _FEWEST_TERMS:
            continue
        # Python's sum begins with 0.
        count = sum(not (term.is_constant and term.data == 0.0) for term in terms)
        name = f"{'sum' if top.op == '+' else 'product'} of {count}"
        group = Group(name, "chain", region)
        for term in terms:
            is_product = term.op in ("*", "**2", "square") and is_inner(term)
            if is_product and all(parent.is_leaf for parent in term.parents):
                links.append(term)
        taken.update(links)
        innermost.update(dict.fromkeys(links, group))


# --- all together --------------------------------------------------------------------------------


def _finish(made: Sequence[Value], innermost: dict[Value, Group]) -> None:
    """Number the groups by their first nodes, and tell each what is in it."""
    number = 0
    seen: set[Group] = set()
    for node in made:
        if node not in innermost:
            continue
        for group in reversed([*innermost[node].around]):
            if group not in seen:
                seen.add(group)
                group.id = f"g{number}"
                group.depth = 0 if group.parent is None else group.parent.depth + 1
                number += 1
            group.nodes.append(node)
