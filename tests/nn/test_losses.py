"""Losses: the lectures' figures, PyTorch's, exactness at large logits, shapes, nodes and errors."""

import inspect
import math
import random

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_engine import Value, check_gradients, log, log_softmax, normal_pdf, sigmoid
from autograd_engine.graph import nodes
from nn import losses
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    l1,
    l2,
    logistic,
    mae,
    mse,
    nll,
)

LN_2 = 0.6931471805599453


def near(x, rel=2e-15, absolute=0.0):
    return pytest.approx(x, rel=rel, abs=absolute)


def values(numbers):
    return [Value(x) for x in numbers]


def gradients(loss, predictions, targets, **options):
    loss(predictions, targets, **options).backward()
    flat = np.array(predictions, dtype=object).flatten()
    return [x.grad for x in flat]


# --- the lectures' figures -----------------------------------------------------------------------


def test_binary_cross_entropy_selects_by_the_label():
    assert binary_cross_entropy(0.9, 1) == near(0.10536051565782628)
    assert binary_cross_entropy(0.9, 0) == near(2.302585092994046)
    assert binary_cross_entropy(0.5, 1) == binary_cross_entropy(0.5, 0) == near(LN_2)
    assert binary_cross_entropy_with_logits(0.0, 1) == near(LN_2)


def test_cross_entropy():
    assert cross_entropy([0.7] * 10, 3) == near(2.302585092994046)
    logits = values([0.0, 3.0, -2.0, 1.0])
    loss = cross_entropy(logits, 3)
    assert loss.data == near(2.1755153626167146)
    loss.backward()
    assert [z.grad for z in logits] == near(
        [0.04177257051535045, 0.839024507462532, 0.00565330266221633, -0.8864503806400988]
    )


def test_logistic_loss_is_binary_cross_entropy():
    assert logistic(2.0, 1) == near(0.1269280110429725)
    assert logistic(2.0, -1) == near(2.1269280110429725)
    for z in (-30.0, -1.0, 0.0, 0.5, 40.0):
        assert logistic(z, 1) == binary_cross_entropy_with_logits(z, 1)
        assert logistic(z, -1) == binary_cross_entropy_with_logits(z, 0)


def test_maximum_likelihood_gives_the_losses():
    # a Bernoulli likelihood gives binary cross-entropy, a Gaussian one half the squared error
    rng = random.Random(0)
    logits = [rng.uniform(-3.0, 3.0) for _ in range(20)]
    labels = [rng.randrange(2) for _ in logits]
    likelihood = math.prod(
        sigmoid(z) ** y * (1.0 - sigmoid(z)) ** (1 - y) for z, y in zip(logits, labels, strict=True)
    )
    loss = binary_cross_entropy_with_logits(logits, labels, reduction="sum")
    assert -math.log(likelihood) == near(loss, rel=1e-13)
    for y, f in [(1.0, 0.3), (-2.0, 1.5)]:
        assert -log(normal_pdf(y - f)) == near(0.5 * mse(f, y) + 0.9189385332046727)


def test_mse_after_a_sigmoid_hardly_learns():
    squared, entropy = Value(-5.0), Value(-5.0)
    mse(sigmoid(squared), 1.0).backward()
    binary_cross_entropy_with_logits(entropy, 1.0).backward()
    assert squared.grad == pytest.approx(-0.013207, abs=5e-7)
    assert entropy.grad == pytest.approx(-0.993307, abs=5e-7)
    assert entropy.grad / squared.grad == pytest.approx(75, abs=0.5)


def test_mse_of_a_constant_on_xor():
    assert mse([0.5] * 4, [0, 1, 1, 0]) == 0.25


def test_penalties_are_of_squares():
    # the norm itself would have no gradient at 0
    zeros = values([0.0, 0.0])
    l2(zeros, strength=0.1).backward()
    assert [p.grad for p in zeros] == [0.0, 0.0]
    parameters = values([0.5, -1.0])
    penalty = l2(parameters, strength=0.1)
    assert penalty.data == near(0.125)
    penalty.backward()
    assert [p.grad for p in parameters] == near([0.1, -0.2])
    parameters = values([0.5, -1.0, 0.0])
    penalty = l1(parameters, strength=0.1)
    penalty.backward()
    assert (penalty.data, [p.grad for p in parameters]) == (near(0.15), [0.1, -0.1, 0.0])


