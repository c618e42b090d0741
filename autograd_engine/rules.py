"""What a primitive is: a rule that gives a value and its partial derivatives.

    @primitive
    def cube(m, x):
        return x * x * x, (3.0 * x * x,)

`m` is the mathematics that the operands belong to: floats, Values, formulas, arrays.
"""

from __future__ import annotations

import sys

from autograd_engine import floats, ieee
from autograd_engine.convert import as_float

# Here and in what `import autograd_engine` loads, `typing` and `inspect` are left to those who
# ask: each of them takes as long to import as the whole engine.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias, overload

    Result: TypeAlias = tuple[Any, tuple[Any, ...]]
    Rule: TypeAlias = Callable[..., Result]

__all__ = ["Primitive", "flatten", "primitive"]


class Primitive:
    """An operation with its derivative: what `@primitive` makes of a rule.

    Called with numbers it returns a float; called with Values it records one node.

    Parameters
    ----------
    rule : callable
        ``rule(m, *operands)`` returns the value and a tuple of partials, one per operand.
    name : str
        What diagrams, explanations and errors call it.
    settings : dict
        The keyword-only arguments of the rule, fixed.
    definition : callable
        The function as it was written, if `rule` is a wrapper around it.
    takes_sequences : bool
        Whether an operand may be a list.

    Attributes
    ----------
    rule : callable
        The rule with its settings filled in.
    operands : tuple of str
        The names of the operands.
    """

    def __init__(
        self,
        rule: Rule,
        name: str,
        settings: dict[str, Any] | None = None,
        definition: Callable[..., Any] | None = None,
        takes_sequences: bool = True,
    ) -> None:
        self.name = name
        self.takes_sequences = takes_sequences
        self.settings = settings or {}
        self.definition = definition or rule
        self.rule = _with_settings(rule, settings) if settings else rule
        code = self.definition.__code__
        self.operands = code.co_varnames[1 : code.co_argcount]
        self.__name__ = self.definition.__name__
        self.__qualname__ = self.definition.__qualname__
        self.__module__ = self.definition.__module__
        self.__doc__ = self.definition.__doc__
        self._unbound_rule = rule
        self._name_with: Callable[[dict[str, Any]], str] | None = None
        self._bound: dict[tuple[tuple[str, Any], ...], Primitive] = {}

    @property
    def __signature__(self) -> inspect.Signature:
        import inspect

        signature = inspect.signature(self.definition)
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    def bind(self, **settings: Any) -> Primitive:
        """The primitive with its settings given; the same settings give the same object."""
        key = tuple(sorted(settings.items()) if len(settings) > 1 else settings.items())
        try:
            bound = self._bound.get(key)
        except TypeError:  # a list among them has no hash
            return self._with(settings)
        if bound is None:
            bound = self._with(settings)
            if len(self._bound) < _MOST_BOUND:
                self._bound[key] = bound
        return bound

    def _with(self, settings: dict[str, Any]) -> Primitive:
        return Primitive(
            self._unbound_rule,
            self._name_with(settings) if self._name_with else self.name,
            self.settings | settings,
            self.definition,
            self.takes_sequences,
        )

    def __call__(self, *operands: Any, **settings: Any) -> Any:
        """Apply to numbers or Values; a sequence operand is a list or a tuple of them."""
        if settings:
            return self.bind(**settings)(*operands)
        for operand in operands:
            is_sequence = isinstance(operand, (list, tuple))
            if is_sequence and not self.takes_sequences:
                raise TypeError(
                    f"{self.name} takes numbers, got {operand!r}; write "
                    f"[{self.name}(x) for x in ...] for each of them"
                )
            for x in operand if is_sequence else (operand,):
                record = getattr(x, "_record", None)
                if record is not None:
                    return record(self, operands)
        what = f"an operand of {self.name}"
        return self.evaluate(tuple(_as_floats(operand, what) for operand in operands))[0]

    def evaluate(self, operands: tuple[Any, ...]) -> Result:
        """Value and partials on floats, as IEEE 754 has them: never an exception for a number."""
        try:
            return self.rule(floats, *operands)
        except (ArithmeticError, ValueError):
            value, partials = self.rule(ieee.mathematics, *map(ieee.lift, operands))
            return float(value), tuple(_as_floats(partial, "a partial") for partial in partials)

    def __repr__(self) -> str:
        settings = "".join(f", {name}={value!r}" for name, value in self.settings.items())
        return f"<primitive {self.name}{settings}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled by reference, as functions are.
        return _restore, (self.__module__, self.__qualname__, self.settings)


