"""The engine against micrograd from PyPI, in one run.

    python tests/benchmarks/engine.py
"""

import importlib
import math
import os
import py_compile
import random
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from measure import interleaved, report, with_deep_recursion

from autograd_engine import Value, dot, mean, relu

STEPS = 100_000
OPERATIONS = ("+", "-", "*", "/", "relu", "neg", "**2")


def mixed_program():
    """Random operations on a pool of 200 numbers, the same for everybody."""
    rng = random.Random(0)
    return [
        (rng.choice(OPERATIONS), rng.randrange(200), rng.randrange(200)) for _ in range(STEPS)
    ]


def run_mixed(kind, program):
    pool = [kind(0.5 + i / 400) for i in range(200)]
    inputs = list(pool)
    for operation, i, j in program:
        a, b = pool[i], pool[j]
        if operation == "+":
            c = a + b
        elif operation == "-":
            c = a - b
        elif operation == "*":
            c = a * b
        elif operation == "/":
            c = a / (b + 9.0)
        elif operation == "relu":
            c = a.relu()
        elif operation == "neg":
            c = -a
        else:
            c = a**2
        # Kept small, so that nothing overflows and rounding stays rounding.
        pool[i] = c if -2.0 < c.data < 2.0 else c * 0.25
    total = pool[0]
    for value in pool[1:]:
        total = total + value
    total.backward()
    return total, inputs


def bytes_per_node(program):
    """What a node takes before backward."""
    made = 0
    tracemalloc.start()
    x = Value(0.5)
    pool = [x] * 200
    for operation, i, j in program:
        a, b = pool[i], pool[j]
        if operation in "+-*":
            pool[i] = a + b if operation == "+" else a - b if operation == "-" else a * b
        elif operation == "/":
            pool[i] = a / (b + 9.0)
            made += 2
        else:
            pool[i] = a.tanh() if operation == "relu" else -a if operation == "neg" else a**2
        made += 1
        if not -2.0 < pool[i].data < 2.0:
            pool[i] = pool[i] * 0.25
            made += 2
    root = sum(pool)
    made += 201
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert root.parents
    from autograd_engine.graph import nodes

    return size / len(nodes(root)) if len(nodes(root)) > made / 2 else size / made


def moons(n=100, noise=0.1):
    rng = random.Random(1)
    points, labels = [], []
    for i in range(n):
        angle = math.pi * (i // 2) / (n // 2 - 1)
        upper = i % 2 == 0
        x = math.cos(angle) if upper else 1.0 - math.cos(angle)
        y = math.sin(angle) if upper else 0.5 - math.sin(angle)
        points.append([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)])
        labels.append(-1.0 if upper else 1.0)
    return points, labels


def micrograd_moons_step(points, labels):
    nn = importlib.import_module("micrograd.nn")
    engine = importlib.import_module("micrograd.engine")
    random.seed(1337)
    model = nn.MLP(2, [16, 16, 1])

    def step():
        inputs = [list(map(engine.Value, point)) for point in points]
        scores = list(map(model, inputs))
        losses = [(1 + -y * score).relu() for y, score in zip(labels, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        penalty = 1e-4 * sum(p * p for p in model.parameters())
        total = data_loss + penalty
        model.zero_grad()
        total.backward()
        return total

    return step, [p.data for p in model.parameters()]


def our_moons_step(points, labels, numbers):
    remaining = iter(numbers)
    layers = [
        [([Value(next(remaining)) for _ in range(nin)], Value(next(remaining))) for _ in range(n)]
        for nin, n in ((2, 16), (16, 16), (16, 1))
    ]
    parameters = [p for layer in layers for w, b in layer for p in (*w, b)]

    def model(x):
        for layer in layers[:-1]:
            x = [relu(dot(w, x) + b) for w, b in layer]
        ((w, b),) = layers[-1]
        return dot(w, x) + b

    def step():
        scores = [model(point) for point in points]
        losses = [relu(1.0 - y * score) for y, score in zip(labels, scores, strict=True)]
        total = mean(losses) + 1e-4 * dot(parameters, parameters)
        for p in parameters:
            p.grad = 0.0
        total.backward()
        return total

    return step, parameters


def import_times(repetitions=20):
    """Milliseconds that the import adds to a bare process, its bytecode compiled as installed."""
    package = Path(importlib.import_module("autograd_engine").__file__).parent
    with tempfile.TemporaryDirectory() as cache:
        environment = {
            **os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONPATH": str(package.parent)
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def run(code):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], env=environment, check=True)
            return time.perf_counter() - start

        run("import autograd_engine")
        pairs = [(run("pass"), run("import autograd_engine")) for _ in range(repetitions)]
    bare, importing = (1e3 * statistics.median(times) for times in zip(*pairs, strict=True))
    return bare, importing - bare


def main():
    peer = importlib.import_module("micrograd.engine")
    program = mixed_program()
    ours, theirs = run_mixed(Value, program), run_mixed(peer.Value, program)
    worst = max(abs(a.grad - b.grad) for a, b in zip(ours[1], theirs[1], strict=True))
    print(f"{STEPS} mixed operations: same value {ours[0].data:.6g} and gradients within {worst:.1e}")
    del ours, theirs
    seconds = interleaved(
        {
            "ours": lambda: run_mixed(Value, program),
            "micrograd": lambda: run_mixed(peer.Value, program),
        },
        repetitions=5,
    )
    report("built and differentiated", seconds, "ours", "micrograd", "10")
    print(f"bytes per node before backward: {bytes_per_node(program):.0f} (wanted: at most 200)")

    points, labels = moons()
    their_step, numbers = micrograd_moons_step(points, labels)
    our_step, parameters = our_moons_step(points, labels, numbers)
    difference = abs(our_step().data - their_step().data)
    print(f"moons, {len(parameters)} parameters: losses differ by {difference:.1e}")
    seconds = interleaved({"ours": our_step, "micrograd": their_step}, repetitions=7)
    report("moons step", seconds, "ours", "micrograd", "30")

    bare, more = import_times()
    print(f"import: {more:.1f} ms over a bare process of {bare:.1f} ms (wanted: at most 15)")


if __name__ == "__main__":
    with_deep_recursion(main)
