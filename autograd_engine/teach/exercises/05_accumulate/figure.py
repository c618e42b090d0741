"""The graph of what was checked; wrong gradients in red."""

from autograd_engine.teach.pictures import program_gradients

EXAMPLE = [["c", "*", "a", "b"], ["y", "+", "c", "a"]]


def figure(details):
    details = details or {"program": EXAMPLE, "inputs": {"a": 3.0, "b": 2.0}, "got": {}}
    got = details["got"]
    return program_gradients(
        details["program"], details["inputs"], got if isinstance(got, dict) else {}
    )
