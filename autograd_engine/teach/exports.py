"""Results for other programs: JSON, CSV, JUnit's XML, and Gradescope's JSON."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from xml.etree import ElementTree as xml

from autograd_engine.teach.catalog import Exercise
from autograd_engine.teach.progress import Entry
from autograd_engine.teach.report import result_text
from autograd_engine.teach.runner import Outcome, Result

__all__ = ["FORMATS", "Record", "export", "of_progress", "of_result", "read_records"]

# What other programs know: a crash and a timeout are errors.
_STATUSES = {"pass": "pass", "fail": "fail", "not_attempted": "fail"}


def _version() -> str:
    try:
        return version("autograd_engine")
    except PackageNotFoundError:
        return ""


@dataclass
class Record:
    """One student's result in one exercise: a line of the CSV.

    Attributes
    ----------
    set_version, student, exercise, status : str
    score, max_score : float
        Points: those of the exercise, times the share of its checks that passed.
    checks_passed, checks_total, attempts, hints_used : int
    first_pass_utc : str
    seconds : float
    mistake_ids : list of str
    late : bool
    engine_version, python : str
    seed : int
    message : str
        What the learner is told.
    tests : list of dict
        The checks, each with name, status and message, as Exercism has them.
    """

    student: str
    exercise: str
    status: str
    score: float
    max_score: float
    checks_passed: int
    checks_total: int
    attempts: int = 0
    hints_used: int = 0
    first_pass_utc: str = ""
    seconds: float = 0.0
    mistake_ids: list[str] = field(default_factory=list)
    late: bool = False
    seed: int = 0
    set_version: str = ""
    engine_version: str = field(default_factory=_version)
    python: str = field(default_factory=platform.python_version)
    message: str = ""
    tests: list[dict[str, str]] = field(default_factory=list)


# Those that fit into a cell, in this order.
_COLUMNS = (
    "set_version",
    "student",
    "exercise",
    "status",
    "score",
    "max_score",
    "checks_passed",
    "checks_total",
    "attempts",
    "hints_used",
    "first_pass_utc",
    "seconds",
    "mistake_ids",
    "late",
    "engine_version",
    "python",
    "seed",
)


def of_result(exercise: Exercise, result: Result, student: str, late: bool = False) -> Record:
    """The record of a check.

    Parameters
    ----------
    exercise : Exercise
    result : Result
        Of all its checks.
    student : str
    late : bool
        Whether it was handed in late.

    Returns
    -------
    Record
    """
    mistakes = dict.fromkeys(o.mistake for o in result.outcomes if o.mistake)
    return Record(
        student=student,
        exercise=exercise.id,
        status=result.status,
        score=round(exercise.points * result.passed / len(result.outcomes), 4),
        max_score=exercise.points,
        checks_passed=result.passed,
        checks_total=len(result.outcomes),
        seconds=round(result.seconds, 3),
        mistake_ids=list(mistakes),
        late=late,
        seed=result.seed,
        set_version=exercise.set_version,
        message=result_text(exercise, result),
        tests=[_test(outcome) for outcome in result.outcomes],
    )


def of_progress(exercise: Exercise, entry: Entry, student: str) -> Record:
    """The record of a learner's own progress.

    Parameters
    ----------
    exercise : Exercise
    entry : Entry
    student : str

    Returns
    -------
    Record
    """
    total = entry.checks_total or len(exercise.checks)
    share = 1.0 if entry.passed else entry.checks_passed / total
    return Record(
        student=student,
        exercise=exercise.id,
        status=entry.status,
        score=round(exercise.points * share, 4),
        max_score=exercise.points,
        checks_passed=total if entry.passed else entry.checks_passed,
        checks_total=total,
        attempts=entry.attempts,
        hints_used=entry.hints,
        first_pass_utc=entry.first_pass_utc,
        seconds=round(entry.seconds, 3),
        mistake_ids=list(entry.mistakes),
        set_version=exercise.set_version,
    )


def _test(outcome: Outcome) -> dict[str, str]:
    told = f"{outcome.call} gave {outcome.got}, must be {outcome.must}" if outcome.must else ""
    parts = [outcome.error or told, outcome.cause]
    return {
        "name": outcome.check,
        "status": outcome.status,
        "message": ". ".join(part for part in parts if part),
    }


def export(records: Sequence[Record], format: str) -> str:
    """Write records in a format.

    Parameters
    ----------
    records : sequence of Record
    format : {"json", "csv", "junit", "gradescope"}

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such format, or records of several students are to be written for Gradescope,
        which takes one at a time.

    Examples
    --------
    >>> records = [Record("s1", "01_slope", "pass", 1, 1, 4, 4)]
    >>> export(records, "csv").splitlines()[1].startswith(",s1,01_slope,pass,1,1,4,4")
    True
    """
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, got {format!r}")
    return FORMATS[format](records)


def read_records(path: str | os.PathLike[str]) -> list[Record]:
    """Read what was written as JSON.

    Parameters
    ----------
    path : path

    Returns
    -------
    list of Record

    Raises
    ------
    ValueError
        If the file holds something else.
    OSError
        If it cannot be read.
    """
    with open(path, encoding="utf-8") as file:
        try:
            records = json.load(file)["records"]
            known = {f.name for f in fields(Record)}
            return [Record(**{k: v for k, v in r.items() if k in known}) for r in records]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(
                f"{path} holds no grades: autograd teach grade DIR writes them"
            ) from None


def _json(records: Sequence[Record]) -> str:
    data = [asdict(record) | {"exercism": _exercism(record)} for record in records]
    return _dumped({"format": 1, "records": data})


def _csv(records: Sequence[Record]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for record in records:
        cells = asdict(record) | {"mistake_ids": " ".join(record.mistake_ids)}
        table.writerow([_cell(cells[column]) for column in _COLUMNS])
    return text.getvalue()


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula, whatever a folder is called."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value


def _junit(records: Sequence[Record]) -> str:
    root = xml.Element("testsuites")
    for record in records:
        tests = record.tests or [{"name": "all", "status": record.status, "message": ""}]
        suite = xml.SubElement(root, "testsuite", name=f"{record.student} {record.exercise}")
        counts = {"failures": 0, "errors": 0, "skipped": 0}
        for test in tests:
            of = f"{record.student}.{record.exercise}"
            case = xml.SubElement(suite, "testcase", classname=of, name=test["name"])
            kind = _junit_kind(test["status"])
            if kind is not None:
                element, count = kind
                counts[count] += 1
                xml.SubElement(case, element, message=_printable(test["message"]))
        suite.attrib |= {name: str(count) for name, count in counts.items()}
        suite.attrib |= {"tests": str(len(tests)), "time": f"{record.seconds:.3f}"}
    xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(root, "unicode") + "\n"


def _junit_kind(status: str) -> tuple[str, str] | None:
    if status == "pass":
        return None
    if status == "skipped":
        return "skipped", "skipped"
    return ("failure", "failures") if status in ("fail", "not_attempted") else ("error", "errors")


def _printable(text: str) -> str:
    """The text without what XML has no way to write."""
    return "".join(c if c >= " " or c in "\t\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _gradescope(records: Sequence[Record]) -> str:
    students = {record.student for record in records}
    if len(students) > 1:
        raise ValueError("gradescope takes the results of one student: name one with --student")
    tests = [
        {
            "name": record.exercise,
            "score": record.score,
            "max_score": record.max_score,
            "status": "passed" if record.status == "pass" else "failed",
            "output": record.message,
            "tags": record.mistake_ids,
        }
        for record in records
    ]
    return _dumped({"score": sum(record.score for record in records), "tests": tests})


def _exercism(record: Record) -> dict[str, Any]:
    """One record as Exercism's runners write theirs, in version 3 of that format."""
    return {
        "version": 3,
        "status": _STATUSES.get(record.status, "error"),
        "message": record.message,
        "tests": [
            test | {"status": _STATUSES.get(test["status"], "error"), "task_id": 1, "output": ""}
            for test in record.tests
        ],
    }


def _dumped(data: Any) -> str:
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


FORMATS: dict[str, Callable[[Sequence[Record]], str]] = {
    "json": _json,
    "csv": _csv,
    "junit": _junit,
    "gradescope": _gradescope,
}
