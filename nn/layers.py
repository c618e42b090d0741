"""Neurons, layers and networks of them."""

from __future__ import annotations

import difflib
import random
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd_engine import Value, dot, functions, reciprocal, sqrt
from autograd_engine.tracing import Index, draw, pick
from autograd_engine.value import as_node
from nn import init
from nn.init import Initialiser
from nn.module import Module

__all__ = ["MLP", "Activation", "Dropout", "Embedding", "Layer", "Neuron", "RMSNorm"]

# A function of one number, its name in autograd_engine, or None for none.
Activation: TypeAlias = str | Callable[[Any], Any] | None
Seed: TypeAlias = int | random.Random | None


def function_named(given: Activation, of_lists: bool = False) -> Callable[[Any], Any] | None:
    """The function of this name among those of the engine.

    Parameters
    ----------
    given : str, callable or None
        A callable is returned as it is.
    of_lists : bool
        Whether to find those of a list of numbers as well, such as softmax.

    Returns
    -------
    callable or None
        None for None, "identity" and "linear": nothing is to be applied.

    Raises
    ------
    ValueError
        If there is none, or it is not called with one number.
    """
    if given is None or given in ("identity", "linear"):
        return None
    if callable(given):
        return given
    if given in functions.__all__:
        function: Callable[[Any], Any] = getattr(functions, given)
        if _takes(function, 0.5) or (of_lists and _takes(function, [0.5])):
            return function
    if given in ("softmax", "log_softmax"):
        raise ValueError(
            f"{given} is of all outputs together, no activation of each: train on the logits "
            "with the loss cross_entropy, which contains it"
        )
    names = [name for name in functions.__all__ if _takes(getattr(functions, name), 0.5)]
    near = difflib.get_close_matches(str(given), names, n=2)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(f"there is no activation {given!r}{hint}")


def _takes(function: Callable[[Any], Any], argument: Any) -> bool:
    try:
        function(argument)
    except TypeError:
        return False
    return True


def _shown(function: Callable[[Any], Any] | None) -> str:
    return "identity" if function is None else getattr(function, "__name__", repr(function))


def saved_name(function: Callable[[Any], Any] | None) -> str | None:
    """The name under which `function_named` finds a function again.

    Parameters
    ----------
    function : callable or None

    Raises
    ------
    TypeError
        If it finds none, as for functions of one's own.
    """
    if function is None:
        return None
    name = getattr(function, "__name__", "")
    if getattr(functions, name, None) is not function:
        raise TypeError(f"{function!r} is no function of the engine, so its name cannot be saved")
    return name


def _size(number: Any, what: str) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ValueError(f"{what} must be 1, 2, 3, ..., got {number!r}")
    return number


class Neuron(Module):
    """A weighted sum with a bias, through an activation: ``activation(dot(w, x) + b)``.

    Parameters
    ----------
    nin : int
        How many inputs it has.
    activation : str, callable or None
        A function of one number or its name, such as "tanh"; None for none.
    initialiser : str or callable
        How the weights are drawn, by name or from `nn.init`; the bias starts at 0.
    seed : int, random.Random or None
        None draws from Python's shared generator, as ``random.seed`` has set it.
    fan_out : int
        How many neurons share the inputs, for initialisers that ask.

    References
    ----------
    Rosenblatt, The perceptron, 1958.

    Examples
    --------
    >>> import nn
    >>> neuron = nn.Neuron(2, None)
    >>> neuron.set_parameters([2.0, -1.0, 0.5])
    >>> neuron([1.0, 3.0])
    Value(data=-0.5)
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        *,
        initialiser: str | Initialiser = "he_uniform",
        seed: Seed = None,
        fan_out: int = 1,
    ) -> None:
        nin = _size(nin, "nin")
        draw, rng = init.get(initialiser), init.generator(seed)
        self.w = [Value(draw(rng, nin, fan_out)) for _ in range(nin)]
        self.b = Value(0.0)
        self._activation = function_named(activation)

    def forward(self, x: Sequence[Any]) -> Value:
        """The neuron's output, one Value."""
        _check_width(x, len(self.w), self)
        return self._output(x)

    def _output(self, x: Sequence[Any]) -> Value:
        total: Value = dot(self.w, x) + self.b
        return total if self._activation is None else self._activation(total)

    def arguments(self) -> dict[str, Any]:
        """What builds such a neuron, for `nn.save`."""
        activation = saved_name(self._activation)
        return {"nin": len(self.w), "activation": activation, "initialiser": "zeros"}

    def _name(self) -> str:
        return f"Neuron({len(self.w)}, {_shown(self._activation)!r})"


