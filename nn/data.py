"""Small datasets, and how to split them and take them in batches.

A dataset is a list of pairs (x, y): x is a list of floats, y a float, or the number of a class as
an int. The classes of a generated dataset take turns, so that they are as equal in size as n
allows.

The same seed gives the same data on every machine and with every version of Python: it is made of
``random()``, the one method whose sequence Python promises to keep, and of + - * / and square
roots, which IEEE 754 defines to the last bit. sin and cos are not: their last digit differs from
one C library to the next. Noise is ``normalvariate()``, the method of Kinderman and Monahan, whose
result is arithmetic on ``random()``: a logarithm only decides whether to draw again. ``gauss()``
returns what log, sin and cos give, and keeps every second number for the next caller.
"""

from __future__ import annotations

import difflib
import math
import operator
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from nn.init import generator

__all__ = [
    "BOOLEAN_FUNCTIONS",
    "batches",
    "blobs",
    "boolean",
    "circles",
    "gaussians",
    "line",
    "moons",
    "quadratic",
    "spirals",
    "split",
    "yin_yang",
]

T = TypeVar("T")
Seed: TypeAlias = int | random.Random | None
Point: TypeAlias = list[float]
Labelled: TypeAlias = list[tuple[Point, int]]
Measured: TypeAlias = list[tuple[Point, float]]


# --- boolean functions ---------------------------------------------------------------------------

# The outputs for the inputs (0, 0), (0, 1), (1, 0), (1, 1): all 16 functions of a and b.
BOOLEAN_FUNCTIONS: dict[str, tuple[int, int, int, int]] = {
    "false": (0, 0, 0, 0),
    "and": (0, 0, 0, 1),
    "a and not b": (0, 0, 1, 0),
    "a": (0, 0, 1, 1),
    "b and not a": (0, 1, 0, 0),
    "b": (0, 1, 0, 1),
    "xor": (0, 1, 1, 0),
    "or": (0, 1, 1, 1),
    "nor": (1, 0, 0, 0),
    "xnor": (1, 0, 0, 1),
    "not b": (1, 0, 1, 0),
    "implied by": (1, 0, 1, 1),
    "not a": (1, 1, 0, 0),
    "implies": (1, 1, 0, 1),
    "nand": (1, 1, 1, 0),
    "true": (1, 1, 1, 1),
}


def boolean(name: str) -> Labelled:
    """The truth table of a boolean function.

    Parameters
    ----------
    name : str
        One of `BOOLEAN_FUNCTIONS`, such as "xor", "nand" or "implies"; or "not", which has one
        input.

    Returns
    -------
    list of (x, y)
        In the order 00, 01, 10, 11; y is 0 or 1.

    Raises
    ------
    ValueError
        If there is no such function.

    Examples
    --------
    >>> boolean("xor")
    [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]
    >>> boolean("not")
    [([0.0], 1), ([1.0], 0)]
    """
    if name == "not":
        return [([0.0], 1), ([1.0], 0)]
    if name not in BOOLEAN_FUNCTIONS:
        known = ["not", *BOOLEAN_FUNCTIONS]
        near = difflib.get_close_matches(str(name).lower(), known)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {known}"
        raise ValueError(f"there is no boolean function {name!r}; {hint}")
    inputs = ([a, b] for a in (0.0, 1.0) for b in (0.0, 1.0))
    return list(zip(inputs, BOOLEAN_FUNCTIONS[name], strict=True))


# --- curves to fit -------------------------------------------------------------------------------


def line(
    n: int = 20,
    slope: float = 2.0,
    intercept: float = 1.0,
    noise: float = 0.0,
    seed: Seed = None,
    low: float = -1.0,
    high: float = 1.0,
) -> Measured:
    """Points of a line, evenly spaced in x.

    Parameters
    ----------
    n : int
        How many; at least 2.
    slope, intercept : float
    noise : float
        The standard deviation of what is added to y.
    seed : int, random.Random or None
        For the noise; None draws from Python's shared generator, as ``random.seed`` has set it.
    low, high : float
        The first and the last x.

    Returns
    -------
    list of ([x], y)

    Raises
    ------
    ValueError
        If n is below 2, or the noise below 0.

    Examples
    --------
    >>> line(3, slope=2.0, intercept=1.0)
    [([-1.0], -1.0), ([0.0], 1.0), ([1.0], 3.0)]
    """
    return _curve(lambda x: slope * x + intercept, n, noise, seed, low, high)


