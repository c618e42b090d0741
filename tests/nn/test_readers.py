"""Files that are read as they were written, and errors that name the place."""

import gzip
import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.readers import Idx, Images, Table, fashion_mnist, mnist, read_csv, read_idx

FASHION = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes into a file, and returns its path."""

    def written(content, name="file"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def refusal(read, path, *arguments, **options):
    """What an error says after the path of the file."""
    with pytest.raises(ValueError) as caught:
        read(path, *arguments, **options)
    message = str(caught.value)
    assert message.startswith(str(path))
    return message.removeprefix(str(path)).lstrip(", ")


# --- tables --------------------------------------------------------------------------------------


def test_header_and_class_names(write):
    path = write("length,width,kind\n5.1,3.5,setosa\n7.0,3.2,other\n4.9,3e0,setosa\n")
    assert read_csv(path) == Table(
        data=[([5.1, 3.5], 1), ([7.0, 3.2], 0), ([4.9, 3.0], 1)],
        columns=("length", "width"),
        target="kind",
        classes=("other", "setosa"),
    )
    assert read_csv(str(path)) == read_csv(path, target="kind") == read_csv(path, header=True)


def test_no_header_and_numbers(write):
    path = write("1,2,0.5\n3,4,-1\n")
    assert read_csv(path) == Table(
        [([1.0, 2.0], 0.5), ([3.0, 4.0], -1.0)], ("column 1", "column 2"), "column 3", ()
    )
    assert read_csv(path, header=False) == read_csv(path)
    assert read_csv(path, target=0).data == [([2.0, 0.5], 1), ([4.0, -1.0], 3)]
    assert read_csv(path, target=1).columns == ("column 1", "column 3")


@pytest.mark.parametrize("first", ["nan,a", "?,a", ",a", "inf,nan,a", "x,NaN", "-inf,?"])
def test_an_example_that_misses_a_value_is_no_header(write, first):
    path = write(f"{first}\n{'1,' * first.count(',')}a\n")
    with pytest.raises(ValueError, match=r"line 1, column 1: .* is no finite number"):
        read_csv(path)
    if "" not in first.split(","):
        assert read_csv(path, header=True).columns == tuple(first.split(",")[:-1])


def test_a_name_with_an_underscore_is_no_number(write):
    assert read_csv(write("1_000,y\n1,2\n")).columns == ("1_000",)


def test_header_of_numbers_is_taken_if_asked_for(write):
    path = write("2019,2020\n1,2\n")
    assert len(read_csv(path).data) == 2
    table = read_csv(path, target="2020", header=True)
    assert table == Table([([1.0], 2)], ("2019",), "2020", ())


def test_whole_numbers_are_ints(write):
    ys = [y for _, y in read_csv(write("0,1\n0,-2\n0,+3\n")).data]
    assert ys == [1, -2, 3]
    assert {type(y) for y in ys} == {int}
    ys = [y for _, y in read_csv(write("0,1\n0,2.0\n")).data]
    assert ys == [1.0, 2.0]
    assert {type(y) for y in ys} == {float}


def test_given_classes_have_the_given_order(write):
    path = write("1,b\n2,a\n3,b\n")
    assert read_csv(path).classes == ("a", "b")
    table = read_csv(path, classes=["c", "b", "a"])
    assert [y for _, y in table.data] == [1, 2, 1]
    assert table.classes == ("c", "b", "a")
    assert [y for _, y in read_csv(write("1,7\n2,3\n"), classes=["3", "7"]).data] == [1, 0]


def test_what_programs_write(write):
    path = write('\ufeffa; "b ""c"""; y\r\n1 ;2; "two\nlines"\r\n\r\n3;4;one\r\n \r\n')
    table = read_csv(path, delimiter=";")
    assert table.columns == ("a", 'b "c"')
    assert table.data == [([1.0, 2.0], 1), ([3.0, 4.0], 0)]
    assert table.classes == ("one", "two\nlines")


