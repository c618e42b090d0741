"""Graphs of a million nodes: no recursion anywhere, and no help from the garbage collector."""

import copy
import gc
import pickle

import pytest

import visualize
from autograd_engine import Value, backward_steps, explain, gradient, sum
from autograd_engine.graph import nodes

MILLION = 1_000_000


@pytest.fixture
def no_collector():
    gc.disable()
    yield
    gc.enable()


def test_a_chain_of_a_million(no_collector):
    x = Value(1.0)
    y = x
    for _ in range(MILLION):
        y = -y
    y.backward()
    assert x.grad == 1.0
    assert gradient(y, x) == 1.0
    assert len(nodes(y)) == MILLION + 1
    copied = copy.deepcopy(y)
    copied.backward()
    assert x.grad == 1.0 and nodes(copied)[0].grad == 2.0
    del copied
    loaded = pickle.loads(pickle.dumps(y))
    loaded.backward()
    assert nodes(loaded)[0].grad == 2.0
    del loaded
    text = visualize.draw(y, max_nodes=2 * MILLION).source
    assert text.count("class=operation") == MILLION
    del text
    explanation = explain(y, x)
    assert explanation.count == 1 and len(str(explanation)) < 10_000
    assert next(backward_steps(y)).contribution == -1.0
    del explanation, y
    assert x.grad == 1.0


def test_a_sum_of_a_million_terms(no_collector):
    terms = [Value(1.0) for _ in range(MILLION)]
    total = sum(terms)
    total.backward()
    assert total.data == MILLION and terms[-1].grad == 1.0
    copied = copy.deepcopy(total)
    copied.backward()
    assert copied.parents[0].grad == 2.0 and terms[0].grad == 1.0
    loaded = pickle.loads(pickle.dumps(total))
    loaded.backward()
    assert loaded.parents[7].grad == 2.0


def test_a_sum_of_a_million_terms_one_by_one(no_collector):
    x = Value(0.5)
    total = Value(0.0)
    for _ in range(MILLION):
        total = total + x
    total.backward()
    assert x.grad == MILLION and total.data == MILLION / 2
