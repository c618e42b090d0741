"""Modules: their parameters, names, state and printing."""

import copy
import pickle
from dataclasses import dataclass

import numpy as np
import pytest

import nn
from autograd_engine import Value, explain, relu, softmax


class Pair(nn.Module):
    def __init__(self):
        self.first = nn.Neuron(2, None, seed=0)
        self.named = {"second": nn.Neuron(1, None, seed=1), "scale": Value(2.0)}
        self.nested = [[Value(3.0)], (Value(4.0),)]
        self.again = self.first
        self._hidden = Value(5.0)
        self.count = 7
        self.made = self.named["scale"] * 2.0

    def forward(self, x):
        return self.first(x) * self.named["scale"]


def test_parameters_are_found_in_the_order_of_definition_and_shared_ones_once():
    pair = Pair()
    assert [name for name, _ in pair.named_parameters()] == [
        "first.w[0]",
        "first.w[1]",
        "first.b",
        "named.second.w[0]",
        "named.second.b",
        "named['scale']",
        "nested[0][0]",
        "nested[1][0]",
    ]
    assert len(pair.parameters()) == 8
    assert [type(module).__name__ for module in pair.modules()] == ["Pair", "Neuron", "Neuron"]


def test_parameters_are_labelled_with_their_whole_path():
    model = nn.MLP(2, [4, 1], "tanh", seed=0)
    assert model.layers[0].neurons[3].w[1].label == "layers.0.neurons.3.w[1]"
    loss = model([0.5, -1.0])
    assert "layers.0.neurons.3.w[1]" in str(explain(loss, model.layers[0].neurons[3].w[1]))
    mine = Value(1.0, label="mine")

    class Holder(nn.Module):
        def __init__(self):
            self.weight = mine

    Holder()
    assert mine.label == "mine"


def test_zero_grad_and_a_loop_as_short_as_micrograd_s():
    model = nn.MLP(2, [4, 1], seed=1)
    xs, ys = [[2.0, 3.0], [3.0, -1.0]], [1.0, -1.0]
    losses = []
    for _ in range(20):
        loss = sum((model(x) - y) ** 2 for x, y in zip(xs, ys, strict=True))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.02 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.5 * losses[0]
    model.zero_grad()
    assert all(p.grad == 0.0 for p in model.parameters())


def test_train_and_eval_reach_every_module():
    model = nn.Sequential(nn.Layer(2, 2, seed=0), nn.Dropout(0.5, seed=0))
    assert model.training and model.eval() is model
    assert not any(module.training for module in model.modules())
    assert all(module.training for module in model.train().modules())


def test_state_is_taken_over_whole_or_not_at_all():
    one, two = nn.MLP(2, [3, 1], seed=0), nn.MLP(2, [3, 1], seed=1)
    state = one.state_dict()
    assert len(state) == 13 and all(type(number) is float for number in state.values())
    two.load_state_dict(state)
    assert two.state_dict() == state
    before = two.state_dict()
    broken = {name: number for name, number in state.items() if name != "layers.0.neurons.0.b"}
    with pytest.raises(ValueError, match=r"no state of MLP\(2, \[3, 1\], 'relu'\): without layers"):
        two.load_state_dict(broken)
    with pytest.raises(ValueError, match="with unknown colour"):
        two.load_state_dict(state | {"colour": 1.0})
    with pytest.raises(TypeError, match="must be a real number"):
        two.load_state_dict(state | {"layers.1.neurons.0.b": "red"})
    with pytest.raises(ValueError, match="has 13 parameters, got 2"):
        two.set_parameters([1.0, 2.0])
    assert two.state_dict() == before


def test_printing_says_what_is_inside():
    model = nn.Sequential(nn.MLP(2, [3, 2], "tanh", seed=0), nn.Dropout(0.5), nn.Layer(2, 1, None))
    assert repr(model).splitlines() == [
        "Sequential(): 20 parameters",
        "  layers.0: MLP(2, [3, 2], 'tanh'): 17 parameters",
        "    layers.0: Layer(2, 3, 'tanh'): 9 parameters",
        "    layers.1: Layer(3, 2, 'identity'): 8 parameters",
        "  layers.1: Dropout(0.5): 0 parameters",
        "  layers.2: Layer(2, 1, 'identity'): 3 parameters",
    ]
    assert repr(nn.Neuron(2, seed=0)) == "Neuron(2, 'relu'): 3 parameters"


def test_copies_and_pickles_are_separate_models():
    model = nn.MLP(2, [3, 1], seed=0)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.state_dict() == model.state_dict()
        other([1.0, 2.0]).backward()
        assert any(p.grad for p in other.parameters())
        assert not any(p.grad for p in model.parameters())


def test_what_has_no_forward_says_so():
    class Empty(nn.Module):
        pass

    with pytest.raises(TypeError, match="Empty defines no forward"):
        Empty()(1.0)
    with pytest.raises(TypeError, match="Sequential takes modules and functions, got 3"):
        nn.Sequential(nn.Layer(1, 1), 3)


def test_a_module_that_holds_itself_is_walked_once():
    model = nn.Layer(1, 1, seed=0)
    model.me = model
    assert len(model.parameters()) == 2 and len(model.modules()) == 2


def test_paths_tell_keys_apart_and_everything_is_found():
    class Odd(nn.Module):
        __slots__ = ("hidden",)

        def __init__(self):
            self.units = {1: nn.Neuron(1, seed=0), "1": nn.Neuron(1, seed=1)}
            self.array = np.array([[Value(1.0)]])
            self.hidden = Value(2.0)

    odd = Odd()
    assert len(odd.state_dict()) == len(odd.parameters()) == 6
    state = odd.state_dict()
    odd.load_state_dict(state)
    assert odd.state_dict() == state


def test_a_reference_back_is_printed_once():
    class Child(nn.Module):
        def __init__(self, parent):
            self.parent = parent

    class Parent(nn.Module):
        def __init__(self):
            self.child = Child(self)

    assert repr(Parent()).splitlines() == [
        "Parent(): 0 parameters",
        "  child: Child(): 0 parameters",
    ]


def test_modules_may_define_equality():
    @dataclass
    class Point(nn.Module):
        x: float = 0.0

    assert Point().train().training


def test_sequential_applies_functions_of_one_number_to_each():
    model = nn.Sequential(nn.Layer(2, 3, None, seed=0), relu, nn.Layer(3, 2, None, seed=1), softmax)
    assert sum(model([1.0, 2.0])).data == pytest.approx(1.0)
    assert len(model) == 4 and model[1] is relu
