"""Momentum, Adam, schedule: memory in the update."""

from math import sqrt


class Momentum:
    """Descent along a sum of the gradients in which older ones fade."""

    def __init__(self, parameters, lr, momentum=0.9):
        raise NotImplementedError

    def step(self):
        """Change the data of each parameter."""
        raise NotImplementedError


class AdaGrad:
    """Descent with a rate for each parameter, which falls as its squared gradients add up."""

    def __init__(self, parameters, lr, eps=1e-8):
        raise NotImplementedError

    def step(self):
        """Change the data of each parameter."""
        raise NotImplementedError


class Adam:
    """Descent along the mean gradient, in units of its root mean square."""

    def __init__(self, parameters, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        raise NotImplementedError

    def step(self):
        """Change the data of each parameter."""
        raise NotImplementedError


class StepDecay:
    """A schedule that multiplies an optimizer's rate by a factor, every so many steps."""

    def __init__(self, optimizer, every, factor):
        raise NotImplementedError

    def step(self):
        """Count a step of the optimizer, and change its rate where it is time."""
        raise NotImplementedError
