"""Grade a folder of submissions: one folder for each student, in it the files of the exercises."""

from __future__ import annotations

import csv
import os
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from autograd_engine.teach.catalog import Catalog, Exercise
from autograd_engine.teach.exports import Record, of_result
from autograd_engine.teach.runner import Outcome, Result, run_exercise

__all__ = ["class_table", "grade", "mistake_table", "read_names"]

SEED = 1  # other inputs than the learners saw


def grade(
    folder: str | os.PathLike[str],
    catalog: Catalog,
    *,
    exercises: Sequence[Exercise] = (),
    names: Mapping[str, str] | None = None,
    deadline: datetime | None = None,
    seed: int = SEED,
    variants: bool = False,
    slow_factor: float = 1.0,
    jobs: int | None = None,
) -> list[Record]:
    """Run all checks on all submissions.

    What a learner's own progress says is ignored. A submission that crashes costs its author the
    check and nobody else anything.

    Parameters
    ----------
    folder : path
        Holds a folder for each student.
    catalog : Catalog
    exercises : sequence of Exercise
        Which to grade; if empty, those that anybody handed in.
    names : mapping, optional
        From the folders' names to what the students are to be called.
    deadline : datetime, optional
        With a time zone. A file changed later is late.
    seed : int
        Of the random inputs.
    variants : bool
        Whether each student gets other ones, by the folder's name.
    slow_factor : float
        By how much to multiply the time limits.
    jobs : int, optional
        How many submissions at a time.

    Returns
    -------
    list of Record
        By student, then by exercise.

    Raises
    ------
    LookupError
        If there are no students, or no submissions.
    """
    students = sorted(
        path for path in Path(folder).iterdir() if path.is_dir() and not path.name.startswith(".")
    )
    if not students:
        raise LookupError(f"{folder} holds no folders: one is needed for each student")
    chosen = exercises or [
        e for e in catalog.exercises if any(_submission(s, e) is not None for s in students)
    ]
    if not chosen:
        raise LookupError(f"no folder in {folder} holds a file named as an exercise: 01_slope.py")

    for exercise in chosen:
        _ = exercise.checks  # a broken one is found before anything is run

    def one(case: tuple[Path, Exercise]) -> Record:
        student, exercise = case
        name = (names or {}).get(student.name, student.name)
        path = _submission(student, exercise)
        own_seed = zlib.crc32(f"{seed} {student.name}".encode()) if variants else seed
        if path is None:
            return of_result(exercise, _nothing(exercise, "not_attempted", "", own_seed), name)
        late = deadline is not None and path.stat().st_mtime > deadline.timestamp()
        try:
            source = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            return of_result(
                exercise, _nothing(exercise, "error", str(error), own_seed), name, late
            )
        result = run_exercise(
            exercise,
            source,
            seed=own_seed,
            all_checks=True,
            hidden=True,
            slow_factor=slow_factor,
            closed=(*catalog.closed, Path(folder).resolve()),
        )
        return of_result(exercise, result, name, late)

    cases = [(student, exercise) for student in students for exercise in chosen]
    with ThreadPoolExecutor(jobs or min(os.cpu_count() or 1, 8)) as pool:
        return list(pool.map(one, cases))


def _submission(student: Path, exercise: Exercise) -> Path | None:
    """A student's file: in the folder itself, or where it lies in a learner's folder."""
    places = (student / exercise.set_name / exercise.filename, student / exercise.filename)
    return next((path for path in places if path.is_file()), None)


def _nothing(exercise: Exercise, status: str, error: str, seed: int) -> Result:
    outcomes = [Outcome(check.name, status, error=error) for check in exercise.checks]
    return Result(exercise.id, outcomes, seed)


def read_names(path: str | os.PathLike[str]) -> dict[str, str]:
    """Read the students' names.

    Parameters
    ----------
    path : path
        A CSV file without a heading, in each line a folder's name and what to call its student.

    Returns
    -------
    dict

    Raises
    ------
    LookupError
        If a line has not two cells, or a folder stands there twice.
    """
    names: dict[str, str] = {}
    with open(path, encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            if not row:
                continue
            if len(row) != 2 or row[0] in names:
                raise LookupError(
                    f"{path}, line {number}: must be a folder and a name, each folder once, got "
                    f"{','.join(row)!r}"
                )
            names[row[0].strip()] = row[1].strip()
    return names


def class_table(records: Sequence[Record]) -> str:
    """The points of all students, one to a line.

    Parameters
    ----------
    records : sequence of Record

    Returns
    -------
    str
    """
    students = list(dict.fromkeys(record.student for record in records))
    width = max(map(len, students), default=0)
    lines = []
    for student in students:
        own = [record for record in records if record.student == student]
        score, most = sum(r.score for r in own), sum(r.max_score for r in own)
        passed = sum(record.status == "pass" for record in own)
        late = [record.exercise for record in own if record.late]
        more = f"   late: {', '.join(late)}" if late else ""
        lines.append(
            f"{student:<{width}}  {score:g} of {most:g} points, {passed} of {len(own)} exercises"
            + more
        )
    return "\n".join(lines)


def mistake_table(records: Sequence[Record], catalog: Catalog) -> str:
    """Which mistakes were made by how many students: what to talk about in the next lecture.

    Parameters
    ----------
    records : sequence of Record
    catalog : Catalog

    Returns
    -------
    str
        The most frequent first.
    """
    counts = Counter((r.exercise, mistake) for r in records for mistake in r.mistake_ids)
    messages = {e.id: e.mistakes for e in catalog.exercises}
    return "\n".join(
        f"{count:>4} x  {exercise}  {mistake}: {messages.get(exercise, {}).get(mistake, '')}"
        for (exercise, mistake), count in sorted(counts.items(), key=lambda x: (-x[1], x[0]))
    )
