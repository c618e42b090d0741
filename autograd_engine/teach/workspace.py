"""The folder where a learner works: the files to complete, and beside them a folder .teach."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from autograd_engine.files import write_atomically
from autograd_engine.teach.catalog import Catalog, Exercise
from autograd_engine.teach.progress import Progress

__all__ = ["Workspace"]

VARIABLE = "AUTOGRAD_TEACH_EXERCISES"


class Workspace:
    """A learner's folder.

    Parameters
    ----------
    root : path
        With a folder .teach in it.
    further : iterable of path
        Sets of exercises besides those that the folder and the environment name.

    Attributes
    ----------
    root : Path
    catalog : Catalog
    progress : Progress
    seed : int
        Of the random inputs of the checks, where no other is given.
    """

    def __init__(
        self, root: str | os.PathLike[str], further: Iterable[str | os.PathLike[str]] = ()
    ) -> None:
        self.root = Path(root).resolve()
        self.folder = self.root / ".teach"
        self.catalog = Catalog(sets(self.folder / "sets.json", further))
        self.progress = Progress(self.folder / "progress.json")
        self.seed = _seed(self.folder / "seed.json")

    @classmethod
    def find(
        cls, start: str | os.PathLike[str] = ".", further: Iterable[str | os.PathLike[str]] = ()
    ) -> Workspace:
        """The workspace that a folder lies in.

        Raises
        ------
        LookupError
            If it lies in none.
        """
        here = Path(start).resolve()
        for folder in (here, *here.parents):
            if (folder / ".teach").is_dir():
                return cls(folder, further)
        raise LookupError(
            f"{here} is in no folder of exercises: make one with autograd teach init DIR, and work "
            "in there"
        )

    @classmethod
    def create(
        cls,
        root: str | os.PathLike[str],
        further: Iterable[str | os.PathLike[str]] = (),
        seed: int | None = None,
    ) -> tuple[Workspace, list[Path]]:
        """Make a folder for a learner, or add to it what is missing.

        No file that is there is changed.

        Parameters
        ----------
        root : path
        further : iterable of path
            Sets of exercises besides those of this package; the folder remembers them.
        seed : int, optional
            Of the random inputs of the checks; the folder remembers it.

        Returns
        -------
        Workspace
        list of Path
            The files that were written.
        """
        folder = Path(root).resolve() / ".teach"
        chosen = sets(folder / "sets.json", further)
        Catalog(chosen)  # before anything is written
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "sets.json", json.dumps(list(map(str, chosen)), indent=1) + "\n")
        if seed is not None:
            write_atomically(folder / "seed.json", f"{seed}\n")
        workspace = cls(root)
        written = []
        for exercise in workspace.catalog.exercises:
            path = workspace.path(exercise)
            if not path.exists():
                workspace.write_starter(exercise)
                written.append(path)
        return workspace, written

    def path(self, exercise: Exercise) -> Path:
        """Where the learner writes an exercise."""
        return self.root / exercise.set_name / exercise.filename

    def source(self, exercise: Exercise) -> str:
        """What the learner has written; empty if there is no file.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        path = self.path(exercise)
        return path.read_text(encoding="utf-8-sig", errors="replace") if path.exists() else ""

    def next(self) -> Exercise | None:
        """The first exercise that has not passed yet; None if all have."""
        return next((e for e in self.catalog.exercises if not self.progress[e.id].passed), None)

    def reset(self, exercise: Exercise) -> Path | None:
        """Put the starter back, and forget the progress.

        Returns
        -------
        Path or None
            Where the learner's file is kept, if there was one.
        """
        path = self.path(exercise)
        kept = None
        if path.exists():
            backups = self.folder / "backups"
            backups.mkdir(exist_ok=True)
            name = exercise.id.replace("/", "_")
            number = 1
            kept = backups / f"{name}.{number}.py"
            while kept.exists():
                number += 1
                kept = backups / f"{name}.{number}.py"
            write_atomically(kept, path.read_bytes())
        self.write_starter(exercise)
        self.progress.forget(exercise.id)
        return kept

    def write_starter(self, exercise: Exercise) -> None:
        """Write what a learner begins with, in place of what is there."""
        path = self.path(exercise)
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, exercise.text("starter.py"))


def _seed(remembered: Path) -> int:
    try:
        return int(remembered.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0
    except ValueError:
        raise LookupError(f"{remembered} must hold a whole number; or delete it") from None


def sets(remembered: Path, further: Iterable[str | os.PathLike[str]] = ()) -> list[Path]:
    """The folders of further sets: those of a workspace, of the environment, and the given ones."""
    named: list[str | os.PathLike[str]] = []
    if remembered.is_file():
        try:
            named += [str(name) for name in json.loads(remembered.read_text(encoding="utf-8"))]
        except (ValueError, TypeError):
            raise LookupError(
                f"{remembered} must hold a list of folders; delete it, and run autograd teach init "
                "again"
            ) from None
    named += [name for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    return list(dict.fromkeys(Path(name).resolve() for name in (*named, *further)))
