"""See what a derivative is made of: a scalar autodiff engine that explains, draws and checks.

>>> from autograd_engine import Value, tanh
>>> a, b, c = Value(2.0), Value(-3.0), Value(10.0)
>>> y = tanh(a * b + c)
>>> y.backward()
>>> round(a.grad, 6)
-0.004023
"""

from __future__ import annotations

from autograd_engine import functions
from autograd_engine.functions import *  # noqa: F403
from autograd_engine.functions import abs, pow, sum  # noqa: F401 - not in __all__: see below
from autograd_engine.graph import label
from autograd_engine.modes import no_grad
from autograd_engine.rules import Primitive, primitive
from autograd_engine.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd_engine.anomaly import AnomalyError, detect_anomaly
    from autograd_engine.checking import GradientCheckError, check_gradients
    from autograd_engine.compiler import CompileWarning, compile  # noqa: F401
    from autograd_engine.derivatives import (
        derivative,
        grad,
        gradient,
        hessian,
        jacobian,
        jvp,
        value_and_grad,
        vjp,
    )
    from autograd_engine.explanation import backward_steps, explain
    from autograd_engine.expression import ExpressionError, parse
    from autograd_engine.naming import named
    from autograd_engine.tracing import pick

# Loaded when they are first used, so that the import takes a few milliseconds.
_MODULES = {
    "anomaly": ("AnomalyError", "detect_anomaly"),
    "checking": ("GradientCheckError", "check_gradients"),
    "derivatives": (
        "derivative",
        "grad",
        "gradient",
        "hessian",
        "jacobian",
        "jvp",
        "value_and_grad",
        "vjp",
    ),
    "explanation": ("backward_steps", "explain"),
    "expression": ("ExpressionError", "parse"),
    "compiler": ("CompileWarning", "compile", "hessian_vector_product"),
    "naming": ("named",),
    "tracing": ("pick",),
}
_LATER = {name: module for module, names in _MODULES.items() for name in names}

# `import *` leaves Python's own abs, pow, sum, which work on Values, and compile as they are.
__all__ = [
    "AnomalyError",
    "ExpressionError",
    "GradientCheckError",
    "Primitive",
    "Value",
    "backward_steps",
    "check_gradients",
    "derivative",
    "detect_anomaly",
    "explain",
    "grad",
    "gradient",
    "hessian",
    "jacobian",
    "jvp",
    "label",
    "named",
    "no_grad",
    "parse",
    "pick",
    "primitive",
    "value_and_grad",
    "vjp",
    *functions.__all__,
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
