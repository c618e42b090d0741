"""Compiled graphs equal what was recorded, however they were written."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_engine as ae
import nn
from autograd_engine import Value, gradient
from autograd_engine.compiler.differentiate import differentiate
from autograd_engine.compiler.emit import emit
from autograd_engine.compiler.interpret import interpret
from autograd_engine.compiler.normal import normalise
from autograd_engine.compiler.roll import roll

UNARY = (
    "tanh relu sigmoid exp sin softplus square gelu silu erf abs cbrt neg identity step elu "
    "atan hardtanh logsigmoid softsign mish asinh"
).split()
BINARY = "+ - * / maximum minimum hypot atan2".split()
SEQUENCE = "sum mean dot prod logsumexp softmax log_softmax".split()


def apply(operation, xs):
    match operation:
        case "+":
            return xs[0] + xs[1]
        case "-":
            return xs[0] - xs[1]
        case "*":
            return xs[0] * xs[1]
        case "/":
            return xs[0] / (xs[1] * xs[1] + 1.0)
        case "neg":
            return -xs[0]
        case "identity":
            return ae.primitives.identity(xs[0])
        case "exp":
            return ae.exp(ae.tanh(xs[0]))
        case "cbrt":
            return ae.cbrt(xs[0] * xs[0] + 0.5)
        case "hypot" | "atan2":
            return getattr(ae, operation)(xs[0], xs[1] * xs[1] + 0.5)
        case "dot":
            return ae.dot(xs, xs[::-1])
        case "softmax" | "log_softmax":
            return getattr(ae, operation)(xs)[len(xs) // 2]
        case _ if operation in UNARY:
            return getattr(ae, operation)(xs[0])
        case _ if operation in BINARY:
            return getattr(ae, operation)(xs[0], xs[1])
        case _:
            return getattr(ae, operation)(xs)


def random_graph(rng):
    """A graph with structure: each round applies one operation to many of the last numbers."""
    parameters = [Value(rng.uniform(-1.0, 1.0)) for _ in range(rng.randrange(2, 8))]
    pool = list(parameters)
    for _ in range(rng.randrange(1, 6)):
        operation = rng.choice(UNARY + BINARY + SEQUENCE)
        count = rng.randrange(1, 7)
        made = []
        for k in range(count):
            length = rng.randrange(1, 5) if rng.random() < 0.3 else 3
            if rng.random() < 0.7:  # regular, as programs are
                start = rng.randrange(len(pool)) if rng.random() < 0.3 else 0
                xs = [pool[(start + k + j) % len(pool)] for j in range(max(2, length))]
            else:
                xs = [rng.choice(pool) for _ in range(max(2, length))]
            if rng.random() < 0.2:
                xs[1] = xs[0]  # a + a
            if rng.random() < 0.3:
                xs[-1] = rng.choice([0.0, 1.0, -2.0, 0.5])
            if not isinstance(xs[0], Value):
                xs[0] = pool[0]
            made.append(apply(operation, xs))
        made = [m if abs(m.data) < 1e3 else ae.tanh(m) for m in made]
        pool = [*made, *rng.sample(pool, min(len(pool), 4))]
    return sum(x * (i + 1) for i, x in enumerate(pool)), parameters


def compiled(loss, parameters, dtype="float64"):
    plan = roll(normalise(loss, parameters, []), len(parameters), 0)
    differentiate(plan)
    emitted = emit(plan, dtype)
    namespace = {}
    exec(compile(emitted.source, "<test>", "exec"), namespace)
    params = np.array([p.data for p in parameters], dtype)
    grads = np.zeros(len(parameters), dtype)
    forward, backward = namespace["make"](params, grads, np.zeros(0, dtype), emitted.constants)
    for _ in range(2):  # twice, because what a run leaves behind must not matter
        value = forward()
        backward()
    return plan, value, grads, emitted.source


@given(st.integers(0, 2**32))
def test_random_graphs(seed):
    loss, parameters = random_graph(random.Random(seed))
    expected = gradient(loss, parameters)
    scale = 1.0 + max(map(abs, expected))
    plan, value, grads, source = compiled(loss, parameters)
    oracle, slopes = interpret(plan, [p.data for p in parameters])
    assert oracle == pytest.approx(loss.data, rel=1e-9, abs=1e-9)
    assert slopes == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)
    assert value == pytest.approx(loss.data, rel=1e-9, abs=1e-9), source
    assert grads == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale), source
