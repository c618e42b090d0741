"""How weights are drawn before training, and where the random numbers come from.

An initialiser is a callable ``(rng, nin, nout)`` that draws one weight of a layer with `nin` inputs
and `nout` neurons.
"""

from __future__ import annotations

import math
import random
import re
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from autograd_engine.convert import as_float

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Initialiser",
    "constant",
    "generator",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

Initialiser: TypeAlias = "Callable[[random.Random, int, int], float]"


class _Named:
    """An initialiser that prints as the text from which `get` makes it again."""

    __name__: str

    def __init__(self, draw: Initialiser, *settings: float) -> None:
        update_wrapper(self, draw)
        self._draw = draw
        if settings:
            self.__name__ += f"({', '.join(map(repr, settings))})"

    def __call__(self, rng: random.Random, nin: int, nout: int) -> float:
        return self._draw(rng, nin, nout)

    def __repr__(self) -> str:
        return self.__name__

    def __reduce__(self) -> tuple[Callable[[str], Initialiser], tuple[str]]:
        return get, (self.__name__,)


# --- random numbers ------------------------------------------------------------------------------
# Everything is arithmetic on rng.random(), the Mersenne Twister's 53 bits, which is the same on
# every machine and in every version of Python.


def generator(seed: int | random.Random | None) -> random.Random:
    """A generator of random numbers.

    Parameters
    ----------
    seed : int, random.Random or None
        An int makes a generator of its own; a generator is returned as it is; None is the one
        behind the functions of the module `random`, so that ``random.seed(1337)`` counts.

    Returns
    -------
    random.Random

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> generator(1337).random()
    0.617752856951
    """
    if seed is None:
        return cast(random.Random, random.random.__self__)  # type: ignore[attr-defined]
    if isinstance(seed, random.Random):
        return seed
    if isinstance(seed, int):
        return random.Random(seed)
    raise TypeError(
        f"a seed is an int, a random.Random or None, got {seed!r} of type {type(seed).__name__}"
    )


def _between(rng: random.Random, low: float, high: float) -> float:
    return low + (high - low) * rng.random()


def _normal(rng: random.Random, std: float) -> float:
    # normalvariate is Kinderman and Monahan's method: its result is a quotient of two uniform
    # numbers, with a logarithm only in the decision to take it. gauss would compute its result
    # with the C library's log, sin and cos, whose last digits differ between machines, and would
    # keep every second number for the next call.
    return rng.normalvariate(0.0, std)


# --- by given numbers ----------------------------------------------------------------------------


@_Named
def zeros(rng: random.Random, nin: int, nout: int) -> float:
    """0, which is for biases: weights that are all equal stay equal in training.

    Examples
    --------
    >>> zeros(generator(0), 3, 2)
    0.0
    """
    return 0.0


def constant(value: float) -> Initialiser:
    """Always the same number.

    Parameters
    ----------
    value : float

    Returns
    -------
    Initialiser

    Examples
    --------
    >>> constant(0.1)(generator(0), 3, 2)
    0.1
    """
    number = as_float(value, "the value of constant")

    def constant(rng: random.Random, nin: int, nout: int) -> float:
        return number

    return _Named(constant, number)


def uniform(low: float = -1.0, high: float = 1.0) -> Initialiser:
    """Uniform between two numbers; between -1 and 1 as micrograd draws its weights.

    Parameters
    ----------
    low, high : float

    Returns
    -------
    Initialiser

    Raises
    ------
    ValueError
        If `low` is above `high`.

    References
    ----------
    Karpathy, micrograd, 2020.

    Examples
    --------
    >>> uniform()(generator(1337), 2, 16)
    0.235505713903
    """
    low, high = as_float(low, "low"), as_float(high, "high")
    if not low <= high:
        raise ValueError(f"uniform(low, high) takes low <= high, got {low!r} and {high!r}")

    def uniform(rng: random.Random, nin: int, nout: int) -> float:
        return _between(rng, low, high)

    return _Named(uniform, low, high)


def normal(std: float = 0.01) -> Initialiser:
    """Normal around 0.

    With 0.01 the gradients of a deep network vanish: at eight layers of tanh they are around
    1e-14, where `xavier_normal` keeps them.

    Parameters
    ----------
    std : float
        The standard deviation.

    Returns
    -------
    Initialiser

    Raises
    ------
    ValueError
        If `std` is negative.

    References
    ----------
    Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural
    networks, 2012.

    Examples
    --------
    >>> normal(0.5)
    normal(0.5)
    >>> normal()(generator(0), 3, 2)
    -0.001838682211
    """
    std = as_float(std, "std")
    if not std >= 0.0:
        raise ValueError(f"the standard deviation must not be negative, got {std!r}")

    def normal(rng: random.Random, nin: int, nout: int) -> float:
        return _normal(rng, std)

    return _Named(normal, std)


