"""Compiled functions for other array libraries, in the spelling of the array API standard.

A program is a pure function: so it runs under ``jax.jit``, on accelerators, and `jax.grad` or
torch's autograd differentiates it. The library differentiates what it is given; so each function
is spelled such that its derivative is right wherever the value is, too.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_engine.compiler import arrays
from autograd_engine.compiler.batch import batched
from autograd_engine.compiler.collector import held_back
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.functional import Functional, emit_functional
from autograd_engine.compiler.normal import normalise
from autograd_engine.compiler.roll import Irregular, roll
from autograd_engine.compiler.tape import Argument, argument_names, traced
from autograd_engine.modes import mode_block
from autograd_engine.tracing import Recorder, held
from autograd_engine.value import Value

__all__ = ["ArrayFunction"]

# How far the program's value may be from that of the scalars.
_TOLERANCE = 1e-9
# With so many examples the program is compared with the scalars.
_CHECKED = 3


class ArrayFunction:
    """The loss of one example as a function of parameters and whole batches.

    ``loss(params, x, y)`` takes the parameters as one flat array and batches with the examples
    along their first axis, and returns the mean of the loss, all in arrays of the library. It is
    a pure function: it can be given to `jax.jit`, `jax.grad` or `jax.vmap`, and torch's autograd
    goes through it. It computes in the precision of `params`.

    It is recorded once for each structure of arguments, on made-up examples, and compared with
    the scalars. An integer that is out of range chooses nan, because no error can be raised in
    the middle of a program that is compiled. A result may be nan where eager code has a number,
    because inf times a 0 of a mask is nan.

    Attributes
    ----------
    parameters : list of Value
        All other Values that the function uses are constants, as they are when it is recorded.
    source : str
        The program of the last call.

    Examples
    --------
    >>> import numpy  # instead, jax.numpy or torch
    >>> from autograd_engine import compile
    >>> w, b = Value(2.0, label="w"), Value(1.0, label="b")
    >>> loss = compile(lambda x, y: (w * x + b - y) ** 2, [w, b], xp=numpy)
    >>> float(loss(loss.params, [1.0, 2.0], [3.0, 4.0]))
    0.5

    In jax, ``jax.jit(jax.value_and_grad(loss))`` has the gradient with respect to `params`; in
    torch, ``loss(params.requires_grad_(), x, y).backward()`` leaves it in ``params.grad``.

    References
    ----------
    Python array API standard, https://data-apis.org/array-api/2024.12/.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        parameters: Iterable[Value],
        xp: Any,
        dtype: str = "float64",
    ) -> None:
        self.parameters = list(parameters)
        for parameter in self.parameters:
            if not isinstance(parameter, Value) or not parameter.is_leaf:
                raise TypeError(f"parameters must be Values that were given, got {parameter!r}")
        if len(set(self.parameters)) != len(self.parameters):
            raise ValueError("a parameter is given twice")
        self.source = ""
        self.__name__ = getattr(f, "__name__", "program")
        self.__doc__ = f.__doc__
        self._f = f
        self._xp = _standard(xp)
        self._dtype = dtype
        self._recordings: dict[Any, list[_Recording]] = {}

    @property
    def params(self) -> Any:
        """The numbers that the parameters have now, as an array of the library."""
        return self._xp.asarray(np.array([p.data for p in self.parameters], self._dtype))

    def push(self, params: Any) -> None:
        """Give the Values these numbers.

        Parameters
        ----------
        params : array, shape (parameters,)
        """
        numbers = params.tolist()
        if len(numbers) != len(self.parameters):
            raise ValueError(f"there are {len(self.parameters)} parameters, got {len(numbers)}")
        for parameter, number in zip(self.parameters, numbers, strict=True):
            parameter.data = number

    def __call__(self, params: Any, *args: Any) -> Any:
        """The mean of the loss over a batch.

        Parameters
        ----------
        params : array, shape (parameters,)
            In the order of `parameters`.
        *args : arrays
            With an example in each row: of floats for numbers, of integers for what chooses.

        Returns
        -------
        array, shape ()

        Raises
        ------
        TypeError, ValueError
            If they are no such arrays, or have not as many examples each; and if the function
            cannot be compiled.
        """
        params = _array(params, self._xp)
        if not self._xp.isdtype(params.dtype, "real floating"):
            raise TypeError(f"params must be floats, got an array of {params.dtype}")
        if params.shape != (len(self.parameters),):
            raise ValueError(
                f"params must have the shape ({len(self.parameters)},), a number for each "
                f"parameter, got {tuple(params.shape)}"
            )
        batches = [self._batch(arg, i, params) for i, arg in enumerate(args)]
        if not batches:
            raise TypeError(f"{self.__name__} takes at least one array of examples after params")
        count = batches[0].shape[0]
        for i, batch in enumerate(batches):
            if batch.shape[0] != count:
                raise ValueError(
                    f"argument 0 has {count} examples and argument {i} has {batch.shape[0]}"
                )
        structure = tuple(
            (tuple(batch.shape[1:]), self._xp.isdtype(batch.dtype, "integral")) for batch in batches
        )
        recording = self._recording(structure)
        if count not in recording.programs:
            with held_back():
                emitted = recording.emitted(count)
            recording.programs[count] = _run(emitted, self._xp), emitted.source
        run, self.source = recording.programs[count]
        return run(params, *batches)

    def _batch(self, arg: Any, position: int, params: Any) -> Any:
        batch = _array(arg, self._xp, **_device(params))
        if batch.ndim == 0 or self._xp.isdtype(batch.dtype, "complex floating"):
            raise TypeError(
                f"argument {position} of {self.__name__} must be an array with an example in each "
                f"row, got {arg!r}"
            )
        if batch.shape[0] == 0:
            raise ValueError(f"argument {position} of {self.__name__} has no examples")
        if self._xp.isdtype(batch.dtype, "integral"):
            return batch
        return self._xp.astype(batch, params.dtype)

    def _recording(self, structure: Any) -> _Recording:
        """What the function does with such examples, in the mode that it is in now."""
        recordings = self._recordings.setdefault(structure, [])
        for recording in recordings:
            if all(thing.training == mode for thing, mode in recording.modes):
                return recording
        with held_back():
            recordings.append(self._record(structure))
        return recordings[-1]

    def _record(self, structure: Any) -> _Recording:
        """What the function does with an example; then some are computed in both ways."""
        rng = np.random.default_rng(0)
        recording = _Recording(self._f, self.__name__, self.parameters, structure, rng)
        batches = recording.examples(rng, _CHECKED)
        program = _run(recording.emitted(_CHECKED), _standard(np))
        numbers = np.array([parameter.data for parameter in self.parameters], dtype=float)
        with np.errstate(all="ignore"):
            value = float(program(numbers, *batches))
        rows = zip(*(batch.tolist() for batch in batches), strict=True)
        losses = [self._f(*row) for row in rows]
        expected = sum(x.data if isinstance(x, Value) else x for x in losses) / _CHECKED
        if not np.isclose(value, expected, _TOLERANCE, _TOLERANCE, equal_nan=True):
            raise ValueError(
                f"{self.__name__} cannot be compiled: its value comes out as {value!r} instead of "
                f"{expected!r}. Does it use numbers that change from call to call, or depend on "
                "what Values are at the moment?"
            )
        return recording


