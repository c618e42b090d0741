"""What a learner reads: the call, what it gave, what it must give, why, and what to do next."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from typing import TextIO

from autograd_engine.teach.catalog import Exercise
from autograd_engine.teach.runner import Outcome, Result

__all__ = ["emit", "outcome_text", "result_text"]

_COMMAND = "autograd teach"
_PRINTED_LINES = 8
_WORDS = {
    "pass": "PASS",
    "fail": "FAIL",
    "error": "ERROR",
    "timeout": "TIMEOUT",
    "not_attempted": "NOT STARTED",
    "skipped": "SKIPPED",
    "broken": "THE EXERCISE IS BROKEN",
}
# What is raised where something is used that is not what it should be.
_OF_USE = ("AttributeError", "IndexError", "KeyError", "TypeError", "ValueError")
_COLOURS = {"pass": "32", "fail": "31", "error": "31", "timeout": "31", "broken": "35"}
# What a terminal would obey, in what learners' code says.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# For consoles that have none of these letters.
_LETTERS = "−·×–…“”≤≥≠≈→←∂∇Σ√αβγεηθλμρσ²³¹⁻½¼₀₁₂\N{REPLACEMENT CHARACTER}"
_SPELT = """
- * x - ... " " <= >= != ~ -> <- d grad sum sqrt alpha beta gamma eps eta theta lambda mu rho sigma
^2 ^3 ^1 ^- 1/2 1/4 0 1 2 ?
"""
_ASCII = str.maketrans(dict(zip(_LETTERS, _SPELT.split(), strict=True)))


def result_text(exercise: Exercise, result: Result, *, at_prompt: bool = False) -> str:
    """Tell a learner what came of the checks.

    Parameters
    ----------
    exercise : Exercise
    result : Result
    at_prompt : bool
        Whether the learner is at Python's prompt, or in a notebook, which shows pictures itself.

    Returns
    -------
    str
        Several lines.
    """
    total = len(result.outcomes)
    first = result.first
    heading = f"{exercise.id}  {_WORDS[result.status]}"
    if first is None:
        public = "public " if any(check.hidden for check in exercise.checks) else ""
        passed = f"all {total} {public}checks" if total > 1 else f"its {public}check"
        lines = [
            f"{heading}: {passed} in {result.seconds:.2f} s",
            _wrapped("  ", exercise.meta["why"]),
        ]
        return "\n".join(lines + _printed(result) + _next_step(exercise, None, at_prompt))
    failed = [outcome for outcome in result.outcomes if outcome.status not in ("pass", "skipped")]
    parts = [outcome_text(exercise, result, outcome) for outcome in failed]
    lines = [heading + (f": {result.passed} of {total} checks pass" if result.passed else "")]
    lines += parts + _printed(result) + _next_step(exercise, first, at_prompt)
    return "\n".join(lines)


def outcome_text(exercise: Exercise, result: Result, outcome: Outcome) -> str:
    """Tell a learner what came of one check.

    Parameters
    ----------
    exercise : Exercise
    result : Result
        That the outcome is one of.
    outcome : Outcome
        Of a check that did not pass.

    Returns
    -------
    str
    """
    which = [x.check for x in result.outcomes].index(outcome.check) + 1
    if outcome.status == "not_attempted":
        line = outcome.lines[-1] if outcome.lines else None
        what = f"{line.function} (line {line.number})" if line and line.function else "the file"
        return f"  {what} still has to be written"
    lines = [
        f'  check {which}, "{outcome.check}"' + (f", seed {result.seed}" if result.seed else "")
    ]
    if outcome.status == "broken":
        return "\n".join([*lines, f"    {outcome.error}"])
    if outcome.call:
        lines.append(f"    {outcome.call}")
    if outcome.status == "fail":
        lines += [f"      gave      {outcome.got}", f"      must be   {outcome.must}"]
    elif outcome.status == "timeout":
        lines.append(f"      {outcome.error}")
    else:
        lines.append(f"      raised    {outcome.error}")
    for line in outcome.lines:
        place = f"line {line.number}" + (f", in {line.function}" if line.function else "")
        lines.append(f"      {place}:  {line.text}")
    if outcome.status == "error" and not outcome.lines and outcome.error.startswith(_OF_USE):
        lines.append("      outside your code, when the check used what it returned")
    if outcome.cause:
        lines.append(_wrapped("    Likely cause: ", outcome.cause))
    return "\n".join(lines)


def _wrapped(start: str, text: str) -> str:
    indent = " " * (len(start) - len(start.lstrip()))
    return textwrap.fill(text, 96, initial_indent=start, subsequent_indent=indent)


def _printed(result: Result) -> list[str]:
    if not result.printed:
        return []
    lines = result.printed.splitlines()
    shown = [f"    {line[:200]}" for line in lines[:_PRINTED_LINES]]
    more = result.flooded or len(lines) > _PRINTED_LINES
    return ["  Your code printed:", *shown, *(["    ..."] if more else [])]


def _next_step(exercise: Exercise, first: Outcome | None, at_prompt: bool) -> list[str]:
    name = exercise.short
    if first is not None and first.status == "broken":
        return ["  This is a fault of the exercise, not yours."]
    if at_prompt:
        if first is None:
            return []
        step = "show" if first.status == "not_attempted" else "hint"
        return [f"  Next: ex({name if name.isdigit() else repr(name)}).{step}()"]
    if first is None:
        return [
            f"  Next: {_COMMAND} next   picture: {_COMMAND} show {name}   "
            f"to compare: {_COMMAND} solution {name}"
        ]
    if first.status == "not_attempted":
        return [f"  Next: {_COMMAND} show {name}"]
    picture = f"   picture: {_COMMAND} show {name}" if first.figure else ""
    return [f"  Next: {_COMMAND} hint {name}{picture}"]


def emit(text: str, stream: TextIO | None = None) -> None:
    """Print, in the letters that the stream has, and with a colour where it is a terminal.

    Parameters
    ----------
    text : str
    stream : text file, optional
        Standard output if not given.
    """
    out = sys.stdout if stream is None else stream
    text = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
    if out.isatty() and not os.environ.get("NO_COLOR"):
        text = _coloured(text)
    encoding = out.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    print(text, file=out, flush=True)


def _coloured(text: str) -> str:
    """The words of the verdict in colour."""
    for status, colour in _COLOURS.items():
        text = text.replace(f"  {_WORDS[status]}", f"  \x1b[{colour}m{_WORDS[status]}\x1b[0m")
    return text