def test_a_table_prints_without_its_data(write):
    assert repr(read_csv(write("1,2\n"))) == (
        "Table(columns=('column 1',), target='column 2', classes=())"
    )


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from("abc")),
        min_size=1,
    )
)
def test_what_is_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_text("".join(f"{x!r},{name}\n" for x, name in rows))
    table = read_csv(path)
    assert [(x, table.classes[y]) for [x], y in table.data] == rows


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, " is empty"),
        ("\n\n", {}, " is empty"),
        ("x,y\n", {}, " has a header, but no data"),
        ("1,2\n", {"header": True}, " has a header, but no data"),
        (
            "\n1;2\n",
            {},
            "line 2: there is one column, where features and a target are expected; is the "
            "delimiter ','?",
        ),
        ("1,2\n\n1,2,3\n", {}, "line 3: expected 2 fields, got 3"),
        ("1,2\n1\n", {}, "line 2: expected 2 fields, got 1"),
        ("x,y,z\n1,2,a\n1,two,a\n", {}, "line 3, column 2 (y): 'two' is no finite number"),
        ("1,2\n,2\n", {}, "line 2, column 1: '' is no finite number"),
        ("1,2\nnan,2\n", {}, "line 2, column 1: 'nan' is no finite number"),
        ("1,2\n1e999,2\n", {}, "line 2, column 1: '1e999' is no finite number"),
        ("1,2\n1_000,2\n", {}, "line 2, column 1: '1_000' is no finite number"),
        (
            '"two\nlines",y\n1,2\nx,2\n',
            {},
            "line 4, column 1 (two\nlines): 'x' is no finite number",
        ),
        ("x,y\n1,a\n1,\n", {}, "line 3, column 2 (y): the target is missing"),
        (
            "1,2.5\n1,n/a\n",
            {},
            "line 2, column 2: the target is no finite number, while others are; if they are "
            "names, give them as classes",
        ),
        (
            "1,cat\n2,dgo\n",
            {"classes": ["cat", "dog"]},
            "line 2, column 2: there is no class 'dgo'; did you mean dog?",
        ),
        (
            "1,x\n",
            {"classes": ["cat", "dog"]},
            "line 1, column 2: there is no class 'x'; there are cat, dog",
        ),
        (
            "size,price\n1,2\n",
            {"target": "prize"},
            " has no column 'prize'; did you mean price or size?",
        ),
        ("a,b\n1,2\n", {"target": "zzz"}, " has no column 'zzz'; there are a, b"),
        (
            "1,2\n",
            {"target": "column 1"},
            " has no header, so no column 'column 1': give its number, or header=True if the "
            "first line holds names",
        ),
        ("1,2\n", {"target": 2}, " has 2 columns, so no column 2"),
        ("1,2\n", {"target": -3}, " has 2 columns, so no column -3"),
        (
            b"x,y\n1,a\n2,caf\xe9\n",
            {},
            "line 3: byte 6 of the line, 0xe9, is no UTF-8; save the file as UTF-8",
        ),
        (
            b"\xff\xfe1\0",
            {},
            "line 1: byte 1 of the line, 0xff, is no UTF-8; save the file as UTF-8",
        ),
        ('1,2\n3,"4\n', {}, "line 2: unexpected end of data"),
    ],
)
def test_wrong_tables(write, content, options, message):
    assert refusal(read_csv, write(content), **options) == message.lstrip()


def test_header_is_one_of_three(write):
    with pytest.raises(ValueError, match=re.escape('header must be "auto", True or False')):
        read_csv(write("1,2\n"), header="yes")


