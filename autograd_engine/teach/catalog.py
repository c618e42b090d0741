"""Exercises as they lie on the disk: a set is a folder, and so is each exercise in it.

set.json                    {"format": 1, "name": "mycourse", "version": "2026"}
NN_slug/meta.json           title, goal, hints, the messages of the mistakes ...
NN_slug/description.md      what to do
NN_slug/starter.py          what a learner begins with
NN_slug/check.py            the checks, run by the runner
NN_slug/probe.py            optional: functions that try the learner's code out, run beside it
NN_slug/solution.py
NN_slug/figure.py           optional: a picture
NN_slug/mistakes/ID.py      one wrong answer for each message in meta.json
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd_engine.teach.packing import PACKED, unpack
from autograd_engine.teach.testing import Check

__all__ = ["BUILT_IN", "Catalog", "Exercise", "ExerciseError", "NoPicture", "load_set"]

FORMAT = 1
BUILT_IN = Path(__file__).parent / "exercises"
_FOLDER = re.compile(r"(\d\d)_([a-z0-9_]+)")

# The entries of meta.json, each with an example of its type; those of the second table have a
# default.
_REQUIRED: dict[str, Any] = {"title": "", "goal": "", "lecture": "", "hints": [""], "why": ""}
_OPTIONAL: dict[str, Any] = {
    "needs": [],
    "points": 1,
    "timeout_s": 5,
    "memory_mb": 512,
    "node_budget": 0,
    "mistakes": {},
}


class ExerciseError(Exception):
    """An exercise or a set is not as it must be: its author's fault, not the learner's."""


class NoPicture(Exception):
    """A picture cannot be drawn here: a library or a program is missing."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    folder : Path
    set_name : str
        Empty for the exercises of this package.
    set_version : str
    meta : dict
        What meta.json says, completed.
    """

    folder: Path
    set_name: str
    set_version: str
    meta: dict[str, Any]

    @property
    def id(self) -> str:
        """The folder's name, after that of the set: "05_accumulate", "mycourse/01_start"."""
        return f"{self.set_name}/{self.folder.name}" if self.set_name else self.folder.name

    @property
    def number(self) -> int:
        """The two digits of the folder's name."""
        return int(self.folder.name[:2])

    @property
    def short(self) -> str:
        """What to type for it: "5", "mycourse/1"."""
        return f"{self.set_name}/{self.number}" if self.set_name else str(self.number)

    @property
    def filename(self) -> str:
        """The name of the learner's file."""
        return f"{self.folder.name}.py"

    @property
    def title(self) -> str:
        """A few words."""
        return str(self.meta["title"])

    @property
    def hints(self) -> list[str]:
        """Three, each saying more than the one before."""
        return list(self.meta["hints"])

    @property
    def mistakes(self) -> dict[str, str]:
        """From the ids of the mistakes to what a learner who made one is told."""
        return dict(self.meta["mistakes"])

    @property
    def points(self) -> float:
        """What it is worth."""
        return float(self.meta["points"])

    @property
    def timeout(self) -> float:
        """How many seconds a check may take."""
        return float(self.meta["timeout_s"])

    def text(self, name: str) -> str:
        """One of the exercise's files.

        Raises
        ------
        ExerciseError
            If it cannot be read.
        """
        if name in self._packed:
            return self._packed[name]
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ExerciseError(f"{self.id}: cannot read {name}: {error}") from None

    @cached_property
    def _packed(self) -> dict[str, str]:
        """The answers, in an installed package."""
        path = self.folder / PACKED
        return unpack(path.read_bytes()) if path.exists() else {}

    @property
    def probes(self) -> Path | None:
        """The file of functions that try the learner's code out, if there is one."""
        path = self.folder / "probe.py"
        return path if path.exists() else None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The functions and classes that the starter leaves to the learner."""
        definitions = (ast.FunctionDef, ast.ClassDef)
        tree = ast.parse(self.text("starter.py"))
        return tuple(node.name for node in tree.body if isinstance(node, definitions))

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The checks, in the order of the file.

        Raises
        ------
        ExerciseError
            If check.py cannot be imported, or has none, or two of a name.
        """
        found = [x for x in vars(self._module("check")).values() if isinstance(x, Check)]
        names = [check.name for check in found]
        if not found or len(set(names)) < len(names):
            raise ExerciseError(f"{self.id}: check.py has no checks, or two of the same name")
        return tuple(found)

    def figure(self, details: dict[str, Any] | None = None) -> str | None:
        """The picture that belongs to the exercise, as SVG; None if it has none.

        Parameters
        ----------
        details : dict, optional
            What a failed check knows; without it, the picture of a right answer.

        Raises
        ------
        NoPicture
            If there is nothing to draw it with.
        ExerciseError
            If figure.py fails.
        """
        if not (self.folder / "figure.py").exists():
            return None
        module = self._module("figure")
        try:
            return str(module.figure(details))
        except (ImportError, RuntimeError) as error:  # as of Graphviz, which `visualize` calls
            raise NoPicture(f"no picture of {self.id}: {error}") from error
        except Exception as error:
            raise ExerciseError(f"{self.id}: figure.py: {type(error).__name__}: {error}") from error

    def mistake_files(self) -> set[str]:
        """The ids of the mistakes with a wrong answer, as mistakes/ID.py."""
        packed = {Path(name).stem for name in self._packed if name.startswith("mistakes/")}
        return packed | {path.stem for path in (self.folder / "mistakes").glob("*.py")}

    def _module(self, name: str) -> Any:
        """A file of the exercise, imported under a name of its own and without bytecode."""
        path = self.folder / f"{name}.py"
        full = f"_teach_{re.sub(r'[^a-z0-9]', '_', self.id)}_{name}"
        spec = importlib.util.spec_from_file_location(full, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise ExerciseError(f"{self.id}: {name}.py: {type(error).__name__}: {error}") from error
        finally:
            sys.dont_write_bytecode = writes
        return module


def load_set(folder: str | os.PathLike[str]) -> list[Exercise]:
    """The exercises of a set, in order.

    Parameters
    ----------
    folder : path
        With a set.json in it.

    Returns
    -------
    list of Exercise

    Raises
    ------
    ExerciseError
        If it is no set, is of another format, or an exercise in it is incomplete.
    """
    root = Path(folder).resolve()
    name, version = _read_set(root)
    if root == BUILT_IN.resolve():
        name = ""
    folders = sorted(path for path in root.iterdir() if _FOLDER.fullmatch(path.name))
    return [_load(path, name, version) for path in folders if (path / "meta.json").exists()]


def _read_set(root: Path) -> tuple[str, str]:
    """Its name and version."""
    path = root / "set.json"
    if not path.exists():
        raise ExerciseError(f"{root} is no set of exercises: it has no set.json")
    data = _read_json(path)
    if data.get("format") != FORMAT:
        raise ExerciseError(
            f"{path}: format {data.get('format')!r}; this version of autograd_engine reads format "
            f"{FORMAT}: update the package, or write the set for this format"
        )
    name = data.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ExerciseError(f"{path}: name is lower-case letters, digits and _, got {name!r}")
    return name, str(data.get("version", ""))


def _load(folder: Path, set_name: str, set_version: str) -> Exercise:
    path = folder / "meta.json"
    meta = _read_json(path)
    for key in _REQUIRED:
        if key not in meta:
            raise ExerciseError(f"{path}: {key} is missing")
    known = _REQUIRED | _OPTIONAL
    for key, value in meta.items():
        if key not in known:
            raise ExerciseError(f"{path}: there is no entry {key!r}; known: {', '.join(known)}")
        example = known[key]
        kinds = (int, float) if isinstance(example, int) else (type(example),)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise ExerciseError(f"{path}: {key} is a {kinds[-1].__name__}, got {value!r}")
    if len(meta["hints"]) != 3:
        raise ExerciseError(f"{path}: an exercise has three hints, got {len(meta['hints'])}")
    return Exercise(folder, set_name, set_version, _OPTIONAL | meta)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExerciseError(f"{path}: {error}") from None
    if not isinstance(data, dict):
        raise ExerciseError(f"{path}: must hold an object, {{...}}")
    return data


class Catalog:
    """The exercises at hand: those of this package, and those of further sets.

    Parameters
    ----------
    folders : iterable of path
        Of further sets.

    Raises
    ------
    ExerciseError
        If one of them is no set, or two have the same name.

    Examples
    --------
    >>> Catalog().find("1").id
    '01_slope'
    """

    def __init__(self, folders: Iterable[str | os.PathLike[str]] = ()) -> None:
        roots = (BUILT_IN, *(Path(folder).resolve() for folder in folders))
        self.exercises = [exercise for root in roots for exercise in load_set(root)]
        ids = [exercise.id for exercise in self.exercises]
        for identity in ids:
            if ids.count(identity) > 1:
                raise ExerciseError(f"there are two exercises {identity}: rename one of the sets")

    @property
    def closed(self) -> tuple[Path, ...]:
        """The folders of the exercises, which a learner's code may not read."""
        return tuple(exercise.folder for exercise in self.exercises)

    def find(self, name: str) -> Exercise:
        """The exercise of an id, its number, or the beginning of its name.

        Parameters
        ----------
        name : str
            "5", "05", "accumulate", "05_accumulate"; of a further set "mycourse/1" and so on. The
            name of a learner's file will do, too.

        Returns
        -------
        Exercise

        Raises
        ------
        LookupError
            If there is none, or more than one.
        """
        *folders, last = name.replace("\\", "/").removesuffix(".py").split("/")
        set_name = folders[-1] if folders else ""
        of_set = [e for e in self.exercises if e.set_name == set_name]
        if not of_set and name.endswith(".py"):  # any folder that a learner works in
            of_set = [e for e in self.exercises if not e.set_name]
        found = [e for e in of_set if last == e.folder.name or last == e.folder.name[3:]]
        if not found and last.isascii() and last.isdigit():
            found = [e for e in of_set if e.number == int(last)]
        if not found and last:
            found = [e for e in of_set if e.folder.name[3:].startswith(last)]
        if len(found) != 1:
            listed = ", ".join(e.id for e in found or self.exercises)
            problem = f"{name!r} could be" if found else f"there is no exercise {name!r}; there are"
            raise LookupError(f"{problem} {listed}")
        return found[0]