# --- PyTorch's numbers ---------------------------------------------------------------------------

X, Y = [0.5, -1.5, 3.0, 2.0], [0.0, -1.0, -1.0, 2.0]
PROBABILITIES, HALVES = [0.9, 0.2, 0.6, 0.01], [1.0, 0.0, 0.3, 1.0]
SCORES, SIGNS = [1.3, -0.7, 2.2, -5.0], [1.0, -1.0, 1.0, -1.0]
LOGITS = [[0.3, -1.2, 2.5], [-4.0, 3.0, 0.0]]
LOG_P = [
    [-2.327096582800486, -3.827096582800486, -0.12709658280048583],
    [-7.049455609695646, -0.049455609695645726, -3.0494556096956456],
]
INDICES, DISTRIBUTIONS = [2, 0], [[0.2, 0.5, 0.3], [0.0, 1.0, 0.0]]

# PyTorch 2.13 in float64: the loss of each, and the gradient of the mean.
# fmt: off
PYTORCH = [
    (mse, {}, X, Y, [0.25, 0.25, 16.0, 0.0], [0.25, -0.25, 2.0, 0.0]),
    (mae, {}, X, Y, [0.5, 0.5, 4.0, 0.0], [0.25, -0.25, 0.25, 0.0]),
    (huber, {}, X, Y, [0.125, 0.125, 3.5, 0.0], [0.125, -0.125, 0.25, 0.0]),
    (huber, {"delta": 0.5}, X, Y, [0.125, 0.125, 1.875, 0.0], [0.125, -0.125, 0.125, 0.0]),
    (binary_cross_entropy, {}, PROBABILITIES, HALVES,
     [0.10536051565782628, 0.22314355131420976, 0.7946511994417057, 4.605170185988091],
     [-0.2777777777777778, 0.31249999999999994, 0.3125, -24.999999999999996]),
    (binary_cross_entropy_with_logits, {}, SCORES, HALVES,
     [0.2410084538329922, 0.40318604888545795, 1.645083319768696, 5.006715348489118],
     [-0.05354125423936035, 0.08295305695795847, 0.1500623777200787, -0.2483267872689288]),
    (logistic, {}, SCORES, SIGNS,
     [0.2410084538329922, 0.4031860488854579, 0.10508331976869591, 0.006715348489118068],
     [-0.05354125423936035, 0.08295305695795849, -0.024937622279921284, 0.001673212731071214]),
    (cross_entropy, {}, LOGITS, INDICES, [0.12709658280048583, 7.049455609695646],
     [0.04878932386281233, 0.010886369647042926, -0.0596756935098553,
      -0.4995660593525552, 0.47587370277788416, 0.02369235657467109]),
    (cross_entropy, {}, LOGITS, DISTRIBUTIONS, [2.417096582800486, 0.049455609695645726],
     [-0.051210676137187675, -0.23911363035295707, 0.29032430649014473,
      0.00043394064744480253, -0.024126297222115844, 0.02369235657467109]),
    (nll, {}, LOG_P, INDICES, [0.12709658280048583, 7.049455609695646],
     [0.0, 0.0, -0.5, -0.5, 0.0, 0.0]),
    # its reduction="batchmean"
    (kl_divergence, {}, LOG_P, DISTRIBUTIONS, [1.3874435687359123, 0.049455609695645726],
     [-0.1, -0.25, -0.15, 0.0, -0.5, 0.0]),
]
# fmt: on
CASES = pytest.mark.parametrize(
    ("loss", "options", "predictions", "targets", "each", "gradient"), PYTORCH
)


def nested(numbers, kind=Value):
    return [nested(x, kind) if isinstance(x, list) else kind(x) for x in numbers]


@CASES
def test_losses_are_pytorchs(loss, options, predictions, targets, each, gradient):
    assert loss(predictions, targets, "none", **options) == near(each, 1e-14, 1e-16)
    assert loss(predictions, targets, "sum", **options) == near(sum(each), 1e-14)
    assert loss(predictions, targets, **options) == near(sum(each) / len(each), 1e-14)
    recorded = nested(predictions)
    assert loss(recorded, targets, **options).data == near(sum(each) / len(each), 1e-14)
    assert gradients(loss, recorded, targets, **options) == near(gradient, 1e-13, 1e-16)