def quadratic(
    n: int = 11,
    noise: float = 0.0,
    seed: Seed = None,
    low: float = -1.0,
    high: float = 1.0,
) -> Measured:
    """Points of the parabola ``y = x**2``, evenly spaced in x.

    Parameters
    ----------
    n, noise, seed, low, high
        As for `line`.

    Returns
    -------
    list of ([x], y)

    Raises
    ------
    ValueError
        If n is below 2, or the noise below 0.

    Examples
    --------
    >>> quadratic(5)
    [([-1.0], 1.0), ([-0.5], 0.25), ([0.0], 0.0), ([0.5], 0.25), ([1.0], 1.0)]
    """
    return _curve(lambda x: x * x, n, noise, seed, low, high)


def _curve(
    function: Callable[[float], float], n: int, noise: float, seed: Seed, low: float, high: float
) -> Measured:
    n = _checked(n, noise, least=2)
    rng = generator(seed)
    data = []
    for i in range(n):
        t = i / (n - 1)
        x = (1.0 - t) * low + t * high
        data.append(([x], function(x) + rng.normalvariate(0.0, noise)))
    return data


# --- classes in the plane ------------------------------------------------------------------------


def moons(n: int = 100, noise: float = 0.1, seed: Seed = None) -> Labelled:
    """Two half circles that reach into each other.

    Class 0 lies on the upper half of the unit circle; class 1 on the lower half of the unit circle
    around (1, 0.5).

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        The standard deviation of what is added to each coordinate. The same seed gives the same
        points, moved by more or less noise.
    seed : int, random.Random or None
        None draws from Python's shared generator, as ``random.seed`` has set it.

    Returns
    -------
    list of ([x1, x2], y)

    Raises
    ------
    ValueError
        If n is below 1, or the noise below 0.

    References
    ----------
    The shape is that of scikit-learn's ``make_moons``; there the points are evenly spaced, here
    they are drawn.

    Examples
    --------
    >>> [y for x, y in moons(5, seed=0)]
    [0, 1, 0, 1, 0]
    """

    def place(rng: random.Random, y: int) -> Point:
        x1, x2 = _on_circle(rng.random() / 2.0)
        return [x1, x2] if y == 0 else [1.0 - x1, 0.5 - x2]

    return _classes(n, 2, place, noise, seed)


def circles(n: int = 100, noise: float = 0.05, seed: Seed = None, factor: float = 0.5) -> Labelled:
    """A circle within another.

    Parameters
    ----------
    n, noise, seed
        As for `moons`.
    factor : float
        The radius of the inner circle, class 1; that of the outer one, class 0, is 1.

    Returns
    -------
    list of ([x1, x2], y)

    Raises
    ------
    ValueError
        If n is below 1, the noise below 0, or the factor not between 0 and 1.

    Examples
    --------
    >>> for (x1, x2), y in circles(2, noise=0.0, seed=0):
    ...     print(y, round(x1**2 + x2**2, 12))
    0 1.0
    1 0.25
    """
    if not 0.0 < factor < 1.0:
        raise ValueError(f"factor must be between 0 and 1, got {factor!r}")

    def place(rng: random.Random, y: int) -> Point:
        radius = 1.0 if y == 0 else factor
        return [radius * coordinate for coordinate in _on_circle(rng.random())]

    return _classes(n, 2, place, noise, seed)