# A program that makes up exponents all the time must not fill the memory with them.
_MOST_BOUND = 4096


def _with_settings(rule: Rule, settings: dict[str, Any]) -> Rule:
    def with_settings(m: Any, *operands: Any) -> Result:
        return rule(m, *operands, **settings)

    return with_settings


def _restore(module: str, qualname: str, settings: dict[str, Any]) -> Primitive:
    __import__(module)
    found: Any = sys.modules[module]
    for name in qualname.split("."):
        found = getattr(found, name)
    if not isinstance(found, Primitive):
        raise TypeError(f"{module}.{qualname} is not a primitive any more")
    return found.bind(**settings) if settings else found


def _as_floats(number: Any, what: str) -> Any:
    if isinstance(number, (list, tuple)):
        return [as_float(x, what) for x in number]
    return as_float(number, what)


def flatten(operands: Iterable[Any]) -> Iterable[Any]:
    """The operands of a primitive, or their partials, with sequences laid out in a row."""
    for operand in operands:
        if isinstance(operand, (list, tuple)):
            yield from operand
        else:
            yield operand


if TYPE_CHECKING:

    @overload
    def primitive(rule: Rule, *, name: str | None = None) -> Primitive: ...
    @overload
    def primitive(*, name: str | None = None) -> Callable[[Rule], Primitive]: ...


def primitive(rule: Rule | None = None, *, name: str | None = None) -> Any:
    """Make a primitive of your own from its value and its partial derivatives.

    It works everywhere at once: on numbers and Values, in `backward`, in higher derivatives, in
    `check_gradients`, explanations and diagrams.

    Parameters
    ----------
    rule : callable
        ``rule(m, *operands)`` returns ``(value, partials)``: `partials` is a tuple with one entry
        per operand. Write it with operators and with the functions of `m`: those of
        ``autograd_engine.floats``, such as ``m.exp``, and ``m.where(condition, a, b)`` instead of
        ``if``, which leaves the rule without a formula to print.
        An operand may be a sequence; its entry in `partials` is then a sequence too.
        Keyword-only arguments are settings, which have no derivative.
    name : str, optional
        The name in diagrams; the function's own if not given.

    Returns
    -------
    Primitive

    Raises
    ------
    TypeError
        If the rule takes no operand; when called, if it does not return a number and one partial
        per operand.

    Examples
    --------
    >>> from autograd_engine import Value, primitive
    >>> @primitive
    ... def cube(m, x):
    ...     return x * x * x, (3 * x * x,)
    >>> cube(2.0)
    8.0
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """
    if rule is None:
        return lambda rule: primitive(rule, name=name)
    import inspect

    parameters = list(inspect.signature(rule).parameters.values())
    if len(parameters) < 2 or parameters[1].kind is inspect.Parameter.KEYWORD_ONLY:
        raise TypeError(
            f"a primitive takes the mathematics and at least one operand, as in "
            f"{rule.__name__}(m, x); got {rule.__name__}{inspect.signature(rule)}"
        )
    return Primitive(_checked(rule), name or rule.__name__, definition=rule)


def _checked(rule: Rule) -> Rule:
    """The same rule, refusing results that are not a value and one partial per operand."""

    def checked(m: Any, *operands: Any, **settings: Any) -> Result:
        result = rule(m, *operands, **settings)
        match result:
            case (value, (tuple() | list()) as partials) if len(partials) == len(operands):
                pass
            case _:
                raise TypeError(
                    f"the rule of {rule.__name__} must return (value, partials) with one partial "
                    f"for each of its {len(operands)} operands, as in "
                    f"'return y, ({'dy_dx, ' * len(operands)})'; it returned {result!r}"
                )
        for operand, slope in zip(operands, partials, strict=True):
            length = len(operand) if isinstance(operand, (list, tuple)) else None
            if length != (len(slope) if isinstance(slope, (list, tuple)) else None):
                raise TypeError(
                    f"the rule of {rule.__name__} must return a sequence of partials for an "
                    f"operand that is a sequence, of the same length; it returned {slope!r}"
                )
        if m is floats or m is ieee.mathematics:
            numbers = [value, *flatten(partials)]
            if any(isinstance(number, complex) for number in numbers):
                raise ValueError  # a root of a negative number: nan, says ieee
            for number in numbers:
                if not isinstance(number, (int, float)):
                    raise TypeError(
                        f"the rule of {rule.__name__} must return numbers when it is given "
                        f"numbers; it returned {number!r}"
                    )
            return float(value), tuple(_as_floats(partial, "a partial") for partial in partials)
        return value, tuple(partials)

    return checked
