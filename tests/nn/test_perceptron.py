"""Threshold units and the perceptron's learning rule, with the figures of the lectures."""

import itertools
import re

import pytest

from autograd_engine import Value
from autograd_engine.graph import nodes
from nn.data import BOOLEAN_FUNCTIONS, blobs, boolean
from nn.metrics import accuracy
from nn.perceptron import AND, NOT, OR, XOR, Perceptron, PerceptronFit, ThresholdUnit


def table(unit):
    return tuple(int(unit([a, b]).data) for a in (0.0, 1.0) for b in (0.0, 1.0))


# --- threshold units -----------------------------------------------------------------------------


def test_gates():
    assert table(OR) == BOOLEAN_FUNCTIONS["or"]
    assert table(AND) == BOOLEAN_FUNCTIONS["and"]
    assert [NOT([x]).data for x, _ in [((0.0), 1), ((1.0), 0)]] == [1.0, 0.0]
    assert table(XOR) == BOOLEAN_FUNCTIONS["xor"]


def test_gates_have_the_weights_of_the_lecture():
    for gate, numbers in ((OR, [1.0, 1.0, -0.5]), (AND, [1.0, 1.0, -1.5]), (NOT, [-1.0, 0.5])):
        assert [parameter.data for parameter in gate.parameters()] == numbers


def test_at_exactly_0_the_value_is_1():
    unit = ThresholdUnit([2.0, -1.0], -1.0)
    assert unit([1.0, 1.0]).data == 1.0
    assert unit([1.0, 1.0 + 2**-52]).data == 0.0


def test_one_unit_makes_14_of_16_boolean_functions():
    made = {
        table(ThresholdUnit([w1, w2], b))
        for w1, w2, b in itertools.product(
            (-1.0, 0.0, 1.0), (-1.0, 0.0, 1.0), (-1.5, -0.5, 0.5, 1.5)
        )
    }
    missing = {name for name, outputs in BOOLEAN_FUNCTIONS.items() if outputs not in made}
    assert missing == {"xor", "xnor"}


def test_gates_can_be_drawn():
    a, b = Value(1.0, label="a"), Value(0.0, label="b")
    output = XOR([a, b])
    assert [node.op for node in nodes(output) if not node.is_leaf] == ["dot", "+", "step"] * 4
    output.backward()
    assert (a.grad, b.grad) == (0.0, 0.0)


def test_parameters_are_labelled():
    unit = ThresholdUnit([2.0, -1.0], 0.5)
    assert [parameter.label for parameter in unit.parameters()] == ["w[0]", "w[1]", "b"]
    assert repr(unit) == "ThresholdUnit([2.0, -1.0], 0.5): 3 parameters"


def test_a_wrong_width_is_refused():
    with pytest.raises(ValueError, match="expected 2 inputs, got 3"):
        OR([1.0, 0.0, 1.0])
    with pytest.raises(ValueError, match="expected 2 inputs, got 1"):
        Perceptron(2).fit([([1.0], 1)])
    with pytest.raises(TypeError, match="must be a real number, got 'x'"):
        ThresholdUnit(["x"], 0.0)


# --- learning ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "record", "w", "b"),
    [
        ("or", PerceptronFit(converged=True, epochs=4, updates=5), [1.0, 1.0], -1.0),
        ("and", PerceptronFit(converged=True, epochs=6, updates=11), [2.0, 1.0], -3.0),
        ("nand", PerceptronFit(converged=True, epochs=6, updates=10), [-2.0, -1.0], 2.0),
    ],
)
def test_learning_rule(name, record, w, b):
    perceptron = Perceptron(2)
    assert [parameter.data for parameter in perceptron.parameters()] == [0.0, 0.0, 0.0]
    assert perceptron.fit(boolean(name)) == record
    assert [weight.data for weight in perceptron.w] == w
    assert perceptron.b.data == b
    assert table(perceptron) == BOOLEAN_FUNCTIONS[name]
    # It starts where it is: there is nothing left to learn.
    assert perceptron.fit(boolean(name)) == PerceptronFit(converged=True, epochs=1, updates=0)


def test_xor_is_never_learned():
    record = Perceptron(2).fit(boolean("xor"))
    assert record == PerceptronFit(converged=False, epochs=100, updates=398)


@pytest.mark.parametrize("name", sorted(set(BOOLEAN_FUNCTIONS) - {"xor", "xnor"}))
def test_whatever_a_line_separates_is_learned(name):
    perceptron = Perceptron(2)
    assert perceptron.fit(boolean(name)).converged
    assert table(perceptron) == BOOLEAN_FUNCTIONS[name]


def test_real_inputs():
    data = blobs(100, 2, noise=0.2, seed=1)
    perceptron = Perceptron(2)
    assert perceptron.fit(data).converged
    assert accuracy([perceptron(x) for x, _ in data], [y for _, y in data]) == 1.0


def test_the_learning_rate_scales_the_weights():
    one, half = Perceptron(2), Perceptron(2)
    assert one.fit(boolean("and")) == half.fit(boolean("and"), lr=0.5)
    assert [p.data / 2 for p in one.parameters()] == [p.data for p in half.parameters()]


def test_learning_leaves_no_graph_and_no_gradient():
    perceptron = Perceptron(2)
    perceptron.fit(boolean("and"))
    assert all(parameter.is_leaf and parameter.grad == 0.0 for parameter in perceptron.parameters())
    assert repr(perceptron) == "Perceptron(2): 3 parameters"


def test_arguments_make_another():
    assert repr(Perceptron(**Perceptron(3).arguments())) == "Perceptron(3): 4 parameters"


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ([], {}, "there are no examples"),
        ([([0.0], 0), ([1.0], -1)], {}, "a perceptron's targets are 0 and 1, got -1 in example 1"),
        ([([0.0], 0.5)], {}, "targets are 0 and 1, got 0.5 in example 0"),
        ([([0.0], 0)], {"lr": 0.0}, "lr must be above 0, got 0.0"),
        ([([0.0], 0)], {"lr": float("nan")}, "lr must be above 0, got nan"),
        ([([0.0], 0)], {"max_epochs": 0}, "max_epochs must be 1, 2, 3, ..., got 0"),
        ([([0.0], 0)], {"max_epochs": 1.5}, "max_epochs must be 1, 2, 3, ..., got 1.5"),
    ],
)
def test_refusals(data, options, message):
    perceptron = Perceptron(1)
    with pytest.raises(ValueError, match=re.escape(message)):
        perceptron.fit(data, **options)
    assert [parameter.data for parameter in perceptron.parameters()] == [0.0, 0.0]


@pytest.mark.parametrize("nin", [0, -1, 2.0, True])
def test_a_perceptron_has_inputs(nin):
    with pytest.raises(ValueError, match="nin must be"):
        Perceptron(nin)


def test_an_iterator_is_learned_from_as_a_list_is():
    xs, ys = [x for x, _ in boolean("or")], [y for _, y in boolean("or")]
    perceptron = Perceptron(2)
    assert perceptron.fit(zip(xs, ys, strict=True)) == Perceptron(2).fit(boolean("or"))
    assert table(perceptron) == BOOLEAN_FUNCTIONS["or"]
    with pytest.raises(ValueError, match="there are no examples"):
        Perceptron(2).fit(iter([]))