def blobs(
    n: int = 100,
    centers: int | Sequence[Sequence[float]] = 3,
    noise: float = 0.2,
    seed: Seed = None,
) -> Labelled:
    """A round cloud for each class.

    Parameters
    ----------
    n : int
        How many points.
    centers : int or list of points
        How many classes, for centers evenly spaced on the unit circle; or the centers themselves,
        of any dimension.
    noise : float
        The standard deviation of each coordinate.
    seed : int, random.Random or None
        None draws from Python's shared generator, as ``random.seed`` has set it.

    Returns
    -------
    list of (x, y)

    Raises
    ------
    ValueError
        If n is below 1, the noise below 0, or there are no centers, or centers of different
        dimensions.

    Examples
    --------
    >>> blobs(3, [[0.0, 5.0], [5.0, 0.0]], noise=0.0)
    [([0.0, 5.0], 0), ([5.0, 0.0], 1), ([0.0, 5.0], 0)]
    """
    if not isinstance(centers, Iterable):
        count = _count(centers, "centers")
        places = [_on_circle(k / count) for k in range(count)]
    else:
        places = [[*map(float, center)] for center in centers]
        if not places or len({len(center) for center in places}) != 1 or not places[0]:
            raise ValueError(
                f"centers must be a number, or points of the same dimension, got {centers!r}"
            )
    return _classes(n, len(places), lambda rng, y: places[y], noise, seed)


def spirals(
    n: int = 100,
    noise: float = 0.02,
    seed: Seed = None,
    arms: int = 2,
    turns: float = 1.5,
) -> Labelled:
    """Spirals around the origin that wind into each other, one for each class.

    The radius grows with the angle, from 0.1 to 1.

    Parameters
    ----------
    n, noise, seed
        As for `moons`.
    arms : int
        How many spirals.
    turns : float
        How often each winds around the origin.

    Returns
    -------
    list of ([x1, x2], y)

    Raises
    ------
    ValueError
        If n or arms is below 1, the noise below 0, or turns is not finite.

    References
    ----------
    Lang and Witbrock, Learning to tell two spirals apart, 1988.

    Examples
    --------
    >>> [y for x, y in spirals(4, arms=3, seed=0)]
    [0, 1, 2, 0]
    """
    arms = _count(arms, "arms")
    if not math.isfinite(turns):
        raise ValueError(f"turns must be a finite number, got {turns!r}")

    def place(rng: random.Random, y: int) -> Point:
        t = rng.random()
        radius = 0.1 + 0.9 * t
        return [radius * coordinate for coordinate in _on_circle(turns * t + y / arms)]

    return _classes(n, arms, place, noise, seed)


def yin_yang(n: int = 100, noise: float = 0.0, seed: Seed = None) -> Labelled:
    """The symbol of yin and yang: class 0 is yin, 1 is yang, and 2 is either of the two dots.

    The symbol is a disc of radius 0.5 around (0.5, 0.5). Within it, around (0.25, 0.5) and
    (0.75, 0.5), lie a left and a right disc of radius 0.25, and in the middle of each a dot of
    radius 0.1. Yang is the upper half, with the left disc added and the right disc taken away; yin
    is the rest.

    Parameters
    ----------
    n, noise, seed
        As for `moons`; the noise moves a point after its class has been found.

    Returns
    -------
    list of ([x1, x2], y)
        The paper adds 1 - x1 and 1 - x2 as two more inputs, for networks without a bias.

    Raises
    ------
    ValueError
        If n is below 1, or the noise below 0.

    References
    ----------
    Kriener, Göltz and Petrovici, The Yin-Yang dataset, 2021. The classes have the numbers of the
    data that was published with it.

    Examples
    --------
    >>> [y for x, y in yin_yang(4, seed=0)]
    [0, 1, 2, 0]
    """

    def place(rng: random.Random, y: int) -> Point:
        while True:
            x1, x2 = rng.random(), rng.random()
            if _squared_distance(x1, x2, 0.5) <= 0.5 * 0.5 and _yin_yang_class(x1, x2) == y:
                return [x1, x2]

    return _classes(n, 3, place, noise, seed)


def _yin_yang_class(x1: float, x2: float) -> int:
    left, right = _squared_distance(x1, x2, 0.25), _squared_distance(x1, x2, 0.75)
    if min(left, right) < 0.1 * 0.1:
        return 2
    in_left_disc, in_right_disc = left <= 0.25 * 0.25, right <= 0.25 * 0.25
    return int(in_left_disc or (x2 > 0.5 and not in_right_disc))


