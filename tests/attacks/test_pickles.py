"""Network files that want more than to be read: nothing of them runs, and they end soon."""

import contextlib
import pickle
import struct
import time
import tracemalloc

import numpy as np
import published_networks as reference
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training import pickles, published

CHANNELS = {4: 4, 8: 4}
MOST_MEMORY = 400 * 2**20  # bytes, for a file of a few megabytes
MOST_TIME = 20.0  # seconds on a slow and busy machine, traced


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def raw(value):
    return b"B" + struct.pack("<I", len(value)) + value


def name(module, attribute):
    return b"c" + f"{module}\n{attribute}\n".encode()


def call(function, *arguments):
    return function + b"(" + b"".join(arguments) + b"tR"


def program(*instructions):
    return b"\x80\x04" + b"".join(instructions) + b"."


def refuse(path, data, message=""):
    """Write `data`, read it as a published network, and expect one line."""
    path.write_bytes(data)
    with pytest.raises(ValueError, match=message) as caught:
        pickles.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 300


def write_a_file(canary):
    """Programs that make the file `canary` when Python's unpickler reads them."""
    line = f"open({str(canary)!r}, 'w').close()"
    shell = text(f"touch '{canary}'")
    builtin = name("builtins", "getattr")
    opened = call(name("builtins", "__import__"), text("os"))
    return {
        "os.system": call(name("os", "system"), shell),
        "posix.system": call(name("posix", "system"), shell),
        "eval": call(name("builtins", "eval"), text(line)),
        "exec": call(name("builtins", "exec"), text(line)),
        "dotted name": call(
            name("pathlib", "Path.touch"), call(name("pathlib", "Path"), text(str(canary)))
        ),
        "getattr": call(call(builtin, opened, text("system")), shell),
        "subprocess": call(name("subprocess", "call"), b"]" + text("touch") + b"a"
                           + text(str(canary)) + b"a"),
        "stack global": text("os") + text("system") + b"\x93(" + shell + b"tR",
        "instance": b"(" + shell + b"ios\nsystem\n",
        "object": b"(" + name("os", "system") + shell + b"o",
        "nested pickle": call(name("pickle", "loads"), raw(program(
            call(name("os", "system"), shell)))),
        "attribute of a known name": call(
            name("torch.nn.modules.module", "torch.os.system"), shell
        ),
        "after a whole network": b"}" + call(name("os", "system"), shell),
    }  # fmt: skip


@pytest.mark.parametrize("attack", write_a_file("x"))
def test_code_in_a_pickle_does_not_run(tmp_path, attack):
    """Nothing that a network file asks for runs."""
    canary = tmp_path / "canary"
    data = program(write_a_file(canary)[attack])
    pickle.loads(data)  # the attack is real
    for _ in range(100):
        if canary.exists():
            break
        time.sleep(0.05)  # a process that the attack started
    canary.unlink()

    path = tmp_path / "attack.pkl"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"attack\.pkl") as caught:
        published.import_pickle(path)
    assert "\n" not in str(caught.value)
    time.sleep(0.05)
    assert not canary.exists()


def test_source_in_a_network_is_not_executed(tmp_path, monkeypatch):
    """The Python source that a published network carries is not executed."""
    canary = tmp_path / "canary"
    source = f"open({str(canary)!r}, 'w').close()"
    monkeypatch.setattr(reference, "SOURCE", source)
    path = tmp_path / "network.pkl"
    reference.write(path, G_ema=reference.Generator(CHANNELS))
    assert source.encode() in path.read_bytes()
    published.import_pickle(path)
    assert not canary.exists()


@pytest.mark.parametrize("attack", write_a_file("x"))
def test_code_in_the_bytes_of_a_tensor_does_not_run(tmp_path, attack):
    """Code that hides in the bytes of a tensor does not run."""
    canary = tmp_path / "canary"
    data = program(write_a_file(canary)[attack])
    path = tmp_path / "tensor.pkl"
    path.write_bytes(program(tensor(raw(data), (2,), (1,))))
    lazy = pickles.read(path)
    with pytest.raises(ValueError, match=r"asks for|not allowed|pickle"):
        lazy.array()
    assert not canary.exists()


