"""Whoever writes an engine with one of the 25 bugs does not get through exercises 3 to 8."""

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_engine.teach.catalog import Catalog
from autograd_engine.teach.engines import BUGS, engine
from autograd_engine.teach.programs import gradients, random_program, run
from autograd_engine.teach.runner import run_exercise
from autograd_engine.teach.testing import Draws

VALUE = "03_value"
SLOPES = "04_local_derivatives"
ACCUMULATE = "05_accumulate"
ORDER = "06_topological_order"
BACKWARD = "07_backward"

# In place of the body of the solution of exercise 6.
ONCE_PER_PATH = """
    order, stack = [], [root]
    while stack:
        order.insert(0, stack.pop())
        stack.extend(order[0].parents)
    return order
"""
PREORDER = """
    order, stack = [], [root]
    while stack:
        node = stack.pop()
        if node not in order:
            order.insert(0, node)
            stack.extend(reversed(node.parents))
    return order
"""
BREADTH_FIRST = """
    order = [root]
    for node in order:
        order.extend(parent for parent in node.parents if parent not in order)
    return order[::-1]
"""
EQUAL_NUMBERS = """
    def __eq__(self, other):
        return isinstance(other, Value) and self.data == other.data

    def __hash__(self):
        return hash(self.data)

    def __add__("""

# From each bug to the exercise in which a learner would write it, and to what is replaced in its
# solution.
PLANTED = {
    "add_first_only": (ACCUMULATE, {"            other.grad += out.grad\n": ""}),
    "add_overwrites": (ACCUMULATE, {".grad += out.grad": ".grad = out.grad"}),
    "add_no_upstream": (ACCUMULATE, {".grad += out.grad": ".grad += 1.0"}),
    "sub_sign": (SLOPES, {"return 1.0, -1.0": "return 1.0, 1.0"}),
    "sub_reflected": (VALUE, {"return as_value(other) - self": "return self - other"}),
    "mul_own_factor": (SLOPES, {"return b, a": "return a, b"}),
    "mul_overwrites": (
        ACCUMULATE,
        {"+= other.data": "= other.data", "+= self.data": "= self.data"},
    ),
    "mul_no_upstream": (ACCUMULATE, {".data * out.grad": ".data"}),
    "div_no_square": (SLOPES, {"-a / b**2": "-a / b"}),
    "div_no_minus": (SLOPES, {"-a / b**2": "a / b**2"}),
    "div_reflected": (VALUE, {"return as_value(other) / self": "return self / other"}),
    "neg_sign": (SLOPES, {"return -1.0": "return 1.0"}),
    "pow_no_factor": (SLOPES, {"k * x ** (k - 1)": "x ** (k - 1)"}),
    "pow_same_exponent": (SLOPES, {"k * x ** (k - 1)": "k * x**k"}),
    "exp_input": (SLOPES, {"return math.exp(x)": "return x"}),
    "log_squared": (SLOPES, {"return 1 / x\n": "return -1 / x**2\n"}),
    "tanh_no_square": (SLOPES, {"1 - math.tanh(x) ** 2": "1 - math.tanh(x)"}),
    "tanh_input": (SLOPES, {"1 - math.tanh(x) ** 2": "1 - x**2"}),
    "relu_passes": (SLOPES, {"return 1.0 if x > 0 else 0.0": "return 1.0"}),
    "no_seed": (BACKWARD, {"        self.grad += 1.0\n": ""}),
    "inputs_first": (ORDER, {"return order": "return order[::-1]"}),
    "once_per_path": (ORDER, ONCE_PER_PATH),
    "preorder": (ORDER, PREORDER),
    "breadth_first": (ORDER, BREADTH_FIRST),
    "equal_numbers": (VALUE, {"\n    def __add__(": EQUAL_NUMBERS}),
}


def test_there_are_25():
    assert len(BUGS) == 25
    assert PLANTED.keys() == BUGS.keys()


@pytest.mark.parametrize("bug", PLANTED)
def test_a_learner_with_the_bug_does_not_pass(bug):
    name, change = PLANTED[bug]
    exercise = Catalog().find(name)
    source = exercise.text("solution.py")
    if isinstance(change, dict):
        for right, wrong in change.items():
            assert right in source
            source = source.replace(right, wrong)
    else:
        source = source[: source.index("    order = []")] + change
    for seed in (0, 1):
        assert run_exercise(exercise, source, seed=seed).status == "fail"


@pytest.mark.parametrize("bug", ["", *BUGS])
def test_the_bug_is_found_in_its_sealed_engine(bug):
    path = Catalog().find("08_gradient_check").folder / "solution.py"
    spec = importlib.util.spec_from_file_location("solution_of_8", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.diagnose(engine(bug)) == BUGS.get(bug)


@given(st.integers(0, 10**6))
def test_the_engine_without_a_bug_is_right(seed):
    program = random_program(
        Draws(seed), ("a", "b"), 6, ("+", "-", "*", "/", "neg", "tanh", "relu")
    )
    values = dict(zip("ab", Draws(seed + 1).numbers(2), strict=True))
    Value = engine()
    nodes = run(program, {name: Value(x) for name, x in values.items()})
    list(nodes.values())[-1].backward()
    assert {name: node.grad for name, node in nodes.items()} == pytest.approx(
        gradients(program, values), rel=1e-9, abs=1e-12
    )
    assert [node.data for node in nodes.values()] == pytest.approx(
        list(run(program, values).values())
    )
