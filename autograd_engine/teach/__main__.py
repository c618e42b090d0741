"""The command line of the exercises: `autograd teach`, or `python -m autograd_engine.teach`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from autograd_engine.teach.catalog import Catalog, ExerciseError
from autograd_engine.teach.report import emit, result_text
from autograd_engine.teach.runner import run_exercise
from autograd_engine.teach.verification import verify

__all__ = ["main"]

EXIT = {
    "pass": 0,
    "skipped": 0,
    "fail": 1,
    "not_attempted": 2,
    "error": 3,
    "timeout": 3,
    "broken": 5,
}
_USAGE = 4


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
    parser = argparse.ArgumentParser(prog="autograd teach")
    parser.add_argument("--exercises", action="append", default=[], metavar="DIR")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check")
    check.add_argument("file")
    check.add_argument("--seed", type=int, default=0)
    check.add_argument("--all", action="store_true")
    check.add_argument("--json", action="store_true")
    verifying = commands.add_parser("verify")
    verifying.add_argument("names", nargs="*")
    options = parser.parse_args(argv)
    try:
        catalog = Catalog(options.exercises)
        if options.command == "verify":
            chosen = [catalog.find(n) for n in options.names] or catalog.exercises
            fit = True
            for exercise in chosen:
                found = verify(exercise)
                emit(str(found))
                fit = fit and not found.problems
            return 0 if fit else 5
        path = Path(options.file)
        exercise = catalog.find(path.name)
        result = run_exercise(
            exercise, path.read_text(encoding="utf-8"), seed=options.seed, all_checks=options.all
        )
        if options.json:
            emit(json.dumps(asdict(result), indent=2))
        else:
            emit(result_text(exercise, result, options.all))
        return EXIT[result.status]
    except (ExerciseError, LookupError, OSError) as error:
        emit(f"autograd teach: {error}", sys.stderr)
        return _USAGE


if __name__ == "__main__":
    sys.exit(main())