@CASES
def test_single_examples(loss, options, predictions, targets, each, gradient):
    for prediction, target, expected in zip(predictions, targets, each, strict=True):
        recorded = Value(prediction) if isinstance(prediction, float) else nested(prediction)
        for reduction in ("mean", "sum", "none"):
            single = loss(recorded, target, reduction, **options)
            assert isinstance(single, Value)
            assert single.data == near(expected, 1e-14, 1e-16)
            assert isinstance(loss(prediction, target, reduction, **options), float)


@CASES
def test_containers(loss, options, predictions, targets, each, gradient):
    expected = loss(predictions, targets, **options)
    for given_predictions in (np.array(predictions), tuple(predictions)):
        for given_targets in (np.array(targets), tuple(targets), iter(targets)):
            assert loss(given_predictions, given_targets, **options) == expected
    objects = np.array(nested(predictions), dtype=object)
    assert loss(objects, np.array(targets), **options).data == expected


@CASES
def test_a_nan_goes_through(loss, options, predictions, targets, each, gradient):
    spoilt = nested(predictions)
    first = spoilt[0][0] if isinstance(spoilt[0], list) else spoilt[0]
    first.data = math.nan
    total = loss(spoilt, targets, **options)
    assert math.isnan(total.data) or loss is nll  # which looks at the class alone


@CASES
def test_targets_may_be_values(loss, options, predictions, targets, each, gradient):
    if isinstance(targets[0], int):
        return  # an index has no derivative
    recorded = nested(targets) if loss is not kl_divergence else nested([[0.2, 0.5, 0.3]] * 2)
    plain = targets if loss is not kl_divergence else [[0.2, 0.5, 0.3]] * 2
    total = loss(predictions, recorded, **options)
    assert total.data == near(loss(predictions, plain, **options))
    total.backward()
    if loss is binary_cross_entropy_with_logits:
        # d/dy of softplus(z) - y z
        assert [y.grad for y in recorded] == near([-z / 4.0 for z in predictions], 1e-14)
    if loss is kl_divergence:
        # d/dp of p (log p - log q)
        assert recorded[0][0].grad == near((math.log(0.2) + 1.0 - predictions[0][0]) / 2.0)


def test_gradients_of_targets_too():
    for loss in (mse, mae, huber, binary_cross_entropy_with_logits):
        assert check_gradients(lambda z, y, loss=loss: loss([z], [y]), (1.7, 0.3))
    assert check_gradients(lambda z, y: binary_cross_entropy(z, y), (0.7, 0.3))
    assert check_gradients(lambda a, b: huber([a, b], [0.0, 0.0], delta=0.5), (0.2, -3.0))


# --- exactness at large logits -------------------------------------------------------------------


def exact_with_logits(z, y):
    with mpmath.workdps(700):
        z, y = mpmath.mpf(z), mpmath.mpf(y)
        loss = y * mpmath.log1p(mpmath.exp(-z)) + (1 - y) * mpmath.log1p(mpmath.exp(z))
        return float(loss), float(1 / (1 + mpmath.exp(-z)) - y)


@pytest.mark.parametrize("y", [0.0, 1.0, 0.25])
@pytest.mark.parametrize("z", [0.0, 1e-10, -3.0, 36.5, 40.0, -40.0, 700.0, 1000.0, -1000.0])
def test_binary_cross_entropy_with_logits_is_exact(z, y):
    loss, slope = exact_with_logits(z, y)
    logit = Value(z)
    found = binary_cross_entropy_with_logits(logit, y)
    assert found.data == near(loss)
    found.backward()
    assert logit.grad == near(slope, 1e-14, 1e-16)
    if y in (0.0, 1.0):
        assert logistic(z, 2.0 * y - 1.0) == near(loss)


def test_the_loss_of_a_sure_prediction_is_not_zero():
    assert binary_cross_entropy_with_logits(40.0, 1) == near(4.248354255291589e-18)
    assert binary_cross_entropy(sigmoid(40.0), 0) == math.inf  # what logits are for


