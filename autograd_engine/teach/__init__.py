"""Exercises that name the mistake: write a derivative engine piece by piece, each piece checked.

At a prompt, ``autograd teach init DIR`` begins; in a notebook:

    from autograd_engine.teach import ex
    ex(1).show()

Learners, teachers and authors of exercises each have a chapter in README.md beside this file.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd_engine.teach.notebook import ex

__all__ = ["ex"]


def __getattr__(name: str) -> object:
    # When it is first used: whoever wants another module of this package does not need it.
    if name != "ex":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from autograd_engine.teach.notebook import ex

    return ex
