"""Second derivatives, compiled: the scalars are differentiated first and rolled afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_engine import graph
from autograd_engine.compiler.program import Program, compile
from autograd_engine.derivatives import gradient
from autograd_engine.functions import dot
from autograd_engine.value import Value

__all__ = ["HessianVectorProduct", "hessian_vector_product"]


class HessianVectorProduct:
    """The Hessian of a loss times a vector, as a program.

    Attributes
    ----------
    program : Program
        Of the gradient times the vector, whose own gradient is the product; its ``params`` are
        where the Hessian is taken.
    """

    def __init__(self, program: Program) -> None:
        self.program = program

    def __call__(self, vector: Any) -> Any:
        """The product with a vector.

        Parameters
        ----------
        vector : array of float
            A number for each parameter.

        Returns
        -------
        numpy.ndarray
        """
        return self.program.value_and_grad(np.asarray(vector))[1].copy()

    def matrix(self) -> Any:
        """The Hessian itself, a column for each parameter."""
        return np.stack([self(column) for column in np.eye(len(self.program.parameters))], 1)

    @property
    def source(self) -> str:
        """The NumPy source of the program."""
        return self.program.source


def hessian_vector_product(
    loss: Value, parameters: Iterable[Value] | None = None, *, dtype: str = "float64"
) -> HessianVectorProduct:
    """Compile the product of the Hessian of a recorded loss with a vector.

    Parameters
    ----------
    loss : Value
    parameters : iterable of Value, optional
        All leaves of its graph if not given.
    dtype : {"float64", "float32"}

    Returns
    -------
    HessianVectorProduct

    References
    ----------
    Pearlmutter, Fast exact multiplication by the Hessian, 1994.

    Examples
    --------
    >>> x, y = Value(3.0), Value(4.0)
    >>> product = hessian_vector_product(x * x * y, [x, y])
    >>> product([1.0, 0.0])
    array([8., 6.])
    >>> product.matrix()
    array([[8., 6.],
           [6., 0.]])
    """
    trained = graph.leaves(loss) if parameters is None else list(parameters)
    slopes = gradient(loss, trained, create_graph=True)
    vector = [Value(1.0) for _ in trained]
    return HessianVectorProduct(compile(dot(slopes, vector), trained, vector, dtype=dtype))
