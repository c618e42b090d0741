"""Schedules: PyTorch's learning rates, recorded, and state that goes on exactly."""

import json
import math

import pytest

from autograd_engine import Value
from nn.optim import SGD
from nn.schedules import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    ReduceLROnPlateau,
    Schedule,
    StepLR,
    WarmupLR,
)

# PyTorch 2.13 with lr 0.8, before the first step and after each of twelve.
# fmt: off
RATES = [
    (StepLR, {"step_size": 3}, [0.8, 0.8, 0.8, 0.08000000000000002, 0.08000000000000002,
     0.08000000000000002, 0.008000000000000002, 0.008000000000000002, 0.008000000000000002,
     0.0008000000000000003, 0.0008000000000000003, 0.0008000000000000003, 8.000000000000003e-05]),
    (StepLR, {"step_size": 2, "gamma": 0.7}, [0.8, 0.8, 0.5599999999999999, 0.5599999999999999,
     0.39199999999999996, 0.39199999999999996, 0.2744, 0.2744, 0.19207999999999997,
     0.19207999999999997, 0.13445599999999996, 0.13445599999999996, 0.09411919999999997]),
    (ExponentialLR, {"gamma": 0.9}, [0.8, 0.7200000000000001, 0.6480000000000001,
     0.5832000000000002, 0.5248800000000001, 0.47239200000000015, 0.42515280000000016,
     0.3826375200000002, 0.3443737680000002, 0.30993639120000016, 0.27894275208000013,
     0.2510484768720001, 0.2259436291848001]),
    (LinearLR, {}, [0.26666666666666666, 0.37333333333333335, 0.48000000000000004,
     0.5866666666666668, 0.6933333333333335, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8]),
    (LinearLR, {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 4}, [0.2,
     0.30000000000000004, 0.4, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]),
    (LinearLR, {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 8}, [0.8,
     0.7000000000000001, 0.6000000000000001, 0.5000000000000001, 0.40000000000000013,
     0.3000000000000001, 0.2000000000000001, 0.10000000000000005, 0.0, 0.0, 0.0, 0.0, 0.0]),
    (CosineAnnealingLR, {"T_max": 10}, [0.8, 0.7804226065180615, 0.723606797749979,
     0.6351141009169894, 0.5236067977499791, 0.4000000000000001, 0.2763932022500211,
     0.16488589908301082, 0.07639320225002108, 0.01957739348193859, 0.0, 0.019577393481938588,
     0.07639320225002133]),
    (CosineAnnealingLR, {"T_max": 4, "eta_min": 0.1}, [0.8, 0.6974873734152917,
     0.45000000000000007, 0.20251262658470842, 0.1, 0.20251262658470837, 0.45000000000000007,
     0.6974873734152919, 0.8000000000000003, 0.6974873734152919, 0.4500000000000003,
     0.20251262658470875, 0.1]),
]

# A warm-up is PyTorch's SequentialLR of a LinearLR and what follows.
WARMUPS = [
    (3, 0.25, None, [0.2, 0.4, 0.6000000000000001, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8,
     0.8]),
    (4, 1 / 3, (CosineAnnealingLR, {"T_max": 6}), [0.26666666666666666, 0.4, 0.5333333333333334,
     0.6666666666666667, 0.8, 0.7464101615137756, 0.6000000000000001, 0.4, 0.2000000000000001,
     0.05358983848622452, 0.0, 0.05358983848622452, 0.2]),
    (2, 0.5, (StepLR, {"step_size": 2, "gamma": 0.5}), [0.4, 0.6000000000000001, 0.8, 0.8, 0.4,
     0.4, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05, 0.025]),
]
METRICS = [1.0, 0.9, 0.91, 0.89995, 0.92, 0.95, 0.5, 0.6, 0.6, 0.6,
           0.6, 0.55, 0.6, 0.7, 0.49, 0.49, 0.49, 0.49, math.nan, 0.49]
# After each metric.
PLATEAUS = [
    ({"patience": 1}, [0.8, 0.8, 0.8, 0.08000000000000002, 0.08000000000000002,
     0.008000000000000002, 0.008000000000000002, 0.008000000000000002, 0.0008000000000000003,
     0.0008000000000000003, 8.000000000000003e-05, 8.000000000000003e-05, 8.000000000000003e-06,
     8.000000000000003e-06, 8.000000000000003e-06, 8.000000000000003e-06, 8.000000000000004e-07,
     8.000000000000004e-07, 8.000000000000004e-08, 8.000000000000004e-08]),
    ({"factor": 0.5, "patience": 0}, [0.8, 0.8, 0.4, 0.2, 0.1, 0.05, 0.05, 0.025, 0.0125, 0.00625,
     0.003125, 0.0015625, 0.00078125, 0.000390625, 0.000390625, 0.0001953125, 9.765625e-05,
     4.8828125e-05, 2.44140625e-05, 1.220703125e-05]),
    ({"factor": 0.5, "patience": 1, "cooldown": 2}, [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4, 0.4, 0.2,
     0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]),
    ({"factor": 0.5, "patience": 0, "min_lr": 0.15}, [0.8, 0.8, 0.4, 0.2, 0.15, 0.15, 0.15, 0.15,
     0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15]),
    ({"factor": 0.5, "patience": 1, "threshold": 0.2}, [0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.2, 0.2,
     0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125, 0.00625, 0.00625, 0.003125, 0.003125]),
    ({"mode": "max", "factor": 0.5, "patience": 2}, [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2,
     0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125, 0.0125]),
]
# fmt: on


