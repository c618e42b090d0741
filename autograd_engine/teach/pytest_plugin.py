"""Exercises as tests: ``pytest -p autograd_engine.teach.pytest_plugin FOLDER``.

Each file named as an exercise, such as 05_accumulate.py, becomes one test for each of its checks.
The learner's code runs in its own process, as always. Everything of pytest works: ``-k``, ``-m
teach``, ``--junitxml``. Never loaded unless asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_engine.teach.catalog import Catalog, Exercise
from autograd_engine.teach.report import outcome_text
from autograd_engine.teach.runner import Result, run_exercise
from autograd_engine.teach.workspace import sets

if TYPE_CHECKING:
    import pytest
else:
    import pytest

__all__ = ["pytest_addoption", "pytest_collect_file", "pytest_configure"]

_CATALOG = pytest.StashKey[Catalog]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of `check`."""
    group = parser.getgroup("teach", "exercises of autograd_engine")
    group.addoption("--teach-seed", type=int, default=0, help="of the random inputs")
    group.addoption("--teach-slow-factor", type=float, default=1.0, help="multiplies time limits")
    group.addoption(
        "--teach-exercises", action="append", default=[], metavar="DIR", help="a further set"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and find the exercises."""
    config.addinivalue_line("markers", "teach: a check of an exercise")
    remembered = Path(config.rootpath, ".teach", "sets.json")
    config.stash[_CATALOG] = Catalog(sets(remembered, config.getoption("--teach-exercises")))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> _File | None:
    """Take files that are named as an exercise is."""
    for exercise in parent.config.stash[_CATALOG].exercises:
        in_place = not exercise.set_name or file_path.parent.name == exercise.set_name
        if file_path.name == exercise.filename and in_place:
            return _File.of(parent, file_path, exercise)
    return None


class _File(pytest.File):
    exercise: Exercise
    _result: Result | None = None

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, exercise: Exercise) -> _File:
        found: _File = cls.from_parent(parent, path=path)
        found.exercise = exercise
        return found

    def collect(self) -> Iterable[pytest.Item]:
        for check in self.exercise.checks:
            item = _Item.from_parent(self, name=check.name)
            item.add_marker("teach")
            yield item

    def result(self) -> Result:
        """What came of all checks: they run once, whichever tests are wanted."""
        if self._result is None:
            options = self.config.getoption
            self._result = run_exercise(
                self.exercise,
                self.path.read_text(encoding="utf-8-sig"),
                seed=options("--teach-seed"),
                slow_factor=options("--teach-slow-factor"),
                closed=self.config.stash[_CATALOG].closed,
                all_checks=True,
            )
        return self._result


class _Failed(Exception):
    """A check did not pass; the message is for the learner."""


class _Item(pytest.Item):
    parent: _File

    def runtest(self) -> None:
        result = self.parent.result()
        outcome = next(o for o in result.outcomes if o.check == self.name)
        if outcome.status == "skipped":
            pytest.skip("the file could not be imported: see the first check")
        if outcome.status != "pass":
            raise _Failed(outcome_text(self.parent.exercise, result, outcome))

    def repr_failure(self, excinfo: Any, *_: Any) -> Any:
        if isinstance(excinfo.value, _Failed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.parent.exercise.id}: {self.name}"