class _Recording:
    """A function, recorded on one made-up example."""

    def __init__(
        self,
        f: Callable[..., Any],
        name: str,
        parameters: list[Value],
        structure: list[tuple[tuple[int, ...], bool]],
        rng: Any,
    ) -> None:
        self.labels = [parameter.label for parameter in parameters]
        names = argument_names(f, len(structure))
        given, self.arguments = [], []
        for i, ((shape, chooses), label) in enumerate(zip(structure, names, strict=True)):
            example = np.zeros(shape, int) if chooses else rng.uniform(0.1, 0.9, shape)
            nested, leaves = traced(example)
            given.append(nested)
            self.arguments.append(Argument(label, f"argument {i} of {name}", leaves, shape))
        recorder = Recorder()
        with held(parameters), mode_block(recording=True, watcher=recorder):
            loss = f(*given)
        if recorder.draws:
            raise TypeError(
                f"{name} draws random numbers, which would be the same in every call: give them "
                "as an argument, or switch it to evaluation"
            )
        if not isinstance(loss, Value):
            raise TypeError(f"{name} must return one Value, got {loss!r}")
        self.modes = list(recorder.modes.values())
        self.programs: dict[int, tuple[Callable[..., Any], str]] = {}
        # From how many values each integer chooses, for what are numbers None.
        self.choices = [
            argument.counts.tolist() if argument.chooses else None for argument in self.arguments
        ]
        inputs = [value for argument in self.arguments for value in argument.inputs]
        columns = Columns(loss)
        normal = normalise(columns, loss, parameters, inputs)
        self.recorded = len(columns.nodes)
        try:
            self.plan = roll(normal, len(parameters), len(inputs))
        except Irregular as error:
            raise ValueError(f"{name} cannot be compiled: {error}") from None
        self.name = name

    def emitted(self, count: int) -> Functional:
        """The program for so many examples."""
        arguments = [
            (argument.name, argument.rows, choices)
            for argument, choices in zip(self.arguments, self.choices, strict=True)
        ]
        plan = batched(self.plan, count)
        return emit_functional(plan, count, self.name, arguments, self.labels, self.recorded)

    def examples(self, rng: Any, count: int) -> list[Any]:
        """So many made-up examples."""
        batches = []
        for argument, choices in zip(self.arguments, self.choices, strict=True):
            shape = argument.rows
            if choices is None:
                batches.append(rng.uniform(0.1, 0.9, (count, *shape)))
            else:
                most = np.maximum(choices, 1)
                batches.append(rng.integers(0, most, (count, len(most))).reshape(count, *shape))
        return batches


