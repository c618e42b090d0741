"""A wrong rule is caught: errors are planted in every primitive, and the criterion of
`test_accuracy` has to find each of them.

A test that passes whatever the rule says would pass here too, so this is the test of the tests.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograd_engine.primitives import TABLE
from autograd_engine.rules import Primitive, flatten


def _neighbour(name: str) -> ModuleType:
    """The test file beside this one; pytest's importlib mode does not import it by name."""
    specification = importlib.util.spec_from_file_location(
        f"{name}_for_mutations", Path(__file__).with_name(f"{name}.py")
    )
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    return module


accuracy = _neighbour("test_accuracy")

Results = tuple[Any, list[Any]]  # the value, and the partials in a row
Mutation = Callable[[Any, list[Any]], Results]


# --- what is planted -----------------------------------------------------------------------------


def _on_partial(i: int, change: Callable[[Any], Any]) -> Mutation:
    def mutate(value: Any, partials: list[Any]) -> Results:
        return value, [change(p) if j == i else p for j, p in enumerate(partials)]

    return mutate


def _swapped(i: int, j: int) -> Mutation:
    def mutate(value: Any, partials: list[Any]) -> Results:
        swapped = list(partials)
        swapped[i], swapped[j] = partials[j], partials[i]
        return value, swapped

    return mutate


CHANGES: dict[str, Callable[[Any], Any]] = {
    "the sign of": lambda p: -p,
    "1% in": lambda p: 1.01 * p,
    "0 for": lambda p: 0.0,
    "1 for": lambda p: 1.0,
}


def mutations(count: int) -> Iterator[tuple[str, Mutation]]:
    """What can go wrong in a rule with this many partials."""
    yield "the sign of the value", lambda value, partials: (-value, partials)
    yield "1% in the value", lambda value, partials: (1.01 * value, partials)
    for i in range(count):
        for what, change in CHANGES.items():
            yield f"{what} partial {i}", _on_partial(i, change)
    for i, j in combinations(range(count), 2):
        yield f"partials {i} and {j} swapped", _swapped(i, j)


def planted(primitive: Primitive, mutation: Mutation) -> Callable[..., Any]:
    """The rule of the primitive with an error in it."""
    right = primitive.rule

    def wrong(m: Any, *operands: Any) -> Any:
        value, partials = right(m, *operands)
        value, row = mutation(value, list(flatten(partials)))
        rest = iter(row)
        return value, tuple(
            [next(rest) for _ in partial] if isinstance(partial, (list, tuple)) else next(rest)
            for partial in partials
        )

    return wrong


# --- where ---------------------------------------------------------------------------------------

# One length, so that every partial of a sequence has its number.
_ROW = [0.4, -1.3, 2.1]
_ROWS = [_ROW, [-0.7, 5.2, 3.6]]


def _points(name: str, primitive: Primitive) -> list[tuple[Any, ...]]:
    """A few of the points of the accuracy tests, on both sides of every kink."""
    reference = accuracy.REFERENCES[name]
    kinds = reference.points[-1]
    if all(isinstance(kind, list) for kind in kinds):
        return [(row,) for row in _ROWS] if len(kinds) == 1 else [(_ROWS[0], _ROWS[1])]
    if name == "clamp":
        return [(x, -0.5, 0.7) for x in (-2.0, 0.3, 4.0)]
    if name == "where":
        return [(condition, 2.0, 3.3) for condition in (0.0, 1.0)]
    numbers = (-2.6, -0.4, 0.3, 0.8, 1.7, 5.3, 7.1)
    points = [(x,) for x in numbers]
    if len(kinds) == 2:
        points = [(x, y) for x in numbers for y in numbers if x != y]
    return [p for p in points if reference.within(*p, **primitive.settings)]


def _count(name: str, primitive: Primitive) -> int:
    _, partials = primitive.evaluate(_points(name, primitive)[0])
    return len(list(flatten(partials)))


def caught(name: str, primitive: Primitive) -> bool:
    reference = accuracy.REFERENCES[name]
    return any(
        True
        for operands in _points(name, primitive)
        for _ in accuracy.complaints(primitive, reference, operands)
    )


# --- what is no error ----------------------------------------------------------------------------

_ZERO = "the partial is 0: its negative, its double and 0 itself are the same"
_ONE = "the partial is 1 already"
_SAME = "both partials are the same number"


def _no_change(i: int) -> dict[str, str]:
    return {f"{what} partial {i}": _ZERO for what in ("the sign of", "1% in", "0 for")}


EQUIVALENT: dict[str, dict[str, str]] = {
    "sign": _no_change(0),
    "step": _no_change(0),
    "where": _no_change(0),
    "**0": {**_no_change(0)},
    "**1": {"1 for partial 0": _ONE},
    "identity": {"1 for partial 0": _ONE},
    "+": {
        "1 for partial 0": _ONE,
        "1 for partial 1": _ONE,
        "partials 0 and 1 swapped": _SAME,
    },
    "-": {"1 for partial 0": _ONE},
    "sum": {
        **{f"1 for partial {i}": _ONE for i in range(3)},
        **{f"partials {i} and {j} swapped": _SAME for i, j in combinations(range(3), 2)},
    },
    "mean": {f"partials {i} and {j} swapped": _SAME for i, j in combinations(range(3), 2)},
}

PRIMITIVES = [
    pytest.param(name, primitive, id=primitive.name if len(primitive.settings) == 0 else None)
    for name in TABLE
    for primitive in accuracy.bound(name)
]


@pytest.mark.parametrize(("name", "primitive"), PRIMITIVES)
def test_every_planted_error_is_caught(
    name: str, primitive: Primitive, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not caught(name, primitive)  # the rule as it is
    harmless = set(EQUIVALENT.get(primitive.name, {}))
    survived = set()
    for what, mutation in mutations(_count(name, primitive)):
        with monkeypatch.context() as patch:
            patch.setattr(primitive, "rule", planted(primitive, mutation))
            if not caught(name, primitive):
                survived.add(what)
    assert survived == harmless
    assert not caught(name, primitive)  # and as it is again


def test_what_is_called_harmless_names_primitives_and_mutations_that_exist() -> None:
    existing = {p.values[1].name: p.values for p in PRIMITIVES}  # type: ignore[union-attr]
    for primitive_name, reasons in EQUIVALENT.items():
        name, primitive = existing[primitive_name]
        assert set(reasons) <= {what for what, _ in mutations(_count(name, primitive))}