# --- by the size of the layer --------------------------------------------------------------------


@_Named
def xavier_uniform(rng: random.Random, nin: int, nout: int) -> float:
    """Uniform within sqrt(6/(nin + nout)): keeps the variance in both directions, for tanh.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    2010, equation 16.
    """
    bound = math.sqrt(6.0 / (nin + nout))
    return _between(rng, -bound, bound)


@_Named
def xavier_normal(rng: random.Random, nin: int, nout: int) -> float:
    """Normal with variance 2/(nin + nout): keeps the variance in both directions, for tanh.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    2010, equation 12.
    """
    return _normal(rng, math.sqrt(2.0 / (nin + nout)))


@_Named
def he_uniform(rng: random.Random, nin: int, nout: int) -> float:
    """Uniform within sqrt(6/nin): keeps the variance of the forward pass through ReLUs.

    References
    ----------
    He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, section 2.2, made uniform.
    """
    bound = math.sqrt(6.0 / nin)
    return _between(rng, -bound, bound)


@_Named
def he_normal(rng: random.Random, nin: int, nout: int) -> float:
    """Normal with variance 2/nin: keeps the variance of the forward pass through ReLUs.

    References
    ----------
    He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, equation 10.
    """
    return _normal(rng, math.sqrt(2.0 / nin))


@_Named
def lecun_uniform(rng: random.Random, nin: int, nout: int) -> float:
    """Uniform within sqrt(3/nin): a weighted sum has the variance of the inputs; for SELU.

    References
    ----------
    LeCun, Bottou, Orr and Müller, Efficient backprop, 1998, section 4.6.
    """
    bound = math.sqrt(3.0 / nin)
    return _between(rng, -bound, bound)


@_Named
def lecun_normal(rng: random.Random, nin: int, nout: int) -> float:
    """Normal with variance 1/nin: a weighted sum has the variance of the inputs; for SELU.

    References
    ----------
    LeCun, Bottou, Orr and Müller, Efficient backprop, 1998, section 4.6.
    """
    return _normal(rng, math.sqrt(1.0 / nin))


# Each is also known by the other name of its authors.
glorot_uniform = xavier_uniform
glorot_normal = xavier_normal
kaiming_uniform = he_uniform
kaiming_normal = he_normal

_FACTORIES: dict[str, Callable[..., Initialiser]] = {
    "constant": constant,
    "normal": normal,
    "uniform": uniform,
}
_BY_NAME: dict[str, Initialiser] = {
    "glorot_normal": glorot_normal,
    "glorot_uniform": glorot_uniform,
    "he_normal": he_normal,
    "he_uniform": he_uniform,
    "kaiming_normal": kaiming_normal,
    "kaiming_uniform": kaiming_uniform,
    "lecun_normal": lecun_normal,
    "lecun_uniform": lecun_uniform,
    "xavier_normal": xavier_normal,
    "xavier_uniform": xavier_uniform,
    "zeros": zeros,
}


def get(name: str | Callable[..., Any]) -> Initialiser:
    """The initialiser of this name.

    Parameters
    ----------
    name : str or callable
        Such as "xavier_uniform", "normal" or "normal(0.5)"; a callable is returned as it is.

    Returns
    -------
    Initialiser
        Its ``__name__`` is a name that `get` knows.

    Raises
    ------
    ValueError
        If there is no initialiser of this name, or not with these settings.

    Examples
    --------
    >>> get("glorot_normal")
    xavier_normal
    >>> get("uniform(-0.5, 0.5)")
    uniform(-0.5, 0.5)
    >>> get("he_norm")
    Traceback (most recent call last):
    ...
    ValueError: there is no initialiser 'he_norm'; did you mean he_normal or ...?
    """
    if callable(name):
        if name not in _FACTORIES.values():
            return name
        name = name.__name__  # somebody wrote `normal` for `normal()`
    if not isinstance(name, str):
        raise TypeError(f"an initialiser is a name or a callable, got {name!r}")
    if name in _BY_NAME:
        return _BY_NAME[name]
    written = re.fullmatch(r"(\w+)(?:\((.*)\))?", name)
    if written is not None and written[1] in _FACTORIES:
        settings = [text for text in (written[2] or "").split(",") if text.strip()]
        try:
            return _FACTORIES[written[1]](*map(float, settings))
        except (TypeError, ValueError) as error:
            raise ValueError(f"the initialiser {name!r} cannot be made: {error}") from None
    import difflib

    near = difflib.get_close_matches(name, [*_BY_NAME, *_FACTORIES], n=2)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(f"there is no initialiser {name!r}{hint}")
