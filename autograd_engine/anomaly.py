"""Where the first nan or inf came from."""

import linecache
import math
import os
import sys
from types import FrameType

from autograd_engine import modes
from autograd_engine.value import Value

__all__ = ["AnomalyError", "detect_anomaly", "place"]

_OUTSIDE = " (recorded outside detect_anomaly)"
_PACKAGE = os.path.dirname(os.path.abspath(__file__))


class AnomalyError(FloatingPointError):
    """An operation made a nan or an inf of ordinary numbers."""


class detect_anomaly(modes.mode_block):
    """A block, or a decorated function, in which the first nan or inf is an error.

    It is raised at the operation that made it, forward or backward, and names the operation, its
    operands, their labels and the source line. Operations take several times as long, so it is
    for finding a fault and not for every day.

    Raises
    ------
    AnomalyError
        From within the block.

    Examples
    --------
    >>> from autograd_engine import Value, detect_anomaly
    >>> x = Value(0.0, label="x")
    >>> with detect_anomaly():
    ...     y = 1.0 + x.log()
    Traceback (most recent call last):
    ...
    autograd_engine.anomaly.AnomalyError: log(x=0.0) gives -inf...
    """

    def __init__(self) -> None:
        super().__init__(watcher=_Detector())

    def _fresh(self) -> "detect_anomaly":
        return detect_anomaly()


class _Detector:
    """Looks at each operation as it happens."""

    def __init__(self) -> None:
        self._places: dict[int, str] = {}

    def recorded(self, node: Value) -> None:
        where = self._places[node._index] = place()
        if _is_made_here(node.data, [parent.data for parent in node.parents]):
            raise AnomalyError(f"{_call(node)} gives {node.data}{where}")

    def propagated(self, node: Value, gradient: float) -> None:
        if not math.isfinite(gradient):
            where = self._places.get(node._index, _OUTSIDE)
            raise AnomalyError(
                f"in the backward pass, the gradients that arrive at {_call(node)} add up to "
                f"{gradient}{where}"
            )
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if not parent.is_constant and _is_made_here(gradient * partial, [gradient]):
                where = self._places.get(node._index, _OUTSIDE)
                raise AnomalyError(
                    f"in the backward pass, {_call(node)} has the partial derivative {partial} "
                    f"with respect to {_named(parent)}: the gradient {gradient} times that is "
                    f"{gradient * partial}{where}"
                )


def _is_made_here(result: float, operands: list[float]) -> bool:
    if math.isnan(result):
        return not any(map(math.isnan, operands))
    return math.isinf(result) and all(map(math.isfinite, operands))


def _call(node: Value) -> str:
    operands = [_named(parent) for parent in node.parents]
    if len(operands) > 6:
        operands = [*operands[:3], f"... {len(operands) - 4} more", operands[-1]]
    return f"{node.op}({', '.join(operands)})"


def _named(node: Value) -> str:
    return f"{node.label}={node.data!r}" if node.label else repr(node.data)


def place() -> str:
    """The line that asked for the operation: the innermost one outside the engine."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    if frame is None:
        return ""
    name, line = frame.f_code.co_filename, frame.f_lineno
    source = linecache.getline(name, line).strip()
    return f", at {name}:{line}{': ' + source if source else ''}"