def _squared_distance(x1: float, x2: float, center: float) -> float:
    """From (center, 0.5), on the line through the middle of the symbol."""
    return (x1 - center) * (x1 - center) + (x2 - 0.5) * (x2 - 0.5)


def gaussians(
    n: int = 100,
    means: Sequence[Sequence[float]] = ((0.0, 0.0), (2.0, 1.0)),
    covariance: Sequence[Sequence[float]] = ((1.0, 0.5), (0.5, 2.0)),
    prior: float = 0.5,
    seed: Seed = None,
) -> Labelled:
    """Two normal distributions with the same covariance, as linear discriminant analysis assumes.

    Parameters
    ----------
    n : int
        How many points.
    means : two points
        The mean of class 0 and that of class 1, of any dimension.
    covariance : list of rows
        Symmetric and positive definite.
    prior : float
        The part of the points that is of class 1, between 0 and 1.
    seed : int, random.Random or None
        None draws from Python's shared generator, as ``random.seed`` has set it.

    Returns
    -------
    list of (x, y)

    Raises
    ------
    ValueError
        If n is below 1, the prior not between 0 and 1, or means and covariance do not fit.

    References
    ----------
    Fisher, The use of multiple measurements in taxonomic problems, 1936.

    Examples
    --------
    >>> sum(y for x, y in gaussians(10, prior=0.3, seed=0))
    3
    """
    n = _count(n, "n")
    if not 0.0 < prior < 1.0:
        raise ValueError(f"prior must be between 0 and 1, got {prior!r}")
    if len(means) != 2:
        raise ValueError(f"means must be two points, got {means!r}")
    factor = _cholesky(covariance)
    for mean in means:
        if len(mean) != len(factor):
            raise ValueError(
                f"means of dimension {len(mean)} do not fit a covariance of {len(factor)} rows"
            )
    rng = generator(seed)
    data = []
    for i in range(n):
        y = int(_chosen(i, prior))
        z = [rng.normalvariate(0.0, 1.0) for _ in factor]
        # fsum, because sum rounds differently since Python 3.12. A row ends at the diagonal, as
        # its other numbers are 0.
        spread = [math.fsum(a * b for a, b in zip(row, z, strict=False)) for row in factor]
        data.append(([mean + s for mean, s in zip(means[y], spread, strict=True)], y))
    return data


def _cholesky(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """The lower triangle L, row by row, with L times its transpose equal to the matrix."""
    size = len(matrix)
    square = size > 0 and all(len(row) == size for row in matrix)
    if not square or any(matrix[i][j] != matrix[j][i] for i in range(size) for j in range(i)):
        raise ValueError(f"covariance must be a symmetric square, got {matrix!r}")
    rows: list[list[float]] = []
    for i in range(size):
        row: list[float] = []
        for above in rows:
            covered = math.fsum(a * b for a, b in zip(row, above, strict=False))
            row.append((matrix[i][len(row)] - covered) / above[-1])
        rest = matrix[i][i] - math.fsum(a * a for a in row)
        if not 0.0 < rest < math.inf:
            raise ValueError(f"covariance must be positive definite, got {matrix!r}")
        rows.append([*row, math.sqrt(rest)])
    return rows


# --- parts of datasets ---------------------------------------------------------------------------


def split(
    data: Sequence[tuple[Any, Any]],
    fraction: float = 0.8,
    seed: Seed = 0,
    stratify: bool = False,
) -> tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]:
    """Deal the data out at random, to train with one part and to test with the other.

    Parameters
    ----------
    data : list of (x, y)
    fraction : float
        The part of it that is to train with, between 0 and 1.
    seed : int, random.Random or None
        The same seed gives the same parts; None draws from Python's shared generator.
    stratify : bool
        Whether each class is to be split by this fraction, up to one example.

    Returns
    -------
    train, test : list of (x, y)
        In random order; every example is in one of them.

    Raises
    ------
    ValueError
        If the fraction is not between 0 and 1, or one part would be empty.

    Examples
    --------
    >>> train, test = split(moons(10, seed=0), 0.7)
    >>> len(train), len(test)
    (7, 3)
    """
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"fraction must be between 0 and 1, got {fraction!r}")
    size = round(fraction * len(data))
    if not 0 < size < len(data):
        raise ValueError(
            f"{_counted(len(data), 'example')} cannot be split into a fraction of {fraction} and "
            "a rest: one part would be empty"
        )
    order = _shuffled(len(data), generator(seed))
    # Stratified, the examples of a class stand together, so that each has its share of the chosen.
    dealt = sorted(order, key=lambda i: data[i][1]) if stratify else order
    chosen = {i for position, i in enumerate(dealt) if _chosen(position, fraction)}
    train = [data[i] for i in order if i in chosen]
    test = [data[i] for i in order if i not in chosen]
    return train, test


