"""Formulas of recorded graphs, and of their derivatives, from the table of primitives."""

import functools
import itertools
import operator
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite
from types import SimpleNamespace
from typing import Any

from autograd_engine import Value, formulas, graph
from autograd_engine.formulas import Formula, number, symbol
from autograd_engine.rules import flatten
from visualize.names import names_in

__all__ = ["Latex", "derivative_latex", "to_latex"]

# Longer formulas are taken apart: what is in them gets a name and a line of its own.
_LONGEST = 160


class Latex(str):
    """LaTeX, which notebooks show as the formula."""

    __slots__ = ()

    def _repr_latex_(self) -> str:
        return f"$$\n{self}\n$$"


def to_latex(
    root: Value, *, labels: Mapping[str, Any] | None = None, max_nodes: int = 300
) -> Latex:
    r"""How a value was computed, as a formula.

    What has a label, is used more than once or would make the formula too long stands in a line of
    its own.

    Parameters
    ----------
    root : Value
    labels : mapping, optional
        From names to Values, such as ``locals()``: names for the values that have no label.
    max_nodes : int
        The most nodes of which a formula is made; more can hardly be read.

    Returns
    -------
    Latex
        A str: one formula, or several in an ``aligned`` block.

    Raises
    ------
    TypeError
        If root is no Value.
    ValueError
        If there are more than max_nodes nodes.

    Examples
    --------
    >>> from autograd_engine import label, tanh
    >>> a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    >>> y = tanh(a * b + c)
    >>> label(a=a, b=b, c=c, y=y)
    >>> print(to_latex(y))
    y = \tanh\left(a \, b + c\right)
    """
    writing = _Formulas(root, "to_latex", labels, max_nodes)
    lines = writing.definitions(root)
    whole = writing.whole[root].latex
    if not lines and (root.is_leaf or root not in writing.names):
        return Latex(whole)
    return _aligned([*lines, (writing.name_of_result(root).latex, whole)])


def derivative_latex(
    root: Value,
    variable: Value,
    *,
    labels: Mapping[str, Any] | None = None,
    max_nodes: int = 300,
) -> Latex:
    r"""The derivative of a result with respect to what it was computed from, as a formula.

    It is the sum over all paths of the products of the local derivatives, each of which is the
    formula of its primitive.

    Parameters
    ----------
    root, variable : Value
    labels, max_nodes
        As for `to_latex`.

    Returns
    -------
    Latex
        A str: one formula, or several in an ``aligned`` block, the derivative last.

    Raises
    ------
    TypeError
        If one of them is no Value.
    ValueError
        If there are more than max_nodes nodes.

    Examples
    --------
    >>> from autograd_engine import label
    >>> w, x, t = Value(2.0), Value(3.0), Value(1.0)
    >>> loss = (w * x - t) ** 2
    >>> label(w=w, x=x, t=t, L=loss)
    >>> print(derivative_latex(loss, w))
    \frac{\partial L}{\partial w} = 2 \, \left(w \, x - t\right) \, x
    """
    if not isinstance(variable, Value):
        raise TypeError(f"derivative_latex takes Values, got {variable!r} as the variable")
    writing = _Formulas(root, "derivative_latex", labels, max_nodes, variable)
    derivative = writing.derivative(root, variable)
    above, below = writing.name_of_result(root).latex, writing.name(variable).latex
    lines = writing.definitions(root, derivative.latex)
    return _aligned([*lines, (rf"\frac{{\partial {above}}}{{\partial {below}}}", derivative.latex)])


def _aligned(lines: Sequence[tuple[str, str]]) -> Latex:
    if len(lines) == 1:
        return Latex(" = ".join(lines[0]))
    body = " \\\\\n".join(f"{left} &= {right}" for left, right in lines)
    return Latex(f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}")


# --- products ------------------------------------------------------------------------------------


@dataclass
class _Term:
    """A product: a number, and formulas with their exponents by their texts."""

    number: float
    powers: dict[str, tuple[Formula, float]] = field(default_factory=dict)

    def __mul__(self, other: "_Term") -> "_Term":
        powers = dict(self.powers)
        for text, (base, exponent) in other.powers.items():
            exponent += powers[text][1] if text in powers else 0.0
            powers[text] = base, exponent
        kept = {text: power for text, power in powers.items() if power[1]}
        return _Term(self.number * other.number, kept)

    def inverse(self) -> "_Term":
        """1 divided by it."""
        return _Term(1.0 / self.number, {t: (base, -e) for t, (base, e) in self.powers.items()})

    @property
    def formula(self) -> Formula:
        """As a fraction, if there is something to divide by."""
        if self.number < 0.0:
            return -_Term(-self.number, self.powers).formula
        above: Any = self.number
        below: Any = 1.0
        if isfinite(self.number) and len(f"{self.number:.6g}") > 5:  # 1/3 rather than 0.333333
            ratio = Fraction(self.number).limit_denominator(100)
            if float(ratio) == self.number:
                above, below = float(ratio.numerator), float(ratio.denominator)
        for base, exponent in self.powers.values():
            if exponent > 0.0:
                above = above * base**exponent
            else:
                below = below * base**-exponent
        return number(above if below == 1.0 else number(above) / below)


