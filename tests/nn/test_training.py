"""fit: training, its record, and how it ends."""

import math
import random
from itertools import pairwise

import pytest

import nn
from autograd_engine import Value, log, sqrt
from nn.data import boolean
from nn.metrics import accuracy

LINE = list(zip([[-2.0], [-1.0], [0.0], [1.0], [2.0]], [-3.1, -0.9, 1.2, 2.8, 5.1], strict=True))


def line():
    model = nn.Neuron(1, None, initialiser="zeros")
    return model, nn.SGD(model.parameters(), lr=0.1)


def test_a_line_is_found_as_the_closed_form_has_it():
    model, optimizer = line()
    history = nn.fit(model, LINE, optimizer=optimizer, epochs=200)
    assert model.w[0].data == pytest.approx(2.01, abs=1e-9)
    assert model.b.data == pytest.approx(1.02, abs=1e-9)
    assert history["loss"][-1] == pytest.approx(0.0214, abs=1e-9)
    assert all(a >= b - 1e-15 for a, b in pairwise(history["loss"]))


@pytest.mark.parametrize("seed", range(50))
def test_xor_is_learned_from_every_start(seed):
    model = nn.MLP(2, [8, 1], "tanh", seed=seed)
    history = nn.fit(
        model,
        boolean("xor"),
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.Adam(model.parameters(), lr=0.1),
        epochs=150,
    )
    assert history["loss"][-1] < 0.05
    assert accuracy([model(x) for x, _ in boolean("xor")], [y for _, y in boolean("xor")]) == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_moons_are_told_apart(seed):
    model = nn.MLP(2, [8, 1], "tanh", seed=seed)
    history = nn.fit(
        model,
        nn.data.moons(400, noise=0.05, seed=seed),
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.Adam(model.parameters(), lr=0.05),
        epochs=12,  # of 25 batches of 16: 300 steps
        batch_size=16,
        validation=nn.data.moons(400, noise=0.05, seed=100 + seed),
        metrics=[accuracy],
        seed=seed,
    )
    assert history["val_accuracy"][-1] >= 0.96


def test_rows_of_the_history():
    model, optimizer = line()
    history = nn.fit(
        model,
        LINE,
        optimizer=optimizer,
        epochs=3,
        validation=LINE[:2],
        metrics={"worst": lambda p, t: max(abs(a - b) for a, b in zip(p, t, strict=True))},
        schedule=nn.StepLR(optimizer, 1, gamma=0.5),
    )
    assert history.columns == ["epoch", "loss", "worst", "val_loss", "val_worst", "lr"]
    assert history["lr"] == [0.1, 0.05, 0.025]
    assert history[0]["loss"] == pytest.approx(sum(y * y for _, y in LINE) / 5)
    assert history[0]["worst"] == 5.1 and len(history) == 3
    assert str(history).splitlines()[0].split() == history.columns
    with pytest.raises(KeyError, match="no column 'acc'; there are epoch, loss"):
        history["acc"]


def test_batches_are_shuffled_by_the_seed_alone():
    def run(seed, batch_size):
        model, optimizer = line()
        return nn.fit(model, LINE, optimizer=optimizer, epochs=3, batch_size=batch_size, seed=seed)[
            "loss"
        ]

    assert run(0, 2) == run(0, 2) != run(1, 2)
    assert run(0, None) == run(1, None)
    assert run(0, 1) != run(0, 2)


def test_stochastic_gradient_descent_makes_a_step_per_example():
    model, optimizer = line()
    nn.fit(model, LINE, optimizer=optimizer, epochs=2, batch_size=1)
    assert optimizer.steps == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, r"epochs must be 1, 2, 3, \.\.\., got 0"),
        ({"data": []}, "data has no examples"),
        ({"loss": "msee"}, "did you mean mse"),
        ({"batch_size": 0}, "batch_size"),
        ({"validation": []}, "validation has no examples"),
    ],
)
def test_wrong_options_are_told(options, message):
    model, optimizer = line()
    arguments = {"data": LINE, "optimizer": optimizer} | options
    with pytest.raises(ValueError, match=message):
        nn.fit(model, **arguments)
    with pytest.raises(TypeError, match=r"pairs \(x, y\); number 1 is 3"):
        nn.fit(model, [([1.0], 2.0), 3], optimizer=optimizer)


