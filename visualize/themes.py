"""The colours of diagrams: two styles, each light and dark.

Kinds differ by shape as well as by colour, for the colour-blind and for paper. The colours of signs
are those of Okabe and Ito, which the colour-blind tell apart.
"""

from dataclasses import dataclass

__all__ = ["STYLES", "THEMES", "Palette", "palette"]

STYLES = ("plain", "lecture")
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Palette:
    """Colours as Graphviz and CSS write them.

    Attributes
    ----------
    background, text, border, edge, frame, frame_border : str
    fills : dict
        By the kind of box, and 'operation'.
    borders : dict
        By the kind of box, where it is another than `border`.
    positive, negative, zero, undefined : str
        By the sign of a gradient, or of a change.
    """

    background: str
    text: str
    border: str
    edge: str
    frame: str
    frame_border: str
    fills: dict[str, str]
    borders: dict[str, str]
    positive: str
    negative: str
    zero: str
    undefined: str


_LIGHT = Palette(
    background="#ffffff",
    text="#0f172a",
    border="#475569",
    edge="#64748b",
    frame="#f8fafc",
    frame_border="#cbd5e1",
    fills={
        "input": "#dbeafe",
        "parameter": "#dcfce7",
        "parameters": "#dcfce7",
        "value": "#ffffff",
        "output": "#fde7c8",
        "operation": "#f1f5f9",
        "module": "#ede9fe",
        "function": "#ede9fe",
        "chain": "#f1f5f9",
    },
    borders={"module": "#7c3aed", "function": "#7c3aed", "operation": "#94a3b8"},
    positive="#0072b2",
    negative="#d55e00",
    zero="#cbd5e1",
    undefined="#cc79a7",
)
_DARK = Palette(
    background="#0f172a",
    text="#e2e8f0",
    border="#94a3b8",
    edge="#94a3b8",
    frame="#172033",
    frame_border="#475569",
    fills={
        "input": "#1e3a5f",
        "parameter": "#14432a",
        "parameters": "#14432a",
        "value": "#1e293b",
        "output": "#5c3a10",
        "operation": "#334155",
        "module": "#3b2a6b",
        "function": "#3b2a6b",
        "chain": "#334155",
    },
    borders={"module": "#a78bfa", "function": "#a78bfa", "operation": "#64748b"},
    positive="#56b4e9",
    negative="#e69f00",
    zero="#475569",
    undefined="#cc79a7",
)

# White inputs and outputs, red parameters, blue operations, as on slides about the perceptron.
_LECTURE = {
    "light": {
        "input": "#ffffff",
        "parameter": "#fecaca",
        "parameters": "#fecaca",
        "value": "#eff6ff",
        "output": "#ffffff",
        "operation": "#93c5fd",
        "module": "#bfdbfe",
        "function": "#bfdbfe",
        "chain": "#bfdbfe",
    },
    "dark": {
        "input": "#1e293b",
        "parameter": "#7f1d1d",
        "parameters": "#7f1d1d",
        "value": "#172554",
        "output": "#1e293b",
        "operation": "#1d4ed8",
        "module": "#1e3a8a",
        "function": "#1e3a8a",
        "chain": "#1e3a8a",
    },
}


def palette(style: str, theme: str) -> Palette:
    """The colours of a style.

    Parameters
    ----------
    style : {'plain', 'lecture'}
    theme : {'light', 'dark'}
    """
    colours = _LIGHT if theme == "light" else _DARK
    if style == "plain":
        return colours
    return Palette(**(vars(colours) | {"fills": _LECTURE[theme], "borders": {}}))
