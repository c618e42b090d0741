"""The graph of what was checked; wrong gradients in red."""

from autograd_engine.teach.pictures import program_gradients

SLIDE = [["a", "*", "w", "x"], ["y", "+", "a", "q"]]


def figure(details):
    details = details or {"program": SLIDE, "inputs": {"w": 2.0, "x": 3.0, "q": 1.0}, "got": {}}
    return program_gradients(details["program"], details["inputs"], details["got"])
