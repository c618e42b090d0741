"""Compiled training gives the same history as eager training."""

import itertools
import math
import random
import warnings

import numpy as np
import pytest

import nn
from autograd_engine import CompileWarning, Value, log_softmax, relu
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


class ArrayNoise(Noise):
    """The same, of NumPy's."""

    def __init__(self):
        self.rng = np.random.default_rng(0)


class Remembering(nn.Module):
    """Keeps what it has computed last in a list."""

    def __init__(self):
        self.w, self.last = Value(1.0), [Value(0.0)]

    def forward(self, x):
        y = self.w * x[0] + 0.1 * self.last[0].data
        self.last[0] = Value(0.5)
        return y


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


def weighted(predictions, targets):
    """The mean with a weight for each class: not that of the examples."""
    weights = [1.0 + 3.0 * y for y in targets]
    errors = [w * (p - y) ** 2 for w, p, y in zip(weights, predictions, targets, strict=True)]
    return sum(errors) / sum(weights)


def growing(predictions, targets):
    return nn.mse(predictions, targets) + 1e-6 * len(predictions)


def typed(predictions, targets):
    """Counts integers twice, which a program has as floats."""
    numbers = [2 * y if isinstance(y, int) else y for y in targets]
    return nn.mse(predictions, numbers)


def largest(predictions, targets):
    return max((p - y) ** 2 for p, y in zip(predictions, targets, strict=True))


@pytest.mark.parametrize(
    ("make", "loss", "reason"),
    [
        (lambda: nn.Sequential(Noise(), nn.MLP(2, [1], seed=0)), "mse", "at another time"),
        (lambda: nn.Sequential(ArrayNoise(), nn.MLP(2, [1], seed=0)), "mse", "at another time"),
        (Remembering, "mse", "changes .last of a Remembering"),
        (lambda: nn.MLP(2, [4, 1], seed=0), typed, "for the target 1 and .* for 1.0"),
        (Counting, "mse", "changes .calls of a Counting"),
        (Branching, "mse", "a comparison of what the function computes"),
        (lambda: nn.MLP(2, [4, 1], seed=0), coupled, "is not the mean of the losses"),
        (lambda: nn.MLP(2, [4, 1], seed=0), largest, "is not the mean of the losses"),
        (lambda: nn.MLP(2, [4, 1], seed=0), weighted, "is not the mean of the losses"),
        (lambda: nn.MLP(2, [4, 1], seed=0), growing, "is not the mean of the losses"),
    ],
)
def test_what_cannot_be_compiled_is_told_and_trained_eagerly(make, loss, reason):
    options = {"loss": loss, "optimizer": "sgd", "epochs": 2, "batch_size": 7, "seed": 0}
    data = sorted(moons(20, seed=0), key=lambda example: example[1])
    eager = nn.fit(make(), data, compiled=False, **options)
    model = make()
    with pytest.warns(CompileWarning, match=f"this training is not compiled: .*{reason}"):
        history = nn.fit(model, data, compiled=True, **options)
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


# --- many trainings, eager and compiled ----------------------------------------------------------


class Tokens(nn.Module):
    """Three tokens through one table, with a mean."""

    def __init__(self):
        self.table = nn.Embedding(6, 4, seed=0)
        self.head = nn.MLP(4, [8, 6], "gelu", seed=1)

    def forward(self, tokens):
        rows = [self.table(token) for token in tokens]
        return self.head([sum(column) / 3.0 for column in zip(*rows, strict=True)])


class Several(nn.Module):
    """A tuple of a Value, a list of one, a parameter, an input and a constant."""

    def __init__(self):
        self.body, self.head = nn.MLP(2, [5, 1], "tanh", seed=0), nn.Layer(2, 1, None, seed=1)

    def forward(self, x):
        return self.body(x), self.head(x), self.body.parameters()[0], x[0], 1


class Line(nn.Module):
    """x is a number."""

    def __init__(self):
        self.slope, self.bias = Value(0.3), Value(-0.1)

    def forward(self, x):
        return self.slope * x + self.bias