def test_a_loss_that_is_no_number_stops_with_its_cause():
    model, optimizer = line()

    def bad(predictions, targets):
        return sum(log(p - 1e9) for p in predictions)

    with pytest.raises(nn.DivergenceError) as caught:
        nn.fit(model, LINE, loss=bad, optimizer=optimizer)
    message = str(caught.value)
    assert message.startswith("the loss is nan in epoch 1, step 1: log(")
    assert "test_training.py" in message and caught.value.history.rows == []
    assert model.parameters()[0].data == 0.0


def test_divergence_names_the_operation_and_keeps_the_history():
    model = nn.Neuron(1, None, initialiser="zeros")
    optimizer = nn.SGD(model.parameters(), lr=1e100)
    with pytest.raises(
        nn.DivergenceError, match=r"epoch 3, step 1: square\(.* gives inf"
    ) as caught:
        nn.fit(model, LINE, optimizer=optimizer, epochs=50)
    assert len(caught.value.history) == 2
    model.w[0].data = math.nan
    with pytest.raises(nn.DivergenceError, match=r"parameter w\[0\] is nan; a smaller learning"):
        nn.fit(model, LINE, optimizer=optimizer)


def test_interrupting_keeps_history_and_model():
    model, optimizer = line()

    def interrupt(history, model):
        if len(history) == 3:
            raise KeyboardInterrupt

    history = nn.fit(model, LINE, optimizer=optimizer, epochs=50, callbacks=[interrupt])
    assert len(history) == 3 and history.stopped == "interrupted after 3 epochs"
    assert model.w[0].data != 0.0 and str(history).endswith(history.stopped)


def test_callbacks_may_stop():
    model, optimizer = line()
    history = nn.fit(
        model, LINE, optimizer=optimizer, epochs=50, callbacks=[lambda h, m: h[-1]["loss"] < 1.0]
    )
    assert history["loss"][-1] < 1.0 and history.stopped == f"stopped after epoch {len(history)}"


def test_early_stopping_restores_the_best():
    model, optimizer = line()
    stopping = nn.EarlyStopping("val_loss", patience=3)
    history = nn.fit(
        model,
        LINE,
        optimizer=optimizer,
        epochs=500,
        validation=[([0.0], 0.5)],
        callbacks=[stopping],
    )
    best = min(history["val_loss"])
    assert len(history) == history["val_loss"].index(best) + 1 + 3
    assert (model([0.0]).data - 0.5) ** 2 == pytest.approx(best, rel=1e-12)
    assert "val_loss was best in epoch" in history.stopped
    with pytest.raises(ValueError, match="'accuracy', and the history has epoch, loss, lr"):
        nn.fit(*line()[:1], LINE, callbacks=[nn.EarlyStopping("accuracy")])
    with pytest.raises(ValueError, match="mode must be"):
        nn.EarlyStopping(mode="up")


def test_a_schedule_on_a_plateau_is_given_the_loss():
    model, optimizer = line()
    schedule = nn.ReduceLROnPlateau(optimizer, patience=0, factor=0.1)
    history = nn.fit(model, LINE, optimizer=optimizer, epochs=400, schedule=schedule)
    assert history["lr"][0] == 0.1 and history["lr"][-1] < 0.1


def test_a_bar_is_shown_on_request_alone(capsys):
    model, optimizer = line()
    nn.fit(model, LINE, optimizer=optimizer, epochs=2)
    assert capsys.readouterr() == ("", "")
    nn.fit(model, LINE, optimizer=optimizer, epochs=2, progress=True)
    assert "2/2" in capsys.readouterr().err


def test_dropout_is_on_in_training_and_off_for_validation():
    seen = []

    class Watch(nn.Module):
        def __init__(self):
            self.w = Value(1.0)

        def forward(self, x):
            seen.append(self.training)
            return self.w * x[0]

    nn.fit(Watch(), LINE[:1], epochs=1, validation=LINE[:2])
    assert seen == [True, False, False]