def test_known_names_cannot_be_changed(tmp_path):
    """A file cannot change what a later file is read with.

    BUILD on a class or function would change it for every later file.
    """
    attack = name("collections", "OrderedDict") + b"}" + text("x") + text("y") + b"sb"
    refuse(tmp_path / "a.pkl", program(attack), "attributes for what is no object")
    refuse(tmp_path / "b.pkl", program(call(b"}")), "calls what is no known name")
    refuse(tmp_path / "c.pkl", program(b"}", b"}", b"\x93"), "asks for ''")


@pytest.mark.parametrize("code", [b"\x82\x01", b"P7\n", b"V\\u0000\n", b"\x97", b"2", b"1"])
def test_instructions_that_no_network_needs_are_refused(tmp_path, code):
    """Only the instructions that networks are written with are obeyed."""
    refuse(tmp_path / "a.pkl", program(b"N", code), "is not allowed")


NESTED = 40_000
LAUGHS = b"]\x94" + b"".join(b"](h%ch%ce\x94" % (i, i) for i in range(200))
PERSISTENT = name("torch_utils.persistence", "_reconstruct_persistent_obj")
LAUGHING_CLASS = b"".join(
    (b"}(", text("type"), text("class"), text("class_name"), b"h\xc8", text("state"), b"}u")
)
MANY = b"N" * 100_000
BOMBS = {
    "nested lists": ("holds no averaged", b"]" * NESTED + b"a" * (NESTED - 1)),
    "nested tuples": ("holds no averaged", b")" + b"\x85" * NESTED),
    "nested tuples as a key": ("a key that is no string", b"})" + b"\x85" * NESTED + b"Ns"),
    "a number as a key": ("a key that is no string", b"}K\x01Ns"),
    "a billion laughs": ("holds no averaged", LAUGHS + b"h\xc8"),
    "a laughing class": ("unknown kind", LAUGHS + call(PERSISTENT, LAUGHING_CLASS)),
    "endless instructions": ("more than 200000 instructions", b"]" * 200_001),
    "endless memo": (
        "holds no averaged",
        b"]" + b"".join(b"r" + struct.pack("<I", 2**31 + i) for i in range(100_000)),
    ),
    "arguments copied over and over": (
        "calls what is no known name",
        b"(" + MANY + b"t\x94" + (name("collections", "OrderedDict") + b"h\0R") * 1000,
    ),
    "a set copied over and over": (
        "a set that is made of a list",
        b"](" + MANY + b"e\x94" + (name("builtins", "set") + b"h\0\x85R") * 1000,
    ),
    "a long name over and over": (
        "asks for",
        text("torch.nn.modules." + "a" * 10**6) + b"\x94" + b"h\0h\0\x93" * 1000,
    ),
    "a frame beyond the file": ("holds no averaged", b"\x95" + struct.pack("<Q", 2**62) + b"N"),
    "bytes beyond the file": ("expected", b"\x8e" + struct.pack("<Q", 2**62) + b"x"),
    "text beyond the file": ("expected", b"X" + struct.pack("<I", 2**32 - 1) + b"x"),
    "a million digits": ("integer string", b"L" + b"9" * 10**6 + b"L\n"),
    "a number of a million bytes": (
        "LONG4 is not allowed",
        b"\x8b" + struct.pack("<i", 10**6) + b"\xff" * 10**6,
    ),
    "an empty stack": ("broken pickle", b"a"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_end_soon_and_in_little_memory(tmp_path, bomb):
    """A file of a few megabytes takes neither much time nor much memory."""
    message, instructions = BOMBS[bomb]
    path = tmp_path / "bomb.pkl"
    path.write_bytes(program(instructions))
    start = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=message) as caught:
            published.import_pickle(path)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert time.monotonic() - start < MOST_TIME
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_none_is_refused(tmp_path):
    """What is no network file is refused in one line."""
    refuse(tmp_path / "empty.pkl", b"", "empty file")
    refuse(tmp_path / "archive.pkl", b"PK\x03\x04" + b"\0" * 100, "no newline")
    refuse(tmp_path / "short.pkl", b"\x80\x04N", "exhausted before seeing STOP")
    with pytest.raises(ValueError, match=r"missing\.pkl: .*No such file"):
        pickles.read(tmp_path / "missing.pkl")


def saved(values):
    """Bytes of a storage as torch writes them."""
    data = pickle.dumps(torch.tensor(values)).split(b"_load_from_bytes", 1)[1]
    start = data.index(b"\x80\x02\x8a\nl\xfc\x9c")
    return data[start : data.rindex(np.array(values, np.float32).tobytes()) + 4 * len(values)]


def tensor(storage, shape, strides, offset=0):
    def numbers(values):
        return b"(" + b"".join(b"J" + struct.pack("<i", v) for v in values) + b"t"

    whole = call(name("torch.storage", "_load_from_bytes"), storage)
    rest = numbers([offset])[1:-1] + numbers(shape) + numbers(strides) + b"\x89N"
    return call(name("torch._utils", "_rebuild_tensor_v2"), whole, rest)


def read_tensor(path, *arguments):
    path.write_bytes(program(tensor(*arguments)))
    return pickles.read(path).array()


def test_tensors_are_read_as_torch_wrote_them(tmp_path):
    """What is no attack is read as torch wrote it."""
    values = [1.5, -2.0, 3.25, 4.0, 5.0, 6.0]
    storage = raw(saved(values))
    given = read_tensor(tmp_path / "a.pkl", storage, (2, 2), (1, 2), 1)
    assert given.tolist() == [[-2.0, 4.0], [3.25, 5.0]]


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [
        ((10**6, 10**6), (0, 0), 0),  # one element, 4 TB
        ((3, 2), (1, 1), 0),
        ((2, 2), (2, 1), 3),
        ((2, 2), (1000, 1), 0),
        ((2, 2), (2, 1), -1),
        ((6,), (-1,), 5),
        ((2, 3), (3,), 0),
    ],
)
def test_views_beyond_the_bytes_are_refused(tmp_path, shape, strides, offset):
    """No tensor shows memory beyond its own bytes."""
    storage = raw(saved([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    with pytest.raises(ValueError, match=r"tensor|strides"):
        read_tensor(tmp_path / "a.pkl", storage, shape, strides, offset)


def test_a_storage_that_lies_about_its_length_is_refused(tmp_path):
    """A storage has as many bytes as it says."""
    data = saved([1.0, 2.0])
    claimed = data[:-16] + struct.pack("<q", 2**40) + data[-8:]
    for broken in (claimed, data[:-4], data + b"more", data[:40], b""):
        with pytest.raises(ValueError, match=r"storage|tensor|pickle|remain"):
            read_tensor(tmp_path / "a.pkl", raw(broken), (2,), (1,))


def test_a_module_inside_itself_or_twice_is_refused(tmp_path):
    """Modules make a tree, which can be walked to its end."""
    path = tmp_path / "a.pkl"
    generator = reference.Generator(CHANNELS)
    generator.synthesis.b8.again = generator.synthesis.b4
    reference.write(path, G_ema=generator)
    with pytest.raises(ValueError, match="a module twice, or too deep"):
        published.import_pickle(path)
    deep = reference.Generator(CHANNELS)
    for _ in range(40):
        outer = reference.Persistent()
        outer.inner = deep
        deep = outer
    reference.write(path, G_ema=deep)
    with pytest.raises(ValueError, match="a module twice, or too deep"):
        published.import_pickle(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("pickles") / "whole.pkl"
    torch.manual_seed(0)
    reference.write(path, G_ema=reference.Generator(CHANNELS, z_dim=4, w_dim=4, mapping_layers=1))
    return path.read_bytes()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, whole, data):
    """Any damage ends in a network or in one line."""
    broken = bytearray(whole)
    places = st.integers(0, len(whole) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=8)):
        broken[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("broken") / "a.pkl"
    path.write_bytes(broken[: data.draw(places) + 1] if data.draw(st.booleans()) else broken)
    with contextlib.suppress(ValueError):
        published.import_pickle(path)
