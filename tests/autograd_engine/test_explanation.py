"""Explanations: all paths, their products, and the backward pass as a recording."""

import json
import math

import pytest

from autograd_engine import (
    Value,
    backward_steps,
    dot,
    explain,
    gradient,
    label,
    relu,
    softmax,
    tanh,
)


def two_paths():
    w, x = Value(2.0), Value(3.0)
    a = w * x
    loss = a * a + w
    label(w=w, x=x, a=a, loss=loss)
    return loss, w


def test_every_path_with_formula_and_number():
    loss, w = two_paths()
    explanation = explain(loss, w)
    assert (explanation.count, explanation.total) == (3, 37.0)
    assert sorted(path.product for path in explanation.paths) == [1.0, 18.0, 18.0]
    assert [(edge.formula.text, edge.partial) for edge in explanation.paths[0].edges] == [
        ("x", 3.0),
        ("a", 6.0),
        ("1", 1.0),
    ]
    assert "da/dw = x = 3" in str(explanation)
    assert str(explanation).endswith("dloss/dw = 18 + 18 + 1 = 37")
    loss.backward()
    assert w.grad == explanation.total


def test_explaining_touches_no_grad():
    loss, w = two_paths()
    explain(loss, w)
    assert w.grad == loss.grad == 0.0


def test_paths_are_counted_and_not_walked():
    x = Value(1.0, label="x")
    y = x
    for _ in range(60):
        y = y + y
    explanation = explain(y, x, max_paths=5)
    assert explanation.count == 2**60 and len(explanation.paths) == 5
    assert explanation.total == 2.0**60
    assert f"the sum over {2**60} paths; the 5 strongest are shown" in str(explanation)
    assert len(str(explanation)) < 20_000


def test_the_strongest_paths_come_first():
    x = Value(1.0)
    y = sum(Value(float(i)) * x for i in (3, -9, 1, 7, 5))
    products = [path.product for path in explain(y, x, max_paths=3).paths]
    assert products == [-9.0, 7.0, 5.0]
    assert "the other 2 paths add up to 4" in str(explain(y, x, max_paths=3))


def test_of_one_that_is_no_ancestor_and_of_itself():
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    assert str(explain(y, x)) == "dy/dx = 0: no path leads from the one to the other"
    assert str(explain(x, x)) == "dx/dx = 1: they are the same"
    assert explain(y, x).count == 0
    with pytest.raises(TypeError, match=r"explain takes Values, got 3\.0 as the output"):
        explain(3.0, x)
    with pytest.raises(ValueError, match="at least 1"):
        explain(y, x, max_paths=0)


def test_formulas_speak_the_user_s_names():
    a, b = Value(0.5, label="a"), Value(2.0, label="b")
    y = tanh(a / b)
    explanation = explain(y, b)
    assert [edge.formula.text for edge in explanation.paths[0].edges] == [
        "-a/b**2",
        "1 - tanh(v1)**2",
    ]
    assert r"\frac{\partial v_{1}}{\partial b}" in explanation.latex
    assert explanation._repr_latex_().startswith("$$\n\\begin{aligned}")
    weights = [Value(float(i), label=f"w{i}") for i in range(3)]
    edge = explain(dot(weights, [4.0, 5.0, a]), weights[2]).paths[0].edges[0]
    assert (edge.formula.text, edge.partial) == ("a", 0.5)
    p = softmax(weights)
    assert explain(p[0], weights[1]).total == gradient(p[0], weights[1])


def test_names_are_all_different():
    first, second = Value(1.0, label="w"), Value(2.0, label="w")
    explanation = explain(first * second, first)
    assert explanation.paths[0].edges[0].formula.text == "w#2"


def test_a_condition_is_shown_as_one():
    x = Value(-1.0, label="x")
    edge = explain(relu(x), x).paths[0].edges[0]
    assert (edge.formula.text, edge.partial) == ("0 if x <= 0 else 1", 0.0)


def test_as_plain_data():
    loss, w = two_paths()
    data = json.loads(json.dumps(explain(loss, w).to_dict()))
    assert data["total"] == 37.0 and data["count"] == 3
    assert data["paths"][0]["edges"][0] == {
        "node": "a",
        "operation": "*",
        "operand": "w",
        "formula": "x",
        "partial": 3.0,
    }


def test_a_nan_is_shown_first():
    x = Value(0.0, label="x")
    y = x * math.inf + 2.0 * x
    assert math.isnan((x * math.inf).data)
    assert explain(y, x).paths[0].product == math.inf


def test_backward_as_it_happens():
    loss, w = two_paths()
    a = loss.parents[0].parents[0]
    steps = list(backward_steps(loss))
    assert [(s.node.op, s.incoming, s.partial, s.contribution, s.total) for s in steps] == [
        ("+", 1.0, 1.0, 1.0, 1.0),
        ("+", 1.0, 1.0, 1.0, 1.0),
        ("*", 1.0, 6.0, 6.0, 6.0),
        ("*", 1.0, 6.0, 6.0, 12.0),
        ("*", 12.0, 3.0, 36.0, 37.0),
        ("*", 12.0, 2.0, 24.0, 24.0),
    ]
    assert steps[2].parent is steps[3].parent is a
    assert str(steps[4]) == "a (*) passes 12 x 3 = 36 to w: 37"
    assert w.grad == 0.0
    loss.backward()
    assert {id(s.parent): s.total for s in steps}[id(w)] == w.grad
    assert list(backward_steps(w)) == []
    with pytest.raises(TypeError, match="backward_steps takes a Value, got 2"):
        backward_steps(2)


def test_numbers_of_any_size_are_printed():
    x = Value(1.0, label="x")
    y = x
    for _ in range(15_000):
        y = y + y
    assert "the sum over about 10**4515 paths" in str(explain(y, x))
    for factor in (1e308, math.inf):
        total = sum([x * factor for _ in range(30)], -1.0 * factor * x)
        assert "paths add up to" in str(explain(total, x))
