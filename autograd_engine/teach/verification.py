"""Is an exercise fit to be handed out? Its own files are tried out on its checks."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic

from autograd_engine.teach.catalog import Exercise, ExerciseError, NoPicture
from autograd_engine.teach.mutants import Mutant, given_nodes, mutants
from autograd_engine.teach.runner import Result, run_exercise

__all__ = ["Verification", "verify"]

SEEDS = range(5)
HASH_SEEDS = (0, 1)
KILLED = 0.9  # of the mutants, at least
_TIME_SHARE = 1 / 3  # of its limit, that the solution may take


@dataclass
class Verification:
    """What is wrong with an exercise.

    Attributes
    ----------
    exercise : str
        Its id.
    problems : list of str
        Empty if it can be handed out.
    mutants : int
        How many changes of the solution were tried.
    survivors : list of Mutant
        Those that the checks did not notice.
    seconds : float
    """

    exercise: str
    problems: list[str] = field(default_factory=list)
    mutants: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        killed = self.mutants - len(self.survivors)
        state = "ok" if not self.problems else "NOT FIT"
        lines = [
            f"{self.exercise}  {state}: {killed} of {self.mutants} mutants noticed, "
            f"{self.seconds:.1f} s",
            *(f"  problem: {problem}" for problem in self.problems),
            *(f"  survivor: {survivor}" for survivor in self.survivors),
        ]
        return "\n".join(lines)


def verify(
    exercise: Exercise,
    *,
    seeds: Sequence[int] = SEEDS,
    hash_seeds: Sequence[int] = HASH_SEEDS,
    max_mutants: int | None = None,
    jobs: int | None = None,
) -> Verification:
    """Try an exercise's own files out on its checks.

    The starter must not pass; the solution must, with every seed; every wrong answer must fail with
    the message of its own mistake; of the solution's mutants at least 90 % must not pass; and no
    line of the solution may stand in what a learner is shown.

    Parameters
    ----------
    exercise : Exercise
    seeds, hash_seeds : sequence of int
        With which the solution is tried; the wrong answers with the first two seeds.
    max_mutants : int, optional
        Try only so many of the mutants, spread over the file.
    jobs : int, optional
        How many learner's processes at a time; as many as there are processors if not given.

    Returns
    -------
    Verification
    """
    started = monotonic()
    found = Verification(exercise.id)
    try:
        solution = exercise.text("solution.py")
        with ThreadPoolExecutor(jobs or min(os.cpu_count() or 1, 8)) as pool:
            found.problems += _shows_solution(exercise, solution)
            found.problems += _starter(exercise)
            problems, seconds = _solution(exercise, solution, seeds, hash_seeds, pool)
            found.problems += problems
            if not problems:
                found.problems += _mistakes(exercise, seeds, pool)
                _mutants(exercise, solution, seconds, max_mutants, found, pool)
        exercise.figure()
    except (ExerciseError, NoPicture) as error:
        found.problems.append(str(error))
    found.seconds = monotonic() - started
    return found


def _starter(exercise: Exercise) -> Iterator[str]:
    status = run_exercise(exercise, exercise.text("starter.py")).status
    if status != "not_attempted":
        yield f"the starter must count as not attempted, and its status is {status}"


def _solution(
    exercise: Exercise,
    solution: str,
    seeds: Sequence[int],
    hash_seeds: Sequence[int],
    pool: ThreadPoolExecutor,
) -> tuple[list[str], float]:
    """The problems, and how many seconds the solution takes."""
    cases = [(seed, hash_seed) for seed in seeds for hash_seed in hash_seeds]

    def run(case: tuple[int, int]) -> Result:
        return run_exercise(exercise, solution, seed=case[0], hash_seed=case[1], hidden=True)

    results = list(pool.map(run, cases))
    problems = [
        f"the solution fails with seed {seed} and hash seed {hash_seed}: {_described(result)}"
        for (seed, hash_seed), result in zip(cases, results, strict=True)
        if result.status != "pass"
    ]
    seconds = min(result.seconds for result in results)
    if seconds > _TIME_SHARE * exercise.timeout:
        problems.append(
            f"the solution takes {seconds:.2f} s, more than a third of timeout_s; raise it, or ask "
            "for less"
        )
    return problems, seconds


def _mistakes(exercise: Exercise, seeds: Sequence[int], pool: ThreadPoolExecutor) -> Iterator[str]:
    files = exercise.mistake_files()
    for name in exercise.mistakes.keys() - files:
        yield f"the mistake {name} has a message, and no file mistakes/{name}.py"
    for name in files - exercise.mistakes.keys():
        yield f"mistakes/{name}.py has no message in meta.json"
    names = sorted(files & exercise.mistakes.keys())

    def run(case: tuple[str, int]) -> Result:
        name, seed = case
        return run_exercise(exercise, exercise.text(f"mistakes/{name}.py"), seed=seed)

    cases = [(name, seed) for name in names for seed in seeds[:2]]
    for (name, seed), result in zip(cases, pool.map(run, cases), strict=True):
        mistake = result.first.mistake if result.first else ""
        if mistake != name:
            yield (
                f"mistakes/{name}.py with seed {seed} must end with the message of {name}: "
                f"{_described(result)}"
            )


def _mutants(
    exercise: Exercise,
    solution: str,
    seconds: float,
    max_mutants: int | None,
    found: Verification,
    pool: ThreadPoolExecutor,
) -> None:
    tried = _spread(mutants(solution, exercise.text("starter.py")), max_mutants)
    # Many loop for ever: those are not given the time of a learner.
    limit = min(exercise.timeout, max(1.0, 5.0 * seconds))

    def run(mutant: Mutant) -> Result:
        factor = limit / exercise.timeout
        return run_exercise(exercise, mutant.source, slow_factor=factor, hidden=True)

    found.mutants = len(tried)
    for mutant, result in zip(tried, pool.map(run, tried), strict=True):
        if result.status == "pass":
            found.survivors.append(mutant)
        elif result.status == "broken":
            found.problems.append(f"the mutant of {mutant} breaks a check: {_described(result)}")
    if len(found.survivors) > (1.0 - KILLED) * len(tried):
        found.problems.append(
            f"{len(found.survivors)} of {len(tried)} mutants pass: the checks miss too much"
        )


def _spread(all_mutants: list[Mutant], count: int | None) -> list[Mutant]:
    if count is None or count >= len(all_mutants):
        return all_mutants
    return [all_mutants[i * len(all_mutants) // count] for i in range(count)]


def _described(result: Result) -> str:
    first = result.first
    if first is None:
        return result.status
    what = first.error or f"{first.call} gave {first.got}, must be {first.must}"
    mistake = f", mistake {first.mistake}" if first.mistake else ", no mistake named"
    return f'{first.status} in "{first.check}": {what}{mistake}'


def _shows_solution(exercise: Exercise, solution: str) -> Iterator[str]:
    """The lines of the solution that a learner sees, but for those that the task itself gives."""
    starter = exercise.text("starter.py")
    given = _squeezed(exercise.text("description.md"))
    texts = {f"hint {i + 1}": hint for i, hint in enumerate(exercise.hints)}
    texts |= {f"the message of {name}": text for name, text in exercise.mistakes.items()}
    texts |= {"why": exercise.meta["why"], "the starter": starter}
    squeezed = {name: _squeezed(text) for name, text in texts.items()}
    for line in _secrets(ast.parse(solution), ast.parse(starter)):
        short = _squeezed(line)
        if short not in given:
            for name, text in squeezed.items():
                if short in text:
                    yield f"{name} shows a line of the solution: {line}"


def _secrets(solution: ast.Module, starter: ast.Module) -> list[str]:
    """The statements that say something, of what the solution has and the starter has not."""
    given = given_nodes(solution, starter)
    lines: dict[bool, list[str]] = {True: [], False: []}
    for node in ast.walk(solution):
        if isinstance(node, _SIMPLE) and any(isinstance(x, _SAYING) for x in ast.walk(node)):
            lines[node in given].append(ast.unparse(node))
    return [line for line in dict.fromkeys(lines[False]) if line not in lines[True]]


_SIMPLE = (ast.Return, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)
# A statement without any of these gives nothing away, as `return total` or `slopes = []`.
_SAYING = (ast.BinOp, ast.AugAssign, ast.Call, ast.Compare, ast.UnaryOp)


def _squeezed(text: str) -> str:
    return "".join(text.split())
