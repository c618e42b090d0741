"""``python -m visualize gallery DIR``: every figure of the lectures."""

import argparse
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process if not given.

    Returns
    -------
    int
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m visualize", description="Pictures of derivatives, networks and descents."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    gallery = commands.add_parser(
        "gallery", help="write every figure of the lectures, and a page that shows them"
    )
    gallery.add_argument("directory", metavar="DIR")
    given = parser.parse_args(argv)

    from visualize.gallery import write_gallery
    from visualize.renderers import RendererNotFound

    try:
        print(f"wrote {write_gallery(given.directory)}")
    except (ImportError, OSError, RendererNotFound) as error:
        print(f"visualize: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