def _term(x: Any) -> _Term:
    """A number or a formula as a product."""
    literal = _literal(x)
    if literal is not None:
        return _Term(literal)
    if x.negated is not None:
        return _Term(-1.0) * _term(x.negated)
    if x.fraction is not None:
        above, below = map(_term, x.fraction)
        return above * below.inverse() if below.number else _Term(1.0, {x.text: (x, 1.0)})
    if x.factors is not None:
        left, right = map(_term, x.factors)
        return left * right
    base, exponent = (x, 1.0) if x.base is None else (x.base, x.exponent)
    return _Term(1.0, {base.text: (base, exponent)})


def _literal(x: Any) -> float | None:
    """The number that is written, if it is one; a label such as '2' is none."""
    if not isinstance(x, Formula):
        return float(x)
    try:
        literal = float(x.text)
    except ValueError:
        return None
    return literal if number(literal).latex == x.latex else None


def _total(terms: Sequence[_Term]) -> _Term:
    """The sum; where more than one term is left, it is a factor of what follows."""
    collected: dict[tuple[tuple[str, float], ...], _Term] = {}
    for term in terms:
        key = tuple(sorted((text, exponent) for text, (_, exponent) in term.powers.items()))
        before = collected[key].number if key in collected else 0.0
        collected[key] = _Term(before + term.number, term.powers)
    kept = [term for term in collected.values() if term.number != 0.0]
    if len(kept) < 2:
        return kept[0] if kept else _Term(0.0)
    kept.sort(key=lambda term: term.number < 0.0)  # 2 - x rather than -x + 2
    total = functools.reduce(operator.add, (term.formula for term in kept))
    return _Term(1.0, {total.text: (total, 1.0)})


# --- of a graph ----------------------------------------------------------------------------------


