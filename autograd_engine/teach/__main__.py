"""The command line of the exercises: `autograd teach`, or `python -m autograd_engine.teach`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from autograd_engine.files import write_atomically
from autograd_engine.teach.catalog import Catalog, Exercise, ExerciseError, NoPicture
from autograd_engine.teach.progress import Entry
from autograd_engine.teach.report import emit, result_text
from autograd_engine.teach.runner import Result, run_exercise
from autograd_engine.teach.workspace import Workspace, sets

__all__ = ["main"]

_EXIT = {
    "pass": 0,
    "skipped": 0,
    "fail": 1,
    "not_attempted": 2,
    "error": 3,
    "timeout": 3,
    "broken": 5,
}
_USAGE = 4

_DESCRIPTION = """\
Exercises that name the mistake: build a derivative engine piece by piece, each piece checked.

for learners:
  init DIR        make a folder with all exercises, to be completed in an editor
  next            what to do next
  check [NAME]    check one exercise: what was called, what came back, and what is likely wrong
  watch [NAME]    check whatever is saved
  hint NAME       a hint; again, one more
  show NAME       the task, and a picture once there is something to see
  list            all exercises
  status          what has been done
  reset NAME      begin anew; what was written is kept
  solution NAME   one way to do it, after a pass

for teachers:
  grade DIR       check a folder of submissions, and count the mistakes
  export FORMAT   own progress, or grades, as json, csv, junit or gradescope
  new NAME        a new exercise in a set of one's own
  verify [NAME]   whether exercises can be handed out

A NAME is a number, a name or a file: 5, accumulate, 05_accumulate.py.
"""

_EPILOG = """\
exit status: 0 passed, 1 a check failed, 2 not attempted, 3 crashed or too slow, 4 wrong command,
5 an exercise is broken
"""


class _Parser(argparse.ArgumentParser):
    """One that knows our exit status."""

    def error(self, message: str) -> NoReturn:
        self.exit(_USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process if not given.

    Returns
    -------
    int
        0 if all passed, 1 if a check failed, 2 if nothing was attempted, 3 if the learner's code
        crashed or took too long, 4 if the command was wrong, 5 if an exercise is broken.
    """
    arguments = sys.argv[1:] if argv is None else argv
    try:
        options = _parser().parse_args(arguments or ["--help"])
        status: int = options.run(options)
        return status
    except SystemExit as leaving:  # of argparse, which has said why
        return leaving.code if isinstance(leaving.code, int) else _USAGE
    except ExerciseError as error:
        emit(f"autograd teach: {error}", sys.stderr)
        return _EXIT["broken"]
    except BrokenPipeError:  # whoever was reading has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (LookupError, OSError, ValueError) as error:
        emit(f"autograd teach: {error}", sys.stderr)
        return _USAGE
    except KeyboardInterrupt:
        return 130


