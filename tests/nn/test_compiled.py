"""Compiled training gives the same history as eager training."""

import math
import random
import warnings

import pytest

import nn
from autograd_engine import CompileWarning, Value, relu
from nn.data import moons


def both(make, data, **options):
    """The histories and parameters of the same training, eager and compiled."""
    results = []
    for compiled in (False, True):
        model, optimizer = make()
        history = nn.fit(model, data, optimizer=optimizer, compiled=compiled, **options)
        results.append((history, model, optimizer))
    return results


OPTIMIZERS = {
    "sgd": lambda p: nn.SGD(p, 0.1),
    "momentum": lambda p: nn.SGD(p, 0.05, momentum=0.9, dampening=0.1, weight_decay=0.01),
    "nesterov": lambda p: nn.SGD(p, 0.05, momentum=0.9, nesterov=True),
    "adam": lambda p: nn.Adam(p, 0.05, weight_decay=0.01),
    "amsgrad": lambda p: nn.Adam(p, 0.05, amsgrad=True),
    "adamw": lambda p: nn.AdamW(p, 0.05),
    "rmsprop": lambda p: nn.RMSprop(p, 0.01, momentum=0.5),
    "adagrad": lambda p: nn.Adagrad(p, 0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(name):
    def make():
        model = nn.MLP(2, [6, 1], "tanh", seed=0)
        return model, OPTIMIZERS[name](model.parameters())

    (eager, one, first), (compiled, other, second) = both(
        make,
        moons(50, noise=0.1, seed=0),
        loss="binary_cross_entropy_with_logits",
        epochs=5,
        batch_size=16,
        validation=moons(20, noise=0.1, seed=1),
        metrics=["accuracy"],
        seed=3,
    )
    for column in eager.columns:
        assert compiled[column] == pytest.approx(eager[column], rel=1e-9, abs=1e-9)
    numbers = list(one.state_dict().values())
    assert list(other.state_dict().values()) == pytest.approx(numbers, rel=1e-9, abs=1e-12)
    assert second.steps == first.steps
    for moment in first.moments:
        assert getattr(second, moment) == pytest.approx(getattr(first, moment), rel=1e-9, abs=1e-12)
    assert compiled.note.startswith("compiled: ") and eager.note == ""


def test_classes():
    data = nn.data.blobs(30, 3, seed=0)

    def make():
        model = nn.MLP(2, [8, 3], seed=0)
        return model, nn.Adam(model.parameters(), 0.05)

    (eager, *_), (compiled, *_) = both(
        make, data, loss="cross_entropy", epochs=4, batch_size=10, metrics=["accuracy"], seed=0
    )
    for column in ("loss", "accuracy"):
        assert compiled[column] == pytest.approx(eager[column], rel=1e-9)


def test_tokens_through_an_embedding():
    class Next(nn.Module):
        def __init__(self):
            self.table = nn.Embedding(5, 4, seed=0)
            self.head = nn.MLP(8, [5], seed=1)

        def forward(self, tokens):
            return self.head(self.table(tokens[0]) + self.table(tokens[1]))

    data = [([i % 5, (i * 2) % 5], (i * 3) % 5) for i in range(20)]

    def make():
        model = Next()
        return model, nn.SGD(model.parameters(), 0.5)

    (eager, *_), (compiled, *_) = both(
        make, data, loss="cross_entropy", epochs=3, batch_size=7, seed=0
    )
    assert compiled["loss"] == pytest.approx(eager["loss"], rel=1e-9)


class Noise(nn.Module):
    """Random numbers that the compiler is not told of."""

    def __init__(self):
        self.rng = random.Random(0)

    def forward(self, x):
        return [number + 0.01 * self.rng.random() for number in x]


class Counting(nn.Module):
    """Remembers its calls."""

    def __init__(self):
        self.w, self.calls = Value(1.0), 0

    def forward(self, x):
        self.calls += 1
        return self.w * x[0]


class Branching(nn.Module):
    def __init__(self):
        self.w = Value(1.0)

    def forward(self, x):
        y = self.w * x[0]
        return y if y > 0 else 0.1 * y


def coupled(predictions, targets):
    return nn.mse(predictions, targets) * float(len(predictions))


def largest(predictions, targets):
    return max((p - y) ** 2 for p, y in zip(predictions, targets, strict=True))


@pytest.mark.parametrize(
    ("make", "loss", "reason"),
    [
        (lambda: nn.Sequential(Noise(), nn.MLP(2, [1], seed=0)), "mse", "at another time"),
        (Counting, "mse", "changes .calls of a Counting"),
        (Branching, "mse", "a comparison of what the function computes"),
        (lambda: nn.MLP(2, [4, 1], seed=0), coupled, "is not the mean of the losses"),
        (lambda: nn.MLP(2, [4, 1], seed=0), largest, "is not the mean of the losses"),
    ],
)
def test_what_cannot_be_compiled_is_told_and_trained_eagerly(make, loss, reason):
    options = {"loss": loss, "optimizer": "sgd", "epochs": 2, "batch_size": 7, "seed": 0}
    eager = nn.fit(make(), moons(20, seed=0), compiled=False, **options)
    model = make()
    with pytest.warns(CompileWarning, match=f"this training is not compiled: .*{reason}"):
        history = nn.fit(model, moons(20, seed=0), compiled=True, **options)
    assert history.note.startswith("not compiled: ")
    assert history["loss"] == eager["loss"]  # to the last bit: nothing was disturbed
    assert getattr(model, "calls", 40) == 40


def test_wrong_data_raises_what_it_raises_in_eager_training():
    for targets, loss in (([2.0] * 20, "hinge"), ([0.0] * 19 + [5.0], "hinge")):
        data = [(x, y) for (x, _), y in zip(moons(20, seed=0), targets, strict=True)]
        for compiled in (False, True):
            model = nn.MLP(2, [4, 1], seed=0)
            before = model.state_dict()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CompileWarning)
                with pytest.raises(ValueError, match="the labels of hinge are -1 and 1"):
                    nn.fit(model, data, loss=loss, batch_size=20, compiled=compiled)
            assert model.state_dict() == before
    with pytest.raises(ValueError, match="compiled must be None, True, False"):
        nn.fit(nn.MLP(2, [1]), moons(20, seed=0), compiled="float16")


def test_divergence_is_told_here_too():
    model = nn.MLP(2, [4, 1], "identity", seed=0)
    with pytest.raises(nn.DivergenceError, match=r"in epoch \d+, step 1: "):
        nn.fit(
            model,
            [([x[0] * 1e3, x[1] * 1e3], y) for x, y in moons(20, seed=0)],
            loss="mse",
            optimizer=nn.SGD(model.parameters(), 10.0),
            epochs=200,
            compiled=True,
        )


def test_callbacks_see_and_may_change_the_model():
    model = nn.MLP(2, [4, 1], "tanh", seed=0)
    seen = []

    def callback(history, model):
        seen.append(model.parameters()[0].data)
        if len(history) == 2:
            model.parameters()[0].data = 3.0

    history = nn.fit(
        model,
        moons(20, seed=0),
        loss="mse",
        optimizer=nn.SGD(model.parameters(), 0.1),
        epochs=4,
        callbacks=[callback],
        compiled=True,
    )
    assert len(set(seen)) == 4 and abs(seen[2] - 3.0) < 0.5 and len(history) == 4
    assert all(math.isfinite(x) for x in history["loss"])


def agree(make, data, **options):
    (eager, *_), (compiled, *_) = both(make, data, batch_size=9, epochs=2, seed=1, **options)
    assert compiled["loss"] == pytest.approx(eager["loss"], rel=1e-9, abs=1e-10)


@pytest.mark.parametrize(
    "activation",
    [
        *("relu", "tanh", "sigmoid", "gelu", "silu", "mish", "elu", "selu", "celu", "softplus"),
        *("leaky_relu", "softsign", "hardtanh", "relu6", "logsigmoid", "cos", "atan"),
    ],
)
def test_every_activation(activation):
    def make():
        model = nn.MLP(2, [6, 5, 1], activation, seed=0)
        return model, nn.Adam(model.parameters(), 0.05)

    agree(make, moons(30, seed=0), loss="huber")


@pytest.mark.parametrize(
    ("loss", "output", "target"),
    [
        ("mse", None, lambda y: 2.0 * y),
        ("mae", None, lambda y: y - 0.3),
        ("binary_cross_entropy", "sigmoid", float),
        ("binary_cross_entropy_with_logits", None, float),
        ("hinge", None, lambda y: 2.0 * y - 1.0),
        ("logistic", None, lambda y: 2.0 * y - 1.0),
    ],
)
def test_every_loss(loss, output, target):
    def make():
        model = nn.MLP(2, [6, 1], "tanh", output=output, seed=0)
        return model, nn.Adam(model.parameters(), 0.05)

    agree(make, [(x, target(y)) for x, y in moons(30, seed=0)], loss=loss)


def test_several_outputs_and_normalisation():
    def make():
        layers = nn.Layer(1, 8, None, seed=0), nn.RMSNorm(8), relu, nn.Layer(8, 2, None, seed=1)
        model = nn.Sequential(*layers)
        return model, nn.SGD(model.parameters(), 0.05)

    agree(make, [(x, [y, y * y]) for x, y in nn.data.quadratic(20)], loss="mse")
