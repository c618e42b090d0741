"""The exercises at a prompt and in a notebook.

from autograd_engine.teach import ex
ex(6).check(topo)
"""

from __future__ import annotations

import ast
import inspect
import math
import symtable
import sys
import types
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from autograd_engine.teach.catalog import Catalog, Exercise, NoPicture
from autograd_engine.teach.report import result_text
from autograd_engine.teach.runner import Result, run_exercise
from autograd_engine.teach.workspace import Workspace, sets

__all__ = ["Handle", "Shown", "ex", "source_of"]


class Shown:
    """Text that a prompt prints, and a picture that a notebook shows below it.

    Attributes
    ----------
    text : str
    svg : str or None
    status : str
        Of a check: "pass", "fail" and so on; empty for other texts.
    """

    def __init__(self, text: str, svg: str | None = None, status: str = "") -> None:
        self.text, self.svg, self.status = text, svg, status

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text)}</pre>{self.svg or ''}"


class Handle:
    """An exercise at the prompt.

    Progress is kept in the folder of exercises that the prompt was started in, if it was in one.

    Parameters
    ----------
    exercise : Exercise
    workspace : Workspace, optional
    """

    def __init__(self, exercise: Exercise, workspace: Workspace | None = None) -> None:
        self._exercise, self._workspace = exercise, workspace
        self._hints = 0
        self._last: Result | None = None

    def __repr__(self) -> str:
        names = ", ".join(self._exercise.names)
        return (
            f"{self._exercise.id}: {self._exercise.meta['goal']}\n"
            f".show() tells what to write, .check({names}) checks it, .hint() helps"
        )

    def check(self, *objects: Any, seed: int | None = None, all_checks: bool = False) -> Shown:
        """Check functions and classes, in a process of their own.

        The functions and classes that they use go along, and so do numbers and texts.

        Parameters
        ----------
        *objects : functions and classes, or str
            What the exercise asks for; or the name of a file.
        seed : int, optional
            Of the random inputs; that of the folder of exercises, or 0, if not given.
        all_checks : bool
            Go on after the first check that does not pass.

        Returns
        -------
        Shown

        Raises
        ------
        TypeError, ValueError
            If something is no function or class, or its text is not to be found.
        """
        if len(objects) == 1 and isinstance(objects[0], str):
            with open(objects[0], encoding="utf-8-sig") as file:
                source = file.read()
        else:
            source = source_of(*objects)
        if seed is None:
            seed = 0 if self._workspace is None else self._workspace.seed
        result = run_exercise(self._exercise, source, seed=seed, all_checks=all_checks)
        self._last = result
        if self._workspace is not None:
            self._workspace.progress.record(result)
        text = result_text(self._exercise, result, at_prompt=True)
        figure = result.status == "pass" or (result.first is not None and result.first.figure)
        return Shown(text, self._picture() if figure else None, result.status)

    def hint(self) -> Shown:
        """The next hint: each call shows one more."""
        if self._workspace is not None:
            self._hints = self._workspace.progress.take_hint(self._exercise.id, 3)
        else:
            self._hints = min(self._hints + 1, 3)
        hints = self._exercise.hints[: self._hints]
        return Shown("\n".join(f"{i}. {hint}" for i, hint in enumerate(hints, 1)))

    def show(self) -> Shown:
        """What to do; after a check, with the picture that belongs to its result."""
        return Shown(self._exercise.text("description.md"), self._picture())

    def _picture(self) -> str | None:
        result = self._last
        if result is None or not (
            result.status == "pass" or (result.first and result.first.figure)
        ):
            return None
        try:
            return self._exercise.figure(result.first.figure if result.first else None)
        except NoPicture:
            return None