def batches(
    data: Sequence[T], batch_size: int, seed: Seed = None, drop_last: bool = False
) -> Iterator[list[T]]:
    """Go through the data once, batch by batch.

    Parameters
    ----------
    data : list of (x, y)
    batch_size : int
        How many examples each batch has.
    seed : int, random.Random or None
        Shuffles the data; None keeps its order. For another order in each epoch, pass the same
        ``random.Random`` to all of them.
    drop_last : bool
        Whether to leave out the last batch if it is smaller than the others.

    Returns
    -------
    iterator of lists of (x, y)

    Raises
    ------
    ValueError
        If batch_size is below 1, or there would be no batch.

    Examples
    --------
    >>> list(batches([1, 2, 3, 4, 5], 2))
    [[1, 2], [3, 4], [5]]
    """
    batch_size = _count(batch_size, "batch_size")
    if not data:
        raise ValueError("there are no examples to take batches of")
    end = len(data) - len(data) % batch_size if drop_last else len(data)
    if end == 0:
        raise ValueError(
            f"{_counted(len(data), 'example')} do not fill a batch of {batch_size}; "
            "use a smaller batch_size, or drop_last=False"
        )
    order = range(len(data)) if seed is None else _shuffled(len(data), generator(seed))
    return (
        [data[i] for i in order[start : start + batch_size]] for start in range(0, end, batch_size)
    )


# --- what they share -----------------------------------------------------------------------------


def _classes(
    n: int,
    count: int,
    place: Callable[[random.Random, int], Point],
    noise: float,
    seed: Seed,
) -> Labelled:
    """n points of classes that take turns, each moved by noise from the place it is given."""
    n = _checked(n, noise)
    rng = generator(seed)
    data = []
    for i in range(n):
        y = i % count
        data.append(([x + rng.normalvariate(0.0, noise) for x in place(rng, y)], y))
    return data


def _checked(n: int, noise: float, least: int = 1) -> int:
    count = _count(n, "n", least)
    if not 0.0 <= noise < math.inf:
        raise ValueError(f"noise must be a standard deviation, 0 or above, got {noise!r}")
    return count


def _count(n: Any, what: str, least: int = 1) -> int:
    """The int that counts something, also from an integer of NumPy."""
    try:
        count = None if isinstance(n, bool) else operator.index(n)
    except TypeError:
        count = None
    if count is None or count < least:
        raise ValueError(f"{what} must be an integer, {least} or above, got {n!r}")
    return count


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _on_circle(turns: float) -> Point:
    """The point of the unit circle after so many turns, by the series of cos and sin."""
    angle = math.tau * (turns - round(turns))
    cosine = sine = 0.0
    term = 1.0
    for k in range(0, 30, 2):
        cosine += term
        term *= angle / (k + 1)
        sine += term
        term *= -angle / (k + 2)
    return [cosine, sine]


def _shuffled(n: int, rng: random.Random) -> list[int]:
    """The numbers below n in random order."""
    return sorted(range(n), key=lambda _: rng.random())


def _chosen(i: int, fraction: float) -> bool:
    """Whether i is among those, evenly spread over 0, 1, 2, ..., that make up this fraction."""
    return round((i + 1) * fraction) > round(i * fraction)