def test_missing_table(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        read_csv(tmp_path / "nothing.csv")


# --- idx files -----------------------------------------------------------------------------------


def idx(shape, numbers, code=0x08, letter="B"):
    """The bytes of an idx file."""
    header = bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    return header + struct.pack(f">{len(numbers)}{letter}", *numbers)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("code", "letter", "numbers"),
    [
        (0x08, "B", [0, 1, 127, 128, 200, 255]),
        (0x09, "b", [0, 1, 127, -128, -1, 5]),
        (0x0B, "h", [0, 1, 256, -32768, 32767, -2]),
        (0x0C, "i", [0, 1, 65536, -(2**31), 2**31 - 1, -2]),
        (0x0D, "f", [0.0, 1.0, 0.5, -2.25, 1e30, -0.0]),
        (0x0E, "d", [0.0, 1.0, 0.1, -2.25, 1e300, -0.0]),
    ],
)
def test_idx(write, compress, code, letter, numbers):
    if letter == "f":
        numbers = [struct.unpack("f", struct.pack("f", x))[0] for x in numbers]
    read = read_idx(write(compress(idx((3, 2), numbers, code, letter))))
    assert read.shape == (3, 2)
    assert list(read) == [numbers[0:2], numbers[2:4], numbers[4:6]]
    assert read[-1] == numbers[4:6]
    assert read[1:] == [numbers[2:4], numbers[4:6]]
    assert len(read) == 3
    assert repr(read) == "Idx(shape=(3, 2))"


def test_items_of_two_dimensions_are_flat(write):
    read = read_idx(write(idx((2, 2, 3), range(12))))
    assert read[1] == [6, 7, 8, 9, 10, 11]


def test_labels_are_numbers(write):
    labels = read_idx(write(idx((3,), [5, 0, 4])))
    assert list(labels) == [5, 0, 4]
    assert labels[-1] == 4
    assert 5 in labels
    for i in (3, -4):
        with pytest.raises(IndexError, match=f"there are items 0 to 2, got {i}"):
            labels[i]


def test_an_idx_file_may_be_empty(write):
    assert list(read_idx(write(idx((0, 28, 28), [])))) == []


def test_idx_is_as_compact_as_its_file(write):
    read = read_idx(write(idx((1000, 28, 28), bytes(784_000))))
    assert read.numbers.itemsize * len(read.numbers) == 784_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "byte 0: the file ends within the first 4 bytes"),
        (b"\0\0\x08", "byte 3: the file ends within the first 4 bytes"),
        (
            b"\x89PNG",
            "byte 0: an idx file begins with two bytes of 0, or 1f 8b if compressed by gzip; this "
            "one with 89 50",
        ),
        (
            b"\0\0\x0a\x01",
            "byte 2: there is no type 0x0a of numbers; there are 0x08, 0x09, 0x0b, 0x0c, 0x0d, "
            "0x0e",
        ),
        (b"\0\0\x08\0", "byte 3: there are no dimensions"),
        (
            b"\0\0\x08\x03\0\0\0\x01",
            "byte 8: the file ends within its 3 dimensions, which take 16 bytes",
        ),
        (
            idx((2, 3), range(5)),
            "byte 17: the file ends, but the shape (2, 3) takes 18 bytes",
        ),
        (
            idx((2**32 - 1, 2**32 - 1), []),
            "byte 12: the file ends, but the shape (4294967295, 4294967295) takes "
            f"{(2**32 - 1) ** 2 + 12} bytes",
        ),
        (
            idx((2, 3), range(8)),
            "byte 18: the shape (2, 3) ends here, but 2 more bytes follow",
        ),
        (b"\x1f\x8b\x08", "byte 3: the compressed file is cut short"),
    ],
)
def test_wrong_idx_files(write, content, message):
    assert refusal(read_idx, write(content)) == message


def test_gzip_cut_short(write):
    whole = gzip.compress(idx((2, 3), range(6)))
    for end in range(2, len(whole)):
        expected = f"byte {end}: the compressed file is cut short"
        assert refusal(read_idx, write(whole[:end])) == expected


def test_damaged_gzip(write):
    whole = gzip.compress(idx((2, 3), range(6)))
    checksum = len(whole) - 8
    for damaged in (
        whole[:2] + b"\0" + whole[3:],  # no method of compression
        whole[:10] + b"\xff" * 20,  # no block of compressed data
        whole[:checksum] + bytes(8),
        whole + b"more",
    ):
        assert "what gzip compressed is damaged" in refusal(read_idx, write(damaged))


@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda tail: b"\0\0\x08\x01" + tail))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("idx") / "file"
    path.write_bytes(content)
    try:
        read = read_idx(path)
    except ValueError as error:
        assert str(error).startswith(str(path))
    else:
        assert isinstance(read, Idx)


