"""Calls with a random generator, and a count of the nodes that they make."""

from collections.abc import Iterator
from random import Random

from autograd_engine.modes import mode_block


def epochs_of(answer, n, size, seed, epochs):
    """rng = Random({seed}); [batches({n}, {size}, rng) for _ in range({epochs})]"""
    rng = Random(seed)
    return [_listed(answer.batches(n, size, rng)) for _ in range(epochs)]


def trained(answer, examples, lr, size, epochs, seed):
    """train({examples}, {lr}, {size}, {epochs}, Random({seed}))"""
    return answer.train(examples, lr, size, epochs, Random(seed))


def nodes_of_training(answer, examples, lr, size, epochs, seed):
    """the nodes made by train({examples}, {lr}, {size}, {epochs}, Random({seed}))"""
    counter = _Counter()
    with mode_block(watcher=counter):
        answer.train(examples, lr, size, epochs, Random(seed))
    return counter.nodes


class _Counter:
    def __init__(self):
        self.nodes = 0

    def recorded(self, node):
        self.nodes += 1

    def propagated(self, node, gradient):
        pass


def _listed(batches):
    return list(batches) if isinstance(batches, Iterator) else batches
