"""See what a derivative is made of: a scalar autodiff engine that explains, draws and checks.

>>> from autograd_engine import Value, tanh
>>> a, b, c = Value(2.0), Value(-3.0), Value(10.0)
>>> y = tanh(a * b + c)
>>> y.backward()
>>> round(a.grad, 6)
-0.004023
"""

from autograd_engine.anomaly import AnomalyError, detect_anomaly
from autograd_engine.checking import check_gradients
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
from autograd_engine.explain import backward_steps, explain
from autograd_engine.functions import *  # noqa: F403
from autograd_engine.functions import abs, pow, sum
from autograd_engine.graph import label
from autograd_engine.modes import no_grad
from autograd_engine.primitives import primitive
from autograd_engine.value import Value
