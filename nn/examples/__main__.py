"""``python -m nn.examples NAME``: run an example."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from importlib import import_module

from nn.examples import EXAMPLES


def main(argv: Sequence[str] | None = None) -> int:
    """Run the example that is named.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process if not given.

    Returns
    -------
    int
        The exit status: 0, or 2 for anything wrong.
    """
    width = max(map(len, EXAMPLES))
    listed = "\n".join(f"  {name:<{width}}  {what}" for name, what in EXAMPLES.items())
    parser = argparse.ArgumentParser(
        prog="python -m nn.examples",
        description=f"Train a network of the lectures.\n\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="one of the above")
    parser.add_argument("file", nargs="?", help="for names: a text file with one name per line")
    parser.add_argument("--picture", metavar="FILE", help="where to save it (NAME.png)")
    parser.add_argument("--seed", type=int, default=0, help="another start (0)")
    arguments = parser.parse_args(argv)
    if arguments.name is None:
        parser.print_help()
        return 0
    if arguments.name not in EXAMPLES:
        near = difflib.get_close_matches(arguments.name, EXAMPLES, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(EXAMPLES)}"
        parser.error(f"there is no example {arguments.name!r}{hint}")
    if (arguments.name == "names") != (arguments.file is not None):
        parser.error("names takes a file with one name per line, and no other example takes one")
    options = {"seed": arguments.seed}
    if arguments.file is not None:
        options["file"] = arguments.file
    example = import_module(f"nn.examples.{arguments.name}")
    try:
        example.run(arguments.picture or f"{arguments.name}.png", **options)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
