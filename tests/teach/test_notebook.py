"""The exercises at a prompt: live functions become a file, which is checked like any other."""

import linecache
import math
import shutil
import sys
import types

import pytest

from autograd_engine.teach import ex, notebook
from autograd_engine.teach.authoring import new_exercise
from autograd_engine.teach.catalog import BUILT_IN
from autograd_engine.teach.notebook import source_of
from autograd_engine.teach.workspace import VARIABLE, Workspace

CELL = """
import math
import math as m
from math import sqrt
STEP = 1e-5
LIMIT = float("inf")
TABLE = {"two": [2, 2.0]}

def helper(f, x, h):
    return (f(x + h) - f(x - h)) / (TABLE["two"][0] * h)

class Base:
    scale = STEP

class Steps(Base):
    def step(self):
        assert m.isfinite(sqrt(self.scale)) and self.scale < LIMIT
        return super().__getattribute__("scale")

def derivative(f, x, h=STEP):
    return helper(f, x, h)

def gradient(f, xs):
    h = Steps().step()
    slopes = []
    for i in range(len(xs)):
        slopes.append(derivative(lambda t: f([*xs[:i], t, *xs[i + 1:]]), xs[i], h))
    return slopes

def recursive(n):
    return n and recursive(n - 1)

def outer():
    k = 2
    def inner(x):
        return k * x
    return inner

closure = outer()
made = object()

def uses_made():
    return made
"""


@pytest.fixture
def cell(monkeypatch, tmp_path):
    """What a cell of a notebook defines."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(notebook, "_handles", {})
    module = types.ModuleType("__main__")
    name = "<cell 1>"
    monkeypatch.setitem(linecache.cache, name, (len(CELL), None, CELL.splitlines(True), name))
    monkeypatch.setitem(sys.modules, "__main__", module)
    exec(compile(CELL, name, "exec"), vars(module))
    # Classes are found by their module's file, as notebooks arrange it.
    module.__file__ = name
    return module


def test_functions_are_checked_with_all_that_they_use(cell):
    shown = ex(1).check(cell.derivative, cell.gradient)
    assert shown.status == "pass", shown
    assert "<svg" in shown.svg
    assert "<svg" in shown._repr_html_()


def test_a_mistake_is_named(cell):
    cell.TABLE["two"] = [1]
    shown = ex(1).check(cell.derivative, cell.gradient)
    assert shown.status == "fail"
    assert "Exactly twice too large" in repr(shown)


def test_the_text_defines_each_thing_once_and_before_its_use(cell):
    text = source_of(cell.gradient, cell.derivative, cell.recursive)
    module = {}
    exec(text, module)
    assert module["recursive"](3) == 0
    assert module["derivative"](math.exp, 0.0) == pytest.approx(1.0)
    assert text.count("def helper") == text.count("class Base") == text.count("def recursive") == 1
    assert "import math as m" in text


def test_what_cannot_go_along_is_said(cell):
    with pytest.raises(TypeError, match="functions and classes that you have written, got 5"):
        ex(1).check(5)
    with pytest.raises(ValueError, match="variables of a function around it"):
        source_of(cell.closure)
    with pytest.raises(ValueError, match="uses made, of type object, made elsewhere"):
        source_of(cell.uses_made)
    with pytest.raises(ValueError, match="a lambda cannot be checked"):
        source_of(lambda x: x)
    nowhere = {}
    exec("def f(): pass", nowhere)
    nowhere["f"].__module__ = "__main__"
    with pytest.raises(ValueError, match="give check the name of the file"):
        source_of(nowhere["f"])


def test_a_file_can_be_given(tmp_path, cell):
    path = shutil.copy(BUILT_IN / "01_slope/solution.py", tmp_path / "mine.py")
    assert ex("slope").check(str(path)).status == "pass"


def test_hints_come_one_by_one(cell):
    assert repr(ex(1).hint()).startswith("1. ")
    assert "\n2. " in repr(ex(1).hint())
    assert "\n3. " in repr(ex(1).hint())
    assert repr(ex(1).hint()).count("\n") == 2


def test_show_tells_the_task_and_keeps_the_picture_for_later(cell):
    shown = ex(1).show()
    assert "# Slope" in repr(shown)
    assert shown.svg is None
    ex(1).check(cell.derivative, cell.gradient)
    assert "<svg" in ex(1).show().svg


def test_the_next_step_is_one_of_the_prompt(cell):
    assert repr(ex(1).check(cell.derivative)).endswith("Next: ex(1).hint()")


def test_further_sets_are_found(cell, tmp_path, monkeypatch):
    new_exercise(tmp_path / "mine", "warm_up")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine"))
    assert repr(ex("mine/1")).startswith("mine/01_warm_up")


def test_progress_is_kept_in_a_folder_of_exercises(cell, tmp_path):
    Workspace.create(tmp_path)
    ex(1).check(cell.derivative, cell.gradient)
    ex(1).hint()
    entry = Workspace.find(tmp_path).progress["01_slope"]
    assert (entry.status, entry.hints) == ("pass", 1)
