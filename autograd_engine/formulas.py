"""Mathematics on symbols: the `m` with which primitives print their own formulas.

A rule that runs on formulas returns its value and its partials as text and as LaTeX, so what is
printed is what is computed.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeAlias

from autograd_engine import primitives
from autograd_engine.rules import Primitive, flatten

__all__ = ["Formula", "mathematics", "number", "partial_formulas", "symbol"]

Term: TypeAlias = "Formula | float"

# How tightly a formula holds together, which decides where it needs parentheses.
_CHOICE, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(7)

_LATEX_ESCAPES = str.maketrans(
    dict.fromkeys(
        [*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)], "\N{REPLACEMENT CHARACTER}"
    )
    | {character: "\\" + character for character in "{}_$&#%"}
    | {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim ", " ": r"\ ", "\n": r"\ ", "\t": r"\ "}
)

_GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega"),
)

# Numbers that have a better name than their digits, as (text, LaTeX).
_NAMED = {
    math.pi: ("pi", r"\pi"),
    math.e: ("e", "e"),
    math.inf: ("inf", r"\infty"),
    -math.inf: ("-inf", r"-\infty"),
    primitives._LN_2: ("log(2)", r"\ln 2"),
    primitives._LOG2_E: ("log2(e)", r"\log_2 e"),
    primitives._LOG10_E: ("log10(e)", r"\log_{10} e"),
    primitives._TWO_OVER_SQRT_PI: ("2/sqrt(pi)", r"\frac{2}{\sqrt{\pi}}"),
    -primitives._TWO_OVER_SQRT_PI: ("-2/sqrt(pi)", r"-\frac{2}{\sqrt{\pi}}"),
}


@dataclass(frozen=True, eq=False)
class Formula:
    """A piece of mathematics, as text and as LaTeX.

    Attributes
    ----------
    text : str
        As Python writes it.
    latex : str
        For a notebook or a paper.
    binding : int
        How tightly it holds together.
    base, exponent : Formula, float
        What it is a power of, and which: that x*x may be printed as a square.
    negated : Formula or None
        What it is the negative of.
    fraction, factors : tuple of Formula, or None
        What it is the quotient, or the product, of.
    """

    text: str
    latex: str
    binding: int = _ATOM
    base: "Formula | None" = None
    exponent: float = 1.0
    negated: "Formula | None" = None
    fraction: "tuple[Formula, Formula] | None" = None
    factors: "tuple[Formula, Formula] | None" = None

    def __add__(self, other: Term) -> "Formula":
        return _sum(self, other)

    def __radd__(self, other: Term) -> "Formula":
        return _sum(other, self)

    def __sub__(self, other: Term) -> "Formula":
        return _difference(self, other)

    def __rsub__(self, other: Term) -> "Formula":
        return _difference(other, self)

    def __mul__(self, other: Term) -> "Formula":
        return _product(self, other)

    def __rmul__(self, other: Term) -> "Formula":
        return _product(other, self)

    def __truediv__(self, other: Term) -> "Formula":
        return _quotient(self, other)

    def __rtruediv__(self, other: Term) -> "Formula":
        return _quotient(other, self)

    def __pow__(self, exponent: Term) -> "Formula":
        return _power(self, exponent)

    def __rpow__(self, base: Term) -> "Formula":
        return _power(base, self)

    def __neg__(self) -> "Formula":
        if self.negated is not None:
            return self.negated
        inner = self if self.binding != _SUM else _in_parentheses(self)
        return Formula(f"-{inner.text}", f"-{inner.latex}", _SIGN, negated=self)

    def __pos__(self) -> "Formula":
        return self

    def __abs__(self) -> "Formula":
        return Formula(f"abs({self.text})", rf"\left|{self.latex}\right|")

    def __lt__(self, other: Term) -> "Formula":
        return _comparison(self, "<", "<", other)

    def __le__(self, other: Term) -> "Formula":
        return _comparison(self, "<=", r"\le", other)

    def __gt__(self, other: Term) -> "Formula":
        return _comparison(self, ">", ">", other)

    def __ge__(self, other: Term) -> "Formula":
        return _comparison(self, ">=", r"\ge", other)

    def __and__(self, other: "Formula | bool") -> "Formula | bool":
        if isinstance(other, bool):
            return self if other else False
        return _comparison(self, "and", r"\text{ and }", other)

    __rand__ = __and__

    def __or__(self, other: "Formula") -> "Formula":
        return _comparison(self, "or", r"\text{ or }", other)

    def __bool__(self) -> bool:
        raise TypeError(
            f"whether {self.text} holds is not known when a rule prints its formula: "
            "write m.where(condition, a, b) in the rule instead of if, max or min"
        )

    def __str__(self) -> str:
        return self.text

    @staticmethod
    def _record(primitive: Primitive, operands: Sequence[Any]) -> "Formula":
        value: Formula = number(primitive.rule(mathematics, *operands)[0])
        return value


def symbol(text: str, latex: str | None = None) -> Formula:
    """A variable.

    Parameters
    ----------
    text : str
    latex : str, optional
        The text itself, escaped, if not given.

    Examples
    --------
    >>> x = symbol("x")
    >>> (x * x + 1.0).text
    'x**2 + 1'
    """
    return Formula(text, _symbol_latex(text) if latex is None else latex)


def _symbol_latex(text: str) -> str:
    """A letter, a Greek letter by its name, or a word upright; with an index: x1, x_1, x[1]."""
    indexed = re.fullmatch(r"([a-zA-Z]+)\[([0-9]+)\]|(.*?)_?([0-9]*)", text, re.DOTALL)
    assert indexed is not None
    letters, index = indexed[1] or indexed[3], indexed[2] or indexed[4]
    latex = letters.translate(_LATEX_ESCAPES)
    if letters in _GREEK:
        latex = f"\\{letters}"
    elif len(letters) != 1:
        latex = rf"\mathrm{{{latex}}}"
    return f"{latex}_{{{index}}}" if index else latex


def number(x: Term) -> Formula:
    """A number as a formula; a formula as it is.

    Parameters
    ----------
    x : Formula or float
    """
    if isinstance(x, Formula):
        return x
    text, latex = _NAMED.get(x, (f"{x:.6g}", f"{x:.6g}"))
    if "e" in latex and x not in _NAMED:
        digits, _, power = latex.partition("e")
        latex = rf"{digits} \cdot 10^{{{int(power)}}}"
    tight = _PRODUCT if "/" in text else _SIGN if x < 0.0 else _ATOM
    return Formula(text, latex, tight)


def _in_parentheses(x: Formula) -> Formula:
    return Formula(f"({x.text})", rf"\left({x.latex}\right)")


def _held(x: Term, binding: int) -> Formula:
    """x, in parentheses if it holds together less tightly than its place asks for."""
    formula = number(x)
    return formula if formula.binding >= binding else _in_parentheses(formula)


def _is(x: Term, value: float) -> bool:
    return not isinstance(x, Formula) and x == value


def _sum(x: Term, y: Term) -> Formula:
    if _is(x, 0.0):
        return number(y)
    if _is(y, 0.0):
        return number(x)
    if isinstance(y, Formula) and y.negated is not None:
        return _difference(x, y.negated)
    left, right = _held(x, _SUM), _held(y, _SUM)
    if right.binding == _SIGN:
        right = _in_parentheses(right)
    return Formula(f"{left.text} + {right.text}", f"{left.latex} + {right.latex}", _SUM)


def _difference(x: Term, y: Term) -> Formula:
    if _is(y, 0.0):
        return number(x)
    if _is(x, 0.0):
        return -number(y)
    left, right = _held(x, _SUM), _held(y, _PRODUCT)
    if right.binding == _SIGN:
        right = _in_parentheses(right)
    return Formula(f"{left.text} - {right.text}", f"{left.latex} - {right.latex}", _SUM)


def _product(x: Term, y: Term) -> Formula:
    if _is(x, 0.0) or _is(y, 0.0):
        return number(0.0)
    if _is(x, 1.0):
        return number(y)
    if _is(y, 1.0):
        return number(x)
    if _is(x, -1.0):
        return -number(y)
    if _is(y, -1.0):
        return -number(x)
    left, right = number(x), number(y)
    if left.negated is not None:
        return -_product(left.negated, y)
    if right.negated is not None:
        return -_product(x, right.negated)
    if left.factors is not None and _base(left.factors[1]).text == _base(right).text:
        return _product(left.factors[0], _product(left.factors[1], right))
    if _base(left).text == _base(right).text:
        return _power(_base(left), left.exponent + right.exponent)
    left, right = _held(left, _PRODUCT), _held(right, _PRODUCT)
    if right.binding == _SIGN:
        right = _in_parentheses(right)
    dot = r" \cdot " if right.latex[:1].isdigit() else r" \, "
    if "/" in right.text and right.binding == _PRODUCT:
        right = _in_parentheses(right)
    return Formula(
        f"{left.text}*{right.text}",
        f"{left.latex}{dot}{right.latex}",
        _PRODUCT,
        factors=(left, right),
    )


def _base(x: Formula) -> Formula:
    return x if x.base is None else x.base


def _quotient(x: Term, y: Term) -> Formula:
    if _is(x, 0.0):
        return number(0.0)
    if _is(y, 1.0):
        return number(x)
    above, below = number(x), number(y)
    if above.negated is not None:
        return -_quotient(above.negated, y)
    if above.fraction is not None:
        return _quotient(above.fraction[0], above.fraction[1] * y)
    return Formula(
        f"{_held(x, _PRODUCT).text}/{_held(y, _POWER).text}",
        rf"\frac{{{above.latex}}}{{{below.latex}}}",
        _PRODUCT,
        fraction=(above, below),
    )


def _power(x: Term, y: Term) -> Formula:
    if _is(y, 1.0):
        return number(x)
    if _is(y, 0.0):
        return number(1.0)
    if isinstance(x, Formula) and x.fraction is not None and x.fraction[0].text == "1":
        return _quotient(1.0, _power(x.fraction[1], y))
    base, exponent = _held(x, _ATOM), number(y)
    return Formula(
        f"{base.text}**{_held(y, _SIGN).text}",
        f"{{{base.latex}}}^{{{exponent.latex}}}",
        _POWER,
        base=None if isinstance(y, Formula) else number(x),
        exponent=1.0 if isinstance(y, Formula) else y,
    )


def _comparison(x: Term, sign: str, latex: str, y: Term) -> Formula:
    left, right = _held(x, _COMPARISON), _held(y, _COMPARISON)
    return Formula(
        f"{left.text} {sign} {right.text}", f"{left.latex} {latex} {right.latex}", _COMPARISON
    )


def _equal(x: Term, y: Term) -> Formula | bool:
    if isinstance(x, Formula) or isinstance(y, Formula):
        return _comparison(x, "==", "=", y)
    return x == y


def _where(condition: Formula | bool, if_true: Term, if_false: Term) -> Formula:
    yes, no = number(if_true), number(if_false)
    if isinstance(condition, bool):
        return yes if condition else no
    if yes.text == no.text:
        return yes
    return Formula(
        f"{_held(yes, _COMPARISON).text} if {condition.text} else {no.text}",
        rf"\begin{{cases}} {yes.latex} & {condition.latex} \\ {no.latex} & \text{{otherwise}} "
        r"\end{cases}",
        _CHOICE,
    )


def _call(name: str, latex: str | None = None) -> Callable[..., Formula]:
    head = latex or r"\operatorname{" + name.replace("_", r"\_") + "}"

    def call(*operands: Any) -> Formula:
        arguments = [number(x) for x in flatten(operands)]
        if len(arguments) > 6:
            arguments = [*arguments[:3], Formula("...", r"\dots"), *arguments[-1:]]
        text = ", ".join(x.text for x in arguments)
        inside = ", ".join(x.latex for x in arguments)
        return Formula(f"{name}({text})", rf"{head}\left({inside}\right)")

    return call


def _sigmoid(x: Formula) -> Formula:
    if x.negated is not None:
        return 1.0 - _sigmoid(x.negated)
    return _call("sigmoid", r"\sigma")(x)


def _sech2(x: Formula) -> Formula:
    return 1.0 - _call("tanh", r"\tanh")(x) ** 2.0


def _exp(x: Formula) -> Formula:
    return Formula(f"exp({x.text})", f"e^{{{x.latex}}}")


def _sqrt(x: Formula) -> Formula:
    return Formula(f"sqrt({x.text})", rf"\sqrt{{{x.latex}}}")


def _cbrt(x: Formula) -> Formula:
    return Formula(f"cbrt({x.text})", rf"\sqrt[3]{{{x.latex}}}")


def _each(name: str) -> Callable[[Sequence[Formula]], list[Formula]]:
    def each(xs: Sequence[Formula]) -> list[Formula]:
        whole = _call(name)(xs)
        return [
            Formula(f"{whole.text}[{i}]", rf"{{{whole.latex}}}_{{{i}}}") for i in range(len(xs))
        ]

    return each


def _products_of_others(xs: Sequence[Formula]) -> list[Formula]:
    return [_call("prod", r"\prod")([*xs[:i], *xs[i + 1 :]]) for i in range(len(xs))]


_WITH_LATEX_COMMAND = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
_BY_NAME = (
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "dot",
    "erf",
    "erfc",
    "expm1",
    "hypot",
    "log1p",
    "log10",
    "log2",
    "logsigmoid",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "prod",
    "sign",
    "softplus",
    "step",
    "sum",
)

mathematics = SimpleNamespace(
    **{name: _call(name, "\\" + name) for name in _WITH_LATEX_COMMAND},
    **{name: _call(name) for name in _BY_NAME},
    abs=abs,
    cbrt=_cbrt,
    equal=_equal,
    exp=_exp,
    exp2=lambda x: _power(2.0, x),
    log=_call("log", r"\ln"),
    log_softmax=_each("log_softmax"),
    normal_cdf=_call("normal_cdf", r"\Phi"),
    normal_pdf=_call("normal_pdf", r"\varphi"),
    pow=_power,
    pow_slope=lambda x, y: y * _power(x, y - 1.0),
    products_of_others=_products_of_others,
    saturate=lambda x, bound: x,
    sech2=_sech2,
    sigmoid=_sigmoid,
    softmax=_each("softmax"),
    sqrt=_sqrt,
    where=_where,
)


def partial_formulas(primitive: Primitive, operands: Sequence[Any]) -> list[Formula]:
    """The partial derivatives of a primitive, in symbols.

    Parameters
    ----------
    primitive : Primitive
    operands : sequence of Formula
        With a list for each operand that is a sequence.

    Returns
    -------
    list of Formula
        One for each operand; those of a sequence in a row.

    Examples
    --------
    >>> from autograd_engine import primitives
    >>> operands = [symbol("x"), symbol("y")]
    >>> [partial.text for partial in partial_formulas(primitives.truediv, operands)]
    ['1/y', '-x/y**2']
    """
    _, partials = primitive.rule(mathematics, *operands)
    return [number(partial) for partial in flatten(partials)]
