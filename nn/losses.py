"""What training makes small: the distance between predictions and targets.

Every loss takes a single example or a batch, as lists, tuples or NumPy arrays, and reduces:

- ``reduction="mean"`` divides the sum by the number of elements, or of examples where an example
  has a number for each class: the gradient does not grow with the batch. Textbooks that write a
  sum, or a sum with 1/2 in front, have the same minimum and another gradient.
- ``reduction="sum"`` adds.
- ``reduction="none"`` is the list of the losses, one for each element or example; of a single one
  just its loss.

Where a model ends in a sigmoid or a softmax, train it without, on its logits: the losses that take
logits are exact for every finite one, and those that take probabilities cannot be, because
1 - sigmoid(40) is 0 in floating point.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autograd_engine import (
    Value,
    clamp,
    dot,
    log,
    log1p,
    maximum,
    mean,
    primitives,
    relu,
    softplus,
    square,
)
from autograd_engine.convert import as_float
from autograd_engine.functions import abs, log_softmax, sum
from autograd_engine.tracing import Index, Traced, pick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "l1",
    "l2",
    "logistic",
    "mae",
    "mse",
    "nll",
]


# --- one number for each element -----------------------------------------------------------------


def mse(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """Mean squared error.

    Parameters
    ----------
    predictions, targets : Value or number, or lists of them, nested alike
        A list of one number may stand for the number.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    Value, or float if no Value is given; for "none" of a batch a list of them

    Raises
    ------
    ValueError
        If there are not as many targets as predictions, or none.

    References
    ----------
    Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805.

    Examples
    --------
    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    return _elementwise(_squared_error, predictions, targets, reduction)