@pytest.mark.parametrize(
    "logits", [[1000.0, 0.0], [-1000.0, 1000.0, 999.0], [1e308, -1e308], [40.0, 0.0, -40.0]]
)
def test_cross_entropy_is_exact(logits):
    with mpmath.workdps(60):
        largest = mpmath.mpf(max(logits))
        total = mpmath.fsum(mpmath.exp(mpmath.mpf(z) - largest) for z in logits)
        expected = [float(mpmath.log(total) + largest - mpmath.mpf(z)) for z in logits]
    for index, exact in enumerate(expected):
        one_hot = [float(k == index) for k in range(len(logits))]
        assert cross_entropy(logits, index) == near(exact)
        assert cross_entropy(logits, one_hot) == near(exact)
        recorded = values(logits)
        cross_entropy(recorded, index).backward()
        assert all(math.isfinite(z.grad) for z in recorded)
        assert math.fsum(z.grad for z in recorded) == pytest.approx(0.0, abs=1e-15)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=5),
    st.integers(0, 4),
)
def test_losses_agree_with_each_other(logits, choice):
    index = choice % len(logits)
    loss = cross_entropy(logits, index)
    assert loss >= 0.0
    assert nll(log_softmax(logits), index) == loss
    one_hot = [float(k == index) for k in range(len(logits))]
    assert cross_entropy(logits, one_hot) == loss
    assert kl_divergence(log_softmax(logits), one_hot) == loss
    two = cross_entropy([0.0, logits[0]], 1)
    assert binary_cross_entropy_with_logits(logits[0], 1) == pytest.approx(two, rel=1e-13)


def test_probabilities_at_the_ends():
    assert binary_cross_entropy([1.0, 0.0], [1, 0]) == 0.0
    assert binary_cross_entropy(0.0, 1) == math.inf
    assert binary_cross_entropy(1e-300, 0) == near(1e-300)
    assert kl_divergence([-math.inf, 0.0], [0.0, 1.0]) == 0.0
    assert kl_divergence([-math.inf, 0.0], [0.5, 0.5]) == math.inf


# --- kinks ---------------------------------------------------------------------------------------


def test_hinge():
    for score, label, loss, slope in [
        (2.0, 1, 0.0, 0.0),
        (1.0, 1, 0.0, 0.0),
        (0.25, 1, 0.75, -1.0),
        (0.25, -1, 1.25, 1.0),
        (-3.0, -1, 0.0, 0.0),
    ]:
        for target in (label, Value(label)):
            z = Value(score)
            found = hinge(z, target)
            found.backward()
            assert (found.data, z.grad) == (loss, slope)


def test_huber_where_it_turns_into_a_line():
    for x in (-2.0, 2.0):
        value = Value(x)
        loss = huber(value, 0.0, delta=2.0)
        loss.backward()
        assert (loss.data, value.grad) == (2.0, x)


# --- shapes and nodes ----------------------------------------------------------------------------


def test_a_list_of_one_is_its_number():
    z = Value(3.0)
    for predictions, targets in [
        ([[z]], [1.0]),
        ([z], [[1.0]]),
        ([[z]], [[1.0]]),
        ([z], 1.0),
        (z, [1.0]),
        (z, np.array(1.0)),
        ([[z]], np.array([[1.0]])),
    ]:
        assert mse(predictions, targets).data == 4.0
    assert mse([[1.0, 2.0], [3.0, 4.0]], np.array([[1.0, 2.0], [3.0, 6.0]])) == 1.0
    assert mse([[1.0], [2.0], [3.0]], [1, 2, 6]) == 3.0
    assert mse([[1.0], [2.0], [3.0]], [1, 2, 6], "none") == [0.0, 0.0, 9.0]
    assert mse([2.0], [True]) == 1.0


def size(loss):
    return len(nodes(loss))


