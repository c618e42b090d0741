"""Where the first nan or inf came from."""

import math
import threading

import pytest

import autograd_engine
from autograd_engine import (
    AnomalyError,
    Value,
    derivative,
    detect_anomaly,
    dot,
    elu,
    grad,
    log,
    sqrt,
)


def test_the_first_operation_is_named_with_operands_labels_and_line():
    x, y = Value(0.0, label="x"), Value(2.0, label="y")
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        y = y * 3.0
        z = log(x)  # the culprit
        z = z + y
    message = str(caught.value)
    assert message.startswith("log(x=0.0) gives -inf, at ")
    assert message.endswith(": z = log(x)  # the culprit")
    assert "test_anomaly.py" in message


def test_nan_from_ordinary_numbers():
    with pytest.raises(AnomalyError, match=r"\*\*0\.5\(-4\.0\) gives nan"), detect_anomaly():
        Value(-4.0) ** 0.5
    with pytest.raises(AnomalyError, match="gives nan"), detect_anomaly():
        Value(math.inf) - math.inf
    with pytest.raises(AnomalyError, match="gives inf"), detect_anomaly():
        Value(1e200) * 1e200
    with (
        pytest.raises(AnomalyError, match=r"dot\(1e\+200, 1\.0, 1e\+200, 1\.0\)"),
        detect_anomaly(),
    ):
        dot([Value(1e200), 1.0], [1e200, 1.0])


def test_a_nan_that_was_there_before_is_not_blamed():
    with detect_anomaly():
        x = Value(math.nan)
        assert math.isnan((x * 2.0 + 1.0).data)


def test_the_backward_pass():
    x = Value(0.0, label="x")
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        y = sqrt(x) * 2.0
        y.backward()
    message = str(caught.value)
    assert "in the backward pass, sqrt(x=0.0) has the partial derivative inf" in message
    assert message.endswith(": y = sqrt(x) * 2.0")
    y = sqrt(Value(0.0))
    with pytest.raises(AnomalyError, match="recorded outside detect_anomaly"), detect_anomaly():
        y.backward()
    with pytest.raises(AnomalyError, match="in the backward pass"), detect_anomaly():
        grad(sqrt)(0.0)


def test_it_ends_with_its_block_and_is_no_other_thread_s_concern():
    values = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: values.append(log(Value(0.0)).data))
        thread.start()
        thread.join()
    assert values == [-math.inf]
    assert log(Value(0.0)).data == -math.inf


def test_as_a_decorator():
    @detect_anomaly()
    def f(x):
        return log(x)

    with pytest.raises(AnomalyError):
        f(Value(0.0))
    assert f(Value(1.0)).data == 0.0


def test_what_nobody_asked_for_is_not_blamed():
    with detect_anomaly():
        assert derivative(elu, 2)(1000.0) == 0.0
        y = autograd_engine.pow(Value(-2.0), 2.0)
        y.backward()


def test_gradients_that_overflow_where_they_meet():
    with pytest.raises(AnomalyError, match="add up to inf"), detect_anomaly():
        x = Value(1.0)
        y = x * 1e-300
        (y * 1.7e308 + y * 1.7e308).backward()
