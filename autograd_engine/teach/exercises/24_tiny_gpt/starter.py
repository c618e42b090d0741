"""A tiny GPT: nothing new is needed."""

from random import Random

import nn
from autograd_engine import Value, dot, log_softmax, mean, relu, softmax, sqrt

DOCUMENTS = ["abab", "baba"]
END = 2  # the token before and after a document; "a" is 0 and "b" is 1


def rmsnorm(x):
    """The numbers of a list, divided by the root of their mean square."""
    raise NotImplementedError


def matrix(rows, columns, rng):
    """Rows of Values to start from, so small that nothing is preferred."""
    raise NotImplementedError


def attention_weights(queries, keys):
    """For each query a row: how much it takes from each position, 0 from later ones."""
    raise NotImplementedError


def attention(queries, keys, values):
    """For each query the sum of the values, weighted."""
    raise NotImplementedError


def next_token_loss(logits, tokens):
    """The mean of -log P(next token) over the positions."""
    raise NotImplementedError


# --- the frame, which is given -------------------------------------------------------------------


def new_model(rng):
    """The parameters: matrices by their names."""
    sizes = {
        "token": (3, 4),
        "position": (6, 4),
        "query": (4, 4),
        "key": (4, 4),
        "value": (4, 4),
        "mix": (4, 4),
        "widen": (16, 4),
        "narrow": (4, 16),
        "output": (3, 4),
    }
    return {name: matrix(rows, columns, rng) for name, (rows, columns) in sizes.items()}


def parameters(model):
    """All Values of a model."""
    return [w for rows in model.values() for row in rows for w in row]


def logits(model, tokens):
    """For each position the logits of the three tokens that may come next."""

    def linear(name, x):
        return [dot(row, x) for row in model[name]]

    def add(x, y):
        return [a + b for a, b in zip(x, y, strict=True)]

    places = zip(tokens, model["position"], strict=False)
    stream = [rmsnorm(add(model["token"][token], place)) for token, place in places]
    normed = [rmsnorm(x) for x in stream]
    heads = [[linear(name, x) for x in normed] for name in ("query", "key", "value")]
    stream = [add(x, linear("mix", y)) for x, y in zip(stream, attention(*heads), strict=True)]
    for i, x in enumerate(stream):
        hidden = [relu(h) for h in linear("widen", rmsnorm(x))]
        stream[i] = add(x, linear("narrow", hidden))
    return [linear("output", x) for x in stream]


def document_loss(model, document):
    """How badly the model foretells a document, from its start to its end."""
    tokens = [END, *("ab".index(letter) for letter in document), END]
    return next_token_loss(logits(model, tokens[:-1]), tokens)


def train(steps, seed):
    """A model after that many steps, and the losses."""
    model = new_model(Random(seed))
    optimizer = nn.Adam(parameters(model), lr=0.02)
    losses = []
    for step in range(steps):
        loss = document_loss(model, DOCUMENTS[step % 2])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    return model, losses
