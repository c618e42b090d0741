"""The graph of what was checked; wrong gradients in red."""

from autograd_engine.teach.pictures import program_gradients
from autograd_engine.teach.programs import TRAPS


def figure(details):
    details = details or {"program": TRAPS["G2"].program, "got": 35.0}
    return program_gradients(details["program"], {"a": 1.0}, {"a": details["got"]})