# --- images --------------------------------------------------------------------------------------


def write_images(directory, part="train", pixels=None, labels=None, suffix=""):
    compress = gzip.compress if suffix else bytes
    images = directory / f"{part}-images-idx3-ubyte{suffix}"
    names = directory / f"{part}-labels-idx1-ubyte{suffix}"
    images.write_bytes(compress(pixels or idx((2, 1, 3), [0, 51, 255, 1, 2, 3])))
    names.write_bytes(compress(labels or idx((2,), [9, 0])))
    return images, names


@pytest.mark.parametrize("read", [mnist, fashion_mnist])
@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(("part", "train"), [("train", True), ("t10k", False)])
def test_images(tmp_path, read, suffix, part, train):
    write_images(tmp_path, part, suffix=suffix)
    images = read(tmp_path, train=train)
    expected = [([0.0, 0.2, 1.0], 9), ([1 / 255, 2 / 255, 3 / 255], 0)]
    assert list(images) == images[:] == expected
    assert (images[1], images[-2]) == (expected[1], expected[0])
    assert len(images) == 2
    assert repr(images) == "Images(2 of 1 by 3 pixels, 10 classes)"
    assert isinstance(images, Images)
    with pytest.raises(IndexError, match="there are items 0 to 1, got 2"):
        images[2]


def test_names_of_classes(tmp_path):
    write_images(tmp_path)
    assert mnist(tmp_path).classes == tuple("0123456789")
    assert fashion_mnist(tmp_path).classes == (
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


def test_missing_images(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        fashion_mnist(tmp_path)
    assert str(caught.value) == (
        f"there is no train-images-idx3-ubyte or train-images-idx3-ubyte.gz in {tmp_path}; "
        "Debian's package dataset-fashion-mnist ships it"
    )
    write_images(tmp_path, "t10k")[1].unlink()
    with pytest.raises(FileNotFoundError, match=f"no t10k-labels-idx1-ubyte or .* in {tmp_path}$"):
        mnist(tmp_path, train=False)


def test_images_that_do_not_fit_their_labels(tmp_path):
    images, labels = write_images(tmp_path, labels=idx((3,), [1, 2, 3]))
    with pytest.raises(ValueError) as caught:
        mnist(tmp_path)
    assert str(caught.value) == f"{images} has 2 images, but {labels} 3 labels"


def test_labels_beyond_the_classes(tmp_path):
    _, labels = write_images(tmp_path, labels=idx((2,), [9, 10]))
    assert refusal_of_images(tmp_path, labels) == "byte 9: there are classes 0 to 9, got 10"


def test_images_of_another_shape_or_type(tmp_path):
    images, _ = write_images(tmp_path, pixels=idx((2, 3), range(6)))
    assert refusal_of_images(tmp_path, images) == (
        "byte 2: expected bytes in 3 dimensions (00 00 08 03), got the shape (2, 3) of type 'B'"
    )
    _, labels = write_images(tmp_path, labels=idx((2,), [0, 1], 0x0C, "i"))
    assert refusal_of_images(tmp_path, labels) == (
        "byte 2: expected bytes in 1 dimensions (00 00 08 01), got the shape (2,) of type 'i'"
    )


def refusal_of_images(directory, path):
    with pytest.raises(ValueError) as caught:
        mnist(directory)
    assert str(caught.value).startswith(f"{path}, ")
    return str(caught.value).removeprefix(f"{path}, ")


@pytest.mark.skipif(not FASHION.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_fashion_mnist_as_debian_ships_it():
    train, test = fashion_mnist(FASHION), fashion_mnist(FASHION, train=False)
    assert repr(train) == "Images(60000 of 28 by 28 pixels, 10 classes)"
    assert len(test) == 10_000
    for images in (train, test):
        labels = list(images.labels)
        assert [labels.count(y) for y in range(10)] == [len(images) / 10] * 10
    x, y = train[0]
    assert train.classes[y] == "Ankle boot"
    assert len(x) == 784
    assert 0.0 == min(x) < max(x) == 1.0