def optimizer(lr=0.8):
    return SGD([Value(0.0)], lr=lr)


def rates(schedule, steps=12):
    rates = [schedule.optimizer.lr]
    for _ in range(steps):
        schedule.step()
        rates.append(schedule.optimizer.lr)
    return rates


def same(expected):
    return pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("kind", "settings", "expected"), RATES)
def test_rates_are_pytorchs(kind, settings, expected):
    assert rates(kind(optimizer(), **settings)) == same(expected)


@pytest.mark.parametrize(("total_iters", "start_factor", "then", "expected"), WARMUPS)
def test_warm_up_then_another(total_iters, start_factor, then, expected):
    given = optimizer()
    following = then and then[0](given, **then[1])
    assert rates(WarmupLR(given, total_iters, start_factor, following)) == same(expected)


@pytest.mark.parametrize(("settings", "expected"), PLATEAUS)
def test_plateaus_are_pytorchs(settings, expected):
    schedule = ReduceLROnPlateau(optimizer(), **settings)
    found = []
    for metric in METRICS:
        schedule.step(metric)
        found.append(schedule.optimizer.lr)
    assert found == same(expected)


def test_repeating_a_negative_metric_is_no_improvement():
    # in PyTorch 2.13 it is one: -1 < -1 * (1 - 1e-4) is true, so the rate is never reduced
    for mode in ("min", "max"):
        schedule = ReduceLROnPlateau(optimizer(), mode, factor=0.5, patience=1)
        for _ in range(3):
            schedule.step(-1.0)
        assert schedule.optimizer.lr == 0.4


def test_rounding_errors_do_not_add_up():
    schedule = ExponentialLR(optimizer(1.0), 0.9)
    for _ in range(1000):
        schedule.step()
    assert schedule.optimizer.lr == 0.9**1000
    down = CosineAnnealingLR(optimizer(1.0), 1000, eta_min=0.0)
    for _ in range(1000):
        down.step()
    assert down.optimizer.lr == 0.0


def test_a_schedule_steers_training():
    x = Value(1.0)
    sgd = SGD([x], lr=0.5)
    schedule = StepLR(sgd, 1, gamma=0.5)
    for expected in (0.0, 0.0):
        sgd.zero_grad()
        (x * x).backward()
        sgd.step()
        schedule.step()
        assert x.data == expected
    assert sgd.lr == 0.125


def test_a_rate_that_is_too_large_is_inf():
    for schedule in (ExponentialLR(optimizer(), 10.0), StepLR(optimizer(), 1, 10.0)):
        assert schedule.rate(308) < math.inf
        assert schedule.rate(400) == math.inf
        assert rates(schedule, 400)[-1] == math.inf
        nothing = type(schedule)(optimizer(0.0), **schedule.state_dict()["settings"])
        assert nothing.rate(400) == 0.0


def test_a_plateau_names_the_column_it_monitors():
    assert ReduceLROnPlateau(optimizer()).monitor is None
    assert ReduceLROnPlateau(optimizer(), "max").monitor is None
    schedule = ReduceLROnPlateau(optimizer(), "max", monitor="val_accuracy")
    assert schedule.monitor == "val_accuracy"
    state = json.loads(json.dumps(schedule.state_dict()))
    ReduceLROnPlateau(optimizer(), "max", monitor="val_accuracy").load_state_dict(state)
    with pytest.raises(ValueError, match="this is the state of"):
        ReduceLROnPlateau(optimizer(), "max").load_state_dict(state)
    with pytest.raises(TypeError, match="monitor must be the name of a column, got 3"):
        ReduceLROnPlateau(optimizer(), monitor=3)


# --- state ---------------------------------------------------------------------------------------

MAKERS = [
    lambda o: StepLR(o, 2, 0.3),
    lambda o: ExponentialLR(o, 0.9),
    lambda o: LinearLR(o, 0.1, 0.9, 7),
    lambda o: CosineAnnealingLR(o, 9, 0.01),
    lambda o: WarmupLR(o, 4, 0.1),
    lambda o: WarmupLR(o, 4, 0.1, CosineAnnealingLR(o, 5)),
]