def mae(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """Mean absolute error; its derivative is 0 where prediction and target are equal.

    Parameters
    ----------
    predictions, targets, reduction
        As for `mse`.

    Examples
    --------
    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    return _elementwise(_absolute_error, predictions, targets, reduction)


def huber(predictions: Any, targets: Any, reduction: str = "mean", *, delta: float = 1.0) -> Any:
    """Half the squared error up to delta, from there on a line that goes on with its slope.

    Parameters
    ----------
    predictions, targets, reduction
        As for `mse`.
    delta : float

    Raises
    ------
    ValueError
        If `delta` is not positive.

    References
    ----------
    Huber, Robust estimation of a location parameter, 1964.

    Examples
    --------
    >>> huber([0.5, 3.0], [0.0, 0.0], reduction="none")
    [0.125, 2.5]
    """
    delta = as_float(delta, "delta")
    if not delta > 0.0:
        raise ValueError(f"delta must be positive, got {delta!r}")

    def error(prediction: Any, target: Any) -> Any:
        # e**2/2 where |e| <= delta, else delta |e| - delta**2/2, without a branch
        difference = prediction - target
        held = clamp(difference, -delta, delta)
        return held * (difference - 0.5 * held)

    return _elementwise(error, predictions, targets, reduction)


def binary_cross_entropy(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """Cross-entropy of two classes, on the probability of class 1.

    It is inf where a probability is 0 or 1 and the target is the opposite. To train a network, use
    `binary_cross_entropy_with_logits`.

    Parameters
    ----------
    predictions, targets, reduction
        As for `mse`; probabilities, from 0 to 1.

    Raises
    ------
    ValueError
        If a prediction or a target is outside [0, 1].

    Examples
    --------
    >>> binary_cross_entropy(0.9, 1), binary_cross_entropy(0.9, 0)
    (0.105360515658, 2.302585092994)
    """
    return _elementwise(_binary_cross_entropy, predictions, targets, reduction)


def binary_cross_entropy_with_logits(
    predictions: Any, targets: Any, reduction: str = "mean"
) -> Any:
    """Cross-entropy of two classes, on the logit of class 1: the number before the sigmoid.

    Parameters
    ----------
    predictions, reduction
        As for `mse`.
    targets
        0 and 1, or probabilities between.

    Raises
    ------
    ValueError
        If a target is outside [0, 1].

    Examples
    --------
    >>> binary_cross_entropy_with_logits([2.0, -1.0], [1, 0])
    0.220094849281
    >>> binary_cross_entropy_with_logits(40.0, 1)
    4.248354255292e-18
    """
    return _elementwise(_with_logits, predictions, targets, reduction)


def logistic(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """log(1 + exp(-y z)), for labels y of -1 and 1 on scores z.

    It is `binary_cross_entropy_with_logits` with its targets written -1 and 1.

    Parameters
    ----------
    predictions, reduction
        As for `mse`.
    targets
        -1 and 1.

    Raises
    ------
    ValueError
        If a target is something else.

    Examples
    --------
    >>> logistic(2.0, 1), logistic(2.0, -1)
    (0.126928011043, 2.126928011043)
    """
    return _elementwise(_logistic, predictions, targets, reduction)


def hinge(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """max(0, 1 - y z), for labels y of -1 and 1 on scores z: the loss of support vector machines.

    At the kink the derivative is 0.

    Parameters
    ----------
    predictions, reduction
        As for `mse`.
    targets
        -1 and 1.

    Raises
    ------
    ValueError
        If a target is something else.

    References
    ----------
    Cortes and Vapnik, Support-vector networks, 1995.

    Examples
    --------
    >>> hinge([2.0, 0.5, 0.5], [1, 1, -1], reduction="none")
    [0.0, 0.5, 1.5]
    """
    return _elementwise(_hinge, predictions, targets, reduction)


def _squared_error(prediction: Any, target: Any) -> Any:
    return square(prediction - target)


def _absolute_error(prediction: Any, target: Any) -> Any:
    return abs(prediction - target)


def _binary_cross_entropy(probability: Any, target: Any) -> Any:
    _check_probability(
        probability, "binary_cross_entropy", "; for logits use binary_cross_entropy_with_logits"
    )
    _check_probability(target, "the target of binary_cross_entropy", _FOR_SIGNS)
    if _is(target, 1.0):
        return -log(probability)
    if _is(target, 0.0):
        return -log1p(-probability)
    # Of a target that is a Value, the other term would be 0 * inf where the probability is exact.
    traced = _is_traced(target) or _is_traced(probability)
    if not traced and _data(target) == _data(probability):
        if _data(target) == 1.0:
            return target * -log(probability)
        if _data(target) == 0.0:
            return (1.0 - target) * -log1p(-probability)
    return dot([-log(probability), -log1p(-probability)], [target, 1.0 - target])


def _with_logits(logit: Any, target: Any) -> Any:
    _check_probability(target, "the target of binary_cross_entropy_with_logits", _FOR_SIGNS)
    if _is(target, 1.0):
        return softplus(-logit)
    if _is(target, 0.0):
        return softplus(logit)
    return dot([softplus(-logit), softplus(logit)], [target, 1.0 - target])


def _logistic(score: Any, label: Any) -> Any:
    _check_label(label, "logistic")
    return softplus(score if _is(label, -1.0) else -_margin(score, label))


def _hinge(score: Any, label: Any) -> Any:
    _check_label(label, "hinge")
    return relu(1.0 + score if _is(label, -1.0) else 1.0 - _margin(score, label))


def _margin(score: Any, label: Any) -> Any:
    return score if _is(label, 1.0) else label * score


def _check_label(label: Any, loss: str) -> None:
    if not _is_traced(label) and _data(label) not in (-1.0, 1.0):
        raise ValueError(
            f"the labels of {loss} are -1 and 1, got {_data(label)!r}; for 0 and 1 use "
            "binary_cross_entropy_with_logits"
        )


# --- one number for each class -------------------------------------------------------------------


def cross_entropy(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """Cross-entropy of several classes, on logits: the numbers before the softmax.

    Parameters
    ----------
    predictions : list of Values and numbers, or a list of such lists
        For each class a logit.
    targets : int or list of numbers, or a list of either
        For each example the index of its class, or the probability of each class; of a single
        example as floats, because integers would look like the classes of several.
    reduction : {"mean", "sum", "none"}
        Over the examples.

    Returns
    -------
    Value, or float if no Value is given; for "none" of a batch a list of them

    Raises
    ------
    TypeError
        If the index of a class is no integer.
    ValueError
        If it is out of range, if probabilities are not one for each class or do not add up to 1,
        if there are not as many targets as examples, or none; if there is one number for each
        example, as of a model of one output.

    Examples
    --------
    >>> cross_entropy([0.0, 3.0, -2.0, 1.0], 3)
    2.175515362617
    >>> cross_entropy([[2.0, 0.0], [0.0, 2.0]], [[0.9, 0.1], [0.5, 0.5]])
    0.726928011043
    """
    return _classwise("cross_entropy", _log_likelihood, predictions, targets, reduction)


def nll(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """Negative log-likelihood: minus the log-probability of the class, as of `log_softmax`.

    Parameters
    ----------
    predictions : list of Values and numbers, or a list of such lists
        For each class a log-probability.
    targets : int, or a list of them
        For each example the index of its class.
    reduction
        As for `cross_entropy`.

    Raises
    ------
    TypeError, ValueError
        As `cross_entropy`.

    Examples
    --------
    >>> nll([-0.5, -1.5, -2.5], 0)
    0.5
    """
    return _classwise("nll", _picked, predictions, targets, reduction)


def kl_divergence(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    """Kullback-Leibler divergence of the predicted from the target distribution.

    The sum over the classes of p (log p - log q), where p is the target and q the prediction; 0
    where p is. The mean is over the examples, which PyTorch calls ``reduction="batchmean"``; its
    own "mean" divides by the number of classes too.

    Parameters
    ----------
    predictions : list of Values and numbers, or a list of such lists
        For each class a log-probability, as of `log_softmax`.
    targets : list of numbers, or a list of such lists
        For each class its probability; of a single example as floats, as for `cross_entropy`.
    reduction
        As for `cross_entropy`.

    Raises
    ------
    TypeError, ValueError
        As `cross_entropy`.

    References
    ----------
    Kullback and Leibler, On information and sufficiency, 1951.

    Examples
    --------
    >>> import math
    >>> kl_divergence([math.log(0.5), math.log(0.5)], [0.75, 0.25])
    0.130812035941
    """
    return _classwise("kl_divergence", _negative_divergence, predictions, targets, reduction)


def _log_likelihood(logits: list[Any], target: Any) -> Any:
    if isinstance(target, Index):
        return pick(target, log_softmax(logits))
    if not isinstance(target, list):
        index = _class_index(target, len(logits), "cross_entropy")
        return primitives.log_softmax(logits, index=index)
    return _expected(
        [
            (weight, primitives.log_softmax(logits, index=index))
            for index, weight in _distribution(target, len(logits), "cross_entropy")
        ]
    )


def _picked(log_probabilities: list[Any], target: Any) -> Any:
    if isinstance(target, Index):
        return pick(target, log_probabilities)
    return log_probabilities[_class_index(target, len(log_probabilities), "nll")]


def _negative_divergence(log_probabilities: list[Any], target: Any) -> Any:
    return _expected(
        [
            (weight, _difference(log_probabilities[index], _log_of_weight(weight)))
            for index, weight in _distribution(target, len(log_probabilities), "kl_divergence")
            if _is_traced(weight) or _data(weight) != 0.0  # of a Value as well: 0 * log 0 is 0
        ]
    )


def _difference(prediction: Any, target: Any) -> Any:
    return prediction if _is(target, 0.0) else prediction - target


def _log_of_weight(weight: Any) -> Any:
    """The logarithm; of what is 0 when the program runs something finite, for 0 * log 0 is 0."""
    return log(maximum(weight, 1e-37)) if _is_traced(weight) else log(weight)


def _class_index(target: Any, classes: int, loss: str) -> int:
    if not isinstance(target, int):
        raise TypeError(f"the class index of {loss} must be an integer, got {target!r}")
    if not 0 <= target < classes:
        raise ValueError(
            f"the class index of {loss} is from 0 to {classes - 1} for {classes} classes, "
            f"got {target}"
        )
    return target


def _distribution(target: Any, classes: int, loss: str) -> list[tuple[int, Any]]:
    """The classes with their probabilities, without those that have none."""
    if not isinstance(target, list):
        raise TypeError(f"{loss} takes the probability of each class, got {target!r}")
    if len(target) != classes:
        raise ValueError(f"{loss} got {len(target)} probabilities for {classes} classes")
    weights = [_number(weight) for weight in target]
    for weight in weights:
        _check_probability(weight, f"the target of {loss}")
    if not any(_is_traced(weight) for weight in weights):
        total = math.fsum(_data(weight) for weight in weights)
        if math.fabs(total - 1.0) > 1e-4:  # what is left of single precision
            raise ValueError(f"the probabilities of {loss} add up to {total:.6g}, not to 1")
    return [(index, weight) for index, weight in enumerate(weights) if not _is(weight, 0.0)]


def _expected(terms: list[tuple[Any, Any]]) -> Any:
    """The sum of terms, each with its weight."""
    if len(terms) == 1 and _is(terms[0][0], 1.0):
        return terms[0][1]
    return dot([term for _, term in terms], [weight for weight, _ in terms])


# --- penalties -----------------------------------------------------------------------------------


def l1(parameters: Iterable[Any], strength: float = 1.0) -> Any:
    """Strength times the sum of the absolute values: what the lasso adds to a loss.

    Parameters
    ----------
    parameters : iterable of Value
    strength : float

    Returns
    -------
    Value

    Raises
    ------
    ValueError
        If there are no parameters.

    References
    ----------
    Tibshirani, Regression shrinkage and selection via the lasso, 1996.

    Examples
    --------
    >>> l1([3.0, -4.0], strength=0.1)
    0.7
    """
    return _scaled(sum([abs(parameter) for parameter in _some(parameters, "l1")]), strength)


def l2(parameters: Iterable[Any], strength: float = 1.0) -> Any:
    """Strength times the sum of the squares: what ridge regression adds to a loss.

    It is the square of the norm: the norm itself has no gradient where all parameters are 0.

    Parameters
    ----------
    parameters : iterable of Value
    strength : float

    Returns
    -------
    Value

    Raises
    ------
    ValueError
        If there are no parameters.

    References
    ----------
    Hoerl and Kennard, Ridge regression, 1970.

    Examples
    --------
    >>> l2([3.0, -4.0], strength=0.1)
    2.5
    """
    given = _some(parameters, "l2")
    return _scaled(dot(given, given), strength)


def _some(parameters: Iterable[Any], penalty: str) -> list[Any]:
    given = [_number(parameter) for parameter in parameters]
    if not given:
        raise ValueError(f"{penalty} takes parameters, got none")
    return given


def _scaled(penalty: Any, strength: float) -> Any:
    number = as_float(strength, "strength")
    return penalty if number == 1.0 else number * penalty


# --- by name -------------------------------------------------------------------------------------

_BY_NAME: dict[str, Callable[..., Any]] = {
    loss.__name__: loss
    for loss in (
        binary_cross_entropy,
        binary_cross_entropy_with_logits,
        cross_entropy,
        hinge,
        huber,
        kl_divergence,
        logistic,
        mae,
        mse,
        nll,
    )
}


def get(name: str | Callable[..., Any]) -> Callable[..., Any]:
    """The loss of this name.

    Parameters
    ----------
    name : str or callable
        A callable is returned as it is.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If there is no loss of this name.

    Examples
    --------
    >>> get("mse")([1.0, 2.0], [1.0, 4.0])
    2.0
    >>> get("crossentropy")
    Traceback (most recent call last):
    ...
    ValueError: there is no loss 'crossentropy'; did you mean cross_entropy or ...?
    """
    if callable(name):
        return name
    if name in _BY_NAME:
        return _BY_NAME[name]
    import difflib

    near = difflib.get_close_matches(str(name), _BY_NAME, n=2)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(f"there is no loss {name!r}{hint}")


# --- examples, batches and reductions ------------------------------------------------------------


def _elementwise(
    loss_of: Callable[[Any, Any], Any], predictions: Any, targets: Any, reduction: str
) -> Any:
    predictions, targets = _as_list(predictions), _as_list(targets)
    pairs: list[tuple[Any, Any]] = []
    _pair(predictions, targets, pairs)
    losses = [loss_of(prediction, target) for prediction, target in pairs]
    return _reduced(losses, reduction, single=not isinstance(predictions, list))


def _pair(predictions: Any, targets: Any, pairs: list[tuple[Any, Any]]) -> None:
    """Append each prediction with its target, through all levels of lists."""
    if isinstance(predictions, list) and isinstance(targets, list):
        _check_lengths(len(predictions), len(targets))
        for prediction, target in zip(predictions, targets, strict=True):
            _pair(_as_list(prediction), _as_list(target), pairs)
    elif isinstance(predictions, list):
        _check_lengths(len(predictions), 1)
        _pair(_as_list(predictions[0]), targets, pairs)
    elif isinstance(targets, list):
        _check_lengths(1, len(targets))
        _pair(predictions, _as_list(targets[0]), pairs)
    else:
        pairs.append((_number(predictions), _number(targets)))


def _classwise(
    loss: str,
    log_likelihood: Callable[[list[Any], Any], Any],
    predictions: Any,
    targets: Any,
    reduction: str,
) -> Any:
    predictions, targets = _as_list(predictions), _as_list(targets)
    if not isinstance(predictions, list):
        raise TypeError(f"{loss} takes a list with a number for each class, got {predictions!r}")
    rows = [_as_list(row) for row in predictions]
    single = bool(rows) and not isinstance(rows[0], list)
    if single:
        _check_distribution_of_floats(loss, rows, targets)
        rows, targets = [rows], [targets]
    _check_lengths(len(rows), len(targets) if isinstance(targets, list) else 1)
    likelihoods = []
    for row, target in zip(rows, targets, strict=True):
        if not isinstance(row, list) or not row:
            raise ValueError(f"{loss} takes for each example a number for each class, got {row!r}")
        if len(row) == 1 and not single:
            raise ValueError(f"{loss} got one number for an example; {_FOR_ONE_OUTPUT}")
        likelihoods.append(log_likelihood([_number(x) for x in row], _as_list(target)))
    reduced = _reduced(likelihoods, reduction, single=single)
    return [-each for each in reduced] if isinstance(reduced, list) else -reduced


def _check_distribution_of_floats(loss: str, row: list[Any], target: Any) -> None:
    """Refuse the outputs of several examples with their classes, which would pass for one."""
    if not isinstance(target, list) or len(target) != len(row):
        return
    if any(isinstance(_as_list(weight), int) for weight in target):
        raise ValueError(
            f"{loss} got one number and one integer for each of {len(row)} examples; "
            f"{_FOR_ONE_OUTPUT}; if they are one example and its distribution, write it in floats"
        )


_FOR_ONE_OUTPUT = "for one logit per example use binary_cross_entropy_with_logits"


def _reduced(losses: list[Any], reduction: str, single: bool) -> Any:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
    if reduction == "none" and not single:
        return losses
    if len(losses) == 1:
        return losses[0]
    return mean(losses) if reduction == "mean" else sum(losses)


def _as_list(given: Any) -> Any:
    """A sequence or an array as a list; a number as it is."""
    if given.__class__ is list or isinstance(given, (Value, str, bytes)):
        return given
    if hasattr(given, "tolist"):
        return given.tolist()
    return list(given) if hasattr(given, "__iter__") else given


def _check_lengths(predictions: int, targets: int) -> None:
    if predictions != targets:
        raise ValueError(f"there are {predictions} predictions and {targets} targets")
    if predictions == 0:
        raise ValueError("there are no predictions: a loss needs one at least")


def _check_probability(number: Any, what: str, hint: str = "") -> None:
    if _is_traced(number):
        return
    data = _data(number)
    if data < 0.0 or data > 1.0:  # nan goes on, as everywhere
        raise ValueError(f"{what} must be a probability from 0 to 1, got {data!r}{hint}")


_FOR_SIGNS = "; for labels -1 and 1 use logistic or hinge"


def _number(given: Any) -> Any:
    """A Value as it is, a plain number as a float."""
    return given if isinstance(given, Value) else as_float(given, "a prediction or a target")


def _data(number: Any) -> float:
    data: float = number.data if isinstance(number, Value) else number
    return data


def _is_traced(number: Any) -> bool:
    """Whether it is of a program that is being recorded: then it is not looked at."""
    return isinstance(number, Traced)


def _is(number: Any, constant: float) -> bool:
    """Whether it is a plain number equal to the constant, so that no node need be made for it."""
    return number.__class__ is float and number == constant
