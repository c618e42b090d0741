from itertools import pairwise

from autograd_engine import grad
from autograd_engine.teach.testing import check, close, expect, like, require, same

LECTURE = [(-2.0, -3.1), (-1.0, -0.9), (0.0, 1.2), (1.0, 2.8), (2.0, 5.1)]


def loss(examples):
    return lambda wb: sum((y - (wb[0] * x + wb[1])) ** 2 for x, y in examples) / len(examples)


def expect_gradient(got, must, n):
    expect(
        got,
        must,
        mistakes={"sum_for_mean": [n * slope for slope in must]} if n > 1 else None,
    )


@check("gradients of single examples")
def single(run):
    must = [(-8.8, 4.4), (-1.0, 1.0), (0.0, -2.2), (-4.4, -4.4), (-16.0, -8.0)]
    for example, slopes in zip(LECTURE, must):
        expect(run.gradient(0.5, 0.1, [example]), slopes, abs=1e-9)


@check("gradients of several examples")
def several(run):
    expect_gradient(run.gradient(0.5, 0.1, LECTURE), (-6.04, -1.84), 5)
    for n in (2, 4):
        w, b = run.draws.numbers(2)
        examples = list(zip(run.draws.numbers(n), run.draws.numbers(n)))
        expect_gradient(run.gradient(w, b, examples), grad(loss(examples))([w, b]), n)


def unused(indices, n):
    return ", ".join(str(i) for i in range(n) if i not in indices)


def require_each_once(epoch, n, **details):
    """That the indices of an epoch, in one list, are those from 0 to n - 1."""
    missing = unused(epoch, n)
    require(
        not missing,
        f"each example from 0 to {n - 1} once",
        got=f"an epoch without example {missing}",
        mistake="misses_examples",
        **details,
    )
    require(sorted(epoch) == list(range(n)), f"each from 0 to {n - 1} once", got=epoch, **details)


@check("an epoch has each index once")
def each_once(run):
    for n, size in ((20, 1), (20, 6), (5, 5), (3, 10)):
        epochs = run.epochs_of(n, size, run.draws.integer(0, 999), 1)
        sizes = [min(size, n - start) for start in range(0, n, size)]
        like(epochs, [[[0] * length for length in sizes]])
        require_each_once([i for batch in epochs[0] for i in batch], n)


@check("every epoch has another order")
def shuffled(run):
    epochs = run.epochs_of(20, 4, run.draws.integer(0, 999), 4)
    require(
        all(before != after for before, after in pairwise(epochs)),
        "four different orders",
        got="the same order again",
        mistake="no_shuffle",
    )


@check("the same seed gives the same order")
def reproducible(run):
    seed = run.draws.integer(0, 999)
    first, second = run.epochs_of(20, 4, seed, 3), run.epochs_of(20, 4, seed, 3)
    require(
        first == second, "the same in both runs", got="another order", mistake="global_generator"
    )


@check("a batch of all examples is batch descent")
def batch_descent(run):
    path = run.trained(LECTURE, 0.1, 5, 200, run.draws.integer(0, 999))
    slopes, must = grad(loss(LECTURE)), [(0.0, 0.0)]
    for _ in range(200):
        must.append(tuple(x - 0.1 * slope for x, slope in zip(must[-1], slopes(list(must[-1])))))
    expect(path, must)
    losses = [loss(LECTURE)(wb) for wb in path]
    require(
        all(after <= before + 1e-12 for before, after in pairwise(losses)),
        "losses that never rise",
        got=losses,
    )
    require(losses[-1] < 0.05, "a loss below 0.05 at the end", got=losses[-1])


def example_of_step(before, after, lr):
    """Which example a step was made from."""
    for i, example in enumerate(LECTURE):
        slopes = grad(loss([example]))(list(before))
        if all(close(x - lr * s, y, abs=1e-9) for x, s, y in zip(before, slopes, after)):
            return i
    return None


@check("batches of one")
def stochastic(run):
    seed = run.draws.integer(0, 999)
    path = run.trained(LECTURE, 0.05, 1, 6, seed)
    like(path, [(0.0, 0.0)] * 31)
    figure = {"path": path}
    expect(path[0], (0.0, 0.0), call="train(...)[0]")
    used = [example_of_step(before, after, 0.05) for before, after in pairwise(path)]
    strange = next((wb for wb, i in zip(path[1:], used) if i is None), None)
    require(strange is None, "a step from one example's gradient", got=strange, figure=figure)
    epochs = [used[start : start + 5] for start in range(0, 30, 5)]
    for epoch in epochs:
        require_each_once(epoch, 5, figure=figure)
    require(
        any(epoch != epochs[0] for epoch in epochs),
        "an order that changes",
        got=f"{epochs[0]} in every epoch",
        mistake="no_shuffle",
    )
    require(
        same(run.trained(LECTURE, 0.05, 1, 6, seed), path),
        "the same path again",
        got="another path",
        mistake="global_generator",
    )


@check("batches of one: the loss falls, if not in every step")
def noisy(run):
    path = run.trained(LECTURE, 0.1, 1, 40, run.draws.integer(0, 999))
    like(path, [(0.0, 0.0)] * 201)
    losses = [loss(LECTURE)(wb) for wb in path]
    rises = sum(after > before for before, after in pairwise(losses))
    require(rises > 0, "a loss that rises in some steps", got="one that never rises")
    require(losses[-1] < 0.05, "a loss below 0.05 at the end", got=losses[-1])


@check("the work of a step does not grow with the number of examples")
def work(run):
    few = run.nodes_of_training(LECTURE, 0.01, 1, 4, 0)
    many = run.nodes_of_training(LECTURE * 4, 0.01, 1, 1, 0)
    require(many <= 1.5 * few, f"{few}, as many as for 20 steps on 5 examples", got=many)