def _parser() -> _Parser:
    parser = _Parser(
        prog="autograd teach",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        usage="autograd teach COMMAND ...",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(
        prog="autograd teach", metavar="COMMAND", required=True, help=argparse.SUPPRESS
    )

    def command(
        name: str, run: Callable[[argparse.Namespace], int], *arguments: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, description=run.__doc__, help=argparse.SUPPRESS)
        added.set_defaults(run=run)
        for argument in arguments:
            count = "?" if argument.endswith("?") else "*" if argument.endswith("*") else None
            label = argument.rstrip("?*")
            added.add_argument(label.lower(), metavar=label, nargs=count)
        added.add_argument(
            "--exercises",
            action="append",
            default=[],
            metavar="DIR",
            help="a further set of exercises; may be repeated",
        )
        added.add_argument("--json", action="store_true", help="print JSON")
        return added

    def running(added: argparse.ArgumentParser, seed: int | None = None) -> None:
        added.add_argument("--seed", type=int, default=seed, help="of the random inputs")
        added.add_argument(
            "--slow-factor", type=_factor, default=1.0, help="multiplies the time limits"
        )

    starting = command("init", _init, "DIR")
    starting.add_argument(
        "--seed", type=int, help="of the random inputs of this folder's checks; 0"
    )
    command("next", _next)
    checking = command("check", _check, "NAME*")
    checking.add_argument(
        "--all", action="store_true", help="all checks; without a NAME, of all exercises"
    )
    running(checking)
    running(command("watch", _watch, "NAME?"))
    command("hint", _hint, "NAME?")
    command("show", _show, "NAME?")
    command("list", _list)
    command("status", _status)
    command("reset", _reset, "NAME")
    command("solution", _solution, "NAME")
    grading = command("grade", _grade, "DIR")
    grading.add_argument("--only", action="append", default=[], metavar="NAME", help="an exercise")
    grading.add_argument("--names", metavar="FILE", help="CSV: folder,name")
    grading.add_argument(
        "--deadline", type=_time, metavar="TIME", help="as 2026-01-31T23:59; later files are late"
    )
    grading.add_argument("--output", metavar="FILE", help="where the grades go; DIR/grades.json")
    grading.add_argument(
        "--variants", action="store_true", help="other random inputs for each student"
    )
    grading.add_argument("--jobs", type=int, help="how many submissions at a time")
    running(grading, seed=1)
    exporting = command("export", _export, "FORMAT")
    exporting.add_argument("--grades", metavar="FILE", help="of grade, instead of own progress")
    exporting.add_argument("--student", default="", help="whose; a pseudonym will do")
    exporting.add_argument("--output", metavar="FILE", help="instead of standard output")
    making = command("new", _new, "NAME")
    making.add_argument("--set", default=".", metavar="DIR", help="the folder of the set; here")
    verifying = command("verify", _verify, "NAME*")
    verifying.add_argument("--mutants", type=int, metavar="N", help="at most so many of each")
    verifying.add_argument("--jobs", type=int, help="how many processes at a time")
    return parser


def _factor(text: str) -> float:
    factor = float(text)
    if not 0.0 < factor < 1e6:
        raise argparse.ArgumentTypeError(f"must be positive, got {text}")
    return factor


def _time(text: str) -> Any:
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).astimezone()  # of this place, if it names no zone
    except ValueError:
        raise argparse.ArgumentTypeError(f"as 2026-01-31T23:59, got {text!r}") from None


# --- for learners --------------------------------------------------------------------------------


def _workspace(options: argparse.Namespace) -> Workspace:
    workspace = Workspace.find(".", options.exercises)
    if workspace.progress.warning:
        emit(f"autograd teach: {workspace.progress.warning}", sys.stderr)
    return workspace


def _say(options: argparse.Namespace, text: str, data: object) -> None:
    emit(json.dumps(data, indent=1) if options.json else text)


def _init(options: argparse.Namespace) -> int:
    """Make a folder with the exercises; what is there stays as it is."""
    workspace, written = Workspace.create(options.dir, options.exercises, options.seed)
    _say(
        options,
        f"{len(written)} exercises written to {workspace.root}\n"
        f"Next: cd {options.dir}, then autograd teach next",
        {"root": str(workspace.root), "written": [path.name for path in written]},
    )
    return 0


def _next(options: argparse.Namespace) -> int:
    """Say what to do next."""
    workspace = _workspace(options)
    exercise = workspace.next()
    if exercise is None:
        _say(options, "All exercises pass.", None)
        return 0
    path = workspace.path(exercise)
    if not path.exists():
        workspace.write_starter(exercise)
    shown = os.path.relpath(path)
    text = exercise.text("description.md").rstrip()
    advice = f"Write it in {shown}, then: autograd teach check   or: autograd teach watch"
    _say(options, f"{text}\n\n{advice}", {"exercise": exercise.id, "path": str(path)})
    return 0


def _check(options: argparse.Namespace) -> int:
    """Check exercises: those named, the next one, or with --all those that were begun."""
    jobs: list[tuple[Exercise, str]]
    workspace = None
    files = [Path(name) for name in options.name if Path(name).is_file()]
    if files and len(files) == len(options.name):  # anywhere
        try:
            workspace = Workspace.find(files[0].parent, options.exercises)
            catalog = workspace.catalog
        except LookupError:
            catalog = Catalog(sets(Path(), options.exercises))
        texts = [path.read_text(encoding="utf-8-sig", errors="replace") for path in files]
        jobs = [(catalog.find(str(p)), text) for p, text in zip(files, texts, strict=True)]
        closed = catalog.closed
    else:
        workspace = _workspace(options)
        chosen = [workspace.catalog.find(name) for name in options.name]
        if not chosen and options.all:
            chosen = [
                e
                for e in workspace.catalog.exercises
                if workspace.source(e) not in ("", e.text("starter.py"))
            ]
        elif not chosen:
            chosen = [workspace.next() or workspace.catalog.exercises[-1]]
        jobs = [(exercise, workspace.source(exercise)) for exercise in chosen]
        closed = workspace.catalog.closed
    seed = options.seed
    if seed is None:
        seed = 0 if workspace is None else workspace.seed
    results: list[Result] = []
    for exercise, source in jobs:
        result = run_exercise(
            exercise,
            source,
            seed=seed,
            slow_factor=options.slow_factor,
            all_checks=options.all,
            closed=closed,
        )
        results.append(result)
        if workspace is not None:
            workspace.progress.record(result)
        if not options.json:
            emit(result_text(exercise, result))
    if options.json:
        emit(json.dumps([asdict(r) | {"status": r.status} for r in results], indent=1))
    elif not results:
        emit("nothing has been begun; see autograd teach next")
    return max((_EXIT[result.status] for result in results), default=_EXIT["not_attempted"])