class _Formulas:
    """The formula of each node of a graph, in the names of those that have one."""

    def __init__(
        self,
        root: Value,
        function: str,
        labels: Mapping[str, Any] | None,
        max_nodes: int,
        variable: Value | None = None,
    ) -> None:
        if not isinstance(root, Value):
            raise TypeError(f"{function} takes a Value, got {root!r}")
        self.order = graph.nodes(root)
        if len(self.order) > max_nodes:
            raise ValueError(
                f"a formula of {len(self.order)} nodes can hardly be read: take a part of the "
                f"graph, or max_nodes={len(self.order)}; explain(output, variable) shows paths"
            )
        named = names_in(labels) if labels is not None else {}
        have_names = [node for node in self.order if node.is_leaf or node.label or node in named]
        self.names = graph.names(have_names, named)
        if variable is not None and variable.is_leaf and variable not in self.names:
            self.names[variable] = variable.label or named.get(variable, "x")
        uses = Counter(parent for node in self.order for parent in node.parents)
        self.whole: dict[Value, Formula] = {}  # in the formulas of the operands
        self.formula: dict[Value, Formula] = {}  # what stands for a node in other formulas
        for node in self.order:
            whole = self._value(node)
            is_named = node in self.names or uses[node] > 1 or node is variable
            is_long = len(whole.latex) > _LONGEST and node is not root
            stays = node.is_leaf or not (is_named or is_long)
            self.whole[node], self.formula[node] = whole, whole if stays else self.name(node)

    def name(self, node: Value, wanted: Sequence[str] = ()) -> Formula:
        """The symbol of a node, which it is given if it has none."""
        if node not in self.names:
            taken = set(self.names.values())
            numbered = (f"v{i}" for i in itertools.count(1))
            self.names[node] = next(n for n in itertools.chain(wanted, numbered) if n not in taken)
        return symbol(self.names[node])

    def name_of_result(self, root: Value) -> Formula:
        """Its own name, or y."""
        return self.name(root, ("y", "f"))

    def _operands(self, node: Value) -> list[Any]:
        def operand(x: Any) -> Any:
            if isinstance(x, list):
                return [operand(element) for element in x]
            return 0.0 if x.is_constant and x.data == 0.0 else self.formula[x]

        return [operand(x) for x in graph.operands(node)]

    def _value(self, node: Value) -> Formula:
        if node.is_constant:
            return number(node.data)
        if node.primitive is None:
            return self.name(node)
        operands = self._operands(node)
        try:
            value = number(node.primitive.rule(_MATHEMATICS, *operands)[0])
        except (TypeError, ArithmeticError):  # a rule with a branch of Python's has no formula
            return _called(node.op, operands)
        # Of what is defined by cases, such as relu, the name says more.
        return _called(node.op, operands) if r"\begin{cases}" in value.latex else value

    def _partials(self, node: Value) -> list[_Term]:
        assert node.primitive is not None
        try:
            _, partials = node.primitive.rule(_MATHEMATICS, *self._operands(node))
        except (TypeError, ArithmeticError):
            above = self.name(node)
            return [_term(_fraction(above, self.name(parent))) for parent in node.parents]
        return [_term(partial) for partial in flatten(partials)]

    def derivative(self, root: Value, variable: Value) -> Formula:
        """The sum over all paths, each node's share collected before it is passed on."""
        depends = {variable}
        for node in self.order:
            if not depends.isdisjoint(node.parents):
                depends.add(node)
        shares: dict[Value, list[_Term]] = {root: [_Term(1.0)]}
        for node in reversed(self.order):
            if node is variable or node not in depends or node not in shares:
                continue
            incoming = _total(shares[node])
            for parent, partial in zip(node.parents, self._partials(node), strict=True):
                if parent in depends:
                    shares.setdefault(parent, []).append(incoming * partial)
        return _total(shares.get(variable, [])).formula

    def definitions(self, root: Value, *used_in: str) -> list[tuple[str, str]]:
        """The lines of the nodes with names, as far as they are used, in order."""
        lines: list[tuple[str, str]] = []
        texts = list(used_in) or [self.whole[root].latex]
        for node in reversed(self.order):
            if node.is_leaf or node is root or node not in self.names:
                continue
            name = self.name(node).latex
            is_used = re.compile(rf"(?<![a-zA-Z\\]){re.escape(name)}(?![a-zA-Z_])")
            if any(map(is_used.search, texts)):
                texts.append(self.whole[node].latex)
                lines.append((name, self.whole[node].latex))
        return lines[::-1]


# --- formulas ------------------------------------------------------------------------------------


def _fraction(above: Formula, below: Formula) -> Formula:
    return Formula(
        f"d{above.text}/d{below.text}",
        rf"\frac{{\partial {above.latex}}}{{\partial {below.latex}}}",
    )


def _called(name: str, operands: Sequence[Any]) -> Formula:
    arguments = [number(x) for x in flatten(operands)]
    if len(arguments) > 4:
        arguments = [*arguments[:2], Formula("...", r"\cdots"), arguments[-1]]
    text, latex = (", ".join(getattr(x, form) for x in arguments) for form in ("text", "latex"))
    return Formula(f"{name}({text})", rf"{symbol(name).latex}\left({latex}\right)")


def _where(condition: Any, if_true: Any, if_false: Any) -> Formula:
    """1 where something holds, else 0, is written as an indicator."""
    yes, no = number(if_true), number(if_false)
    if isinstance(condition, Formula) and {yes.text, no.text} == {"0", "1"}:
        text, latex = condition.text, condition.latex
        if yes.text == "0" and text.count("<=") == latex.count(r" \le ") == 1:
            text, latex = text.replace("<=", ">"), latex.replace(r" \le ", " > ")
        elif yes.text == "0":
            return 1.0 - _where(condition, no, yes)
        return Formula(f"(1 if {text} else 0)", rf"\mathbf{{1}}_{{{latex}}}")
    return formulas.mathematics.where(condition, if_true, if_false)  # type: ignore[no-any-return]


def _joined(terms: Sequence[Any], join: Callable[[Any, Any], Any]) -> Any:
    """The terms of a long sum or product, with dots for the middle."""
    if len(terms) > 4:
        terms = [*terms[:2], Formula("...", r"\cdots"), terms[-1]]
    return functools.reduce(join, terms)


def _dot(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    return _joined([x * y for x, y in zip(xs, ys, strict=True)], operator.add)


# Where a formula is to be read rather than computed, sums are written out.
_MATHEMATICS = SimpleNamespace(
    **vars(formulas.mathematics)
    | {
        "dot": _dot,
        "mean": lambda xs: _joined(xs, operator.add) / float(len(xs)),
        "prod": lambda xs: _joined(xs, operator.mul),
        "sum": lambda xs: _joined(xs, operator.add),
        "where": _where,
    }
)
