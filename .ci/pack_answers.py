"""When a wheel is built, the answers of the exercises go into it packed."""

import sys
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackAnswers(BuildHookInterface):
    """Replaces each exercise's solution.py and mistakes/, which the wheel excludes."""

    def initialize(self, version, build_data):
        """Write the packed files, and have them included."""
        if version == "editable":  # which reads the source tree
            return
        sys.path.insert(0, self.root)
        from autograd_engine.teach.packing import PACKED, pack

        self.packed = tempfile.TemporaryDirectory()
        exercises = Path(self.root, "autograd_engine", "teach", "exercises")
        for meta in sorted(exercises.glob("*/meta.json")):
            path = Path(self.packed.name, meta.parent.name)
            path.write_bytes(pack(meta.parent))
            inside = (meta.parent / PACKED).relative_to(self.root).as_posix()
            build_data["force_include"][str(path)] = inside

    def finalize(self, version, build_data, artifact_path):
        """Remove the packed files."""
        if version != "editable":
            self.packed.cleanup()