def _watch(options: argparse.Namespace) -> int:
    """Check whatever is saved."""
    from autograd_engine.teach.watching import watch

    workspace = _workspace(options)
    first = workspace.catalog.find(options.name) if options.name else None
    watch(workspace, first, options.slow_factor, options.seed)
    return 0


def _hint(options: argparse.Namespace) -> int:
    """Give a hint; each time one more."""
    workspace, exercise = _chosen(options)
    count = workspace.progress.take_hint(exercise.id, len(exercise.hints))
    hints = exercise.hints[:count]
    lines = [f"{i}. {hint}" for i, hint in enumerate(hints, 1)]
    left = len(exercise.hints) - count
    lines.append(f"({left} more)" if left else "(that was the last one)")
    _say(options, "\n".join([f"{exercise.id}", *lines]), {"exercise": exercise.id, "hints": hints})
    return 0


def _show(options: argparse.Namespace) -> int:
    """Show the task, and after a check the picture that belongs to it."""
    workspace, exercise = _chosen(options)
    entry = workspace.progress[exercise.id]
    text = exercise.text("description.md").rstrip()
    picture = None
    if entry.passed or entry.figure:
        try:
            svg = exercise.figure(entry.figure or None)
        except NoPicture as error:
            svg = None
            text += f"\n\n{error}"
        if svg is not None:
            pictures = workspace.folder / "pictures"
            pictures.mkdir(exist_ok=True)
            picture = pictures / f"{exercise.id.replace('/', '_')}.svg"
            write_atomically(picture, svg)
            text += f"\n\npicture: {os.path.relpath(picture)}"
    data = {"exercise": exercise.id, "text": exercise.text("description.md")}
    _say(options, text, data | {"picture": None if picture is None else str(picture)})
    return 0


def _list(options: argparse.Namespace) -> int:
    """List all exercises."""
    try:
        workspace = _workspace(options)
        catalog = workspace.catalog
    except LookupError:
        workspace, catalog = None, Catalog(sets(Path(), options.exercises))
    rows = []
    data = []
    width = max(len(exercise.id) for exercise in catalog.exercises)
    for exercise in catalog.exercises:
        entry = Entry() if workspace is None else workspace.progress[exercise.id]
        mark = "x" if entry.passed else "." if entry.attempts else " "
        rows.append(f"[{mark}] {exercise.id:<{width}}  {exercise.meta['goal']}")
        told = {key: exercise.meta[key] for key in ("title", "goal", "lecture", "needs", "points")}
        data.append({"id": exercise.id, "status": entry.status} | told)
    _say(options, "\n".join(rows), data)
    return 0


def _status(options: argparse.Namespace) -> int:
    """Say what has been done."""
    workspace = _workspace(options)
    entries = {e.id: workspace.progress[e.id] for e in workspace.catalog.exercises}
    passed = sum(entry.passed for entry in entries.values())
    points = sum(e.points for e in workspace.catalog.exercises if entries[e.id].passed)
    lines = [f"{passed} of {len(entries)} exercises pass, {points:g} points"]
    for name, entry in entries.items():
        if entry.attempts or entry.passed:
            lines.append(
                f"  {name}: {entry.status}, {entry.checks_passed} of {entry.checks_total} checks, "
                f"attempts: {entry.attempts}, hints: {entry.hints}"
            )
    following = workspace.next()
    if following is not None:
        lines.append(f"Next: {following.id}: {following.meta['goal']}")
    _say(options, "\n".join(lines), {name: asdict(entry) for name, entry in entries.items()})
    return 0


