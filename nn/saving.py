"""Models as JSON files: architecture, parameters and the state of the optimizer.

Loading a file builds modules of this package from their names and numbers; nothing in it is
executed.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from autograd_engine.files import write_atomically
from nn import layers, perceptron
from nn.module import Module, Sequential
from nn.optim import Optimizer

__all__ = ["ModelFileError", "load", "save"]

_FORMAT = "autograd_engine.nn"
_VERSION = 1
_CLASSES: dict[str, type[Module]] = {
    kind.__name__: kind
    for kind in (
        perceptron.ThresholdUnit,
        layers.Dropout,
        layers.Embedding,
        layers.Layer,
        layers.MLP,
        layers.Neuron,
        layers.RMSNorm,
        perceptron.Perceptron,
    )
}


class ModelFileError(ValueError):
    """A file that holds no model, or none that this version reads."""


def save(model: Module, path: str | os.PathLike[str], optimizer: Optimizer | None = None) -> None:
    """Write a model to a file.

    Parameters
    ----------
    model : Module
        Of the classes of this package, or a Sequential of them.
    path : path
        The file is complete or it is not there: an old one is replaced at the end.
    optimizer : Optimizer, optional
        Whose state is to be kept, to go on training.

    Raises
    ------
    TypeError
        If the model cannot be rebuilt from its description, as classes of one's own: save their
        ``state_dict()``.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import nn, tempfile, os
    >>> model = nn.MLP(2, [3, 1], "tanh", seed=0)
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     path = os.path.join(directory, "model.json")
    ...     nn.save(model, path)
    ...     again = nn.load(path)
    >>> again.state_dict() == model.state_dict()
    True
    """
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "architecture": _description(model),
        "parameters": _finite(model.state_dict()),
        "optimizer": None if optimizer is None else _finite(optimizer.state_dict()),
    }
    write_atomically(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def load(
    path: str | os.PathLike[str], *, into: Module | None = None, optimizer: Optimizer | None = None
) -> Module:
    """Read a model from a file.

    Parameters
    ----------
    path : path
        What `save` has written.
    into : Module, optional
        A model of the same architecture that takes the parameters, in place of a new one.
    optimizer : Optimizer, optional
        Takes the state of the saved one; of the parameters of `into`.

    Returns
    -------
    Module
        As for use; call its ``train()`` to go on training by hand.

    Raises
    ------
    ModelFileError
        If the file holds no model, is cut short, or was written by a newer version; then nothing
        is changed.
    OSError
        If the file cannot be read.
    """
    name = os.fspath(path)
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise ModelFileError(f"{name} is no model file, or is cut short: it is no JSON") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ModelFileError(f"{name} is no model file: it does not say format {_FORMAT!r}")
    if optimizer is not None and into is None:
        raise ValueError("load(path, optimizer=...) needs into=, the model of its parameters")
    version = content.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ModelFileError(f"{name} is no model file: its version is {version!r}")
    if version > _VERSION:
        raise ModelFileError(
            f"{name} was written by a newer version of this package "
            f"(format {content.get('version')!r}; this one reads up to {_VERSION})"
        )
    before = None if into is None else into.state_dict()
    try:
        state = _restored(content["parameters"])
        if not isinstance(state, dict):
            raise ValueError("its parameters are no table of numbers")
        if into is not None and _description(into) != content["architecture"]:
            raise ValueError(f"it is of another architecture than {into._name()}")
        model = into if into is not None else _built(content["architecture"], len(state))
        model.load_state_dict(state)
        if optimizer is not None:
            if content["optimizer"] is None:
                raise ValueError("it holds no state of an optimizer")
            optimizer.load_state_dict(_restored(content["optimizer"]))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        if into is not None and before is not None:
            into.load_state_dict(before)
        raise ModelFileError(f"{name} does not fit: {error}") from None
    return model.eval()


def _description(model: Module) -> dict[str, Any]:
    """What builds the same model again, as plain data."""
    kind = type(model).__name__
    if type(model) is Sequential:
        if len({id(layer) for layer in model.layers}) < len(model.layers):
            raise TypeError("a Sequential that holds a layer twice cannot be saved")
        return {"class": kind, "layers": [_description_of_part(layer) for layer in model.layers]}
    if _CLASSES.get(kind) is not type(model):
        raise TypeError(
            f"{kind} is not a class of nn, so load could not build it: save {kind.lower()}."
            "state_dict() as JSON, and load it with load_state_dict"
        )
    return {"class": kind, **model.arguments()}  # type: ignore[attr-defined]


def _description_of_part(layer: Any) -> Any:
    if isinstance(layer, Module):
        return _description(layer)
    return layers.saved_name(layer)


def _built(description: Any, count: int) -> Module:
    """The module that a description describes; no larger than its parameters say."""
    if not isinstance(description, dict):
        raise ValueError("its architecture is no description of a module")
    arguments = dict(description)
    kind = arguments.pop("class", None)
    if kind == "Sequential":
        return Sequential(
            *(
                layers.function_named(part, of_lists=True)  # type: ignore[arg-type]
                if isinstance(part, str)
                else _built(part, count)
                for part in arguments["layers"]
            )
        )
    if kind not in _CLASSES:
        raise ValueError(f"there is no module {kind!r}")
    if kind != "RMSNorm":  # which may have none
        nested = [n if isinstance(n, list) else [n] for n in arguments.values()]
        if any(isinstance(n, int) and n > count for row in nested for n in row):
            raise ValueError(f"it describes more parameters than the {count} that it holds")
    return _CLASSES[kind](**arguments)


def _finite(data: Any) -> Any:
    """The data with inf and nan as strings, for JSON has none."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    return str(data) if isinstance(data, float) and not math.isfinite(data) else data


def _restored(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _restored(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_restored(value) for value in data]
    return float(data) if data in ("inf", "-inf", "nan") else data