@pytest.mark.parametrize("make", MAKERS)
def test_state_goes_on_exactly(make):
    whole = rates(make(optimizer()), 20)
    first = make(optimizer())
    rates(first, 6)
    state = json.loads(json.dumps(first.state_dict(), allow_nan=False))
    second = make(optimizer(lr=123.0))  # the rate is restored too
    second.load_state_dict(state)
    assert rates(second, 14) == whole[6:]


def test_state_of_a_plateau_goes_on_exactly():
    def run(schedule, metrics):
        for metric in metrics:
            schedule.step(metric)
            yield schedule.optimizer.lr

    def make(lr=0.8):
        return ReduceLROnPlateau(optimizer(lr), factor=0.5, patience=1, cooldown=2)

    whole = list(run(make(), METRICS))
    for cut in range(len(METRICS)):
        first = make()
        list(run(first, METRICS[:cut]))
        state = json.loads(json.dumps(first.state_dict(), allow_nan=False))
        second = make(lr=123.0)
        second.load_state_dict(state)
        assert list(run(second, METRICS[cut:])) == whole[cut:]


def test_foreign_state_is_refused_and_changes_nothing():
    given = optimizer()
    schedule = WarmupLR(given, 4, 0.25, ExponentialLR(given, 0.9))
    schedule.step()
    before = schedule.state_dict()
    other = optimizer()
    for state in [
        {},
        StepLR(optimizer(), 2).state_dict(),
        WarmupLR(optimizer(), 5, 0.25).state_dict(),
        WarmupLR(optimizer(), 4, 0.25).state_dict(),
        WarmupLR(other, 4, 0.25, ExponentialLR(other, 0.8)).state_dict(),
        before | {"progress": {}},
        before | {"lr": "fast"},
    ]:
        with pytest.raises(ValueError, match=r"this is (no|the) state of"):
            schedule.load_state_dict(state)
        assert schedule.state_dict() == before
    plain = WarmupLR(optimizer(), 4, 0.25)
    with pytest.raises(ValueError, match="followed by ExponentialLR, this one is not"):
        plain.load_state_dict(before)
    assert plain.last_epoch == 0


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: StepLR(o, 0), "step_size must be an integer from 1 on, got 0"),
        (lambda o: StepLR(o, 2.5), "step_size must be an integer"),
        (lambda o: StepLR(o, 2, -0.1), "gamma must be from 0 to inf, got -0.1"),
        (lambda o: ExponentialLR(o, math.nan), "gamma must be"),
        (lambda o: LinearLR(o, 1.5), "start_factor must be from 0 to 1, got 1.5"),
        (lambda o: LinearLR(o, end_factor=-1), "end_factor must be"),
        (lambda o: LinearLR(o, total_iters=0), "total_iters must be"),
        (lambda o: CosineAnnealingLR(o, 0), "T_max must be"),
        (lambda o: CosineAnnealingLR(o, 5, -1), "eta_min must be"),
        (lambda o: WarmupLR(o, -1), "total_iters must be"),
        (lambda o: WarmupLR(o, 3, 2.0), "start_factor must be"),
        (lambda o: WarmupLR(o, 3, then=StepLR(optimizer(), 2)), "of the same optimizer"),
        (lambda o: ReduceLROnPlateau(o, "least"), "mode must be 'min' or 'max', got 'least'"),
        (lambda o: ReduceLROnPlateau(o, factor=1.0), "factor must be below 1, got 1.0"),
        (lambda o: ReduceLROnPlateau(o, patience=-1), "patience must be an integer from 0 on"),
        (lambda o: ReduceLROnPlateau(o, cooldown=0.5), "cooldown must be"),
        (lambda o: ReduceLROnPlateau(o, min_lr=-1), "min_lr must be"),
    ],
)
def test_settings_out_of_range_change_nothing(make, message):
    given = optimizer()
    with pytest.raises(ValueError, match=message):
        make(given)
    assert given.lr == 0.8


def test_wrong_types():
    with pytest.raises(TypeError, match=r"a schedule takes an optimizer, got 0\.1"):
        StepLR(0.1, 2)
    given = optimizer()
    with pytest.raises(TypeError, match="a schedule without a metric"):
        WarmupLR(given, 3, then=ReduceLROnPlateau(given))
    with pytest.raises(TypeError, match=r"write \.data"):
        ReduceLROnPlateau(given).step(Value(1.0))


def test_repr():
    schedule = StepLR(optimizer(), 2)
    assert isinstance(schedule, Schedule)
    assert repr(schedule) == "StepLR(step_size=2, gamma=0.1): step 0, lr 0.8"
