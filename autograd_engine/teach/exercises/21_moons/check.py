import math
from random import Random

import nn
from autograd_engine.teach.testing import check, close, expect, like, require


def network(numbers):
    model = nn.MLP(2, [8, 1], "tanh")
    model.set_parameters(numbers)
    return model


def drawn(run, n):
    """Examples like those of the task, two numbers and a label each."""
    return [([run.draws.number(), run.draws.number()], i % 2) for i in range(n)]


def seed(run):
    return run.draws.integer(0, 999)


def loss(model, batch):
    return nn.binary_cross_entropy_with_logits([model(x) for x, _ in batch], [y for _, y in batch])


def accuracy(model, data):
    return sum((model(x).data > 0) == (y == 1) for x, y in data) / len(data)


@check("the network")
def form(run):
    got = run.starts(0)
    require(isinstance(got, list) and len(got) == 33, "33 parameters: 2 x 8 + 8 + 8 + 1", got=got)
    require(got == run.starts(0), "the same numbers for the same seed", got="others")
    require(got != run.starts(1), "other numbers for another seed", got="the same")
    a, b = run.draws.numbers(2), run.draws.numbers(2)
    inputs = [a, b, [x + y for x, y in zip(a, b, strict=True)], [0.0, 0.0]]
    for _ in range(3):
        numbers = run.draws.numbers(33)
        expect(
            run.outputs(numbers, inputs),
            [network(numbers)(x).data for x in inputs],
            mistakes={"linear": lambda z: close(z[0] + z[1], z[2] + z[3], abs=1e-9)},
        )


@check("the loss of one example, and of several")
def losses(run):
    for _ in range(2):
        for batch in (*([example] for example in drawn(run, 4)), drawn(run, 5)):
            numbers = run.draws.numbers(33)
            model = network(numbers)
            wrong = sum(math.log1p(math.exp(-y * model(x).data)) for x, y in batch) / len(batch)
            expect(
                run.loss_of(numbers, batch),
                loss(model, batch).data,
                mistakes={"labels_01": wrong},
            )


@check("the loss of logits that are far off")
def far_off(run):
    for z, y, must in ((1000.0, 0, 1000.0), (-1000.0, 1, 1000.0), (1000.0, 1, 0.0)):
        expect(run.loss_of([0.0] * 32 + [z], [([0.5, 0.5], y)]), must)


@check("accuracy")
def share(run):
    for n in (1, 3, 10):
        numbers, data = run.draws.numbers(33), drawn(run, n)
        expect(run.accuracy_of(numbers, data), accuracy(network(numbers), data))
        flipped = [(x, 1 - y) for x, y in data]
        expect(run.accuracy_of(numbers, flipped), accuracy(network(numbers), flipped))
    expect(run.accuracy_of([0.0] * 33, [([0.5, 0.5], 0)]), 1.0)  # not above 0


@check("steps on 16 examples, which are one batch")
def training(run):
    for steps in (2, 1, 5):
        numbers, data = run.draws.numbers(33), drawn(run, 16)
        model = network(numbers)
        optimizer = nn.Adam(model.parameters(), lr=0.05)
        losses = []
        for _ in range(steps):
            batch_loss = loss(model, data)
            optimizer.zero_grad()
            batch_loss.backward()
            optimizer.step()
            losses.append(batch_loss.data)
        must = {"losses": losses, "parameters": [p.data for p in model.parameters()]}
        late = {"step_first": lambda got, numbers=numbers: step_first(got, numbers)}
        expect(run.trained(numbers, data, steps), must, mistakes=late if steps == 2 else None)


def step_first(got, numbers):
    """Whether the first of two steps moved nothing: without gradients Adam stays where it is."""
    return close(*got["losses"]) and got["parameters"] != numbers


@check("memory that does not grow")
def memory(run):
    got = run.values_alive(drawn(run, 16), 8)
    require(isinstance(got, list) and len(got) == 8, "8 steps of 16 examples each", got=got)
    require(
        got[-1] < 2 * got[1],
        f"about {got[1]} at the end, too",
        got=got,
        mistake="keeps_graphs",
    )


@check("batches are drawn")
def batches(run):
    data = drawn(run, 48)
    names = {tuple(x): i for i, (x, _) in enumerate(data)}
    chosen = seed(run)
    inputs = run.inputs_of(data, 40, chosen)
    like(inputs, [[0.0, 0.0]] * (40 * 16))
    used = [names.get(tuple(x)) for x in inputs]
    require(None not in used, "inputs from the data", got="others")
    steps = [used[start : start + 16] for start in range(0, len(used), 16)]
    for step in steps:
        require(len(set(step)) == 16, "16 different examples in each batch", got=sorted(step))
    require(set(used) == set(range(48)), "every example in some batch", got=sorted(set(used)))
    require(
        len({tuple(sorted(step)) for step in steps}) > 20, "other batches at other steps", got="few"
    )
    require(
        run.inputs_of(data, 40, chosen) == inputs, "the same batches for the same rng", got="others"
    )


@check("the test data is another")
def judged(run):
    train_data = nn.data.moons(48, 0.05, seed=Random(seed(run)))
    # So turned round that who learns the one is wrong on the other.
    test_data = [(x, 1 - y) for x, y in nn.data.moons(32, 0.05, seed=Random(seed(run)))]
    got = run.experiment_of(train_data, test_data, 40, seed(run))
    like(got, {"parameters": [0.0] * 33, "accuracy": 0.0})
    model = network(got["parameters"])
    on_training = {"tested_on_training": accuracy(model, train_data)}
    expect(got["accuracy"], accuracy(model, test_data), mistakes=on_training)


@check("the same seed gives the same experiment")
def reproducible(run):
    data = drawn(run, 20)
    one, again, other = (run.experiment_of(data, data, 2, k) for k in (1, 1, 2))
    require(one == again, "the same as before", got="another result with the same seed")
    require(one != other, "another one", got="the same result with other seeds")


def reaches(run, make, noise, steps, least):
    train_data = make(400, noise, seed=Random(seed(run)))
    test_data = make(400, noise, seed=Random(1000 + seed(run)))
    got = run.experiment_of(train_data, test_data, steps, seed(run))
    like(got, {"parameters": [0.0] * 33, "accuracy": 0.0})
    share = accuracy(network(got["parameters"]), test_data)
    figure = {"parameters": got["parameters"], "data": test_data}
    require(share >= least, f"an accuracy of at least {least}", got=share, figure=figure)
    expect(got["accuracy"], share, figure=figure)


@check("moons")
def moons(run):
    reaches(run, nn.data.moons, 0.05, 400, 0.96)


@check("circles")
def circles(run):
    reaches(run, nn.data.circles, 0.08, 200, 0.95)
