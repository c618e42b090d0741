"""The compiler: a recorded scalar graph becomes a program of array operations.

One pass a file: `normal` (few kinds of scalars), `roll` (loop nests over arrays, which `pad` makes
rectangular), `differentiate` (their gradients), `emit` (NumPy source) or `functional` (source for
other array libraries). The intermediate representation between them is in `ir`. A function is
recorded by `tape`, and `function` runs it on batches.
What has no structure goes another way, which `fallback` chooses: `straight` (straight-line Python),
`levels` (level by level) or `replay` (node by node).
"""

from autograd_engine.compiler.array_api import ArrayFunction
from autograd_engine.compiler.function import CompiledFunction
from autograd_engine.compiler.higher import (
    Gradient,
    HessianVectorProduct,
    grad,
    hessian,
    hessian_vector_product,
)
from autograd_engine.compiler.program import CompileWarning, Program, compile
from autograd_engine.compiler.training import TrainStep
from autograd_engine.tracing import pick

__all__ = [
    "ArrayFunction",
    "CompileWarning",
    "CompiledFunction",
    "Gradient",
    "HessianVectorProduct",
    "Program",
    "TrainStep",
    "compile",
    "grad",
    "hessian",
    "hessian_vector_product",
    "pick",
]
