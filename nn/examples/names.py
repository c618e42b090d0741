"""A character GPT, small enough to train in seconds, that learns to invent names.

It reads a list of names, one a line, and learns to predict the next character of each from those
before it. The parts are those of large language models: embeddings of characters and positions,
causal attention with several heads, a small network for each position, normalisation, and sums
that lead around them. That so little is enough is the idea of microgpt.

References
----------
Vaswani et al., Attention is all you need, 2017. Radford et al., Language models are unsupervised
multitask learners, 2019. So et al., Primer, 2021, square the ReLU. Karpathy, microgpt, 2026.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nn
from autograd_engine import Value, dot, no_grad, relu, softmax, square
from nn.examples.pictures import save_picture

__all__ = ["Alphabet", "NamesGPT", "loss_of", "read_names", "run", "sample", "train"]

Vector = list[Value]

# How the weights are drawn: small, so that an untrained model finds all tokens about as probable.
_START = "normal(0.08)"


# --- names and their characters ------------------------------------------------------------------


def read_names(file: str | os.PathLike[str]) -> list[str]:
    """The names in a file of text, one a line; empty lines do not count.

    Parameters
    ----------
    file : path
        In UTF-8.

    Raises
    ------
    ValueError
        If it is no text, or has no names.
    OSError
        If it cannot be read.
    """
    path = os.fspath(file)
    with open(path, "rb") as opened:
        content = opened.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8: byte {error.start} is wrong") from None
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate(lines, 1):
        strange = next((character for character in line if not character.isprintable()), None)
        if strange is not None:
            raise ValueError(f"{path}, line {number}: {strange!r} is no part of a name")
    names = [line for line in lines if line]
    if not names:
        raise ValueError(f"{path} has no names: write one on each line")
    return names


@dataclass(frozen=True)
class Alphabet:
    """The characters of some names, and the token of each; token 0 begins and ends a name.

    Examples
    --------
    >>> alphabet = Alphabet.of(["ada", "bo"])
    >>> alphabet.encode("bad")
    [0, 2, 1, 3, 0]
    >>> alphabet.decode([2, 1, 3])
    'bad'
    """

    characters: str

    @classmethod
    def of(cls, names: Sequence[str]) -> Alphabet:
        """All characters that occur, sorted."""
        return cls("".join(sorted(set().union(*names))))

    def __len__(self) -> int:
        return 1 + len(self.characters)

    def encode(self, name: str) -> list[int]:
        """The tokens of a name, between its beginning and its end."""
        return [0, *(1 + self.characters.index(character) for character in name), 0]

    def decode(self, tokens: Sequence[int]) -> str:
        """The characters of tokens."""
        return "".join(self.characters[token - 1] for token in tokens)


# --- the model -----------------------------------------------------------------------------------


def _sum(xs: Vector, ys: Vector) -> Vector:
    return [x + y for x, y in zip(xs, ys, strict=True)]


class CausalAttention(nn.Module):
    """Each position looks at itself and at those before it, and takes in what it finds there.

    Each head compares the query of a position with the keys of all that it may see; a softmax
    makes weights of that, with which it averages their values.
    """

    def __init__(self, width: int, heads: int, *, initialiser: str, seed: random.Random) -> None:
        if width % heads:
            raise ValueError(f"a width of {width} cannot be shared out among {heads} heads")
        self.query, self.key, self.value, self.out = (
            nn.Layer(width, width, None, initialiser=initialiser, seed=seed) for _ in range(4)
        )
        self._size = width // heads

    def forward(self, xs: Sequence[Vector]) -> list[Vector]:
        """A vector for each position, from those of this one and all before."""
        size = self._size
        queries, keys, values = ([f(x) for x in xs] for f in (self.query, self.key, self.value))
        found: list[Vector] = [[] for _ in xs]
        for start in range(0, len(xs[0]), size):
            part = slice(start, start + size)
            head_keys = [key[part] for key in keys]
            columns = [[value[i] for value in values] for i in range(start, start + size)]
            for t, query in enumerate(queries):
                scaled = [q * size**-0.5 for q in query[part]]
                weights = softmax([dot(scaled, key) for key in head_keys[: t + 1]])
                found[t] += [dot(weights, column[: t + 1]) for column in columns]
        return [self.out(vector) for vector in found]


class Block(nn.Module):
    """Attention between positions, then a network for each; what comes in is added to both."""

    def __init__(self, width: int, heads: int, *, initialiser: str, seed: random.Random) -> None:
        self.before_attention = nn.RMSNorm(width)
        self.attention = CausalAttention(width, heads, initialiser=initialiser, seed=seed)
        self.before_network = nn.RMSNorm(width)
        self.wide = nn.Layer(width, 4 * width, _squared_relu, initialiser=initialiser, seed=seed)
        self.narrow = nn.Layer(4 * width, width, None, initialiser=initialiser, seed=seed)

    def forward(self, xs: Sequence[Vector]) -> list[Vector]:
        """A vector for each position."""
        seen = self.attention([self.before_attention(x) for x in xs])
        xs = [_sum(x, new) for x, new in zip(xs, seen, strict=True)]
        return [_sum(x, self.narrow(self.wide(self.before_network(x)))) for x in xs]


def _squared_relu(x: Any) -> Any:
    return square(relu(x))


class NamesGPT(nn.Module):
    """For each token of a name, the logits of the token that follows.

    Parameters
    ----------
    tokens : int
        How many there are.
    context : int
        How many tokens it can look back on, itself included.
    width : int
        How many numbers stand for a token.
    heads : int
        Of the attention; they share out the width.
    blocks : int
        How many there are, one after the other.
    initialiser : str
        How weights and embeddings are drawn.
    seed : int

    Examples
    --------
    >>> model = NamesGPT(27, context=8, seed=0)
    >>> logits = model([0, 5, 13])
    >>> len(logits), len(logits[0])
    (3, 27)
    """

    def __init__(
        self,
        tokens: int,
        context: int = 16,
        width: int = 16,
        heads: int = 4,
        blocks: int = 1,
        *,
        initialiser: str = _START,
        seed: int = 0,
    ) -> None:
        rng = nn.init.generator(seed)
        self.token = nn.Embedding(tokens, width, initialiser=initialiser, seed=rng)
        self.position = nn.Embedding(context, width, initialiser=initialiser, seed=rng)
        self.blocks = [
            Block(width, heads, initialiser=initialiser, seed=rng) for _ in range(blocks)
        ]
        self.norm = nn.RMSNorm(width)
        self.head = nn.Layer(width, tokens, None, initialiser=initialiser, seed=rng)
        self.context = context

    def forward(self, tokens: Sequence[int]) -> list[Vector]:
        """Logits after each of the tokens; those to come have no influence."""
        if not 0 < len(tokens) <= self.context:
            raise ValueError(f"the model takes 1 to {self.context} tokens, got {len(tokens)}")
        xs = [_sum(self.token(token), self.position(t)) for t, token in enumerate(tokens)]
        for block in self.blocks:
            xs = block(xs)
        return [self.head(self.norm(x)) for x in xs]


def loss_of(model: NamesGPT, names: Sequence[Sequence[int]]) -> Value:
    """The mean cross-entropy of the next token, over all tokens of some names.

    Parameters
    ----------
    model : NamesGPT
    names : list of lists of int
        As `Alphabet.encode` makes them; what is beyond the context does not count.
    """
    logits: list[Vector] = []
    targets: list[int] = []
    for tokens in names:
        seen = tokens[: model.context + 1]
        logits += model(seen[:-1])
        targets += seen[1:]
    loss: Value = nn.cross_entropy(logits, targets)
    return loss


def sample(model: NamesGPT, alphabet: Alphabet, rng: random.Random, temperature: float) -> str:
    """A name, drawn character by character.

    Parameters
    ----------
    model : NamesGPT
    alphabet : Alphabet
    rng : random.Random
    temperature : float
        1 draws as the model holds for probable; less prefers what is more probable.

    Raises
    ------
    ValueError
        If the temperature is not positive.
    """
    if not temperature > 0.0:
        raise ValueError(f"the temperature must be positive, got {temperature!r}")
    tokens = [0]
    with no_grad():
        while len(tokens) <= model.context:
            logits = model(tokens)[-1]
            weights = softmax([logit.data / temperature for logit in logits])
            (token,) = rng.choices(range(len(weights)), weights)
            if token == 0:
                break
            tokens.append(token)
    return alphabet.decode(tokens[1:])


# --- training ------------------------------------------------------------------------------------


def train(
    model: NamesGPT,
    names: Sequence[Sequence[int]],
    steps: int = 400,
    batch_size: int = 1,
    lr: float = 0.01,
    every: int = 20,
    seed: int = 0,
) -> nn.History:
    """Adam on a few names per step, with a rate that falls to 0 along a cosine.

    Parameters
    ----------
    model : NamesGPT
    names : list of lists of int
        As `Alphabet.encode` makes them.
    steps : int
    batch_size : int
    lr : float
    every : int
        Of how many steps the mean loss is a row of the history.
    seed : int
        For the order of the names.

    Returns
    -------
    History
        With a column "step" in place of epochs.
    """
    # Shows itself on a terminal only.
    from tqdm import tqdm

    optimizer = nn.Adam(model.parameters(), lr=lr, betas=(0.9, 0.99))
    schedule = nn.CosineAnnealingLR(optimizer, steps)
    rng = nn.init.generator(seed)
    history = nn.History()
    losses = []
    for step in tqdm(range(1, steps + 1), unit="step", leave=False, disable=None):
        loss = loss_of(model, [names[int(len(names) * rng.random())] for _ in range(batch_size)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
        if step % every == 0 or step == steps:
            history.append(
                {"step": step, "loss": math.fsum(losses) / len(losses), "lr": optimizer.lr}
            )
            losses = []
        schedule.step()
    return history


def run(
    picture: str = "names.png",
    seed: int = 0,
    *,
    file: str | os.PathLike[str],
    steps: int = 400,
    temperature: float = 0.5,
) -> None:
    """Train on a list of names, and invent ten.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the weights, the order of the names and what is invented.
    file : path
        Text with one name a line.
    steps : int
        Of training.
    temperature : float
        As for `sample`.
    """
    names = read_names(file)
    alphabet = Alphabet.of(names)
    rng = nn.init.generator(seed)
    rng.shuffle(names)
    encoded = [alphabet.encode(name) for name in names]
    held_out = encoded[: min(100, len(names) // 10)]
    longest = max(map(len, names))
    model = NamesGPT(len(alphabet), context=min(16, longest + 1), seed=seed)
    print(f"{len(names)} names of {len(alphabet.characters)} characters, at most {longest} long")
    if longest > model.context:
        print(f"of longer names the model sees the first {model.context} characters")
    print(f"a model of {len(model.parameters())} parameters, trained on a name per step")
    print()
    history = train(model, encoded[len(held_out) :], steps, seed=seed)
    print(history)
    print()
    guess = math.log(len(alphabet))
    print(f"loss of guessing: {guess:.3f}, the logarithm of {len(alphabet)} tokens")
    if held_out:
        with no_grad():
            print(f"loss on {len(held_out)} names held out: {loss_of(model, held_out).data:.3f}")
    known = set(names)
    print()
    print(f"ten names at temperature {temperature}; * is in the file")
    for _ in range(10):
        name = sample(model, alphabet, rng, temperature)
        print(f"  {name} *" if name in known else f"  {name}")

    def draw(figure: Any) -> None:
        figure.set_size_inches(7, 4.5)
        ax = figure.subplots()
        ax.plot(history["step"], history["loss"], "o-", color="#2563eb", label="training")
        ax.axhline(guess, color="#ea580c", linestyle="--", label="guessing")
        ax.set_xlabel("step")
        ax.set_ylabel("cross-entropy of the next character (nats)")
        ax.set_title("a character GPT learns names")
        ax.grid(alpha=0.3)
        ax.legend(loc="lower left")

    save_picture(picture, draw)
