"""Programs written for micrograd run with the import changed."""

import math
import random

import pytest

from autograd_engine import Value
from autograd_engine.checking import central_difference


def test_the_readme_example():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_its_names_for_what_a_node_knows():
    a, b = Value(2.0), Value(-3.0)
    product = a * b
    assert product._prev == (a, b) and product._op == "*"
    assert a._prev == () and a._op == ""


def test_drawing_by_walking_prev_and_op():
    # What everybody's notebook does, with a list in place of the Digraph.
    def trace(root):
        nodes, edges = set(), set()

        def build(v):
            if v not in nodes:
                nodes.add(v)
                for child in v._prev:
                    edges.add((child, v))
                    build(child)

        build(root)
        return nodes, edges

    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    d = a * b + c
    d.label = "d"
    nodes, edges = trace(d)
    drawn = sorted(
        f"{{ {n.label} | data {n.data:.4f} | grad {n.grad:.4f} }} {n._op}" for n in nodes
    )
    assert drawn == [
        "{  | data -6.0000 | grad 0.0000 } *",
        "{ a | data 2.0000 | grad 0.0000 } ",
        "{ b | data -3.0000 | grad 0.0000 } ",
        "{ c | data 10.0000 | grad 0.0000 } ",
        "{ d | data 4.0000 | grad 0.0000 } +",
    ]
    assert len(edges) == 4


def test_its_constructor():
    a, b = Value(2.0), Value(-3.0)
    made = Value(a.data * b.data, (a, b), "*", label="ab")
    assert (made.op, made.parents, made.label) == ("*", (a, b), "ab")
    made.backward()
    assert (a.grad, b.grad) == (-3.0, 2.0)
    a.grad = 0.0
    Value(4.0, (a,), "**2").backward()
    assert a.grad == 4.0
    a.grad = 0.0
    Value(2.0, (a,), "ReLU").backward()
    assert a.grad == 1.0


def test_an_operation_it_cannot_know_is_refused_with_the_way_out():
    a, b = Value(2.0), Value(-3.0)
    with pytest.raises(ValueError, match=r"no primitive 'mine'.*@autograd_engine\.primitive"):
        Value(1.0, (a, b), "mine")
    with pytest.raises(ValueError, match=r"'\+' takes 2 operands, got 1"):
        Value(1.0, (a,), "+")
    with pytest.raises(AttributeError, match=r"_backward cannot be set.*@autograd_engine"):
        (a * b)._backward = lambda: None


class Neuron:
    """As the lecture writes it."""

    def __init__(self, rng, nin):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(rng.uniform(-1, 1))

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.tanh()


def test_the_lecture_network_learns():
    rng = random.Random(1)
    hidden, out = [Neuron(rng, 3) for _ in range(4)], Neuron(rng, 4)
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    parameters = [p for n in (*hidden, out) for p in (*n.w, n.b)]
    for _ in range(100):
        predictions = [out([n(x) for n in hidden]) for x in xs]
        loss = sum((p - y) ** 2 for p, y in zip(predictions, ys, strict=True))
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
    assert loss.data < 0.05


def attention_loss(numbers, exp, log):
    """One head of causal attention over three positions, with the operations of microgpt."""
    positions = [numbers[i : i + 2] for i in range(0, 6, 2)]
    weights = [numbers[6:8], numbers[8:10]]

    def linear(x):
        return [sum(w * xi for w, xi in zip(row, x, strict=True)) for row in weights]

    def normalised(x):
        scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    def softmax(logits):
        largest = max(getattr(logit, "data", logit) for logit in logits)
        exps = [exp(logit - largest) for logit in logits]
        total = sum(exps)
        return [e / total for e in exps]

    losses = []
    for t in range(1, 3):
        queries = linear(normalised(positions[t]))
        scores = [
            sum(q * k for q, k in zip(queries, positions[s], strict=True)) / 2**0.5
            for s in range(t + 1)
        ]
        attention = softmax(scores)
        mixed = [sum(a * p[j] for a, p in zip(attention, positions, strict=False)) for j in (0, 1)]
        losses.append(-log(softmax(linear(mixed))[t % 2]))
    return (1 / len(losses)) * sum(losses)


def test_the_operations_of_microgpt():
    rng = random.Random(3)
    numbers = [rng.gauss(0.0, 1.0) for _ in range(10)]
    values = [Value(x) for x in numbers]
    loss = attention_loss(values, lambda v: v.exp(), lambda v: v.log())
    assert loss.data == pytest.approx(attention_loss(numbers, math.exp, math.log), rel=1e-14)
    loss.backward()
    for i, value in enumerate(values):

        def along(x, i=i):
            return attention_loss([*numbers[:i], x, *numbers[i + 1 :]], math.exp, math.log)

        estimate, error = central_difference(along, numbers[i])
        assert value.grad == pytest.approx(estimate, rel=1e-8, abs=10 * error)


def test_micrograd_itself_agrees():
    engine = pytest.importorskip("micrograd.engine", reason="micrograd is not installed")
    results = []
    for kind in (engine.Value, Value):
        rng = random.Random(5)
        xs = [kind(rng.uniform(0.5, 1.5)) for _ in range(5)]
        pool = list(xs)
        for _ in range(200):
            a, b = rng.choice(pool), rng.choice(pool)
            pool.append(
                rng.choice([a + b, a - b, a * b * 0.5, a / (b * b + 1.0), a.relu(), -a, 0.3 * a**2])
                / 2.0
            )
        total = sum(pool[5:], pool[0])
        total.backward()
        results.append((total.data, *(x.grad for x in xs)))
    assert results[0] == pytest.approx(results[1], rel=1e-12)
