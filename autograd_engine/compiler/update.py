"""Updates: what an optimizer does to one parameter, as statements on the vectors of all.

The rule of an optimizer is read once, with symbols in place of the numbers of a parameter. What it
does to them is written down as NumPy statements, in place, with few vectors besides.
"""

from __future__ import annotations

import copy
import keyword
import math
import re
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from autograd_engine import floats
from autograd_engine.compiler.arrays import FUNCTIONS

__all__ = ["Update", "branches", "settings_of"]

# --- symbols -------------------------------------------------------------------------------------

_CHOICE, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(7)

# The operators: how they are written, how tightly they hold together, and NumPy's name for them.
_OPERATORS = {
    "add": ("+", _SUM, "np.add"),
    "sub": ("-", _SUM, "np.subtract"),
    "mul": ("*", _PRODUCT, "np.multiply"),
    "truediv": ("/", _PRODUCT, "np.divide"),
    "pow": ("**", _POWER, "np.power"),
    "lt": ("<", _COMPARISON, ""),
    "le": ("<=", _COMPARISON, ""),
    "gt": (">", _COMPARISON, ""),
    "ge": (">=", _COMPARISON, ""),
    "equal": ("==", _COMPARISON, ""),
}
_CALLS: dict[str, str] = (
    FUNCTIONS | {"neg": "np.negative"} | {n: call for n, (_, _, call) in _OPERATORS.items()}
)


def _operators(function: str) -> tuple[Callable[..., Symbol], Callable[..., Symbol]]:
    """An operator, and the same with its operands exchanged."""
    return (
        lambda symbol, other: Symbol(function, (symbol, other)),
        lambda symbol, other: Symbol(function, (other, symbol)),
    )


class Symbol:
    """What a rule computes with: a number for all parameters, or a vector with one for each.

    Attributes
    ----------
    function : str
        What it is the result of; "" for what is given.
    operands : tuple of Symbol or float
    name : str
        Of what is given.
    vector : bool
    truth : bool or None
        Of a setting: whether it is other than 0.
    """

    def __init__(
        self,
        function: str,
        operands: tuple[Any, ...] = (),
        name: str = "",
        vector: bool = False,
        truth: bool | None = None,
    ) -> None:
        self.function = function
        self.operands: tuple[Operand, ...] = tuple(
            x if isinstance(x, Symbol) else float(x) for x in operands
        )
        self.name = name
        self.vector: bool = vector or any(map(_is_vector, self.operands))
        self.truth = truth

    __add__, __radd__ = _operators("add")
    __sub__, __rsub__ = _operators("sub")
    __truediv__, __rtruediv__ = _operators("truediv")
    __pow__, __rpow__ = _operators("pow")
    __lt__ = _operators("lt")[0]
    __le__ = _operators("le")[0]
    __gt__ = _operators("gt")[0]
    __ge__ = _operators("ge")[0]

    def __mul__(self, other: Operand) -> Symbol:
        if not isinstance(other, Symbol) and other == 1.0:
            return self
        return Symbol("mul", (self, other))

    def __rmul__(self, other: float) -> Symbol:
        return self if other == 1.0 else Symbol("mul", (other, self))

    def __neg__(self) -> Symbol:
        return Symbol("neg", (self,))

    def __abs__(self) -> Symbol:
        return Symbol("abs", (self,))

    def __bool__(self) -> bool:
        if self.truth is None:
            raise TypeError(
                "a rule is read once for all parameters and steps, and cannot branch on their "
                "numbers: write m.where(condition, a, b) in place of if, max or min"
            )
        return self.truth

    def __eq__(self, other: object) -> bool:
        raise TypeError("write m.equal(a, b) in place of a == b in a rule")

    __hash__ = object.__hash__

    @property
    def inline(self) -> bool:
        """Whether it is a condition, which is written where it is used."""
        return self.function in _OPERATORS and _OPERATORS[self.function][1] == _COMPARISON


Operand: TypeAlias = "Symbol | float"


def _function(name: str) -> Callable[..., Any]:
    def apply(*operands: Any) -> Any:
        if any(isinstance(x, Symbol) for x in operands):
            return Symbol(name, operands)
        return getattr(floats, name)(*operands)

    return apply


def _where(condition: Any, if_true: Any, if_false: Any) -> Any:
    if isinstance(condition, Symbol):
        return Symbol("where", (condition, if_true, if_false))
    return if_true if condition else if_false


_MATHEMATICS = SimpleNamespace(**{name: _function(name) for name in FUNCTIONS})
_MATHEMATICS.equal = _function("equal")
_MATHEMATICS.where = _where


def _is_vector(x: Operand) -> bool:
    return isinstance(x, Symbol) and x.vector


# --- reading a rule ------------------------------------------------------------------------------