def probability(dropout=0.0):
    layers = [nn.Layer(2, 6, "relu", seed=0), nn.Dropout(dropout, seed=1), nn.Layer(6, 1, seed=2)]
    return nn.Sequential(*layers, nn.Layer(1, 1, "sigmoid", seed=3))


POINTS, MORE = moons(45, noise=0.2, seed=0), moons(17, noise=0.2, seed=1)


def signs(data):
    return [(x, 2 * y - 1) for x, y in data]


def of_numbers(data):
    return [(x[0], 0.5 * x[1]) for x, _ in data]


def one_hot(data):
    return [(x, [0.9, 0.1] if y else [0.0, 1.0]) for x, y in data]


def lists(data):
    return [(x, [float(y)]) for x, y in data]


def triples(data):
    numbers = [int(1e6 * abs(x[0])) for x, _ in data]
    return [([n % 6, n // 6 % 6, n // 36 % 6], n // 216 % 6) for n in numbers]


def with_penalty(model):
    def loss(predictions, targets):
        return nn.mse(predictions, targets) + nn.l2(model.parameters(), 0.01)

    return loss


def first_of_five(predictions, targets):
    return nn.mae([p[0] + p[1][0] for p in predictions], targets)


def worst(predictions, targets):
    assert all(isinstance(p, list) and type(p[-1]) in (int, float) for p in predictions)
    return max(
        abs(p[0] - (y[0] if isinstance(y, list) else y))
        for p, y in zip(predictions, targets, strict=True)
    )


# A model, its data, losses, and metrics that can be taken of it.
KINDS = {
    "one output": (
        lambda: nn.MLP(2, [7, 5, 1], "relu", seed=3),
        lambda data: data,
        ["mse", "huber", "binary_cross_entropy_with_logits", with_penalty],
        ["accuracy", "r2"],
    ),
    "a list of one": (
        probability,
        lists,
        ["binary_cross_entropy", "mae"],
        ["binary_accuracy", worst],
    ),
    "signs": (
        lambda: nn.MLP(2, [7, 1], "tanh", seed=3),
        signs,
        ["hinge", "logistic", lambda p, y: nn.hinge(p, y)],
        ["accuracy"],
    ),
    "classes": (
        lambda: nn.MLP(2, [6, 2], "silu", seed=3),
        lambda data: data,
        ["cross_entropy", lambda p, y: nn.cross_entropy(p, y)],
        ["accuracy"],
    ),
    "distributions": (
        lambda: nn.Sequential(nn.MLP(2, [6, 2], "elu", seed=3), log_softmax),
        one_hot,
        ["cross_entropy", "kl_divergence"],
        ["accuracy"],
    ),
    "log-probabilities": (
        lambda: nn.Sequential(nn.Layer(2, 3, None, seed=3), nn.RMSNorm(3), log_softmax),
        lambda data: data,
        ["nll"],
        ["accuracy"],
    ),
    "tokens": (Tokens, triples, ["cross_entropy"], ["accuracy"]),
    "several outputs": (Several, lambda data: data, [first_of_five], [worst]),
    "a number": (Line, of_numbers, ["mse", "mae"], ["r2"]),
    "dropout": (lambda: probability(0.4), lists, ["mse"], ["binary_accuracy"]),
}
SCHEDULES = {
    "none": lambda optimizer: None,
    "steps": lambda optimizer: nn.StepLR(optimizer, 2, gamma=0.5),
    "plateau": lambda optimizer: nn.ReduceLROnPlateau(optimizer, patience=0, factor=0.5),
    "cosine": lambda optimizer: nn.CosineAnnealingLR(optimizer, 4),
}
TRAININGS = [
    (kind, loss, *rest)
    for i, (kind, (_, _, losses, _)) in enumerate(KINDS.items())
    for k, loss in enumerate(losses)
    for rest in random.Random(10 * i + k).sample(
        list(itertools.product(OPTIMIZERS, SCHEDULES, (None, 1, 16, 45, 100), (False, True))), 4
    )
]


@pytest.mark.parametrize(("kind", "loss", "optimizer", "schedule", "size", "validated"), TRAININGS)
def test_the_history_is_that_of_eager_training(kind, loss, optimizer, schedule, size, validated):
    make, data_of, _, metrics = KINDS[kind]
    results = []
    for compiled in (False, True):
        model = make()
        trained = OPTIMIZERS[optimizer](model.parameters())
        history = nn.fit(
            model,
            data_of(POINTS),
            loss=loss(model) if loss is with_penalty else loss,
            optimizer=trained,
            epochs=4,
            batch_size=size,
            validation=data_of(MORE) if validated else None,
            metrics=metrics,
            schedule=SCHEDULES[schedule](trained),
            seed=7,
            compiled=compiled,
        )
        results.append((history, model, trained))
    (eager, one, first), (history, other, second) = results
    assert history.note.startswith("compiled: ") and history.columns == eager.columns
    for column in eager.columns:
        assert history[column] == pytest.approx(eager[column], rel=1e-9, abs=1e-9)
    assert other.state_dict() == pytest.approx(one.state_dict(), rel=1e-9, abs=1e-9)
    for moment in first.moments:
        assert getattr(second, moment) == pytest.approx(getattr(first, moment), rel=1e-9, abs=1e-9)
    grads = [p.grad for p in one.parameters()]
    assert [p.grad for p in other.parameters()] == pytest.approx(grads, rel=1e-9, abs=1e-9)


class Modal(nn.Module):
    """Branches on its mode, which is another for the validation data."""

    def __init__(self):
        self.w = Value(0.5)

    def forward(self, x):
        return self.w * x[0] if self.training else self.w * x[1] + 1.0


def test_modes_are_told_apart():
    def make():
        model = Modal()
        return model, nn.SGD(model.parameters(), 0.1), {}

    alike(make, POINTS, loss="mse", epochs=3, batch_size=16, validation=MORE)


def test_single_precision():
    losses = {}
    for compiled in (False, "float32"):
        model = nn.MLP(2, [8, 1], "tanh", seed=0)
        history = nn.fit(
            model,
            POINTS,
            loss="binary_cross_entropy_with_logits",
            optimizer=nn.Adam(model.parameters(), 0.05),
            epochs=5,
            batch_size=16,
            seed=0,
            compiled=compiled,
        )
        losses[compiled] = history["loss"]
    assert losses["float32"] == pytest.approx(losses[False], rel=1e-4)
    assert losses["float32"] != pytest.approx(losses[False], rel=1e-12)


# --- what happens between the epochs -------------------------------------------------------------


def alike(make, data, **options):
    """The same training, eager and compiled; ``make()`` returns model, optimizer and the rest."""
    results = []
    for compiled in (False, True):
        model, optimizer, more = make()
        history = nn.fit(
            model, data, optimizer=optimizer, compiled=compiled, seed=2, **options | more
        )
        results.append((history, model, optimizer))
    (eager, one, first), (history, other, second) = results
    assert history.note.startswith("compiled: ") and history.stopped == eager.stopped
    for column in eager.columns:
        assert history[column] == pytest.approx(eager[column], rel=1e-9, abs=1e-9)
    assert other.state_dict() == pytest.approx(one.state_dict(), rel=1e-9, abs=1e-9)
    for moment in first.moments:
        assert getattr(second, moment) == pytest.approx(getattr(first, moment), rel=1e-9, abs=1e-9)
    return history, other, second


def replace_activation(model, optimizer, weight):
    for neuron in model[0].neurons:
        neuron._activation = Value.sin


def change_settings(model, optimizer, weight):
    optimizer.lr, optimizer.momentum = 0.02, 0.5


def change_moments(model, optimizer, weight):
    optimizer.momentum_buffer = [0.01] * len(optimizer.parameters)


def replace_step(model, optimizer, weight):
    def halved():
        optimizer.lr = 0.05
        type(optimizer).step(optimizer)

    optimizer.step = halved


def change_dropout(model, optimizer, weight):
    model[1].p = 0.1


def replace_dropout(model, optimizer, weight):
    model.layers[1] = nn.Dropout(0.2, seed=9)


def change_norm(model, optimizer, weight):
    model[2].eps = 0.5


def change_loss(model, optimizer, weight):
    weight[0] = 3.0


def change_parameters(model, optimizer, weight):
    model.set_parameters([0.5 * p.data for p in model.parameters()])


def train_fewer(model, optimizer, weight):
    optimizer.parameters = model[3].parameters()
    optimizer.momentum_buffer = [0.0] * len(optimizer.parameters)


@pytest.mark.parametrize(
    "change",
    [
        *(replace_activation, change_settings, change_moments, replace_step, change_dropout),
        replace_dropout,
        *(change_norm, change_loss, change_parameters, train_fewer),
    ],
)
def test_what_a_callback_changes_takes_effect(change):
    def make():
        model = nn.Sequential(
            nn.Layer(2, 6, "tanh", seed=0),
            nn.Dropout(0.3, seed=1),
            nn.RMSNorm(6),
            nn.Layer(6, 1, None, seed=2),
        )
        optimizer = nn.SGD(model.parameters(), 0.1, momentum=0.9)
        weight = [1.0]

        def callback(history, given):
            if len(history) == 2:
                change(model, optimizer, weight)

        def loss(predictions, targets):
            return weight[0] * nn.mse(predictions, targets)

        return model, optimizer, {"callbacks": [callback], "loss": loss}

    alike(make, POINTS, epochs=4, batch_size=16, validation=MORE)


def test_a_change_that_cannot_be_compiled_is_trained_eagerly():
    histories = []
    for compiled in (False, True):
        model = nn.Sequential(nn.Layer(2, 4, "tanh", seed=0), nn.Layer(4, 1, None, seed=1))

        def callback(history, model):
            if len(history) == 2:
                model.layers.append(lambda y: y if y[0] > 0 else [0.1 * y[0]])

        options = {"loss": "mse", "epochs": 4, "batch_size": 16, "seed": 0}
        histories.append(nn.fit(model, POINTS, callbacks=[callback], compiled=compiled, **options))
    eager, history = histories
    assert history["loss"] == pytest.approx(eager["loss"], rel=1e-9)
    assert "later not compiled: a comparison of what the function computes" in history.note


def test_only_some_parameters_are_trained():
    def make():
        model = nn.MLP(2, [6, 1], "tanh", seed=0)
        return model, nn.Adam(model.layers[1].parameters(), 0.05), {}

    _, model, _ = alike(make, POINTS, loss="mse", epochs=3, batch_size=16)
    untrained = nn.MLP(2, [6, 1], "tanh", seed=0).layers[0].state_dict()
    assert model.layers[0].state_dict() == untrained


class Clipped(nn.SGD):
    """A step of its own."""

    def step(self):
        nn.optim.clip_grad_norm(self.parameters, 0.1)
        super().step()


class Signs(nn.optim.Optimizer):
    def rule(self, m, parameters):
        for p in parameters:
            p.data -= self.lr * m.sign(p.grad)


@pytest.mark.parametrize("kind", [Clipped, Signs])
def test_optimizers_of_one_s_own(kind):
    def make():
        model = nn.MLP(2, [6, 1], "tanh", seed=0)
        return model, kind(model.parameters(), 0.05), {}

    alike(make, POINTS, loss="mse", epochs=3, batch_size=16)


class Interrupted(Clipped):
    def step(self):
        super().step()
        if self.steps == 5:
            raise KeyboardInterrupt


def test_interrupting_keeps_what_was_learned():
    def make():
        model = nn.MLP(2, [6, 1], "tanh", seed=0)
        return model, Interrupted(model.parameters(), 0.05), {}

    history, _, optimizer = alike(make, POINTS, loss="mse", epochs=3, batch_size=16)
    assert history.stopped == "interrupted after 1 epochs" and optimizer.steps == 5


def test_interrupting_while_compiling_changes_nothing():
    model = nn.MLP(2, [6, 1], "tanh", seed=0)
    before = model.state_dict()

    def loss(predictions, targets):
        raise KeyboardInterrupt

    history = nn.fit(model, POINTS, loss=loss, compiled=True)
    assert history.stopped == "interrupted after 0 epochs" and model.state_dict() == before


def test_an_error_between_the_epochs_leaves_the_model_trained():
    models = []
    for compiled in (False, True):
        model = nn.MLP(2, [6, 1], "tanh", seed=0)

        def fails(history, model):
            if len(history) == 2:
                model.parameters()[0].data = 7.0
                raise LookupError("of the user's")

        with pytest.raises(LookupError, match="of the user's"):
            nn.fit(model, POINTS, epochs=4, callbacks=[fails], compiled=compiled)
        models.append(model)
    one, other = (model.state_dict() for model in models)
    assert other == pytest.approx(one, rel=1e-9) and other["layers.0.neurons.0.w[0]"] == 7.0


def test_early_stopping_restores_the_best_epoch():
    def make():
        model = nn.MLP(2, [6, 1], "tanh", seed=0)
        stopping = nn.EarlyStopping("val_loss", patience=2)
        return model, nn.SGD(model.parameters(), 1.5), {"callbacks": [stopping]}

    history, *_ = alike(make, POINTS, loss="mse", epochs=60, validation=MORE)
    assert "val_loss was best in epoch" in history.stopped


def test_a_step_that_only_eager_code_can_make():
    """The probability is exactly 1: where eager code leaves out 0 times inf, arrays do not."""

    def make():
        model = nn.Neuron(1, "sigmoid", seed=0)
        model.set_parameters([50.0, 0.0])
        return model, nn.SGD(model.parameters(), 0.1), {}

    data = [([1.0], 1.0), ([0.01], 0.0), ([0.02], 1.0), ([0.03], 1.0)]
    alike(make, data, loss="binary_cross_entropy", epochs=3, batch_size=2)


def test_divergence_is_that_of_eager_training():
    messages = []
    for compiled in (False, True):
        model = nn.Neuron(1, None, initialiser="zeros")
        optimizer = nn.SGD(model.parameters(), lr=1e100)
        with pytest.raises(nn.DivergenceError) as caught:
            nn.fit(model, [([1.0], 2.0), ([3.0], 1.0)], optimizer=optimizer, compiled=compiled)
        messages.append((str(caught.value), len(caught.value.history), optimizer.steps))
        messages[-1] += tuple(model.state_dict().values())
    assert messages[0] == messages[1]


def test_it_compiles_by_itself_where_it_gains(capsys):
    def train(data, **options):
        model = nn.MLP(2, [64, 64, 1], seed=0)
        history = nn.fit(model, data, batch_size=100, seed=0, progress=True, **options)
        return history, capsys.readouterr()

    few, (_, shown) = train(POINTS[:10], epochs=2)
    assert few.note == "" and "compiled" not in shown
    many, (out, shown) = train(moons(300, seed=0), epochs=1)
    assert many.note.startswith("compiled: ") and many.note in shown and out == ""
    eager, _ = train(moons(300, seed=0), epochs=1, compiled=False)
    assert eager.note == "" and many["loss"] == pytest.approx(eager["loss"], rel=1e-9)

    class Branches(nn.MLP):
        def forward(self, x):
            y = super().forward(x)
            return y if y > 0.0 else 0.5 * y

    history = nn.fit(Branches(2, [64, 64, 1], seed=0), moons(300, seed=0), epochs=1, batch_size=100)
    assert history.note.startswith("not compiled: a comparison of what the function computes")
