"""Module: what holds parameters, and Sequential, which chains modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from autograd_engine import Value, functions
from autograd_engine.tracing import mode_of

__all__ = ["Module", "Sequential"]


class _Labelling(type):
    """Names a module's parameters once it is complete.

    The outermost module is complete last, so that a parameter ends up with its whole path.
    """

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        module = super().__call__(*args, **kwargs)
        for name, parameter in module.named_parameters():
            if not parameter.label or name.endswith(f".{parameter.label}"):
                parameter.label = name
        return module


class Module(metaclass=_Labelling):
    """Something with parameters that is called like a function.

    A subclass defines ``forward``. Its parameters are the Values in its attributes, in those of
    the modules among them, and in lists, tuples and dicts of both, in the order of definition.
    Attributes whose name begins with an underscore are not searched.

    Examples
    --------
    >>> import nn
    >>> from autograd_engine import Value
    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         self.slope, self.intercept = Value(2.0), Value(1.0)
    ...
    ...     def forward(self, x):
    ...         return self.slope * x + self.intercept
    >>> line = Line()
    >>> line(3.0)
    Value(data=7.0)
    >>> line.parameters()
    [Value(data=2.0, label='slope'), Value(data=1.0, label='intercept')]
    """

    _training: bool = True

    @property
    def training(self) -> bool:
        """Whether the module behaves as in training; see `train`."""
        return mode_of(self, self._training)

    @training.setter
    def training(self, mode: bool) -> None:
        self._training = mode

    def forward(self, *inputs: Any) -> Any:
        """What a call computes; every subclass defines its own."""
        raise TypeError(f"{type(self).__name__} defines no forward(self, ...)")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self.forward(*inputs, **options)

    # --- parameters ------------------------------------------------------------------------------

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Each parameter once, with its path, such as ``layers.0.neurons.3.w[1]``."""
        found: dict[Value, str] = {}
        for name, thing in _walk(self):
            if isinstance(thing, Value) and thing.is_leaf and not thing.is_constant:
                found.setdefault(thing, name)
        return [(name, parameter) for parameter, name in found.items()]

    def parameters(self) -> list[Value]:
        """Each parameter once, in the order of definition."""
        return [parameter for _, parameter in self.named_parameters()]

    def set_parameters(self, numbers: Iterable[float]) -> None:
        """Give the parameters these numbers, in the order of `parameters`.

        Parameters
        ----------
        numbers : iterable of float
            One for each parameter.

        Raises
        ------
        ValueError
            If there are more or fewer; then nothing is changed.
        """
        parameters, given = self.parameters(), list(numbers)
        if len(given) != len(parameters):
            raise ValueError(f"{self._name()} has {len(parameters)} parameters, got {len(given)}")
        checked = [Value(number).data for number in given]
        for parameter, number in zip(parameters, checked, strict=True):
            parameter.data = number

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """The numbers of the parameters by their paths."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Take over the numbers of `state_dict`.

        Parameters
        ----------
        state : mapping
            With exactly the paths of this module's parameters.

        Raises
        ------
        ValueError
            If paths are missing or unknown; then nothing is changed.
        """
        named = self.named_parameters()
        missing = [name for name, _ in named if name not in state]
        unknown = sorted(set(state) - {name for name, _ in named})
        if missing or unknown:
            problems = [
                f"{what} {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}"
                for what, names in (("without", missing), ("with unknown", unknown))
                if names
            ]
            raise ValueError(f"this is no state of {self._name()}: {' and '.join(problems)}")
        checked = [Value(state[name]).data for name, _ in named]
        for (_, parameter), number in zip(named, checked, strict=True):
            parameter.data = number

    # --- training or not -------------------------------------------------------------------------

    def modules(self) -> list[Module]:
        """The module and all within it, each once."""
        # By identity, because a module may define what makes it equal to others; and without the
        # names and the Values, of which there are many, for this is asked in every epoch.
        opened: dict[int, Any] = {}
        pending: list[Any] = [self]
        while pending:
            thing = pending.pop()
            if id(thing) in opened:
                continue
            opened[id(thing)] = thing
            if isinstance(thing, Module):
                parts = list(_attributes(thing).values())
            else:
                parts = list(thing.values() if isinstance(thing, dict) else thing)
            parts = [part for part in parts if part.__class__ is not Value]
            parts = [part.tolist() if _is_object_array(part) else part for part in parts]
            pending += [x for x in reversed(parts) if isinstance(x, (Module, list, tuple, dict))]
        return [thing for thing in opened.values() if isinstance(thing, Module)]

    def train(self, mode: bool = True) -> Module:
        """Behave as in training, which concerns Dropout; returns the module.

        Parameters
        ----------
        mode : bool
            False for evaluation.
        """
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Behave as in use; returns the module."""
        return self.train(False)

    # --- printing --------------------------------------------------------------------------------

    def _name(self) -> str:
        """The module in one line, without its parameters."""
        return f"{type(self).__name__}()"

    def _parts(self) -> list[tuple[str, Module]]:
        """The modules that `repr` shows below this one."""
        return [(name, thing) for name, thing in _children(self) if isinstance(thing, Module)]

    def __repr__(self) -> str:
        return self._shown(frozenset())

    def _shown(self, above: frozenset[int]) -> str:
        count = len(self.parameters())
        lines = [f"{self._name()}: {count} parameter{'s' if count != 1 else ''}"]
        above |= {id(self)}
        for name, part in self._parts():
            if id(part) in above:  # a reference back
                continue
            lines += [
                f"  {name}: {line}" if i == 0 else f"  {line}"
                for i, line in enumerate(part._shown(above).splitlines())
            ]
        return "\n".join(lines)


def _children(module: Module, prefix: str = "") -> list[tuple[str, Any]]:
    """What the attributes hold, lists, tuples and dicts opened, with the prefix before its name."""
    found: list[tuple[str, Any]] = []
    for name, thing in _attributes(module).items():
        _open(prefix + name, thing, set(), found)
    return found


def _attributes(module: Module) -> dict[str, Any]:
    """What is searched for parameters and modules."""
    slots = [name for kind in type(module).__mro__ for name in getattr(kind, "__slots__", ())]
    attributes = vars(module) | {name: getattr(module, name, None) for name in slots}
    return {name: thing for name, thing in attributes.items() if not name.startswith("_")}


def _open(name: str, thing: Any, above: set[int], found: list[tuple[str, Any]]) -> None:
    """Find the Values and modules in a thing, which may be nested."""
    if isinstance(thing, (Value, Module)):
        found.append((name, thing))
        return
    if _is_object_array(thing):
        thing = thing.tolist()
    if not isinstance(thing, (list, tuple, dict)) or id(thing) in above:
        return
    above = above | {id(thing)}
    items = thing.items() if isinstance(thing, dict) else enumerate(thing)
    for key, element in items:
        if isinstance(element, Value):  # as most are, so without a call for each
            found.append((f"{name}[{key!r}]", element))
            continue
        plain = (isinstance(key, int) and not isinstance(thing, dict)) or (
            isinstance(key, str) and key.isidentifier()
        )
        is_module = isinstance(element, Module)
        path = f"{name}.{key}" if is_module and plain else f"{name}[{key!r}]"
        _open(path, element, above, found)


def _is_object_array(thing: Any) -> bool:
    """Whether it is a NumPy array of Values or modules."""
    return getattr(getattr(thing, "dtype", None), "kind", "") == "O"


def _walk(module: Module) -> Iterator[tuple[str, Any]]:
    """Everything below a module, with its path, depth first; what recurs is opened once."""
    opened = {id(module)}
    pending = [iter(_children(module))]
    while pending:
        for name, thing in pending[-1]:
            yield name, thing
            if isinstance(thing, Value):  # as most are, and to ask for Module takes longer
                continue
            if isinstance(thing, Module) and id(thing) not in opened:
                opened.add(id(thing))
                pending.append(iter(_children(thing, f"{name}.")))
                break
        else:
            pending.pop()


class Sequential(Module):
    """Modules, or functions of what the one before gives, one after the other.

    The engine's functions of one number, such as ``relu``, are applied to each number of a list.

    Parameters
    ----------
    *layers : Module or callable

    Examples
    --------
    >>> import nn
    >>> from autograd_engine import softmax
    >>> model = nn.Sequential(nn.Layer(2, 3, "tanh", seed=0), nn.Layer(3, 2, None, seed=1), softmax)
    >>> round(sum(model([1.0, 2.0])).data, 12)
    1.0
    """

    def __init__(self, *layers: Module | Callable[[Any], Any]) -> None:
        for layer in layers:
            if not callable(layer):
                raise TypeError(f"Sequential takes modules and functions, got {layer!r}")
        self.layers = list(layers)

    def forward(self, x: Any) -> Any:
        """Pass x through all of them."""
        for layer in self.layers:
            one_by_one = isinstance(x, list) and getattr(functions, _name_of(layer), None) is layer
            x = [layer(number) for number in x] if one_by_one else layer(x)
        return x

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, position: int) -> Any:
        return self.layers[position]


# The engine's functions that take a list as it is.
_OF_LISTS = ("softmax", "log_softmax", "sum", "mean", "prod", "logsumexp")


def _name_of(function: Any) -> str:
    name = getattr(function, "__name__", "")
    return "" if name in _OF_LISTS else name