# What is called otherwise in the source of an update.
_OWN_NAMES = rf"[tk]\d+|np|params|grads|steps|floats|float|{'|'.join(FUNCTIONS)}"


def _read(optimizer: Any) -> tuple[dict[str, Symbol], dict[str, Any]]:
    """What a rule is given, and what it makes of the parameters and the moments, by name."""
    settings = settings_of(optimizer)
    for name in (*settings, *optimizer.moments):
        if not name.isidentifier() or keyword.iskeyword(name) or re.fullmatch(_OWN_NAMES, name):
            raise ValueError(f"a setting or moment of an optimizer cannot be called {name!r}")
    symbolic = copy.copy(optimizer)
    for name in settings:
        setattr(symbolic, name, _setting(name, getattr(optimizer, name)))
    symbolic.steps = Symbol("", name="steps")
    given = {name: Symbol("", name=name, vector=True) for name in ("params", "grads")}
    given |= {name: Symbol("", name=name, vector=True) for name in optimizer.moments}
    row = SimpleNamespace(data=given["params"], grad=given["grads"])
    for name in optimizer.moments:
        setattr(row, name, given[name])
    symbolic.rule(_MATHEMATICS, [row])
    return given, {"params": row.data} | {name: getattr(row, name) for name in optimizer.moments}


def _setting(name: str, setting: Any) -> Any:
    """A symbol for a number, and for each of several; anything else is a part of the rule."""
    if isinstance(setting, tuple):
        return tuple(_setting(f"{name}[{i}]", part) for i, part in enumerate(setting))
    if isinstance(setting, bool) or not isinstance(setting, (int, float)):
        return setting
    return Symbol("", name=name, truth=bool(setting))


def settings_of(optimizer: Any) -> list[str]:
    """The names of what may change between steps: the settings, and other numbers it has."""
    numbers = [name for name, x in vars(optimizer).items() if isinstance(x, (int, float))]
    return [name for name in dict.fromkeys([*optimizer.settings, *numbers]) if name != "steps"]


def branches(optimizer: Any) -> list[Any]:
    """The settings as far as a rule may branch on them: with others, the update is another."""
    settings = [getattr(optimizer, name) for name in settings_of(optimizer)]
    return [bool(x) if isinstance(x, (int, float)) else repr(x) for x in settings]


# --- writing statements --------------------------------------------------------------------------


