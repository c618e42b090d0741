"""Datasets from files: tables as CSV, and images in MNIST's idx format.

An error names the file, and the line or the byte in it that is wrong.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import io
import math
import os
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, overload

__all__ = ["Idx", "Images", "Table", "fashion_mnist", "mnist", "read_csv", "read_idx"]

FilePath: TypeAlias = str | os.PathLike[str]


# --- tables --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """What a CSV file holds.

    Attributes
    ----------
    data : list of (x, y)
    columns : tuple of str
        The names of the numbers in x.
    target : str
        The name of y.
    classes : tuple of str
        The name of each class, if y is the number of a class; otherwise empty.
    """

    data: list[tuple[list[float], float]] = field(repr=False)
    columns: tuple[str, ...]
    target: str
    classes: tuple[str, ...]


def read_csv(
    path: FilePath,
    target: int | str = -1,
    header: bool | str = "auto",
    classes: Sequence[str] | None = None,
    delimiter: str = ",",
) -> Table:
    r"""Read a dataset from a CSV file: one example per line, one column of which is the target.

    Parameters
    ----------
    path : path
        Text in UTF-8.
    target : int or str
        The column that is y, by number (negative from the right) or by name; all others are x.
    header : {"auto", True, False}
        Whether the first line holds the names of the columns; "auto" takes it for names if nothing
        in it is a number, nan, inf, empty or "?".
    classes : sequence of str, optional
        The names of the classes, for y to be a position in it. Not needed for a target of names:
        they are sorted, so that files which list the same classes in another order agree. Needed
        for a file in which a class does not occur, or for names that are numbers.
    delimiter : str
        What stands between the fields.

    Returns
    -------
    Table
        y is an int for a class and for a whole number, otherwise a float.

    Raises
    ------
    ValueError
        If the file is empty or no UTF-8, a line has fewer or more fields than the first, a feature
        is no finite number, or there is no such target or class.
    OSError
        If the file cannot be read.

    References
    ----------
    RFC 4180, Common format and MIME type for comma-separated values files, 2005.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "flowers.csv")
    ...     with open(path, "w") as file:
    ...         _ = file.write("length,width,kind\n5.1,3.5,setosa\n7.0,3.2,other\n")
    ...     table = read_csv(path)
    >>> table
    Table(columns=('length', 'width'), target='kind', classes=('other', 'setosa'))
    >>> table.data
    [([5.1, 3.5], 1), ([7.0, 3.2], 0)]
    """
    if header not in ("auto", True, False):
        raise ValueError(f'header must be "auto", True or False, got {header!r}')
    name = os.fspath(path)
    rows = _rows(name, delimiter)
    if not rows:
        raise ValueError(f"{name} is empty")
    first_line, first = rows[0]
    if len(first) < 2:
        raise ValueError(
            f"{name}, line {first_line}: there is one column, where features and a target are "
            f"expected; is the delimiter {delimiter!r}?"
        )
    named = all(map(_is_name, first)) if header == "auto" else bool(header)
    if named:
        columns = first
        rows = rows[1:]
        if not rows:
            raise ValueError(f"{name} has a header, but no data")
    else:
        columns = [f"column {i}" for i in range(1, len(first) + 1)]
    position = _position(name, target, columns, named)
    features, texts = [], []
    for line, row in rows:
        if len(row) != len(columns):
            raise ValueError(f"{name}, line {line}: expected {len(columns)} fields, got {len(row)}")
        numbers = []
        for i, text in enumerate(row):
            if i == position:
                continue
            number = _number(text)
            if number is None:
                raise ValueError(
                    f"{_place(name, line, i, columns, named)}: {text!r} is no finite number"
                )
            numbers.append(number)
        features.append(numbers)
        texts.append((_place(name, line, position, columns, named), row[position]))
    targets, names = _targets(texts, classes)
    return Table(
        list(zip(features, targets, strict=True)),
        tuple(column for i, column in enumerate(columns) if i != position),
        columns[position],
        names,
    )


def _rows(name: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The lines that are not blank, with their numbers, as fields without outer spaces."""
    raw = Path(name).read_bytes()
    try:
        text = raw.decode("utf-8-sig")  # some programs begin the file with a mark
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise ValueError(
            f"{name}, line {line}: byte {column} of the line, 0x{raw[error.start]:02x}, is no "
            "UTF-8; save the file as UTF-8"
        ) from None
    # Without skipinitialspace, quotes after a space would be part of the field.
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for row in reader:
            fields = [text.strip() for text in row]
            if fields not in ([], [""]):
                rows.append((start, fields))
            start = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{name}, line {start}: {error}") from None
    return rows


def _number(text: str) -> float | None:
    """The number that a field holds, if it holds a finite one."""
    try:
        number = float(text)
    except ValueError:
        return None
    # Python reads 1_000 as a number; in a table it is a name.
    return number if math.isfinite(number) and "_" not in text else None


def _is_name(text: str) -> bool:
    """Whether a field can be the name of a column: neither a number nor a missing one."""
    if text in ("", "?"):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return "_" in text


