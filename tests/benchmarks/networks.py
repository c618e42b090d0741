"""micrograd's moons demo through `nn`, against micrograd from PyPI, in one run.

python tests/benchmarks/networks.py

The file is not called nn.py: run as a script, it would be what `import nn` finds.
"""

from engine import MOONS_STEPS, micrograd_moons_step, moons
from measure import interleaved, report, with_deep_recursion

import nn
from autograd_engine.graph import nodes

BATCH_SIZE = 20


def moons_step(points, labels, numbers):
    """A step of the demo as `nn` writes it, from these parameters: its loss after backward."""
    model = nn.MLP(2, [16, 16, 1], "relu")
    model.set_parameters(numbers)
    parameters = model.parameters()

    def step():
        scores = [model(point) for point in points]
        total = nn.hinge(scores, labels) + nn.l2(parameters, 1e-4)
        model.zero_grad()
        total.backward()
        return total

    return step, parameters


def nodes_per_step(size):
    """How many nodes each step of an epoch records, for a data set of this size."""
    data = [(x, 2 * y - 1) for x, y in nn.data.moons(size, seed=0)]
    model = nn.MLP(2, [16, 16, 1], "relu", seed=0)
    counts = []

    def counted(predictions, targets):
        loss = nn.hinge(predictions, targets)
        counts.append(len(nodes(loss)))
        return loss

    nn.fit(model, data, loss=counted, epochs=1, batch_size=BATCH_SIZE, seed=0)
    return counts


def main():
    points, labels = moons()
    their_step, numbers = micrograd_moons_step(points, labels)
    our_step, parameters = moons_step(points, labels, numbers)
    loss = our_step()
    difference = abs(loss.data - their_step().data)
    print(
        f"moons, {len(points)} points, {len(parameters)} parameters: {len(nodes(loss))} nodes, "
        f"losses differ by {difference:.1e}"
    )
    del loss
    # Several steps in a row, as in training: what a step leaves for the collector is paid by the
    # next.
    seconds = interleaved(
        {
            "nn": lambda: [our_step().data for _ in range(MOONS_STEPS)],
            "micrograd": lambda: [their_step().data for _ in range(MOONS_STEPS)],
        },
        repetitions=5,
    )
    seconds = {name: time / MOONS_STEPS for name, time in seconds.items()}
    report("moons through nn, each step", seconds, "nn", "micrograd", "at least 30")

    counts = {size: set(nodes_per_step(size)) for size in (100, 1000)}
    for size, found in counts.items():
        print(f"batches of {BATCH_SIZE} from {size} points: {sorted(found)} nodes in each step")
    if len(set().union(*counts.values())) != 1:
        print("WRONG: the nodes of a step depend on the size of the data set")


if __name__ == "__main__":
    with_deep_recursion(main)
