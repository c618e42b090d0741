"""Random graphs, run by every fallback, against the eager engine.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/benchmarks/irregular.py [NODES...]

A step is value and gradient for new parameters. The window says from how many of the last nodes
operands are drawn: the smaller, the deeper the graph.
"""

import random
import sys
import time
import warnings

import numpy as np
from measure import interleaved

from autograd_engine import Value, relu, sigmoid, sin, sum, tanh
from autograd_engine.compiler import CompileWarning, compile
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.levels import Levels, levels
from autograd_engine.compiler.normal import normalise
from autograd_engine.compiler.replay import Replay
from autograd_engine.compiler.straight import StraightLine

OPERATIONS = [
    lambda a, b: (a + b) * 0.5,
    lambda a, b: a * b,
    lambda a, b: a - b,
    lambda a, b: tanh(a),
    lambda a, b: sin(a),
    lambda a, b: sigmoid(a),
    lambda a, b: relu(a),
]
# So many steps are timed together, because one takes less than the clock's noise.
STEPS = 3
# Above so many scalars Python takes too long to compile the lines.
MOST_IN_LINES = 40_000


def instructions(nodes, window):
    rng = random.Random(0)
    return [
        (rng.choice(OPERATIONS), *(rng.randrange(max(0, i - window), i) for _ in range(2)))
        for i in range(50, nodes)
    ]


def recorded(program, leaves):
    pool = list(leaves)
    for operation, a, b in program:
        pool.append(operation(pool[a], pool[b]))
    return sum(pool)


def benchmark(nodes, window):
    program = instructions(nodes, window)
    rng = random.Random(1)
    parameters = [Value(rng.uniform(-1.0, 1.0)) for _ in range(50)]
    loss = recorded(program, parameters)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompileWarning)
        chosen = compile(loss, parameters)
    seconds = time.perf_counter() - start
    normal = normalise(Columns(loss), loss, parameters, [])
    scheduled = levels(normal)
    groups = len(scheduled) - 1, int(np.sum([len(level) for level in scheduled[1:]]))
    print(
        f"{nodes} operations, window {window}: {groups[0]} levels, {groups[1]} groups, "
        f"{len(normal.lefts)} terms; compiled in {seconds:.2f} s: {chosen.report().splitlines()[0]}"
    )
    params = np.array([p.data for p in parameters])
    where = params, np.zeros(50), np.zeros(0)

    def eager():
        recorded(program, parameters).backward()

    works = {"eager": eager, "chosen": chosen.value_and_grad}
    kinds = {"node by node": Replay(loss, parameters, [], *where)}
    if groups[1] < 60_000:
        kinds["levels"] = Levels(normal, scheduled, *where)
    if len(normal.operations) < MOST_IN_LINES:
        kinds["lines"] = StraightLine(normal, *where)
    for name, kind in kinds.items():
        works[name] = lambda kind=kind: (kind.forward(), kind.backward())
    times = interleaved(
        {name: lambda work=work: [work() for _ in range(STEPS)] for name, work in works.items()},
        7 if nodes < 100_000 else 3,
    )
    times = {name: t / STEPS for name, t in times.items()}
    each = ", ".join(f"{name} {1e3 * t:.4g} ms" for name, t in times.items())
    print(f"  step: {each}: {times['eager'] / times['chosen']:.1f} times faster", flush=True)


if __name__ == "__main__":
    for nodes in map(int, sys.argv[1:] or ["100", "1000", "10000", "100000"]):
        for window in (nodes, 500, 20):
            benchmark(nodes, window)