class Update:
    """What an optimizer does to all its parameters in a step, as NumPy source.

    Parameters
    ----------
    optimizer : nn.optim.Optimizer
        Or anything else that has `settings`, `moments` and a `rule`.

    Attributes
    ----------
    source : str
        Defines ``update`` of the following.
    vectors : list of str
        Parameters, gradients and the moments that are used.
    scratch : list of str
        Vectors for what is in between.
    settings : list of str

    Raises
    ------
    TypeError
        If the rule branches on numbers.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> from nn import SGD
    >>> print(Update(SGD([Value(1.0)], momentum=0.9)).source)
    # SGD: 4 statements on the vectors of all parameters
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def update(params, grads, momentum_buffer, t1, *, momentum, lr):
        momentum_buffer *= momentum
        momentum_buffer += grads
        np.multiply(momentum_buffer, lr, out=t1)
        params -= t1
    """

    def __init__(self, optimizer: Any) -> None:
        given, results = _read(optimizer)
        self.scratch: list[str] = []
        self.settings: list[str] = []
        self.imports = {"import numpy as np"}
        self.scalars: dict[Symbol, str] = {}
        self.lines: list[str] = []
        self.home: dict[Symbol, str] = {}
        for name, result in results.items():
            if result is not given[name]:
                if not _is_computed(result) or result in self.home:
                    result = Symbol("copy", (result,), vector=True)
                self.home[result] = name
        self.uses: Counter[Symbol] = Counter()
        order = self.ordered()
        self.last = {read: i for i, symbol in enumerate(order) for read in _reads(symbol)}
        kept = [symbol for name, symbol in given.items() if name not in self.home.values()]
        self.last |= dict.fromkeys([*self.home, *kept], len(order))
        self.place = {symbol: name for name, symbol in given.items()}
        self.holder = dict(given)
        statements = [self.statement(i, symbol) for i, symbol in enumerate(order)]
        statements += [
            f"{name}[...] = {self.place[symbol]}"
            for symbol, name in self.home.items()
            if self.place[symbol] != name
        ]
        read = {read.name for symbol in order for read in _reads(symbol)}
        touched = {"params", "grads", *self.home.values(), *read}
        self.vectors = [name for name in given if name in touched]
        arguments = [*self.vectors, *self.scratch, *["*"][: len(self.settings)], *self.settings]
        head = f"def update({', '.join(arguments)}):"
        kind = re.sub(r"\W", "_", type(optimizer).__name__)
        title = f"# {kind}: {len(statements)} statements on the vectors of all parameters"
        body = "\n    ".join([head, *self.lines, *(statements or ["pass"])])
        self.source = "\n".join([title, *sorted(self.imports), "", "", body, ""])

    def ordered(self) -> list[Symbol]:
        """The vectors that must be computed, each after those it is made of."""
        order: list[Symbol] = []

        def visit(symbol: Symbol) -> None:
            self.uses[symbol] += 1
            if self.uses[symbol] > 1:
                return
            for operand in symbol.operands:
                if isinstance(operand, Symbol):
                    visit(operand)
            if _is_computed(symbol):
                order.append(symbol)

        for result in self.home:
            visit(result)
        return order

    def statement(self, i: int, symbol: Symbol) -> str:
        """A statement, for whose result a place is found."""
        texts = [self.operand(operand) for operand in symbol.operands]
        out = self.found(i, symbol)
        self.place[symbol], self.holder[out] = out, symbol
        sign, _, call = _OPERATORS.get(symbol.function, ("", 0, _CALLS.get(symbol.function, "")))
        if sign in ("+", "*") and texts[0] != out and not _is_vector(symbol.operands[0]):
            texts.reverse()
        if sign in ("+", "*") and texts[1] == out:
            texts.reverse()
        if sign in ("+", "-", "*", "/") and texts[0] == out:
            return f"{out} {sign}= {texts[1]}"
        if isinstance(getattr(np, call.removeprefix("np."), None), np.ufunc):
            return f"{call}({', '.join(texts)}, out={out})"
        if call.isidentifier():
            self.imports.add(f"from autograd_engine.compiler.arrays import {call}")
        return f"{out}[...] = {call}({', '.join(texts)})" if call else f"{out}[...] = {texts[0]}"

    def found(self, i: int, symbol: Symbol) -> str:
        """Where a statement may write: in its place, in one that it is the last to read, in any."""
        if symbol in self.home:
            wanted = [self.home[symbol]]
        else:
            wanted = [self.place[read] for read in _reads(symbol)]
        for name in (*wanted, *self.scratch):
            if self.last.get(self.holder[name], -1) <= i:
                return name
        self.scratch.append(f"t{len(self.scratch) + 1}")
        return self.scratch[-1]

    def operand(self, operand: Operand) -> str:
        """An operand as it stands in a statement; a number that must be computed gets a name."""
        if not isinstance(operand, Symbol) or operand.vector or not operand.function:
            return self.expression(operand)[0]
        if operand not in self.scalars:
            text, _ = self.expression(operand)
            self.scalars[operand] = f"k{len(self.scalars) + 1}"
            self.lines.append(f"{self.scalars[operand]} = {text}")
        return self.scalars[operand]

    def expression(self, x: Operand) -> tuple[str, int]:
        """The text of a number, a vector or a condition, and how tightly it holds together."""
        if not isinstance(x, Symbol):
            return (
                (repr(x), _ATOM if x >= 0.0 else _SIGN)
                if math.isfinite(x)
                else (f"float({str(x)!r})", _ATOM)
            )
        if x in self.place:
            return self.place[x], _ATOM
        if not x.function:
            name = x.name.partition("[")[0]
            if name not in self.settings:
                self.settings.append(name)
            return x.name, _ATOM
        if x.function == "where":
            condition, if_true, if_false = (self.held(o, _COMPARISON) for o in x.operands)
            return f"{if_true} if {condition} else {if_false}", _CHOICE
        if x.function == "neg":
            return f"-{self.held(x.operands[0], _POWER)}", _SIGN
        if x.function in _OPERATORS:
            sign, binding, _ = _OPERATORS[x.function]
            left, right = (self.held(o, binding + i) for i, o in enumerate(x.operands))
            return (f"{left}{sign}{right}" if sign == "**" else f"{left} {sign} {right}"), binding
        arguments = ", ".join(self.held(o, _CHOICE) for o in x.operands)
        self.imports.add("from autograd_engine import floats")
        return f"floats.{x.function}({arguments})", _ATOM

    def held(self, x: Operand, binding: int) -> str:
        """A part of an expression, in parentheses if it needs them."""
        if isinstance(x, Symbol) and not x.vector and x.function and self.uses[x] > 1:
            return self.operand(x)
        text, own = self.expression(x)
        return text if own >= binding else f"({text})"


def _is_computed(x: Any) -> bool:
    """Whether it is a vector that a statement makes."""
    return isinstance(x, Symbol) and x.vector and bool(x.function) and not x.inline


def _reads(symbol: Symbol) -> list[Symbol]:
    """The vectors that a statement reads."""
    reads: list[Symbol] = []
    for operand in symbol.operands:
        if isinstance(operand, Symbol) and operand.vector:
            reads += _reads(operand) if operand.inline else [operand]
    return reads