def _position(name: str, target: int | str, columns: list[str], named: bool) -> int:
    """Where the target stands in a line."""
    if isinstance(target, str):
        if target in columns and named:
            return columns.index(target)
        if not named:
            raise ValueError(
                f"{name} has no header, so no column {target!r}: give its number, or header=True "
                "if the first line holds names"
            )
        near = difflib.get_close_matches(target, columns)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(columns)}"
        raise ValueError(f"{name} has no column {target!r}; {hint}")
    if not -len(columns) <= target < len(columns):
        raise ValueError(f"{name} has {len(columns)} columns, so no column {target}")
    return target % len(columns)


def _place(name: str, line: int, position: int, columns: list[str], named: bool) -> str:
    title = f" ({columns[position]})" if named else ""
    return f"{name}, line {line}, column {position + 1}{title}"


def _targets(
    texts: list[tuple[str, str]], classes: Sequence[str] | None
) -> tuple[list[float], tuple[str, ...]]:
    """The targets of what is written at some places, and the names of their classes."""
    for place, text in texts:
        if not text:
            raise ValueError(f"{place}: the target is missing")
    places = [place for place, text in texts if _number(text) is None]
    if classes is not None:
        names = tuple(classes)
    elif not places:
        # Written as whole numbers, they may be the numbers of classes.
        whole = all(text.lstrip("+-").isdecimal() for _, text in texts)
        return [int(text) if whole else float(text) for _, text in texts], ()
    elif len(places) < len(texts):
        raise ValueError(
            f"{places[0]}: the target is no finite number, while others are; if they are names, "
            "give them as classes"
        )
    else:
        names = tuple(sorted({text for _, text in texts}))
    index = {text: i for i, text in enumerate(names)}
    for place, text in texts:
        if text not in index:
            near = difflib.get_close_matches(text, names)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
            raise ValueError(f"{place}: there is no class {text!r}; {hint}")
    return [index[text] for _, text in texts], names


# --- idx files -----------------------------------------------------------------------------------

# The third byte of a file says what it holds: the type code of `array`, and the bytes per number.
_TYPES = {
    0x08: ("B", 1),
    0x09: ("b", 1),
    0x0B: ("h", 2),
    0x0C: ("i", 4),
    0x0D: ("f", 4),
    0x0E: ("d", 8),
}


class Idx(Sequence[Any]):
    """The numbers of an idx file, as compact as they are in it.

    ``idx[i]`` is a list of the numbers of item i, row by row; or one number if items have no
    dimensions, as labels have none.

    Parameters
    ----------
    shape : tuple of int
        How many items, and their dimensions.
    numbers : array
        All of them, item by item.
    """

    def __init__(self, shape: tuple[int, ...], numbers: array[Any]) -> None:
        self.shape = shape
        self.numbers = numbers

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, i: int | slice) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        position = _item(i, len(self))
        if len(self.shape) == 1:
            return self.numbers[position]
        size = math.prod(self.shape[1:])
        return self.numbers[position * size : (position + 1) * size].tolist()

    def __repr__(self) -> str:
        return f"Idx(shape={self.shape})"


def read_idx(path: FilePath) -> Idx:
    """Read a file in the format of MNIST's images and labels.

    Parameters
    ----------
    path : path
        The file, compressed by gzip or not; its content tells, not its name.

    Returns
    -------
    Idx

    Raises
    ------
    ValueError
        If it is no idx file, or is cut short or too long; the error names the byte.
    OSError
        If the file cannot be read.

    References
    ----------
    LeCun, Cortes and Burges, The MNIST database of handwritten digits, 1998.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "labels")
    ...     with open(path, "wb") as file:
    ...         _ = file.write(bytes([0, 0, 8, 1, 0, 0, 0, 3]) + bytes([5, 0, 4]))
    ...     labels = read_idx(path)
    >>> labels.shape, list(labels)
    ((3,), [5, 0, 4])
    """
    name = os.fspath(path)
    raw = _unzipped(name, Path(name).read_bytes())
    if raw[:2] != b"\0\0"[: len(raw)]:
        raise ValueError(
            f"{name}, byte 0: an idx file begins with two bytes of 0, or 1f 8b if compressed by "
            f"gzip; this one with {raw[:2].hex(' ')}"
        )
    if len(raw) < 4:
        raise ValueError(f"{name}, byte {len(raw)}: the file ends within the first 4 bytes")
    if raw[2] not in _TYPES:
        raise ValueError(
            f"{name}, byte 2: there is no type 0x{raw[2]:02x} of numbers; there are "
            f"{', '.join(f'0x{code:02x}' for code in _TYPES)}"
        )
    type_code, width = _TYPES[raw[2]]
    dimensions = raw[3]
    if dimensions == 0:
        raise ValueError(f"{name}, byte 3: there are no dimensions")
    start = 4 + 4 * dimensions
    if len(raw) < start:
        raise ValueError(
            f"{name}, byte {len(raw)}: the file ends within its {dimensions} dimensions, which "
            f"take {start} bytes"
        )
    shape = tuple(int.from_bytes(raw[i : i + 4], "big") for i in range(4, start, 4))
    end = start + width * math.prod(shape)
    if len(raw) < end:
        raise ValueError(
            f"{name}, byte {len(raw)}: the file ends, but the shape {shape} takes {end} bytes"
        )
    if len(raw) > end:
        raise ValueError(
            f"{name}, byte {end}: the shape {shape} ends here, but {len(raw) - end} more bytes "
            "follow"
        )
    numbers: array[Any] = array(type_code)
    numbers.frombytes(memoryview(raw)[start:])
    if sys.byteorder == "little":
        numbers.byteswap()
    return Idx(shape, numbers)