class Layer(Module):
    """Neurons side by side, each of which sees all inputs.

    Parameters
    ----------
    nin, nout : int
        How many inputs and how many neurons it has.
    activation, initialiser, seed
        As for `Neuron`.

    Examples
    --------
    >>> import nn
    >>> len(nn.Layer(3, 2, "tanh")([1.0, 2.0, 3.0]))
    2
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        *,
        initialiser: str | Initialiser = "he_uniform",
        seed: Seed = None,
    ) -> None:
        nin, nout = _size(nin, "nin"), _size(nout, "nout")
        rng = init.generator(seed)
        self.neurons = [
            Neuron(nin, activation, initialiser=initialiser, seed=rng, fan_out=nout)
            for _ in range(nout)
        ]
        self._nin = nin

    def forward(self, x: Sequence[Any]) -> list[Value]:
        """The output of every neuron, a list even of one."""
        _check_width(x, self._nin, self)
        return self._outputs([as_node(number, "an input") for number in x])

    def _outputs(self, x: list[Value]) -> list[Value]:
        return [neuron._output(x) for neuron in self.neurons]

    def arguments(self) -> dict[str, Any]:
        """What builds such a layer, for `nn.save`."""
        return self.neurons[0].arguments() | {"nout": len(self.neurons)}

    def _name(self) -> str:
        activation = _shown(self.neurons[0]._activation)
        return f"Layer({self._nin}, {len(self.neurons)}, {activation!r})"

    def _parts(self) -> list[tuple[str, Module]]:
        return []  # its neurons are all alike


class MLP(Module):
    """A multi-layer perceptron: layers one after the other.

    Parameters
    ----------
    nin : int
        How many inputs it has.
    nouts : list of int
        How many neurons each layer has; the last are the outputs.
    activation : str, callable or None
        Of all layers but the last.
    output : str, callable or None
        Of the last layer; None, as losses on logits want it.
    initialiser, seed
        As for `Neuron`.

    Returns
    -------
    Value or list of Value
        Called with a list of `nin` numbers: one Value if the last layer has one neuron, otherwise
        a list. Layers within it always pass lists on.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [16, 16, 1], seed=1337)
    >>> model
    MLP(2, [16, 16, 1], 'relu'): 337 parameters
      layers.0: Layer(2, 16, 'relu'): 48 parameters
      layers.1: Layer(16, 16, 'relu'): 272 parameters
      layers.2: Layer(16, 1, 'identity'): 17 parameters
    >>> model([1.0, -2.0]).op
    '+'
    >>> model.parameters()[1].label
    'layers.0.neurons.0.w[1]'
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        output: Activation = None,
        *,
        initialiser: str | Initialiser = "he_uniform",
        seed: Seed = None,
    ) -> None:
        if isinstance(nouts, int) or not list(nouts):
            raise ValueError(f"MLP takes the widths of its layers as a list, got {nouts!r}")
        rng = init.generator(seed)
        widths = [nin, *nouts]
        activations = [activation] * (len(widths) - 2) + [output]
        self.layers = [
            Layer(widths[i], widths[i + 1], chosen, initialiser=initialiser, seed=rng)
            for i, chosen in enumerate(activations)
        ]

    def forward(self, x: Sequence[Any]) -> Value | list[Value]:
        """One Value, or a list if there are several outputs."""
        _check_width(x, self.layers[0]._nin, self, ", in layer 0")
        outputs = [as_node(number, "an input") for number in x]
        for layer in self.layers:
            outputs = layer._outputs(outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def arguments(self) -> dict[str, Any]:
        """What builds such a network, for `nn.save`."""
        first, last = self.layers[0].arguments(), self.layers[-1].arguments()
        widths = [len(layer.neurons) for layer in self.layers]
        return {
            "nin": first["nin"],
            "nouts": widths,
            "activation": first["activation"] if len(widths) > 1 else None,
            "output": last["activation"],
            "initialiser": "zeros",
        }

    def _name(self) -> str:
        widths = [len(layer.neurons) for layer in self.layers]
        hidden = _shown(self.layers[0].neurons[0]._activation)
        last = self.layers[-1].neurons[0]._activation
        output = "" if last is None else f", output={_shown(last)!r}"
        activation = f", {hidden!r}" if len(widths) > 1 else ""
        return f"MLP({self.layers[0]._nin}, {widths}{activation}{output})"


def _check_width(x: Any, nin: int, module: Module, where: str = "") -> None:
    try:
        given = len(x)
    except TypeError:
        raise TypeError(f"{module._name()} takes a list of {nin} numbers, got {x!r}") from None
    if given != nin:
        raise ValueError(f"expected {nin} inputs, got {given}{where} of {module._name()}")


class Embedding(Module):
    """A table of vectors that are looked up by a number.

    Parameters
    ----------
    count : int
        How many vectors there are.
    width : int
        How many numbers each has.
    initialiser, seed
        As for `Neuron`; standard normal if not given, as PyTorch's.

    Examples
    --------
    >>> import nn
    >>> table = nn.Embedding(27, 4, seed=0)
    >>> len(table(26))
    4
    """

    def __init__(
        self,
        count: int,
        width: int,
        *,
        initialiser: str | Initialiser = "normal(1.0)",
        seed: Seed = None,
    ) -> None:
        count, width = _size(count, "count"), _size(width, "width")
        draw, rng = init.get(initialiser), init.generator(seed)
        self.rows = [[Value(draw(rng, count, width)) for _ in range(width)] for _ in range(count)]

    def forward(self, index: int) -> list[Value]:
        """The vector of this number."""
        if isinstance(index, Index):
            vector: list[Value] = pick(index, self.rows)
            return vector
        if isinstance(index, bool) or not hasattr(index, "__index__"):
            raise TypeError(f"{self._name()} is looked up by an integer, got {index!r}")
        position = index.__index__()
        if not 0 <= position < len(self.rows):
            raise ValueError(f"{self._name()} has rows 0 to {len(self.rows) - 1}, got {position}")
        return list(self.rows[position])

    def arguments(self) -> dict[str, Any]:
        """What builds such a table, for `nn.save`."""
        return {"count": len(self.rows), "width": len(self.rows[0]), "initialiser": "zeros"}

    def _name(self) -> str:
        return f"Embedding({len(self.rows)}, {len(self.rows[0])})"


class Dropout(Module):
    """In training, set each number to 0 with probability p, and scale the others by 1/(1 - p).

    Parameters
    ----------
    p : float
        From 0 up to, but not including, 1.
    seed : int, random.Random or None
        As for `Neuron`.

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.

    Examples
    --------
    >>> import nn
    >>> dropout = nn.Dropout(0.5, seed=1)
    >>> dropout.eval()([1.0, 2.0])
    [1.0, 2.0]
    """

    def __init__(self, p: float = 0.5, *, seed: Seed = None) -> None:
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must be a probability below 1, got {p!r}")
        self.p = float(p)
        self._rng = init.generator(seed)

    def forward(self, x: Sequence[Any]) -> list[Any]:
        """The numbers, some of them dropped."""
        if not self.training or self.p == 0.0:
            return list(x)
        return [number * draw(self._factor) for number in x]

    def _factor(self) -> float:
        return 0.0 if self._rng.random() < self.p else 1.0 / (1.0 - self.p)

    def arguments(self) -> dict[str, Any]:
        """What builds such a module, for `nn.save`."""
        return {"p": self.p}

    def _name(self) -> str:
        return f"Dropout({self.p})"


class RMSNorm(Module):
    """Divide numbers by their root mean square, and multiply them by learned gains.

    Parameters
    ----------
    width : int
        How many numbers.
    eps : float
        Added to the mean square.
    gain : bool
        Whether there are gains; they start at 1.

    References
    ----------
    Zhang and Sennrich, Root mean square layer normalization, 2019.

    Examples
    --------
    >>> import nn
    >>> [round(x.data, 6) for x in nn.RMSNorm(2, eps=0.0)([3.0, 4.0])]
    [0.848528, 1.131371]
    """

    def __init__(self, width: int, *, eps: float = 1e-5, gain: bool = True) -> None:
        width = _size(width, "width")
        self.gain = [Value(1.0) for _ in range(width)] if gain else []
        self.eps = float(eps)
        self._width = width

    def forward(self, x: Sequence[Any]) -> list[Value]:
        """The normalised numbers."""
        _check_width(x, self._width, self)
        numbers = [as_node(number, "an input") for number in x]
        mean_square = dot(numbers, numbers) / len(numbers)
        scale = reciprocal(sqrt(mean_square + self.eps))
        normalised = [number * scale for number in numbers]
        if not self.gain:
            return normalised
        return [number * gain for number, gain in zip(normalised, self.gain, strict=True)]

    def arguments(self) -> dict[str, Any]:
        """What builds such a module, for `nn.save`."""
        return {"width": self._width, "eps": self.eps, "gain": bool(self.gain)}

    def _name(self) -> str:
        return f"RMSNorm({self._width})"
