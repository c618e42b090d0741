"""What counts as a number, and how it becomes a float."""

from __future__ import annotations

import sys
from numbers import Real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["as_float", "is_number"]


def is_number(x: Any) -> bool:
    """Whether x is a real number: int, float, bool, Fraction, Decimal or a NumPy scalar.

    Parameters
    ----------
    x : object
    """
    if isinstance(x, (float, int, Real)):  # the first two are found ten times faster
        return True
    # Who holds a Decimal has imported its module; it is no Real, because it does not mix.
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(x, decimal.Decimal):
        return True
    # numpy.bool_ is registered nowhere. An array without axes is left to NumPy's operators.
    return type(x).__module__ == "numpy" and type(x).__name__ in ("bool", "bool_")


def as_float(x: Any, what: str) -> float:
    """The number as a float.

    Parameters
    ----------
    x : number
    what : str
        What the error calls it.

    Raises
    ------
    TypeError
        If it is no real number.
    ValueError
        If it is too large for a float.
    """
    if x.__class__ is float:
        return x
    if x.__class__ is int or is_number(x):
        try:
            return float(x)
        except OverflowError:
            digits = f"an integer of {x.bit_length()} bits" if isinstance(x, int) else repr(x)
            raise ValueError(f"{what} is too large for a float: {digits}") from None
    hint = ""
    if hasattr(x, "_record"):
        hint = "; write .data for the number of a Value"
    elif getattr(x, "shape", None) == ():
        hint = "; write .item() for the number of an array"
    raise TypeError(f"{what} must be a real number, got {x!r} of type {type(x).__name__}{hint}")
