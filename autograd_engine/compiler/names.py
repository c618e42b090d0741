"""Names in emitted source, and what is known only once all of its lines are there.

A view stands in a line as a token until it is known how often it is used: then it gets a name, or
its own source takes its place.
"""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import dataclass

from autograd_engine.compiler import arrays
from autograd_engine.compiler.views import spelled_comment

__all__ = ["TOKEN", "Finished", "Names", "View", "assigned", "changed", "name_of", "parts", "words"]

TOKEN = re.compile(r"\b_v\d+_\b")
_RESERVED = {
    *dir(builtins),
    *arrays.__all__,
    *keyword.kwlist,
    *("np", "params", "grads", "inputs", "constants", "make", "forward", "backward"),
    *("as_strided", "sliding_window_view"),
}


class Names:
    """The names that are taken."""

    def __init__(self) -> None:
        self.taken = set(_RESERVED)
        self.counts: dict[str, int] = {}

    def new(self, letter: str) -> str:
        """A free name: the letter with a number behind it."""
        while True:
            self.counts[letter] = self.counts.get(letter, 0) + 1
            name = f"{letter}{self.counts[letter]}"
            if name not in self.taken:
                self.taken.add(name)
                return name


@dataclass(eq=False)
class View:
    """A piece of source that may get a name.

    Attributes
    ----------
    text : str
    prefix : str
        What its name starts with, before a number.
    hoisted : bool
        Whether it is made once, above the steps.
    wanted : str
        Its name, if that is free.
    shape : tuple of int
    start : int or None
        The first of the parameters that it shows, if it shows any.
    name : str
        Empty until it has one.
    """

    text: str
    prefix: str
    hoisted: bool
    wanted: str
    shape: tuple[int, ...]
    start: int | None = None
    name: str = ""


class Finished:
    """Putting names and source where views are used, once it is known how often they are."""

    def __init__(self, views: dict[str, View], names: Names, lines: list[str]) -> None:
        self.views = views
        self.names = names
        self.counts = _counted(lines, views)
        self.head: list[str] = []
        self.before: list[str] = []
        self.starts: dict[int | None, str] = {}  # the names of parameters, by the first of them

    def lines(self, lines: list[str]) -> list[str]:
        """Finished lines, each after the names that it needs."""
        result = []
        for line in lines:
            text = self.text(line)
            result += [*self.before, text]
            self.before = []
        return result

    def text(self, line: str) -> str:
        """A finished piece of source."""
        return TOKEN.sub(lambda match: self._named(match[0]), line)

    def _named(self, token: str) -> str:
        view = self.views[token]
        if view.name:
            return view.name
        text = self.text(view.text)
        if not view.hoisted and self.counts[token] < 2:
            return text
        wanted = view.wanted
        if view.prefix in ("gW", "gb") and view.start in self.starts:
            wanted = f"g{self.starts[view.start]}"
        if wanted and wanted not in self.names.taken:
            view.name = wanted
            self.names.taken.add(wanted)
        else:
            view.name = self.names.new(view.prefix)
        if view.prefix in ("W", "b"):
            self.starts.setdefault(view.start, view.name)
        line = f"{view.name} = {text}"
        if view.hoisted:
            self.head.append(line + spelled_comment(view.shape))
        else:
            self.before.append(line)
        return view.name


def _counted(lines: list[str], views: dict[str, View]) -> dict[str, int]:
    """How often each view is used."""
    counts: dict[str, int] = {}
    todo = list(lines)
    while todo:
        for token in TOKEN.findall(todo.pop()):
            counts[token] = counts.get(token, 0) + 1
            if counts[token] == 1:
                todo.append(views[token].text)
    return counts


def parts(names: list[str]) -> list[list[str]]:
    """So many names at a time as fit into a line."""
    return [names[i : i + 16] for i in range(0, len(names), 16)]


def assigned(lines: list[str]) -> set[str]:
    """The names that lines assign."""
    return {match[1] for line in lines if (match := re.match(r"(\w+) = ", line))}


def changed(lines: list[str]) -> set[str]:
    """The names that lines add to, or subtract from."""
    return {match[1] for line in lines if (match := re.match(r"(\w+) [+-]= ", line))}


def words(lines: list[str]) -> set[str]:
    """All names in lines, comments apart."""
    return {word for line in lines for word in re.findall(r"\w+", line.partition("#")[0])}


def name_of(label: str) -> str:
    """A plain identifier for the parameters of which the first has this label; '' without one."""
    layer = re.fullmatch(r"layers\.(\d{1,4})\.neurons\.\d+\.(w|b)(\[\d+\])?", label)
    if layer:
        return f"{'W' if layer[2] == 'w' else 'b'}{int(layer[1]) + 1}"
    base = re.sub(r"[^A-Za-z0-9_]+", "_", re.sub(r"\[.*", "", label)).strip("_")
    return base if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,30}", base) else ""