def test_few_nodes():
    z = values([0.5] * 8)
    ones, zeros = [1] * 8, [0] * 8
    # leaves, nodes of each example, and the mean; the target of a probability is no node
    assert size(mse(z, zeros)) == 8 + 3 * 8 + 1
    assert size(mae(z, zeros)) == 8 + 3 * 8 + 1
    assert size(binary_cross_entropy_with_logits(z, zeros)) == 8 + 8 + 1
    assert size(binary_cross_entropy_with_logits(z, ones)) == 8 + 2 * 8 + 1
    assert size(logistic(z, [-1] * 8)) == 8 + 8 + 1
    assert size(binary_cross_entropy(z, ones)) == 8 + 2 * 8 + 1
    assert size(mse(z[0], 0.0)) == 4
    assert size(mse(z[:1], zeros[:1])) == 4
    rows = [z[:4], z[4:]]
    assert size(cross_entropy(rows, [0, 3])) == 8 + 2 + 2
    assert size(cross_entropy(rows, [[1, 0, 0, 0], [0, 0, 0, 1]])) == 8 + 2 + 2
    assert size(nll(rows, [0, 3])) == 2 + 2
    assert size(kl_divergence(rows, [[1, 0, 0, 0], [0, 0, 0, 1]])) == 2 + 2
    assert size(l2(z)) == 8 + 1
    assert size(l1(z)) == 8 + 8 + 1


# --- errors --------------------------------------------------------------------------------------

ELEMENTWISE = [
    mse,
    mae,
    huber,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    logistic,
    hinge,
]


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_shapes_that_do_not_fit(loss):
    for predictions, targets, message in [
        ([1.0, 0.5], [1.0], "there are 2 predictions and 1 targets"),
        ([1.0, 0.5], 1.0, "there are 2 predictions and 1 targets"),
        (0.5, [1.0, 1.0], "there are 1 predictions and 2 targets"),
        ([[1.0, 0.5], [1.0, 0.5]], [1.0, 1.0], "there are 2 predictions and 1 targets"),
        ([[1.0, 0.5]], [1.0, 1.0], "there are 1 predictions and 2 targets"),
        ([], [], "there are no predictions"),
        ([[], []], [[], []], "there are no predictions"),
    ]:
        with pytest.raises(ValueError, match=message):
            loss(predictions, targets)
    for wrong in ("a", None, 1j, {"a": 1.0}):
        with pytest.raises(TypeError, match="a prediction or a target must be a real number"):
            loss([0.5], [wrong])
    with pytest.raises(ValueError, match="'mean', 'sum' or 'none', got 'average'"):
        loss([0.5], [1.0], reduction="average")


@pytest.mark.parametrize("loss", [cross_entropy, nll, kl_divergence])
def test_examples_that_do_not_fit(loss):
    name, row = loss.__name__, [-1.0, -0.5]
    target = [0.5, 0.5] if loss is kl_divergence else 1
    for predictions, targets, message in [
        ([row, row], [target], "there are 2 predictions and 1 targets"),
        ([row], [target] * 3, "there are 1 predictions and 3 targets"),
        ([], [], "there are no predictions"),
        ([[], []], [target, target], f"{name} takes for each example a number for each class"),
        ([row, -1.0], [target, target], f"{name} takes for each example a number for each class"),
    ]:
        with pytest.raises(ValueError, match=message):
            loss(predictions, targets)
    with pytest.raises(TypeError, match=f"{name} takes a list with a number for each class"):
        loss(1.0, target)
    with pytest.raises(TypeError, match="must be a real number"):
        loss(["a", "b"], target)
    with pytest.raises(ValueError, match="'mean', 'sum' or 'none', got 'batchmean'"):
        loss([row], [target], reduction="batchmean")


@pytest.mark.parametrize("loss", [cross_entropy, nll])
def test_class_indices(loss):
    name = loss.__name__
    assert loss([-1.0, -0.5], np.int64(1)) == loss([-1.0, -0.5], True)
    for index in (2, -1):
        with pytest.raises(ValueError, match=f"{name} is from 0 to 1 for 2 classes, got {index}"):
            loss([-1.0, -0.5], index)
    for index in (1.0, "1", None, Value(1.0)):
        with pytest.raises(TypeError, match=f"the class index of {name} must be an integer"):
            loss([[-1.0, -0.5]], [index])
    with pytest.raises(TypeError, match="the class index of nll must be an integer"):
        nll([-1.0, -0.5], [0.5, 0.5])


