"""Computations as data."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_engine import Value
from autograd_engine.teach.programs import (
    TRAPS,
    chain,
    doubling,
    gradients,
    random_program,
    run,
    spelled,
)
from autograd_engine.teach.testing import Draws

EVERYTHING = ("+", "-", "*", "/", "**", "neg", "tanh", "sigmoid")


class Wrong:
    """micrograd's idea, with the orders of the backward pass that learners come up with."""

    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0

    def __add__(self, other):
        return Wrong(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = other if isinstance(other, Wrong) else Wrong(other)
        return Wrong(self.data * other.data, ((self, other.data), (other, self.data)))

    __rmul__ = __mul__

    def push(self):
        for parent, partial in self.parents:
            parent.grad += partial * self.grad

    def recursion(self):
        self.push()
        for parent, _ in self.parents:
            parent.recursion()

    def breadth(self):
        waiting, seen = [self], {self}
        for node in waiting:
            node.push()
            for parent, _ in node.parents:
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)

    def preorder(self, seen=None):
        seen = set() if seen is None else seen
        if self not in seen:
            seen.add(self)
            self.push()
            for parent, _ in self.parents:
                parent.preorder(seen)


@pytest.mark.parametrize("name", TRAPS)
def test_traps_tell_wrong_orders_apart(name):
    trap = TRAPS[name]
    assert gradients(trap.program, {"a": 1.5})["a"] == trap.gradient
    for order, wrong in trap.wrong.items():
        a = Wrong(1.5)
        last = list(run(trap.program, {"a": a}).values())[-1]
        last.grad = 1.0
        getattr(last, order)()
        assert a.grad == wrong != trap.gradient


def test_long_and_branching_programs():
    assert gradients(doubling(60), {"a": 1.0})["a"] == 2.0**60
    assert gradients(chain(5000), {"a": 1.0})["a"] == 5001.0
    assert list(run(doubling(3), {"a": 1.0}).values())[-1] == 8.0


@given(st.integers(0, 10**6))
def test_a_random_program_is_the_python_it_is_spelt_as(seed):
    program = random_program(Draws(seed), ("a", "b", "c"), 8, EVERYTHING)
    values = dict(zip("abc", Draws(seed + 1).numbers(3), strict=True))
    found = run(program, values)
    variables = {name: Value(x) for name, x in values.items()}
    exec(spelled(program), {}, variables)
    last = list(found)[-1]
    assert variables[last].data == pytest.approx(found[last], rel=1e-12)
    slopes = gradients(program, values)
    h = 1e-6
    for name, x in values.items():
        above, below = (run(program, values | {name: x + d})[last] for d in (h, -h))
        scale = max(1.0, abs(slopes[name]), abs(found[last]))
        if math.isfinite(slopes[name]) and scale < 1e3:
            assert abs((above - below) / (2 * h) - slopes[name]) < 1e-3 * scale
