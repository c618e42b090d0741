"""Small computations as data, for checks and probes.

A program is a list of steps, each a list of a name, an operation and its operands, which are names
or numbers: ``[["b", "+", "a", "a"], ["c", "tanh", "b"]]``. As plain data it goes across to the
learner's process, and the same one runs on floats, on a learner's class and on this engine.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from autograd_engine.teach.testing import Draws

__all__ = [
    "TRAPS",
    "Program",
    "Trap",
    "chain",
    "doubling",
    "gradients",
    "random_program",
    "run",
    "spelled",
]

Program: TypeAlias = Sequence[Sequence[Any]]

_BETWEEN: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


@dataclass(frozen=True)
class Trap:
    """A graph on which a wrong order of the backward pass gives a wrong gradient.

    Attributes
    ----------
    program : Program
        From the input "a".
    gradient : float
        Of the result with respect to a.
    wrong : dict
        What wrong orders give: "recursion" passes gradient on once for every path, "breadth" and
        "preorder" before all of it has arrived.
    """

    program: Program
    gradient: float
    wrong: Mapping[str, float]


TRAPS = {
    "G1": Trap([["b", "+", "a", "a"], ["c", "+", "b", "b"]], 4.0, {"recursion": 8.0}),
    "G2": Trap(
        [["b", "*", 5.0, "a"], ["c", "*", 2.0, "b"], ["d", "*", "c", 3.0], ["e", "+", "b", "d"]],
        35.0,
        {"recursion": 40.0, "preorder": 5.0, "breadth": 5.0},
    ),
    "G3": Trap(
        [["b", "*", 5.0, "a"], ["c", "*", 2.0, "b"], ["d", "*", "c", 3.0], ["e", "+", "d", "b"]],
        35.0,
        {"recursion": 70.0, "breadth": 5.0},
    ),
}


def doubling(depth: int) -> Program:
    """A program that adds a number to itself, again and again: of few nodes and many paths.

    Parameters
    ----------
    depth : int

    Returns
    -------
    Program
        Its derivative is 2**depth.
    """
    names = ["a", *(f"x{i}" for i in range(1, depth + 1))]
    return [[after, "+", before, before] for before, after in pairwise(names)]


def chain(length: int) -> Program:
    """A program that adds a number to a running sum, again and again: a graph without branches.

    Parameters
    ----------
    length : int

    Returns
    -------
    Program
        Its derivative is length + 1.
    """
    names = ["a", *(f"x{i}" for i in range(1, length + 1))]
    return [[after, "+", before, "a"] for before, after in pairwise(names)]


def run(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """Run a program.

    Parameters
    ----------
    program : Program
    values : mapping
        The inputs by their names: floats, a learner's objects, or Values.

    Returns
    -------
    dict
        The inputs and the results of all steps by their names, the last one last.

    Examples
    --------
    >>> run([["b", "+", "a", "a"], ["c", "tanh", "b"]], {"a": 0.0})
    {'a': 0.0, 'b': 0.0, 'c': 0.0}
    """
    found = dict(values)
    for name, operation, *operands in program:
        numbers = [found[x] if isinstance(x, str) else x for x in operands]
        found[name] = _apply(operation, numbers)
    return found


def _apply(operation: str, operands: list[Any]) -> Any:
    if operation in _BETWEEN:
        return _BETWEEN[operation](*operands)
    if operation == "neg":
        return -operands[0]
    if isinstance(operands[0], (int, float)):
        from autograd_engine import functions

        return getattr(functions, operation)(*operands)
    return getattr(operands[0], operation)(*operands[1:])


def spelled(program: Program) -> str:
    """A program as a learner would write it.

    Parameters
    ----------
    program : Program

    Returns
    -------
    str

    Examples
    --------
    >>> spelled([["b", "+", "a", 2.5], ["c", "neg", "b"], ["d", "tanh", "c"]])
    'b = a + 2.5; c = -b; d = c.tanh()'
    """
    return "; ".join(f"{name} = {_spelled_step(*rest)}" for name, *rest in program)


def _spelled_step(operation: str, *operands: Any) -> str:
    first, *others = (
        x if isinstance(x, str) else f"({x!r})" if x < 0 else repr(x) for x in operands
    )
    if operation in _BETWEEN:
        return f"{first} {operation} {others[0]}"
    return f"-{first}" if operation == "neg" else f"{first}.{operation}({', '.join(others)})"


def gradients(program: Program, values: Mapping[str, float]) -> dict[str, float]:
    """The derivatives of a program's last result, by this engine.

    Parameters
    ----------
    program : Program
    values : mapping
        The inputs by their names.

    Returns
    -------
    dict
        With respect to the inputs and to the results of all steps, by their names.

    Examples
    --------
    >>> gradients([["b", "+", "a", "a"], ["c", "+", "b", "b"]], {"a": 3.0})
    {'a': 4.0, 'b': 2.0, 'c': 1.0}
    """
    from autograd_engine import Value, gradient

    found = run(program, {name: Value(x) for name, x in values.items()})
    slopes: dict[str, float] = gradient(list(found.values())[-1], found)
    return slopes


def random_program(
    draws: Draws,
    inputs: Sequence[str] = ("a", "b"),
    steps: int = 6,
    operations: Sequence[str] = ("+", "-", "*", "neg", "tanh"),
) -> Program:
    """A random program: its results are used again, and numbers stand on either side.

    Parameters
    ----------
    draws : Draws
    inputs : sequence of str
    steps : int
    operations : sequence of str
        Besides those between two numbers, "neg" and any method of one. The divisor of / is a
        number, and so is the exponent of **, a whole one.

    Returns
    -------
    Program
        Each step uses the one before it.

    Examples
    --------
    >>> spelled(random_program(Draws(0), steps=3))
    's1 = a.tanh(); s2 = -s1; s3 = s2 * s1'
    """
    names = list(inputs)
    program: list[list[Any]] = []
    for i in range(1, steps + 1):
        operation = draws.choice(operations)
        first = names[-1] if program else names[0]
        if operation == "**":
            operands = [first, draws.integer(2, 3)]
        elif operation == "/":
            operands = [first, draws.number()]
        elif operation in _BETWEEN:
            second = draws.number() if draws.integer(0, 3) == 0 else draws.choice(names)
            operands = draws.shuffled([first, second])
        else:
            operands = [first]
        program.append([f"s{i}", operation, *operands])
        names.append(f"s{i}")
    return program