def _reset(options: argparse.Namespace) -> int:
    """Put a starter back, and keep what was written."""
    workspace, exercise = _chosen(options)
    kept = workspace.reset(exercise)
    where = "" if kept is None else f"; what was there is kept in {os.path.relpath(kept)}"
    data = {"exercise": exercise.id, "kept": None if kept is None else str(kept)}
    _say(options, f"{exercise.id} begins anew{where}", data)
    return 0


def _solution(options: argparse.Namespace) -> int:
    """Show one way to do it, to those who have done it."""
    workspace, exercise = _chosen(options)
    if not workspace.progress[exercise.id].passed:
        raise LookupError(
            f"{exercise.id} has not passed yet: autograd teach hint {exercise.short} helps"
        )
    text = exercise.text("solution.py")
    _say(options, text.rstrip(), {"exercise": exercise.id, "solution": text})
    return 0


def _chosen(options: argparse.Namespace) -> tuple[Workspace, Exercise]:
    """The exercise that was named, or the next one."""
    workspace = _workspace(options)
    if options.name:
        return workspace, workspace.catalog.find(options.name)
    return workspace, workspace.next() or workspace.catalog.exercises[-1]


# --- for teachers --------------------------------------------------------------------------------


def _grade(options: argparse.Namespace) -> int:
    """Check submissions: DIR holds a folder for each student."""
    from autograd_engine.teach.exports import export
    from autograd_engine.teach.grading import class_table, grade, mistake_table, read_names

    catalog = Catalog(sets(Path(), options.exercises))
    records = grade(
        options.dir,
        catalog,
        exercises=[catalog.find(name) for name in options.only],
        names=read_names(options.names) if options.names else None,
        deadline=options.deadline,
        seed=options.seed,
        variants=options.variants,
        slow_factor=options.slow_factor,
        jobs=options.jobs,
    )
    output = Path(options.output or Path(options.dir, "grades.json"))
    text = export(records, "json")
    write_atomically(output, text)
    if options.json:
        emit(text.rstrip())
    else:
        mistakes = mistake_table(records, catalog)
        emit(class_table(records) + (f"\n\n{mistakes}" if mistakes else ""))
        emit(f"\ngrades: {output}   also as: autograd teach export csv --grades {output}")
    return _EXIT["broken"] if any(record.status == "broken" for record in records) else 0


def _export(options: argparse.Namespace) -> int:
    """Write own progress, or grades, for another program: json, csv, junit or gradescope."""
    from autograd_engine.teach.exports import export, of_progress, read_records

    if options.grades:
        records = read_records(options.grades)
        if options.student:
            records = [record for record in records if record.student == options.student]
            if not records:
                raise LookupError(f"{options.grades} has no student {options.student!r}")
    else:
        workspace = _workspace(options)
        records = [
            of_progress(e, workspace.progress[e.id], options.student)
            for e in workspace.catalog.exercises
        ]
    text = export(records, options.format)
    if options.output:
        write_atomically(options.output, text)
    else:
        emit(text.rstrip("\n"))
    return 0


def _new(options: argparse.Namespace) -> int:
    """Write a new exercise, small and complete, to begin from."""
    from autograd_engine.teach.authoring import new_exercise

    written = [os.path.relpath(path) for path in new_exercise(Path(options.set), options.name)]
    advice = f"Next: autograd teach verify --exercises {options.set}"
    _say(options, "\n".join([*written, advice]), {"written": written})
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Try exercises out: their solutions, their wrong answers, and mutants of the solutions."""
    from autograd_engine.teach.verification import verify

    catalog = Catalog(sets(Path(), options.exercises))
    chosen = [catalog.find(name) for name in options.name]
    if not chosen:  # a set of one's own does not ask for the others again
        own = [e for e in catalog.exercises if e.set_name]
        chosen = own if options.exercises else catalog.exercises
    found = []
    for exercise in chosen:
        found.append(verify(exercise, max_mutants=options.mutants, jobs=options.jobs))
        if not options.json:
            emit(str(found[-1]))
    if options.json:
        emit(json.dumps([asdict(x) for x in found], indent=1))
    return _EXIT["broken"] if any(x.problems for x in found) else 0


if __name__ == "__main__":
    sys.exit(main())