@pytest.mark.parametrize("loss", [cross_entropy, kl_divergence])
def test_distributions(loss):
    name = loss.__name__
    for target, message in [
        ([1.0], f"{name} got 1 probabilities for 2 classes"),
        ([0.5, 0.25, 0.25], f"{name} got 3 probabilities for 2 classes"),
        ([1.5, -0.5], f"the target of {name} must be a probability from 0 to 1, got 1.5"),
        ([1.0, 1.0], f"the probabilities of {name} add up to 2, not to 1"),
        ([0.0, 0.0], "add up to 0, not to 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            loss([-1.0, -0.5], target)
    thirds = np.array([1 / 3, 2 / 3], dtype=np.float32)
    assert math.isfinite(loss([-1.0, -0.5], thirds))
    with pytest.raises(TypeError, match="kl_divergence takes the probability of each class, got 1"):
        kl_divergence([-1.0, -0.5], 1)


def test_labels_and_probabilities_out_of_range():
    for loss in (hinge, logistic):
        for label in (0, 2, 0.5, Value(0.0)):
            with pytest.raises(
                ValueError, match=f"the labels of {loss.__name__} are -1 and 1, got .*; for 0 and 1"
            ):
                loss([0.3], [label])
    with pytest.raises(ValueError, match=r"from 0 to 1, got 1\.5; for logits use binary_cross"):
        binary_cross_entropy(Value(1.5), 1)
    for loss in (binary_cross_entropy, binary_cross_entropy_with_logits):
        with pytest.raises(ValueError, match=r"got -1\.0; for labels -1 and 1 use logistic"):
            loss(0.5, -1)


def test_options_out_of_range():
    for delta in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="delta must be positive"):
            huber(1.0, 0.0, delta=delta)
    for penalty in (l1, l2):
        with pytest.raises(ValueError, match=f"{penalty.__name__} takes parameters, got none"):
            penalty([])
        with pytest.raises(TypeError, match="strength must be a real number"):
            penalty([1.0], strength="a")


# --- by name -------------------------------------------------------------------------------------


def test_get():
    for name in losses.__all__:
        function = getattr(losses, name)
        if "targets" in inspect.signature(function).parameters:
            assert losses.get(name) is function
            assert losses.get(function) is function
    for name, message in [
        ("MSE", "there is no loss 'MSE'"),
        ("crossentropy", "did you mean cross_entropy"),
        ("l2", "there is no loss 'l2'"),
        (None, "there is no loss None"),
    ]:
        with pytest.raises(ValueError, match=message):
            losses.get(name)


def test_targets_of_0_and_1_may_be_values():
    for x in (0.0, 1.0):
        p, y = Value(x), Value(x)
        loss = binary_cross_entropy(p, y)
        assert loss.data == 0.0
        loss.backward()
        assert p.grad == (1.0 if x == 0.0 else -1.0)
        assert math.isfinite(y.grad)
        assert binary_cross_entropy(x, Value(x)).data == 0.0
        assert binary_cross_entropy(x, Value(1.0 - x)).data == math.inf
    y = Value(1.0)
    binary_cross_entropy(0.25, y).backward()
    assert y.grad == near(math.log(3.0))
    log_q = values([-math.inf, 0.0])
    assert kl_divergence(log_q, values([0.0, 1.0])).data == 0.0


@pytest.mark.parametrize("loss", [cross_entropy, kl_divergence, nll])
@pytest.mark.parametrize(
    "targets", [[0, 1], [True, False], [0, 1.0], np.array([1, 0]), [np.int64(0), 1]]
)
def test_one_number_for_each_example_is_no_distribution(loss, targets):
    for predictions in (values([-1.0, -0.5]), [-1.0, -0.5], np.array([-1.0, -0.5])):
        with pytest.raises(ValueError, match="use binary_cross_entropy_with_logits"):
            loss(predictions, targets)
    for predictions in ([[Value(-1.0)], [Value(-0.5)]], [[-1.0], [-0.5]]):
        with pytest.raises(ValueError, match="use binary_cross_entropy_with_logits"):
            loss(predictions, targets)


def test_one_example_with_a_distribution_of_floats():
    row, pair = values([-1.0, -0.5]), [[-1.0, -0.5]]
    for loss in (cross_entropy, kl_divergence):
        for target in ([0.0, 1.0], [0.25, 0.75]):
            assert loss(row, target).data == loss(pair, [target])
        assert loss(pair, [[0, 1]]) == loss(row, [0.0, 1.0]).data