def test_a_step_does_not_grow_with_the_data():
    def nodes_per_step(n):
        counts = []
        model = nn.MLP(2, [4, 1], seed=0)

        def counting(predictions, targets):
            from autograd_engine.graph import nodes

            loss = nn.mse(predictions, targets)
            counts.append(len(nodes(loss)))
            return loss

        data = [(x, y + 2.0) for x, y in nn.data.moons(n, seed=0)]
        nn.fit(model, data, loss=counting, epochs=1, batch_size=8)
        return counts[0]

    assert nodes_per_step(16) == nodes_per_step(160)


def test_the_gradient_of_a_batch_is_the_mean_of_its_examples():
    data = list(zip([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0], [0.0] * 7, strict=True))
    rng = random.Random(0)
    model, _ = line()
    model.set_parameters([0.5, 0.1])
    examples = [([x], rng.uniform(-1, 1)) for x, _ in data]
    single = []
    for x, y in examples:
        model.zero_grad()
        nn.mse(model(x), y).backward()
        single.append([p.grad for p in model.parameters()])
    model.zero_grad()
    nn.mse([model(x) for x, _ in examples], [y for _, y in examples]).backward()
    mean = [math.fsum(column) / 7 for column in zip(*single, strict=True)]
    assert [p.grad for p in model.parameters()] == pytest.approx(mean, rel=1e-13)


def test_a_gradient_that_is_no_number_stops_before_the_step():
    class Root(nn.Module):
        def __init__(self):
            self.w = Value(0.0)

        def forward(self, x):
            return sqrt(self.w * x[0])

    model = Root()
    with pytest.raises(nn.DivergenceError) as caught:
        nn.fit(model, [([1.0], 1.0)], optimizer=nn.SGD(model.parameters(), 0.1), epochs=5)
    message = str(caught.value)
    assert message.startswith("a gradient is nan or inf in epoch 1, step 1: in the backward pass")
    assert "sqrt(0.0) has the partial derivative inf" in message and model.w.data == 0.0


def test_early_stopping_restores_however_training_ends_and_forgets_the_last_run():
    stopping = nn.EarlyStopping("loss", patience=50)
    model = nn.Neuron(1, None, initialiser="zeros")
    history = nn.fit(
        model,
        LINE,
        optimizer=nn.SGD(model.parameters(), lr=0.6),
        epochs=10,
        callbacks=[stopping],
    )
    assert history["loss"][-1] > history["loss"][0]
    assert all(abs(p.data) < 10.0 for p in model.parameters())
    other, optimizer = line()
    nn.fit(other, LINE, optimizer=optimizer, epochs=100, callbacks=[stopping])
    assert other.w[0].data == pytest.approx(2.01, abs=1e-3)
    with pytest.raises(ValueError, match=r"patience must be 1, 2, 3"):
        nn.EarlyStopping(patience=0)


def test_names_in_place_of_functions():
    model = nn.MLP(2, [8, 1], "tanh", seed=0)
    history = nn.fit(
        model,
        boolean("and"),
        loss="binary_cross_entropy_with_logits",
        optimizer="adam",
        epochs=2,
        metrics="accuracy",
    )
    assert history.columns == ["epoch", "loss", "accuracy", "lr"]
    with pytest.raises(ValueError, match="no optimizer 'adm'; there are SGD"):
        nn.fit(model, boolean("and"), optimizer="adm")
    with pytest.raises(ValueError, match="no metric 'acc'"):
        nn.fit(model, boolean("and"), metrics=["acc"])
    with pytest.raises(ValueError, match="name 'loss' is taken"):
        nn.fit(model, boolean("and"), metrics={"loss": accuracy})
    with pytest.raises(ValueError, match="none of the model's parameters"):
        nn.fit(model, boolean("and"), optimizer=line()[1])
    with pytest.raises(ValueError, match="batch_size must be 1, 2, 3"):
        nn.fit(model, boolean("and"), batch_size="4")