def ex(name: int | str) -> Handle:
    """An exercise by its number or name.

    Parameters
    ----------
    name : int or str

    Returns
    -------
    Handle

    Raises
    ------
    LookupError
        If there is none.

    Examples
    --------
    >>> from autograd_engine.teach import ex
    >>> def derivative(f, x, h=1e-5):
    ...     return (f(x + h) - f(x)) / h
    >>> ex(1)
    01_slope: The derivative is a limit of differences.
    .show() tells what to write, .check(derivative, gradient) checks it, .hint() helps
    """
    try:
        workspace = Workspace.find()
        catalog, root = workspace.catalog, workspace.root
    except LookupError:
        workspace, catalog, root = None, Catalog(sets(Path())), None
    exercise = catalog.find(str(name))
    return _handles.setdefault((exercise.folder, root), Handle(exercise, workspace))


# Each goes on where it was left, with the next hint or the last picture.
_handles: dict[tuple[Path, Path | None], Handle] = {}


def source_of(*objects: Any) -> str:
    """The text of a module that defines the given functions and classes, and all that they use.

    Parameters
    ----------
    *objects : functions and classes

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If one is neither a function nor a class.
    ValueError
        If the text of one is not to be found, or it uses something that cannot go along.
    """
    parts: dict[str, str] = {}
    for thing in objects:
        if not isinstance(thing, (types.FunctionType, type)):
            raise TypeError(
                f"check takes the functions and classes that you have written, got {thing!r}"
            )
        if thing.__name__ == "<lambda>":
            raise ValueError("a lambda cannot be checked: write the function with def")
        _collect(thing.__name__, thing, parts)
    return "\n\n".join(parts.values()) + "\n"


def _collect(name: str, thing: Any, parts: dict[str, str]) -> None:
    """Add what a name stands for, after what that needs."""
    if name in parts:
        return
    if isinstance(thing, types.ModuleType):
        parts[name] = f"import {thing.__name__} as {name}"
    elif isinstance(thing, (types.FunctionType, type)):
        if not _is_own(thing):
            parts[name] = f"from {thing.__module__} import {thing.__name__} as {name}"
            return
        text = _text_of(name, thing)
        parts[name] = ""  # it may use itself
        for other, used in _used_by(thing, text).items():
            _collect(other, used, parts)
        del parts[name]  # to stand after what it uses
        parts[name] = text
    elif (literal := _literal(thing)) is not None:
        parts[name] = f"{name} = {literal}"
    elif _is_importable(thing):
        parts[name] = f"from {thing.__module__} import {thing.__name__} as {name}"
    else:
        raise ValueError(
            f"your code uses {name}, of type {type(thing).__name__}, made elsewhere: make it "
            "in the function, or write the exercise in a file and check that"
        )


def _literal(thing: Any) -> str | None:
    """Plain data as a program writes it; None of anything else."""
    if isinstance(thing, float) and not math.isfinite(thing):
        return f"float({str(thing)!r})"
    try:
        return repr(thing) if ast.literal_eval(repr(thing)) == thing else None
    except (ValueError, SyntaxError, TypeError):
        return None


def _is_importable(thing: Any) -> bool:
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    return getattr(module, getattr(thing, "__name__", ""), None) is thing


def _is_own(thing: Any) -> bool:
    """Whether it was written at the prompt, rather than in an installed module."""
    module = sys.modules.get(thing.__module__)
    return thing.__module__ == "__main__" or module is None or not hasattr(module, "__file__")


def _text_of(name: str, thing: Any) -> str:
    try:
        return inspect.cleandoc("\n" + inspect.getsource(thing))
    except (OSError, TypeError):
        raise ValueError(
            f"the text of {name} is not to be found, as at a plain prompt: write it in a file, and "
            "give check the name of the file"
        ) from None


def _used_by(thing: Any, text: str) -> dict[str, Any]:
    """The global names that a function or a class uses, with what they stand for."""
    if isinstance(thing, types.FunctionType):
        if thing.__closure__:
            raise ValueError(f"{thing.__name__} uses variables of a function around it")
        variables = thing.__globals__
    else:
        variables = vars(sys.modules[thing.__module__])
    names = dict.fromkeys(_free_names(symtable.symtable(text, thing.__name__, "exec")))
    return {n: variables[n] for n in names if n in variables and variables[n] is not thing}


def _free_names(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _free_names(inner)
