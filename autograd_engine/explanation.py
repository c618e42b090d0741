"""One derivative, path by path; and the backward pass as a recording."""

import builtins
import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd_engine import formulas, graph
from autograd_engine.derivatives import gradient
from autograd_engine.functions import sum
from autograd_engine.value import Value

__all__ = ["Edge", "Explanation", "Path", "Step", "backward_steps", "calculation", "explain"]

# A path so far: its last node, the position of the operand it came through, and the path before.
_Link: TypeAlias = "tuple[Value, int, _Link] | None"


@dataclass(frozen=True)
class Edge:
    """One step of a path: a node, and how it depends on one of its operands.

    Attributes
    ----------
    node, parent : Value
    position : int
        Which of the node's operands the parent is.
    partial : float
        The local derivative of the node with respect to that operand.
    names : dict
        The name of each node of the graph.
    """

    node: Value
    parent: Value
    position: int
    partial: float
    names: dict[Value, str]

    @property
    def formula(self) -> formulas.Formula:
        """The local derivative in the names of the graph."""
        return partial_formula(self.node, self.position, self.names)


@dataclass(frozen=True)
class Path:
    """One way from a variable to the output, with the product of its local derivatives."""

    edges: tuple[Edge, ...]
    product: float


@dataclass(frozen=True)
class Explanation:
    """What the derivative of an output with respect to a variable is made of.

    Prints as text, and as LaTeX in a notebook.

    Attributes
    ----------
    output, variable : Value
    total : float
        The derivative: the sum over all paths.
    count : int
        How many paths there are.
    paths : tuple of Path
        All of them, or the strongest (by the absolute value of the product), strongest first.
    names : dict
        The name of each node.
    """

    output: Value
    variable: Value
    total: float
    count: int
    paths: tuple[Path, ...]
    names: dict[Value, str]

    def __str__(self) -> str:
        return "\n".join(_text(self))

    __repr__ = __str__

    @property
    def latex(self) -> str:
        """The explanation as a LaTeX ``aligned`` block."""
        return _latex(self)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data, for JSON."""
        return {
            "output": self.names[self.output],
            "variable": self.names[self.variable],
            "total": self.total,
            "count": self.count,
            "paths": [
                {
                    "product": path.product,
                    "edges": [
                        {
                            "node": self.names[edge.node],
                            "operation": edge.node.op,
                            "operand": self.names[edge.parent],
                            "formula": edge.formula.text,
                            "partial": edge.partial,
                        }
                        for edge in path.edges
                    ],
                }
                for path in self.paths
            ],
        }


def explain(output: Value, variable: Value, max_paths: int = 24) -> Explanation:
    """Every path from a variable to an output, whose products add up to the derivative.

    Parameters
    ----------
    output, variable : Value
    max_paths : int
        How many paths to show at most; of more, the strongest are shown. All are counted.

    Returns
    -------
    Explanation

    Raises
    ------
    TypeError
        If one of them is no Value.
    ValueError
        If `max_paths` is less than 1.

    Examples
    --------
    >>> from autograd_engine import Value, explain, label
    >>> x, y = Value(3.0), Value(4.0)
    >>> z = x * y + x
    >>> label(x=x, y=y, z=z)
    >>> explain(z, x)
    dz/dx = 5, the sum over 2 paths
    <BLANKLINE>
    path 1: x -> v1 -> z
      dv1/dx = y = 4     v1 = x * y
      dz/dv1 = 1         z = v1 + x
      product = 4
    <BLANKLINE>
    path 2: x -> z
      dz/dx = 1          z = v1 + x
      product = 1
    <BLANKLINE>
    dz/dx = 4 + 1 = 5
    """
    for value, what in ((output, "output"), (variable, "variable")):
        if not isinstance(value, Value):
            raise TypeError(f"explain takes Values, got {value!r} as the {what}")
    if max_paths < 1:
        raise ValueError(f"max_paths must be at least 1, got {max_paths}")
    order = graph.nodes(output)
    names = graph.names(order)
    names.setdefault(variable, variable.label or "x")
    # From the variable on, in the order of creation: the number of paths to each node, and the
    # strongest of them. They are never walked one by one, for there may be 2**60.
    counts: dict[Value, int] = {variable: 1}
    strongest: dict[Value, list[tuple[float, _Link]]] = {variable: [(1.0, None)]}
    for node in order:
        if node is variable:
            continue
        arriving = [(i, p) for i, p in enumerate(node.parents) if p in counts]
        if not arriving:
            continue
        partials = node.partials
        counts[node] = builtins.sum(counts[parent] for _, parent in arriving)
        strongest[node] = heapq.nlargest(
            max_paths,
            (
                (product * partials[i], (node, i, link))
                for i, parent in arriving
                for product, link in strongest[parent]
            ),
            key=_strength,
        )
    return Explanation(
        output=output,
        variable=variable,
        total=gradient(output, variable),
        count=counts.get(output, 0),
        paths=tuple(_path(link, product, names) for product, link in strongest.get(output, [])),
        names=names,
    )


def _strength(candidate: tuple[float, _Link]) -> float:
    product = abs(candidate[0])
    return math.inf if math.isnan(product) else product


def _path(link: _Link, product: float, names: dict[Value, str]) -> Path:
    edges: list[Edge] = []
    while link is not None:
        node, position, link = link
        parents, partials = node.parents, node.partials
        edges.append(Edge(node, parents[position], position, partials[position], names))
    return Path(tuple(reversed(edges)), product)


def partial_formula(node: Value, position: int, names: dict[Value, str]) -> formulas.Formula:
    """The local derivative of a node, in the names of the graph.

    Parameters
    ----------
    node : Value
    position : int
        With respect to which operand.
    names : dict
        From the nodes to their names.
    """

    def symbolic(operand: Any) -> Any:
        if isinstance(operand, list):
            return [symbolic(x) for x in operand]
        if operand.is_constant:
            return formulas.number(operand.data)
        return formulas.symbol(names[operand])

    operands = [symbolic(operand) for operand in graph.operands(node)]
    assert node.primitive is not None
    try:
        return formulas.partial_formulas(node.primitive, operands)[position]
    except TypeError:  # a rule with a branch of Python's in it has no formula
        return formulas.symbol(f"d{node.op}/d{names[node.parents[position]]}")


# --- printing ------------------------------------------------------------------------------------

# Of a longer path, the beginning and the end are printed.
_LONGEST = 40


def _number(x: float) -> str:
    return f"{x:.6g}"


def _counted(paths: int) -> str:
    if paths < 10**30:
        return str(paths)
    return f"about 10**{math.log10(paths):.0f}"


def calculation(node: Value, names: dict[Value, str]) -> str:
    """How a node was computed, in the names of the graph, such as 'c = a * b'.

    Parameters
    ----------
    node : Value
        Which an operation made.
    names : dict
        From the nodes to their names.
    """
    operands = [names[parent] for parent in node.parents]
    if len(operands) > 6:
        operands = [*operands[:3], "...", operands[-1]]
    if node.op in ("+", "-", "*", "/", "**"):
        made = f" {node.op} ".join(operands)
    elif node.op == "neg":
        made = f"-{operands[0]}"
    elif node.op.startswith("**"):
        made = operands[0] + node.op
    else:
        made = f"{node.op}({', '.join(operands)})"
    return f"{names[node]} = {made}"


def _text(explanation: Explanation) -> Iterator[str]:
    names, paths = explanation.names, explanation.paths
    derivative = f"d{names[explanation.output]}/d{names[explanation.variable]}"
    total = _number(explanation.total)
    if not explanation.count:
        yield f"{derivative} = 0: no path leads from the one to the other"
        return
    if not paths[0].edges:
        yield f"{derivative} = 1: they are the same"
        return
    several = _counted(explanation.count)
    along = "along 1 path" if explanation.count == 1 else f"the sum over {several} paths"
    shown = f"; the {len(paths)} strongest are shown" if explanation.count > len(paths) else ""
    yield f"{derivative} = {total}, {along}{shown}"
    rows = [
        [_row(edge, names) if edge else ("...", "") for edge in _abridged(path.edges)]
        for path in paths
    ]
    width = max(len(left) for path_rows in rows for left, _ in path_rows)
    for i, (path, path_rows) in enumerate(zip(paths, rows, strict=True), 1):
        yield ""
        way = [names[edge.node] if edge else "..." for edge in _abridged(path.edges)]
        yield f"path {i}: {' -> '.join([names[path.edges[0].parent], *way])}"
        for left, right in path_rows:
            yield f"  {left:<{width}}     {right}".rstrip()
        yield f"  product = {_number(path.product)}"
    if explanation.count > len(paths):
        rest = explanation.total - sum([path.product for path in paths])
        others = _counted(explanation.count - len(paths))
        yield ""
        yield f"the other {others} paths add up to {_number(rest)}"
    elif len(paths) > 1:
        yield ""
        terms = " + ".join(
            _number(path.product) if path.product >= 0.0 else f"({_number(path.product)})"
            for path in paths
        )
        yield f"{derivative} = {terms} = {total}"


def _row(edge: Edge, names: dict[Value, str]) -> tuple[str, str]:
    value = _number(edge.partial)
    formula = "" if edge.formula.text == value else f"{edge.formula.text} = "
    left = f"d{names[edge.node]}/d{names[edge.parent]} = {formula}{value}"
    return left, calculation(edge.node, names)


def _abridged(edges: Sequence[Edge]) -> Sequence[Edge | None]:
    """The edges; of a long path the first and the last, with None between them."""
    if len(edges) <= _LONGEST:
        return edges
    half = _LONGEST // 2
    return [*edges[:half], None, *edges[-half:]]


def _latex(explanation: Explanation) -> str:
    def fraction(node: Value, parent: Value) -> str:
        above = formulas.symbol(explanation.names[node]).latex
        below = formulas.symbol(explanation.names[parent]).latex
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"

    derivative = fraction(explanation.output, explanation.variable)
    total = formulas.number(explanation.total).latex
    if not explanation.count:
        return rf"{derivative} = 0 \quad\text{{(no path)}}"
    lines = [rf"{derivative} &= {total}"]
    for path in explanation.paths:
        edges = _abridged(path.edges[::-1])
        chain = [fraction(edge.node, edge.parent) if edge else r"\cdots" for edge in edges]
        formula = [rf"\left({edge.formula.latex}\right)" if edge else r"\cdots" for edge in edges]
        factors = [_factor(edge.partial) if edge else r"\cdots" for edge in edges]
        if chain:
            product = formulas.number(path.product).latex
            dots, times = r" \cdot ".join(chain), r" \times ".join(factors)
            lines.append(f"{dots} &= {' '.join(formula)} = {times} = {product}")
    if explanation.count > len(explanation.paths):
        rest = _counted(explanation.count - len(explanation.paths))
        lines.append(rf"&\quad\text{{and {rest} weaker paths}}")
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _factor(x: float) -> str:
    latex = formulas.number(x).latex
    return rf"\left({latex}\right)" if x < 0.0 else latex


# --- the backward pass as it happens -------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One addition of the backward pass.

    Attributes
    ----------
    node : Value
        Whose gradient is passed on.
    incoming : float
        That gradient, complete.
    parent : Value
        The operand that receives a share.
    partial : float
        The local derivative of the node with respect to the operand.
    contribution : float
        The share: incoming times partial.
    total : float
        What the operand has received so far, this share included.
    """

    node: Value
    incoming: float
    parent: Value
    partial: float
    contribution: float
    total: float

    def __str__(self) -> str:
        name = self.parent.label or _number(self.parent.data)
        before = self.node.label or _number(self.node.data)
        return (
            f"{before} ({self.node.op}) passes {_number(self.incoming)} x {_number(self.partial)} "
            f"= {_number(self.contribution)} to {name}: {_number(self.total)}"
        )


def backward_steps(root: Value) -> Iterator[Step]:
    """The backward pass from a root, one addition at a time, in the order of `backward`.

    It leaves every grad as it is.

    Parameters
    ----------
    root : Value

    Yields
    ------
    Step

    Raises
    ------
    TypeError
        If `root` is no Value.

    Examples
    --------
    >>> from autograd_engine import Value, backward_steps, label
    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> label(y=y)
    >>> for step in backward_steps(y):
    ...     print(step)
    y (*) passes 1 x 3 = 3 to x: 3
    y (*) passes 1 x 3 = 3 to x: 6
    """
    if not isinstance(root, Value):
        raise TypeError(f"backward_steps takes a Value, got {root!r}")
    return _steps(root)


def _steps(root: Value) -> Iterator[Step]:
    gradients = {root: 1.0}
    for node in graph.made_nodes(root):
        incoming = gradients.pop(node, 0.0)
        for parent, partial in zip(node.parents, node.partials, strict=True):
            contribution = incoming * partial
            total = gradients[parent] = gradients.get(parent, 0.0) + contribution
            yield Step(node, incoming, parent, partial, contribution, total)
