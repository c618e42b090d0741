"""How good predictions are: accuracy, confusion matrix, r2.

Each takes what a model returned for some examples, and their targets, as lists or NumPy arrays.
Values count by their data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from autograd_engine import Value
from autograd_engine.convert import as_float

__all__ = ["ConfusionMatrix", "accuracy", "binary_accuracy", "confusion_matrix", "r2"]


def accuracy(predictions: Sequence[Any], targets: Sequence[Any], threshold: float = 0.0) -> float:
    """The part of the predictions that is right.

    Of one output it expects the logit; where a model ends in a sigmoid use `binary_accuracy`,
    because of probabilities, none below 0, nearly all would count as class 1.

    Parameters
    ----------
    predictions : sequence
        For each example one of these, the same for all:

        - a list of scores, one per class, of which the first highest counts: logits,
          probabilities;
        - one score, which means class 1 if it is above the threshold, otherwise class 0: a logit,
          or the 0 or 1 of a threshold unit;
        - an int, the number of the class itself.
    targets : sequence
        The numbers of the classes; for one score also -1 and 1, for class 0 and 1. Or for each
        example the probability of each class, as in one-hot targets, the first highest of which
        counts.
    threshold : float
        For one score: 0 for logits, 0.5 for probabilities.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If there are none, more of one than of the other, or one that is no class or no score.

    Examples
    --------
    >>> accuracy([2.5, -0.3, 0.1], [1, 0, 0])
    0.666666666667
    >>> accuracy([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [1, 2])
    0.5
    """
    pairs = _classes(_listed(predictions), _listed(targets), threshold)
    return sum(predicted == target for predicted, target in pairs) / len(pairs)


def binary_accuracy(predictions: Sequence[Any], targets: Sequence[Any]) -> float:
    """The part of the predictions that is right, of probabilities as a sigmoid returns them.

    Above 0.5 is class 1. For logits, and for several classes, use `accuracy`.

    Parameters
    ----------
    predictions : sequence
        For each example the probability of class 1.
    targets : sequence
        As for `accuracy`.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        As for `accuracy`, and if a prediction is no probability.

    Examples
    --------
    >>> binary_accuracy([0.9, 0.3, 0.6], [1, 0, 0])
    0.666666666667
    """
    probabilities = _listed(predictions)
    for i, probability in enumerate(probabilities):
        if _scores(probability):
            raise ValueError(
                f"predictions[{i}] has {len(probability)} numbers, where binary_accuracy takes "
                "one probability; for several classes use accuracy"
            )
        number = _score(probability, f"predictions[{i}]")
        if not 0.0 <= number <= 1.0:
            raise ValueError(
                f"predictions[{i}] is {number}, no probability; for logits use accuracy"
            )
    return accuracy(probabilities, targets, threshold=0.5)


@dataclass(frozen=True)
class ConfusionMatrix:
    """How often each class was predicted for each: ``matrix[target][predicted]``.

    Printed, it is a table.

    Attributes
    ----------
    rows : list of lists of int
    classes : tuple of str
    """

    rows: list[list[int]]
    classes: tuple[str, ...]

    def __getitem__(self, target: int) -> list[int]:
        return self.rows[target]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.rows)

    def __str__(self) -> str:
        corner = "target / predicted"
        table = [[corner, *self.classes]]
        table += [[name, *map(str, row)] for name, row in zip(self.classes, self.rows, strict=True)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])
            for row in table
        )


def confusion_matrix(
    predictions: Sequence[Any],
    targets: Sequence[Any],
    classes: Sequence[str] | None = None,
    threshold: float = 0.0,
) -> ConfusionMatrix:
    """Count which class was predicted for which.

    Parameters
    ----------
    predictions, targets, threshold
        As for `accuracy`.
    classes : sequence of str, optional
        The names of the classes; their numbers if not given.

    Returns
    -------
    ConfusionMatrix
        A row for each class that was to be predicted, a column for each that was.

    Raises
    ------
    ValueError
        As for `accuracy`, and if there are more classes than names.

    Examples
    --------
    >>> matrix = confusion_matrix([0, 1, 1, 1], [0, 0, 1, 1], ["cat", "dog"])
    >>> matrix[0]
    [1, 1]
    >>> print(matrix)
    target / predicted  cat  dog
    cat                   1    1
    dog                   0    2
    """
    predictions, targets = _listed(predictions), _listed(targets)
    pairs = _classes(predictions, targets, threshold)
    widths = [len(row) for row in (predictions[0], targets[0]) if isinstance(row, (list, tuple))]
    count = max(1 + max(max(pair) for pair in pairs), *widths, 0)
    names = tuple(map(str, range(count))) if classes is None else tuple(classes)
    if len(names) < count:
        raise ValueError(f"there are {count} classes, but names for {len(names)}")
    rows = [[0] * len(names) for _ in names]
    for predicted, target in pairs:
        rows[target][predicted] += 1
    return ConfusionMatrix(rows, names)


def r2(predictions: Sequence[Any], targets: Sequence[Any]) -> float:
    """The part of the targets' variance that the predictions explain.

    Of several outputs it is the part of the sum of their variances.

    Parameters
    ----------
    predictions, targets : sequence of numbers or Values, or of lists of them

    Returns
    -------
    float
        1 for perfect predictions, 0 for the mean of the targets, negative for worse; nan if all
        targets are equal, and so leave nothing to explain.

    Raises
    ------
    ValueError
        If there are none, or more of one than of the other, or not as many in each example.

    References
    ----------
    Wright, Correlation and causation, 1921.

    Examples
    --------
    >>> r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    predictions, targets = _listed(predictions), _listed(targets)
    _check_lengths(predictions, targets)
    ps = [_row(p, f"predictions[{i}]") for i, p in enumerate(predictions)]
    ys = [_row(y, f"targets[{i}]") for i, y in enumerate(targets)]
    for what, rows in (("predictions", ps), ("targets", ys)):
        for i, row in enumerate(rows):
            if len(row) != len(ps[0]):
                raise ValueError(
                    f"{what}[{i}] has {len(row)} numbers, but predictions[0] has {len(ps[0])}"
                )
    means = [math.fsum(column) / len(ys) for column in zip(*ys, strict=True)]
    total = math.fsum(_squared_distance(y, means) for y in ys)
    if total == 0.0:
        return math.nan
    return 1.0 - math.fsum(map(_squared_distance, ys, ps)) / total


def _row(given: Any, what: str) -> list[float]:
    if not _scores(given):
        return [_score(given, what)]
    return [_score(number, f"{what}[{k}]") for k, number in enumerate(given)]


def _squared_distance(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum((x - y) ** 2 for x, y in zip(a, b, strict=True))


# --- what they share -----------------------------------------------------------------------------


def _listed(given: Any) -> list[Any]:
    """A list of what is given for each example; the arrays among it, of NumPy, as lists too."""
    return [each.tolist() if hasattr(each, "tolist") else each for each in given]


def _check_lengths(predictions: Sequence[Any], targets: Sequence[Any]) -> None:
    if len(predictions) != len(targets):
        raise ValueError(f"there are {len(predictions)} predictions, but {len(targets)} targets")
    if not predictions:
        raise ValueError("there are no predictions")


def _classes(
    predictions: Sequence[Any], targets: Sequence[Any], threshold: float
) -> list[tuple[int, int]]:
    """The predicted class and the target of each example."""
    _check_lengths(predictions, targets)
    ys = [
        _most_probable(y, f"targets[{i}]") if _scores(y) else _whole(y, f"targets[{i}]")
        for i, y in enumerate(targets)
    ]
    signs = -1 in ys
    if signs:
        if not {-1, 1}.issuperset(ys):
            raise ValueError(f"targets must be classes 0, 1, ..., or -1 and 1; got {set(ys)}")
        ys = [int(y > 0) for y in ys]
    if all(_scores(p) for p in predictions):
        ps = [_highest(p, f"predictions[{i}]") for i, p in enumerate(predictions)]
        count = min(map(len, predictions))
    elif all(isinstance(p, Integral) for p in predictions) and not signs:
        ps = [_whole(p, f"predictions[{i}]") for i, p in enumerate(predictions)]
        count = 0
    else:
        ps = [int(_score(p, f"predictions[{i}]") > threshold) for i, p in enumerate(predictions)]
        count = 2
    for i, y in enumerate(targets):
        if count and _scores(y) and len(y) != count:
            raise ValueError(
                f"targets[{i}] is of {len(y)} classes, but there are scores for {count} classes"
            )
    for what, numbers in (("predictions", ps), ("targets", ys)):
        if min(numbers) < 0:
            raise ValueError(f"{what}[{numbers.index(min(numbers))}] is {min(numbers)}, no class")
    if count and max(ys) >= count:
        raise ValueError(
            f"targets[{ys.index(max(ys))}] is class {max(ys)}, but there are scores for {count} "
            "classes"
        )
    return list(zip(ps, ys, strict=True))


def _scores(prediction: Any) -> bool:
    """Whether it is a list of scores; a list of one is a score, as of a layer of one neuron."""
    return isinstance(prediction, (list, tuple)) and len(prediction) > 1


def _score(prediction: Any, what: str) -> float:
    if isinstance(prediction, (list, tuple)) and len(prediction) == 1:
        prediction = prediction[0]
    score = prediction.data if isinstance(prediction, Value) else as_float(prediction, what)
    if math.isnan(score):
        raise ValueError(f"{what} is nan")
    return score


def _highest(prediction: Sequence[Any], what: str) -> int:
    scores = [_score(score, f"{what}[{k}]") for k, score in enumerate(prediction)]
    return scores.index(max(scores))


def _most_probable(target: Sequence[Any], what: str) -> int:
    total = math.fsum(_row(target, what))
    if abs(total - 1.0) > 1e-4:  # what is left of single precision
        raise ValueError(f"{what} is no distribution: it adds up to {total:.6g}")
    return _highest(target, what)


def _whole(number: Any, what: str) -> int:
    score = _score(number, what)
    if not score.is_integer():
        raise ValueError(f"{what} must be the number of a class, got {score}")
    return int(score)
