"""What is asked of an answer, in the learner's process."""

import nn


def data(answer):
    """X, Y"""
    return answer.X, answer.Y


def _network(numbers):
    model = nn.MLP(2, [2, 1], "tanh")
    model.set_parameters(numbers)
    return model


def outputs_of(answer, numbers):
    """model = nn.MLP(2, [2, 1], "tanh"); model.set_parameters({numbers}); outputs(model)"""
    return answer.outputs(_network(numbers))


def training_of(answer, numbers, lr, steps):
    """train(model, nn.SGD(model.parameters(), lr={lr}), steps={steps}), from {numbers}"""
    model = _network(numbers)
    losses = answer.train(model, nn.SGD(model.parameters(), lr=lr), steps)
    return {"losses": losses, "parameters": [p.data for p in model.parameters()]}


def outputs_of_line(answer):
    """model = line(); [model(x).data for x in X]"""
    return _outputs(answer.line(), answer.X)


def _outputs(model, X):
    return [model(x).data for x in X]


def outputs_of_slide(answer):
    """model = slide_network(); [model(x).data for x in X]"""
    return _outputs(answer.slide_network(), answer.X)


def slide_numbers(answer):
    """[p.data for p in slide_network().parameters()]"""
    return [p.data for p in answer.slide_network().parameters()]


def slide_changed(answer, numbers, x):
    """model = slide_network(); model.set_parameters({numbers}); model({x}).data"""
    model = answer.slide_network()
    model.set_parameters(numbers)
    return model(x).data


def slide_trained(answer):
    """model = slide_network(); train(model, nn.SGD(model.parameters(), lr=0.1), 3); gradients"""
    model = answer.slide_network()
    answer.train(model, nn.SGD(model.parameters(), lr=0.1), 3)
    return [p.grad for p in model.parameters()]


def starts(answer, seed):
    """[p.data for p in network({seed}).parameters()]"""
    return [p.data for p in answer.network(seed).parameters()]


def learnt(answer, seed):
    """m = network({seed}); train(m, nn.Adam(m.parameters(), lr=0.1), 150); outputs(m)"""
    model = answer.network(seed)
    losses = answer.train(model, nn.Adam(model.parameters(), lr=0.1), 150)
    return {
        "outputs": _outputs(model, answer.X),
        "losses": losses,
        "parameters": len(model.parameters()),
    }
