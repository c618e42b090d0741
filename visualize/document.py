"""Self-contained HTML documents: no network, no server, and no script but their own."""

import base64
import hashlib
import html
import json
import os
from importlib.resources import files
from typing import Any

from autograd_engine.files import write_atomically

__all__ = ["Document", "controls", "document"]


class Document:
    """An HTML page, shown by notebooks and written to a file.

    Attributes
    ----------
    html : str
        All of it.
    height : int
        In pixels, of the frame in which a notebook shows it.
    """

    def __init__(self, text: str, height: int) -> None:
        # Half of a surrogate pair, which a label may hold, cannot be written to any file.
        self.html = text.encode("utf-8", "replace").decode()
        self.height = height

    def __repr__(self) -> str:
        return f"<page of {len(self.html) // 1024} kB; write('page.html') saves it>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" width="100%" height="{self.height}" '
            'style="border: 0" sandbox="allow-scripts"></iframe>'
        )

    def write(self, path: str | os.PathLike[str]) -> str:
        """Save it, whole or not at all.

        Parameters
        ----------
        path : path
            Ending in .html.

        Returns
        -------
        str
            The path.

        Raises
        ------
        ValueError
            If the ending is another.
        OSError
            If the file cannot be written.
        """
        path = os.fspath(path)
        if not path.lower().endswith((".html", ".htm")):
            raise ValueError(f"a page's file ends in .html, got {path!r}")
        write_atomically(path, self.html)
        return path


def document(title: str, name: str, body: str, data: Any = None, height: int = 640) -> Document:
    """A page made of a style and, if it has data, a script that shows them.

    Parameters
    ----------
    title : str
        With any characters.
    name : str
        Of the files in ``visualize/web`` that are the page's own, ``name.css`` and ``name.js``.
        A page without data has no script; it may show pictures and pages that lie beside it.
    body : str
        HTML; whatever users have written must be escaped in it. A page with data has the controls
        of `controls` in it.
    data : object
        For JSON; what the script finds as ``data``.
    height : int
        In pixels, in a notebook.

    Returns
    -------
    Document
    """
    style = _read("base.css") + _read(f"{name}.css")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    scripts = ""
    if data is None:
        policy += "; img-src 'self' file:; frame-src 'self' file:"
    else:
        script = _read("player.js") + _read(f"{name}.js")
        policy += f"; script-src '{_hash(script)}'"
        # Within a script element "<" may end it, in whatever string it stands.
        numbers = json.dumps(data, allow_nan=False).replace("<", "\\u003c")
        scripts = (
            f'<script type="application/json" id="data">{numbers}</script>\n'
            f"<script>{script}</script>\n"
        )
    return Document(
        f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
{scripts}</body>
</html>
""",
        height,
    )


def controls(slider: str, more: str = "") -> str:
    """The buttons and the slider that ``player.js`` listens to.

    Parameters
    ----------
    slider : str
        What it chooses.
    more : str
        HTML to stand beside them.

    Returns
    -------
    str
        HTML.
    """
    return f"""<div class="controls">
<button id="first">First</button>
<button id="back">Back</button>
<button id="play" class="primary">Play</button>
<button id="next">Next</button>
<button id="last">Last</button>
<input type="range" id="slider" min="0" value="0" aria-label="{slider}">
{more}</div>"""


def _read(name: str) -> str:
    return files("visualize").joinpath("web", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