def _unzipped(name: str, raw: bytes) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return gzip.decompress(raw)
    except EOFError:
        raise ValueError(f"{name}, byte {len(raw)}: the compressed file is cut short") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{name}: what gzip compressed is damaged: {error}") from None


def _item(i: int, count: int) -> int:
    if not -count <= i < count:
        raise IndexError(f"there are items 0 to {count - 1}, got {i}")
    return i % count


# --- images with labels --------------------------------------------------------------------------

# What the pixels of an image are, from 0 to 1. All images share these floats.
_BRIGHTNESS = [level / 255 for level in range(256)]


class Images(Sequence[tuple[list[float], int]]):
    """Images with labels: a dataset of pairs (x, y) that are made when they are asked for.

    x is the brightness of each pixel, row by row, from 0 to 1; y the number of the class. A slice
    is a list of pairs.

    Parameters
    ----------
    pixels : Idx
        Images of rows of bytes.
    labels : Idx
        The class of each.
    classes : sequence of str
        The names of the classes.
    """

    def __init__(self, pixels: Idx, labels: Idx, classes: Sequence[str]) -> None:
        self.pixels = pixels
        self.labels = labels
        self.classes = tuple(classes)

    def __len__(self) -> int:
        return len(self.pixels)

    @overload
    def __getitem__(self, i: int) -> tuple[list[float], int]: ...

    @overload
    def __getitem__(self, i: slice) -> list[tuple[list[float], int]]: ...

    def __getitem__(self, i: int | slice) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        return [_BRIGHTNESS[pixel] for pixel in self.pixels[i]], self.labels[i]

    def __iter__(self) -> Iterator[tuple[list[float], int]]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        size = " by ".join(map(str, self.pixels.shape[1:]))
        return f"Images({len(self)} of {size} pixels, {len(self.classes)} classes)"


def mnist(directory: FilePath, train: bool = True) -> Images:
    """The handwritten digits of MNIST, from a directory with its files.

    Parameters
    ----------
    directory : path
        With ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte``
        and ``t10k-labels-idx1-ubyte``, or the same with ``.gz``.
    train : bool
        The 60,000 images to train with, or the 10,000 to test with.

    Returns
    -------
    Images

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is no idx file of this kind; the error names the byte.

    References
    ----------
    LeCun, Cortes and Burges, The MNIST database of handwritten digits, 1998.
    """
    return _images(directory, train, [str(digit) for digit in range(10)], "")


def fashion_mnist(directory: FilePath, train: bool = True) -> Images:
    """The pieces of clothing of Fashion-MNIST, from a directory with its files.

    Debian's package ``dataset-fashion-mnist`` ships them in ``/usr/share/datasets/fashion-mnist``.

    Parameters
    ----------
    directory, train
        As for `mnist`; the files have the same names.

    Returns
    -------
    Images

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is no idx file of this kind; the error names the byte.

    References
    ----------
    Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms, 2017.
    """
    hint = "; Debian's package dataset-fashion-mnist ships it"
    return _images(directory, train, _CLOTHES, hint)


_CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def _images(directory: FilePath, train: bool, classes: Sequence[str], hint: str) -> Images:
    part = "train" if train else "t10k"
    pixels_path = _found(directory, f"{part}-images-idx3-ubyte", hint)
    labels_path = _found(directory, f"{part}-labels-idx1-ubyte", hint)
    pixels, labels = read_idx(pixels_path), read_idx(labels_path)
    for path, idx, dimensions in ((pixels_path, pixels, 3), (labels_path, labels, 1)):
        if len(idx.shape) != dimensions or idx.numbers.typecode != "B":
            raise ValueError(
                f"{path}, byte 2: expected bytes in {dimensions} dimensions (00 00 08 "
                f"{dimensions:02x}), got the shape {idx.shape} of type {idx.numbers.typecode!r}"
            )
    if len(pixels) != len(labels):
        raise ValueError(
            f"{pixels_path} has {len(pixels)} images, but {labels_path} {len(labels)} labels"
        )
    highest = max(labels.numbers, default=0)
    if highest >= len(classes):
        raise ValueError(
            f"{labels_path}, byte {8 + labels.numbers.index(highest)}: there are classes 0 to "
            f"{len(classes) - 1}, got {highest}"
        )
    return Images(pixels, labels, classes)


def _found(directory: FilePath, name: str, hint: str) -> Path:
    for candidate in (Path(directory, name), Path(directory, f"{name}.gz")):
        if candidate.exists():
            return candidate
    raise FileNotFoundError(f"there is no {name} or {name}.gz in {os.fspath(directory)}{hint}")
