"""The answers of an exercise in one file, as wheels hold them.

So nobody who looks around in an installed package stumbles over a solution. It keeps no secret: the
runner reads it, and so can anybody who means to.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

__all__ = ["PACKED", "pack", "unpack"]

PACKED = "answers.bin"


def pack(folder: Path) -> bytes:
    """The solution and the wrong answers of an exercise.

    Parameters
    ----------
    folder : Path
        Of the exercise.

    Returns
    -------
    bytes
        What `unpack` reads.
    """
    paths = [folder / "solution.py", *sorted((folder / "mistakes").glob("*.py"))]
    files = {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in paths}
    return zlib.compress(json.dumps(files).encode(), 9)


def unpack(data: bytes) -> dict[str, str]:
    """The texts of packed answers.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    dict
        By the names of the files in the exercise's folder.

    Examples
    --------
    >>> from autograd_engine.teach.catalog import BUILT_IN
    >>> list(unpack(pack(BUILT_IN / "02_chain_rule")))[:2]
    ['solution.py', 'mistakes/multiplies_by_loss.py']
    """
    files: dict[str, str] = json.loads(zlib.decompress(data))
    return files
