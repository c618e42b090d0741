"""Neurons, layers, networks, embeddings, dropout, normalisation."""

import math
import random

import numpy as np
import pytest

import nn
from autograd_engine import Value, relu, sigmoid
from autograd_engine.graph import made_nodes, nodes


def test_a_neuron_is_a_weighted_sum_through_its_activation():
    neuron = nn.Neuron(2, None)
    neuron.set_parameters([2.0, -1.0, 0.5])
    assert neuron([1.0, 3.0]).data == -0.5
    assert [node.op for node in reversed(made_nodes(neuron([1.0, 3.0])))] == ["dot", "+"]
    for activation in ("sigmoid", sigmoid):
        unit = nn.Neuron(2, activation)
        unit.set_parameters([2.0, -1.0, 0.5])
        assert unit([1.0, 3.0]).data == pytest.approx(1 / (1 + math.exp(0.5)))
    assert nn.Neuron(1, lambda z: z * z)([Value(0.0)]).data == 0.0


def test_one_output_is_a_value_and_several_are_a_list():
    assert isinstance(nn.MLP(2, [16, 16, 1])([1.0, -2.0]), Value)
    assert len(nn.MLP(2, [4, 3])([1.0, -2.0])) == 3
    # micrograd's layer of one neuron breaks the next one.
    assert isinstance(nn.MLP(2, [16, 1, 1])([1.0, -2.0]), Value)
    assert len(nn.Layer(2, 1)([1.0, 2.0])) == 1


@pytest.mark.parametrize(
    ("nin", "nouts", "count"),
    [(2, [2, 1], 9), (3, [2, 1], 11), (1, [10, 10, 1], 141), (2, [16, 16, 1], 337)],
)
def test_parameter_counts_of_the_lectures(nin, nouts, count):
    assert len(nn.MLP(nin, nouts).parameters()) == count


def test_the_largest_network_of_the_lectures():
    model = nn.MLP(784, [128, 10], initialiser="zeros")
    assert len(model.parameters()) == 101_770
    assert sum(len(layer.neurons) for layer in model.layers) == 138


def test_a_wrong_width_is_told_where_it_is_passed():
    model = nn.MLP(2, [3, 1])
    for x in ([1.0, 2.0, 3.0], [1.0]):
        with pytest.raises(
            ValueError,
            match=rf"expected 2 inputs, got {len(x)}, in layer 0 of MLP\(2, \[3, 1\], 'relu'\)",
        ):
            model(x)
    with pytest.raises(ValueError, match=r"expected 2 inputs, got 3 of Layer\(2, 3, 'relu'\)"):
        nn.Layer(2, 3)([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"expected 2 inputs, got 1 of Neuron\(2, 'relu'\)"):
        nn.Neuron(2)([1.0])
    with pytest.raises(TypeError, match=r"MLP\(2, \[3, 1\], 'relu'\) takes a list of 2 numbers"):
        model(1.0)
    with pytest.raises(TypeError, match="an input must be a real number, got 'a'"):
        model(["a", 1.0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.MLP(2, 3), "takes the widths of its layers as a list, got 3"),
        (lambda: nn.MLP(2, []), r"as a list, got \[\]"),
        (lambda: nn.MLP(0, [1]), r"nin must be 1, 2, 3, \.\.\., got 0"),
        (lambda: nn.Layer(2, 1.5), "nout must be 1, 2, 3"),
        (lambda: nn.Neuron(2, "tahn"), "no activation 'tahn'; did you mean tan or tanh"),
        (lambda: nn.MLP(2, [1], initialiser="xaver_normal"), "did you mean xavier_normal"),
        (lambda: nn.Dropout(1.0), "p must be a probability below 1, got 1.0"),
    ],
)
def test_wrong_arguments_are_told(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_seed_gives_the_same_network_everywhere():
    state = nn.MLP(2, [2, 1], seed=1337).state_dict()
    assert list(state.values()) == list(nn.MLP(2, [2, 1], seed=1337).state_dict().values())
    # he_uniform: sqrt(6/2) (2u - 1), with the first numbers of Python's generator.
    rng = random.Random(1337)
    limit = math.sqrt(3.0)
    assert state["layers.0.neurons.0.w[0]"] == pytest.approx(limit * (2 * rng.random() - 1))
    random.seed(5)
    one = nn.Neuron(3).state_dict()
    random.seed(5)
    assert nn.Neuron(3).state_dict() == one
    assert nn.MLP(2, [2, 1], seed=1).state_dict() != nn.MLP(2, [2, 1], seed=2).state_dict()


def test_inputs_are_shared_by_the_neurons():
    model = nn.MLP(2, [8, 1], seed=0)
    assert sum(node.is_constant for node in nodes(model([1.0, 2.0]))) == 2
    x = [Value(1.0), Value(2.0)]
    model(x).backward()
    assert all(value.grad for value in x)
    assert isinstance(model(np.array([1.0, 2.0])), Value)


def test_embedding_gives_a_repeated_row_all_its_gradient():
    table = nn.Embedding(3, 2, seed=0)
    sum(table(i)[0] for i in (1, 1, 0, 1)).backward()
    assert [row[0].grad for row in table.rows] == [1.0, 3.0, 0.0]
    with pytest.raises(ValueError, match=r"Embedding\(3, 2\) has rows 0 to 2, got 3"):
        table(3)
    with pytest.raises(ValueError, match="got -1"):
        table(-1)
    with pytest.raises(TypeError, match=r"by an integer, got 1\.0"):
        table(1.0)
    assert table(np.int64(2))[0] is table.rows[2][0]


def test_dropout_drops_in_training_alone_and_keeps_the_mean():
    dropout = nn.Dropout(0.25, seed=3)
    x = [Value(1.0) for _ in range(4000)]
    dropped = [value.data for value in dropout(x)]
    assert set(dropped) == {0.0, 1.0 / 0.75}
    assert sum(dropped) / len(dropped) == pytest.approx(1.0, abs=0.05)
    assert dropout.eval()(x) == x
    assert nn.Dropout(0.0)(x) == x


def test_rms_norm():
    norm = nn.RMSNorm(3, eps=0.0)
    normalised = [value.data for value in norm([1.0, -2.0, 2.0])]
    assert normalised == pytest.approx([x / math.sqrt(3.0) for x in (1.0, -2.0, 2.0)])
    assert len(norm.parameters()) == 3
    assert nn.RMSNorm(3, gain=False).parameters() == []
    norm.set_parameters([2.0, 2.0, 2.0])
    assert norm([1.0, -2.0, 2.0])[0].data == pytest.approx(2.0 / math.sqrt(3.0))


def test_sequential_passes_on_what_each_layer_gives():
    model = nn.Sequential(nn.Layer(2, 3, None, seed=0), lambda x: [relu(v) for v in x])
    assert all(value.data >= 0.0 for value in model([1.0, -2.0]))
    assert len(model.parameters()) == 9
