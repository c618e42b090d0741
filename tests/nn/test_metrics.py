"""Metrics for every kind of prediction and target, and what they refuse."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_engine import Value
from nn.metrics import ConfusionMatrix, accuracy, binary_accuracy, confusion_matrix, r2

# --- accuracy ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("predictions", "targets", "expected"),
    [
        ([0, 2, 1, 1], [0, 2, 2, 1], 0.75),  # classes
        ([True, False], [1, 1], 0.5),
        ([2.5, -0.3, 0.1], [1, 0, 0], 2 / 3),  # logits
        ([2.5, -0.3, 0.1], [1.0, 0.0, 0.0], 2 / 3),
        ([2.5, -0.3, 0.1], [1, -1, -1], 2 / 3),
        ([3, -2], [1, -1], 1.0),
        ([1, -1, 1], [1, -1, -1], 2 / 3),
        ([1.0, 0.0, 0.0, 1.0], [1, 0, 1, 1], 0.75),  # of threshold units
        ([Value(2.5), Value(-0.3)], [1, 1], 0.5),
        ([Value(2.5), Value(-0.3)], [Value(1.0), Value(0.0)], 1.0),
        ([[2.5], [-0.3]], [1, 1], 0.5),  # of a layer of one neuron
        ([[Value(2.5)], [Value(-0.3)]], [1, 1], 0.5),
        ([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [1, 2], 0.5),  # scores of classes
        ([(-5, -7), (-9, -8)], [0, 1], 1.0),
        ([[Value(-3.0), Value(1.0)], [Value(2.0), Value(2.0)]], [1, 0], 1.0),
        ([[0.1, 0.9], [0.8, 0.2]], [1, -1], 1.0),
        (np.array([0, 1, 1]), np.array([0, 1, 0]), 2 / 3),
        (np.array([0.4, -0.2]), np.array([1, 0]), 1.0),
        (np.array([[0.4], [-0.2]]), np.array([[1], [1]]), 0.5),
        (np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 2]), 0.5),
        (np.array([[0.1, 0.9], [0.8, 0.2]], dtype=np.float32), np.eye(2, dtype=int), 0.0),
        ([np.array([0.1, 0.9]), np.array([0.8, 0.2])], [np.int64(1), np.array(1)], 0.5),
        (np.array([[Value(1.0), Value(2.0)]], dtype=object), [1], 1.0),
        ([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [[0, 1, 0], [0, 0, 1]], 0.5),  # one-hot
        ([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [(0.3, 0.4, 0.3), 0], 1.0),  # distributions
        ([[1.0, 2.0]], [[Value(0.25), Value(0.75)]], 1.0),
        ([2.5, -0.3], [[0, 1], [0, 1]], 0.5),
        ([1, 2, 0], [[0, 1, 0], [0, 0, 1], [0, 1, 0]], 2 / 3),
    ],
)
def test_accuracy(predictions, targets, expected):
    assert accuracy(list(predictions), list(targets)) == expected
    assert accuracy(predictions, targets) == expected


def test_threshold():
    probabilities = [0.2, 0.5, 0.7]
    assert accuracy(probabilities, [0, 0, 1], threshold=0.5) == 1.0
    assert accuracy(probabilities, [0, 0, 1]) == 1 / 3
    assert accuracy([0.2], [-1], threshold=0.5) == 1.0


@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [
        ([1, 0], [1], "there are 2 predictions, but 1 targets"),
        ([], [], "there are no predictions"),
        ([0.5], [2], "targets[0] is class 2, but there are scores for 2 classes"),
        ([[1.0, 2.0]], [2], "targets[0] is class 2, but there are scores for 2 classes"),
        ([0, 1], [0, 0.5], "targets[1] must be the number of a class, got 0.5"),
        ([0], [math.inf], "targets[0] must be the number of a class, got inf"),
        ([0.5], [-2], "targets[0] is -2, no class"),
        ([-2], [0], "predictions[0] is -2, no class"),
        ([0.5, 0.5], [-1, 0], "targets must be classes 0, 1, ..., or -1 and 1; got"),
        ([0.5, math.nan], [1, 0], "predictions[1] is nan"),
        ([[0.5, math.nan]], [1], "predictions[0][1] is nan"),
        ([0], [math.nan], "targets[0] is nan"),
        ([[1.0, 2.0]], [[1, 0, 0]], "targets[0] is of 3 classes, but there are scores for 2"),
        ([[1.0, 2.0]], [[1, 1]], "targets[0] is no distribution: it adds up to 2"),
        (np.array([]), np.array([]), "there are no predictions"),
    ],
)
@pytest.mark.parametrize("metric", [accuracy, confusion_matrix])
def test_refusals(metric, predictions, targets, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        metric(predictions, targets)


def test_probabilities_are_measured_by_binary_accuracy():
    sure = [0.2, 0.5, 0.7]
    assert (
        binary_accuracy(sure, [0, 0, 1]) == binary_accuracy([[p] for p in sure], [-1, -1, 1]) == 1
    )
    assert binary_accuracy(np.array(sure), np.array([1, 0, 1])) == 2 / 3
    assert binary_accuracy([Value(0.4), Value(1.0)], [0, 0]) == 0.5
    for predictions, message in [
        ([0.5, 2.5], r"predictions\[1\] is 2.5, no probability; for logits use accuracy"),
        ([-0.1, 0.5], r"predictions\[0\] is -0.1, no probability"),
        ([[0.5, 0.5], 0.5], "one probability; for several classes use accuracy"),
    ]:
        with pytest.raises(ValueError, match=message):
            binary_accuracy(predictions, [0, 1])


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (["cat"], "predictions[0] must be a real number, got 'cat' of type str"),
        ([[]], "predictions[0] must be a real number, got [] of type list"),
        ([[0.5, None]], "predictions[0][1] must be a real number, got None"),
        ([0.5, [0.5, 0.5]], "predictions[1] must be a real number, got [0.5, 0.5]"),
    ],
)
def test_no_numbers(predictions, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        accuracy(predictions, [0] * len(predictions))


# --- confusion matrix ----------------------------------------------------------------------------

# Example of scikit-learn's documentation of confusion_matrix.
TARGETS, PREDICTIONS = [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2]


def test_confusion_matrix():
    matrix = confusion_matrix(PREDICTIONS, TARGETS)
    assert list(matrix) == [[2, 0, 0], [0, 0, 1], [1, 0, 2]]
    assert matrix[2][0] == 1
    assert matrix[-1] == [1, 0, 2]
    assert len(matrix) == 3
    assert matrix == ConfusionMatrix([[2, 0, 0], [0, 0, 1], [1, 0, 2]], ("0", "1", "2"))


def test_confusion_matrix_prints_as_a_table():
    classes = ["ant", "a long name", "cat"]
    assert str(confusion_matrix(PREDICTIONS * 100, TARGETS * 100, classes)) == (
        "target / predicted  ant  a long name  cat\n"
        "ant                 200            0    0\n"
        "a long name           0            0  100\n"
        "cat                 100            0  200"
    )


def test_confusion_matrix_has_all_classes():
    assert len(confusion_matrix([[0.1, 0.7, 0.2]], [0])) == 3
    assert confusion_matrix([0], [0], ["a", "b"]).rows == [[1, 0], [0, 0]]
    assert confusion_matrix([0.5, -0.5], [1, -1]).rows == [[1, 0], [0, 1]]
    assert confusion_matrix([0.4], [1], threshold=0.5).rows == [[0, 0], [1, 0]]
    assert len(confusion_matrix(np.array([[0.1, 0.7, 0.2]]), np.array([0]))) == 3
    assert confusion_matrix([1], [[1, 0, 0]]).rows == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_confusion_matrix_needs_enough_names():
    with pytest.raises(ValueError, match="there are 3 classes, but names for 2"):
        confusion_matrix(PREDICTIONS, TARGETS, ["a", "b"])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
def test_accuracy_is_the_diagonal(pairs):
    predictions, targets = [p for p, _ in pairs], [y for _, y in pairs]
    matrix = confusion_matrix(predictions, targets)
    assert sum(map(sum, matrix)) == len(pairs)
    right = sum(matrix[k][k] for k in range(len(matrix)))
    assert right / len(pairs) == accuracy(predictions, targets)


# --- r2 ------------------------------------------------------------------------------------------


def test_r2():
    # Example of scikit-learn's documentation of r2_score.
    assert r2([2.5, 0.0, 2, 8], [3, -0.5, 2, 7]) == pytest.approx(0.9486081370449679, rel=1e-15)
    assert r2([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1.0
    assert r2([2.0, 2.0, 2.0], [1.0, 2.0, 3.0]) == 0.0
    assert r2([3.0, 2.0, 1.0], [1.0, 2.0, 3.0]) == -3.0
    assert r2([Value(1.0), [Value(2.0)], [4.0]], [1, 2, Value(3.0)]) == 0.5
    assert math.isnan(r2([1.0, 2.0], [5.0, 5.0]))


def test_r2_of_several_outputs():
    # Example of scikit-learn's documentation of r2_score, with multioutput="variance_weighted".
    targets, predictions = [[0.5, 1], [-1, 1], [7, -6]], [[0, 2], [-1, 2], [8, -5]]
    assert r2(predictions, targets) == pytest.approx(0.9382566585956416, rel=1e-15)
    assert r2(np.array(predictions), np.array(targets)) == r2(predictions, targets)
    # Outputs of different size explain nothing of each other.
    assert r2([[0.5, 100.5]] * 2, [[0.0, 100.0], [1.0, 101.0]]) == 0.0
    with pytest.raises(ValueError, match=r"targets\[0\] has 1 numbers, but predictions\[0\] has 2"):
        r2([[1.0, 2.0]], [1.0])


def test_r2_of_a_lecture():
    xs, ys = [-2, -1, 0, 1, 2], [-3.1, -0.9, 1.2, 2.8, 5.1]
    mse, variance = 0.0214, np.var(ys)
    assert r2([2.01 * x + 1.02 for x in xs], ys) == pytest.approx(1 - mse / variance, rel=1e-12)


@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [
        ([1.0], [1.0, 2.0], "there are 1 predictions, but 2 targets"),
        ([], [], "there are no predictions"),
        ([1.0, math.nan], [1.0, 2.0], r"predictions\[1\] is nan"),
        ([1.0, 2.0], [1.0, math.nan], r"targets\[1\] is nan"),
    ],
)
def test_r2_refusals(predictions, targets, message):
    with pytest.raises(ValueError, match=message):
        r2(predictions, targets)
