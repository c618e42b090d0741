"""The engine against micrograd from PyPI, in one run.

python tests/benchmarks/engine.py
"""

import importlib
import math
import os
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
from autograd_engine.graph import nodes

OPERATIONS = 100_000
MOONS_STEPS = 4


def build_mixed(kind):
    """13 operations of all kinds on two of a hundred numbers, again and again.

    What is put back is a contraction, so that nothing overflows or turns into rounding errors.
    """
    pool = [kind(0.5 + i / 100) for i in range(100)]
    inputs = list(pool)
    for i in range(OPERATIONS // 13):
        a, b = pool[i % 100], pool[(7 * i + 3) % 100]
        c = (a * b + a - b).relu()
        d = c / (b * b + 2.0)
        half = 0.5 * a
        pool[i % 100] = half + 0.05 * (half - -d) ** 2
    total = pool[0]
    for value in pool[1:]:
        total = total + value
    return total, inputs


def run_mixed(kind):
    total, inputs = build_mixed(kind)
    total.backward()
    return total, inputs


def bytes_per_node():
    """What a node takes before backward."""
    tracemalloc.start()
    total, inputs = build_mixed(Value)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len({*nodes(total), *inputs})


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

    def model(point):
        x = [Value(point[0]), Value(point[1])]
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
            **os.environ,
            "PYTHONPYCACHEPREFIX": cache,
            "PYTHONPATH": str(package.parent),
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
    ours, theirs = run_mixed(Value), run_mixed(peer.Value)
    pairs = list(zip(ours[1], theirs[1], strict=True))
    worst = max(abs(a.grad - b.grad) for a, b in pairs) / max(abs(a.grad) for a, _ in pairs)
    print(
        f"{OPERATIONS} mixed operations: "
        f"values differ by {abs(ours[0].data - theirs[0].data):.1e}, "
        f"gradients by {worst:.1e} of the largest"
    )
    del ours, theirs
    seconds = interleaved(
        {
            "ours": lambda: run_mixed(Value),
            "micrograd": lambda: run_mixed(peer.Value),
        },
        repetitions=5,
    )
    report("built and differentiated", seconds, "ours", "micrograd", "10")
    print(f"bytes per node before backward: {bytes_per_node():.0f} (wanted: at most 200)")

    points, labels = moons()
    their_step, numbers = micrograd_moons_step(points, labels)
    our_step, parameters = our_moons_step(points, labels, numbers)
    difference = abs(our_step().data - their_step().data)
    print(f"moons, {len(parameters)} parameters: losses differ by {difference:.1e}")
    # Several steps in a row, as in training: what a step leaves for the collector is paid by the
    # next.
    seconds = interleaved(
        {
            "ours": lambda: [our_step().data for _ in range(MOONS_STEPS)],
            "micrograd": lambda: [their_step().data for _ in range(MOONS_STEPS)],
        },
        repetitions=5,
    )
    seconds = {name: time / MOONS_STEPS for name, time in seconds.items()}
    report("moons, each step", seconds, "ours", "micrograd", "30")

    bare, more = import_times()
    print(f"import: {more:.1f} ms over a bare process of {bare:.1f} ms (wanted: at most 15)")


if __name__ == "__main__":
    with_deep_recursion(main)
