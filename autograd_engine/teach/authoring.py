"""A new exercise to begin from: small, complete, and fit by the standards of `verify`."""

from __future__ import annotations

import json
import re
from pathlib import Path

from autograd_engine.files import write_atomically
from autograd_engine.teach.catalog import FORMAT

__all__ = ["new_exercise"]

_META = {
    "title": "Twice",
    "goal": "What is to be learnt, in one sentence.",
    "lecture": "",
    "hints": [
        "The first hint asks a question.",
        "The second names the idea.",
        "The third gives the structure, and never the last line.",
    ],
    "why": "One sentence that a learner reads after a pass.",
    "mistakes": {"unchanged": "The number came back as it was: is it doubled?"},
}

_FILES = {
    "description.md": """\
# Twice

Write `twice(x)`, which gives two times the number `x`.
""",
    "starter.py": '''\
"""Twice."""


def twice(x):
    """Two times the number x."""
    raise NotImplementedError
''',
    "solution.py": '''\
"""Twice."""


def twice(x):
    """Two times the number x."""
    return 2 * x
''',
    "check.py": """\
from autograd_engine.teach.testing import check, expect


@check("some numbers")
def some_numbers(run):
    for x in run.draws.numbers(3):
        expect(run.twice(x), 2 * x, mistakes={"unchanged": x})
""",
    "mistakes/unchanged.py": '''\
"""Twice."""


def twice(x):
    """Two times the number x."""
    return x
''',
}


def new_exercise(root: Path, name: str) -> list[Path]:
    """Write the files of a new exercise.

    Parameters
    ----------
    root : Path
        The folder of the set; if it is no set yet, it becomes one of its own name.
    name : str
        Lower-case letters, digits and _, as in "warm_up"; the number in front is the next one.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    LookupError
        If a name is unsuitable, or taken.
    """
    slug = re.sub(r"^\d\d_", "", name)
    set_name = re.sub(r"\W", "_", root.resolve().name.lower()).lstrip("_0123456789")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", slug):
        raise LookupError(f"a name is lower-case letters, digits and _, got {name!r}")
    if not set_name.isascii() or not set_name:
        raise LookupError(f"a set is named after its folder, and {root} makes no name: rename it")
    numbers = [int(path.name[:2]) for path in root.glob("[0-9][0-9]_*")]
    if any(path.name[3:] == slug for path in root.glob("[0-9][0-9]_*")):
        raise LookupError(f"there is an exercise {slug} in {root}")
    folder = root / f"{max(numbers, default=0) + 1:02d}_{slug}"
    files = {folder / path: text for path, text in _FILES.items()}
    files[folder / "meta.json"] = json.dumps(_META, indent=2) + "\n"
    if not (root / "set.json").exists():
        data = {"format": FORMAT, "name": set_name, "version": "1"}
        files[root / "set.json"] = json.dumps(data) + "\n"
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    return list(files)
