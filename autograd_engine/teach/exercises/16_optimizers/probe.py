"""Runs of the optimizers: where the parameters were after each step."""

from autograd_engine import Value


def on_the_square(answer, optimizer, settings, steps):
    """{steps} steps of {optimizer!s} with {settings} on x^2, from x = 1"""
    x = Value(1.0)
    return _path(getattr(answer, optimizer)([x], **settings), [x], lambda: x**2, steps)


def in_the_valley(answer, optimizer, settings, steps):
    """{steps} steps of {optimizer!s} with {settings} on (x^2 + 25 y^2) / 2, from x = y = 1"""
    x, y = Value(1.0), Value(1.0)
    stepper = getattr(answer, optimizer)([x, y], **settings)
    return _path(stepper, [x, y], lambda: (x**2 + 25 * y**2) / 2, steps)


def with_gradients(answer, optimizer, settings, gradients):
    """{optimizer!s} with {settings}, all parameters 0, their gradients step by step {gradients}"""
    parameters = [Value(0.0) for _ in gradients[0]]
    stepper = getattr(answer, optimizer)(parameters, **settings)
    path = []
    for slopes in gradients:
        for p, slope in zip(parameters, slopes):
            p.grad = slope
        stepper.step()
        path.append([p.data for p in parameters])
    return path


def scheduled(answer, optimizer, settings, every, factor, steps):
    """{optimizer!s} with {settings} and StepDecay({every}, {factor}), {steps} steps, gradient 1"""
    p = Value(0.0)
    stepper = getattr(answer, optimizer)([p], **settings)
    schedule = answer.StepDecay(stepper, every, factor)
    path = [p.data]
    for _ in range(steps):
        p.grad = 1.0
        stepper.step()
        schedule.step()
        path.append(p.data)
    return path


def _path(optimizer, parameters, loss, steps):
    path = []
    for _ in range(steps):
        for p in parameters:
            p.grad = 0.0
        loss().backward()
        optimizer.step()
        path.append([p.data for p in parameters])
    return path
