"""What is asked of an answer, in the learner's process."""

import nn

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [0, 1, 1, 0]


def distinct(answer, rows, output):
    """distinct_hidden(a model whose hidden neurons have the weights and bias {rows})"""
    model = nn.MLP(2, [len(rows), 1], "tanh")
    model.set_parameters([number for row in rows for number in row] + output)
    return answer.distinct_hidden(model)


def _numbers(model):
    hidden, output = model.layers
    return {
        "hidden": [[p.data for p in neuron.w] for neuron in hidden.neurons],
        "biases": [neuron.b.data for layer in model.layers for neuron in layer.neurons],
        "output": [p.data for p in output.neurons[0].w],
    }


def equal_start(answer, n):
    """the numbers of init_equal({n})"""
    return _numbers(answer.init_equal(n))


def random_start(answer, n, seed):
    """the numbers of init_random({n}, {seed})"""
    return _numbers(answer.init_random(n, seed))


def _trained(answer, model, steps):
    optimizer = nn.SGD(model.parameters(), lr=1.0)
    losses = []
    for _ in range(steps + 1):
        loss = nn.binary_cross_entropy_with_logits([model(x) for x in X], Y)
        losses.append(loss.data)
        if len(losses) <= steps:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return _numbers(model) | {"losses": losses, "distinct": answer.distinct_hidden(model)}


def trained_equal(answer, n, steps):
    """model = init_equal({n}), trained for {steps} steps; distinct_hidden(model)"""
    return _trained(answer, answer.init_equal(n), steps)


def trained_random(answer, n, seed, steps):
    """model = init_random({n}, {seed}), trained for {steps} steps; distinct_hidden(model)"""
    return _trained(answer, answer.init_random(n, seed), steps)