def _run(emitted: Functional, xp: Any) -> Callable[..., Any]:
    """The program on the arrays of a library."""
    namespace = {"xp": xp, **_functions(xp, emitted.constants)}
    # The source is made of the compiler's own names and of numbers; see functional.
    exec(builtins.compile(emitted.source, "<compiled>", "exec"), namespace)
    run: Callable[..., Any] = namespace[emitted.name]
    return run


# --- what a program calls ------------------------------------------------------------------------


def _functions(xp: Any, constants: dict[str, Any]) -> dict[str, Callable[..., Any]]:
    """The functions that the standard lacks, smooth wherever they are, in a library's arrays."""
    special = _special(xp)

    def constant(name: str, like: Any) -> Any:
        """A constant in the precision, and on the device, of the parameters."""
        array = xp.asarray(constants[name], **_device(like))
        return array if constants[name].dtype.kind == "i" else xp.astype(array, like.dtype)

    def one_hot(choice: Any, counts: Any, like: Any) -> Any:
        """1 for what each integer chooses and 0 for the rest; nan if there is no such number."""
        if not isinstance(counts, int):
            columns = xp.reshape(choice, (choice.shape[0], -1))
            each = [one_hot(columns[:, i], count, like) for i, count in enumerate(counts)]
            return xp.concat(each, axis=1)
        exists = (choice >= 0) & (choice < counts)
        chosen = choice[..., None] == xp.arange(counts, **_device(choice))
        return xp.where(exists[..., None], xp.astype(chosen, like.dtype), xp.nan)

    def softplus(x: Any) -> Any:
        return xp.logaddexp(x, xp.zeros_like(x))

    def sigmoid(x: Any) -> Any:
        return xp.exp(-softplus(-x))

    def hypot(x: Any, y: Any) -> Any:
        origin = (x == 0.0) & (y == 0.0)
        return xp.where(origin, 0.0, xp.hypot(xp.where(origin, 1.0, x), y))

    return {
        "constant": constant,
        "one_hot": one_hot,
        "softplus": softplus,
        "sigmoid": sigmoid,
        "hypot": hypot,
        "sech2": lambda x: 4.0 * sigmoid(2.0 * x) * sigmoid(-2.0 * x),
        "logsigmoid": lambda x: -softplus(-x),
        "erf": special.erf,
        "erfc": special.erfc,
        "normal_cdf": lambda x: 0.5 * special.erfc(x * -math.sqrt(0.5)),
        "normal_pdf": lambda x: xp.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi),
        "exp2": lambda x: 2.0**x,
        "cbrt": lambda x: xp.sign(x) * xp.abs(x) ** (1.0 / 3.0),
        "saturate": lambda x, bound: xp.clip(x, -bound, bound),
        "step": lambda x: xp.astype(x >= 0.0, x.dtype),
    }


def _special(xp: Any) -> Any:
    """Where a library has its error functions."""
    names = xp.__name__.split(".")
    if "jax" in names:
        from jax.scipy import special
    elif "torch" in names:
        from torch import special
    else:
        special = arrays
    return special


def _standard(xp: Any) -> Any:
    """A library that speaks the array API standard, or what makes it do so."""
    if hasattr(xp, "permute_dims") and hasattr(xp, "astype"):
        return xp
    try:
        from array_api_compat import array_namespace
    except ImportError as error:
        raise ImportError(
            f"{xp.__name__} does not speak the array API standard by itself: "
            "pip install array-api-compat"
        ) from error
    return array_namespace(xp.asarray(0.0))


def _array(x: Any, xp: Any, **options: Any) -> Any:
    """An array of a library, as which one of NumPy's or a list may be given."""
    is_own = hasattr(x, "shape") and not isinstance(x, np.ndarray)
    return x if is_own else xp.asarray(x, **options)


def _device(like: Any) -> dict[str, Any]:
    return {"device": like.device} if hasattr(like, "device") else {}  # jax's tracers have none
