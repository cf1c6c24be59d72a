"""Pickles of published networks as data: tensors, plain containers, inert records, nothing else.

A pickle is a program whose instructions import and call whatever they name. It is not given to
Python's own unpickler: the machine here knows the instructions that a network file of torch 1.7 or
later uses, and a closed list of names, each of which only arranges what it is given. Source code
in the file (`module_src`) is a string that is never looked at; a module is its class's name and
its attributes; a tensor stays bytes until `Tensor.array`.

Time and memory are bounded by the file's size and `MAX_INSTRUCTIONS`: nothing is repeated,
expanded or visited recursively, and only strings are hashed.

References: PEP 307 and PEP 3154 (the instructions, as the standard library's `pickletools` lists
them); the layout of `torch.save` before version 1.6 (storages).
"""

from __future__ import annotations

import io
import itertools
import math
import mmap
import pickletools
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

MAX_INSTRUCTIONS = 200_000  # a generator, its average and a discriminator at 256² take 30,000
MAX_STORAGE_INSTRUCTIONS = 1_000  # of the pickles around the bytes of one tensor, which take 70
MAX_ARGUMENTS = 16  # of a call, and dimensions of a tensor
MAX_NAME = 80  # letters
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C  # how files of torch.save begin that are no zip archive
LEGACY_VERSION = 1001
STORAGES = {"torch.FloatStorage": "<f4", "torch.HalfStorage": "<f2", "torch.DoubleStorage": "<f8"}

LITERALS = {
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
EMPTY: dict[str, Callable[[], object]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_SET": set,
    "EMPTY_TUPLE": tuple,
}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
NO_EFFECT = {"PROTO", "FRAME", "BINPERSID"}  # a persistent identifier stands for its object


@dataclass(eq=False, repr=False)
class Record:
    """An object that is not built: the name of its class, and the attributes it would have."""

    class_name: str
    state: Any = None


@dataclass(frozen=True, eq=False, repr=False)
class Tensor:
    """A tensor that is not decoded yet; offset and strides are in elements of `storage`."""

    storage: bytes
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> NDArray[np.floating]:
        """The tensor of `shape`, in the file's own precision (float16, float32 or float64).

        Raises ValueError for broken bytes, and for views that repeat or exceed them.
        """
        flat = _decode_storage(self.storage)
        expected = 1  # strides of a dense tensor, whatever the order of its dimensions
        for stride, size in sorted(zip(self.strides, self.shape, strict=True)):
            if size != 1 and stride != expected:
                raise ValueError(f"strides {self.strides} repeat or skip elements")
            expected *= size
        if self.offset + math.prod(self.shape) > len(flat):
            raise ValueError(f"a tensor of {self.shape} from {len(flat)} elements")
        strides = [stride * flat.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(flat[self.offset :], self.shape, strides)


@dataclass(frozen=True, eq=False, repr=False)
class Global:
    """A name of the closed list and what REDUCE and NEWOBJ do in its place."""

    name: str
    build: Callable[..., object]


def read(path: Path) -> object:
    """What a pickle holds, with `Record` and `Tensor` in place of modules and tensors.

    Raises ValueError, naming the file and what is refused, for anything that no published network
    needs, and for a file that is no pickle; nothing of it runs.
    """
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            return _run(data, MAX_INSTRUCTIONS)
    except (OSError, ValueError) as error:  # an empty file cannot be mapped: ValueError
        raise ValueError(
            f"{path}: cannot be read as a published network: {str(error)[:200]}"
        ) from error


def _run(stream: IO[bytes] | mmap.mmap, limit: int) -> object:
    """Execute one pickle and leave `stream` behind it."""
    machine = _Machine()
    instructions = itertools.islice(pickletools.genops(stream), limit)  # type: ignore[arg-type]
    try:
        for opcode, argument, _ in instructions:
            if opcode.name == "STOP":
                return machine.stack.pop()
            machine.execute(opcode.name, argument)
    except (LookupError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"broken pickle ({type(error).__name__})") from error
    raise ValueError(f"more than {limit} instructions")


class _Machine:
    """The pickle machine: a stack, the marks in it, and the memo."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}

    def execute(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in LITERALS:
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name in EMPTY:
            stack.append(EMPTY[name]())
        elif name in TUPLES:
            stack[-TUPLES[name] :] = [tuple(stack[-TUPLES[name] :])]
        elif name == "TUPLE":
            stack.append(tuple(self.pop_to_mark()))
        elif name == "MARK":
            self.marks.append(len(stack))
        elif name in ("GLOBAL", "STACK_GLOBAL", "REDUCE", "NEWOBJ", "BUILD"):
            self.execute_object(name, argument)
        elif name in ("APPEND", "APPENDS", "SETITEM", "SETITEMS", "ADDITEMS"):
            self.execute_container(name)
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.memo[argument])
        elif name not in NO_EFFECT:
            raise ValueError(f"instruction {name} is not allowed")

    def pop_to_mark(self) -> list[Any]:
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def execute_container(self, name: str) -> None:
        """Put the items on top of the stack into the list, dictionary or set below them."""
        if name in ("APPEND", "SETITEM"):
            items = [self.stack.pop() for _ in range(1 if name == "APPEND" else 2)][::-1]
        else:
            items = self.pop_to_mark()
        target = self.stack[-1]
        if name.startswith("APPEND") and type(target) is list:
            target.extend(items)
        elif name.startswith("SETITEM") and type(target) is dict:
            target.update(zip(_strings(items[::2]), items[1::2], strict=True))
        elif name == "ADDITEMS" and type(target) is set:
            target.update(_strings(items))
        else:
            raise ValueError(f"{name} on a {type(target).__name__}")

    def execute_object(self, name: str, argument: str | None) -> None:
        """Look a name up, or use one in place of the call that the instruction asks for."""
        if name == "GLOBAL":
            assert argument is not None
            self.stack.append(_look_up(argument.replace(" ", ".", 1)))
            return
        top, below = self.stack.pop(), self.stack.pop()
        if name == "STACK_GLOBAL":
            self.stack.append(_look_up(f"{below}.{top}" if type(top) is type(below) is str else ""))
        elif name == "BUILD":
            if type(below) is not Record:
                raise ValueError("attributes for what is no object")
            below.state = top
            self.stack.append(below)
        elif type(below) is Global and type(top) is tuple and len(top) <= MAX_ARGUMENTS:
            self.stack.append(below.build(*top))
        else:
            raise ValueError("it calls what is no known name")


def _persistent_object(meta: dict[str, Any]) -> Record:
    """`torch_utils.persistence`: source, class name and attributes; the source is left out."""
    name, state = meta["class_name"], meta["state"]
    if meta["type"] != "class" or type(name) is not str or type(state) is not dict:
        raise ValueError("a persistent object of an unknown kind")
    return Record(name, state)


def _storage(data: bytes) -> bytes:
    if type(data) is not bytes:
        raise ValueError("a storage that is no bytes")
    return data


def _tensor(
    storage: bytes, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> Tensor:
    """`_rebuild_tensor_v2`; what follows are gradients and hooks, which data has not."""
    if type(storage) is not bytes or not len(shape) == len(strides) <= MAX_ARGUMENTS:
        raise ValueError("a tensor without storage")
    if not all(type(n) is int and 0 <= n < 2**40 for n in (offset, *shape, *strides)):
        raise ValueError("a tensor of impossible size")
    if math.prod(shape) > len(storage):
        raise ValueError(f"a tensor of {shape} from {len(storage)} bytes")
    return Tensor(storage, offset, shape, strides)


def _parameter(tensor: Tensor, *_: object) -> Tensor:
    if type(tensor) is not Tensor:
        raise ValueError("a parameter that is no tensor")
    return tensor


def _set(items: list[str]) -> set[str]:
    """The old way to write an empty set."""
    if items:
        raise ValueError("a set that is made of a list")
    return set()


def _strings(items: list[Any]) -> list[str]:
    """Keys, checked: of other types hashes can be made to collide, or to recurse."""
    if not all(type(item) is str for item in items):
        raise ValueError("a key that is no string")
    return items


def _inert(name: str) -> Global:
    return Global(name, lambda *_: Record(name))


GLOBALS = {
    known.name: known
    for known in (
        Global("torch_utils.persistence._reconstruct_persistent_obj", _persistent_object),
        Global("torch._utils._rebuild_tensor_v2", _tensor),
        Global("torch._utils._rebuild_parameter", _parameter),
        Global("torch.storage._load_from_bytes", _storage),
        Global("collections.OrderedDict", lambda: {}),
        Global("dnnlib.util.EasyDict", lambda: {}),
        Global("builtins.set", _set),
        Global("__builtin__.set", _set),
        *map(_inert, STORAGES),
        *map(_inert, ("numpy.dtype", "numpy.ndarray")),
        *(
            _inert(f"numpy.{core}.multiarray.{function}")
            for core in ("core", "_core")
            for function in ("scalar", "_reconstruct")
        ),
    )
}


def _look_up(name: str) -> Global:
    if len(name) <= MAX_NAME and name.startswith("torch.nn.modules."):
        return _inert(name)
    if name not in GLOBALS:
        raise ValueError(
            f"it asks for {name[:MAX_NAME]!r}, which no StyleGAN2-ADA PyTorch network needs"
        )
    return GLOBALS[name]


def _decode_storage(data: bytes) -> NDArray[np.floating]:
    """The elements of a storage saved by itself in the layout of `torch.save` before version 1.6.

    It is five pickles (magic number, version, system, the storage's persistent identifier
    ("storage", type, key, device, length, view), list of keys), then length and elements.
    """
    stream = io.BytesIO(data)
    magic, version, system, identifier, _ = (
        _run(stream, MAX_STORAGE_INSTRUCTIONS) for _ in range(5)
    )
    if (magic, version) != (LEGACY_MAGIC, LEGACY_VERSION) or type(identifier) is not tuple:
        raise ValueError("a storage of an unknown layout")
    if type(system) is not dict or system.get("little_endian") is not True:
        raise ValueError("a storage of an unknown byte order")
    kind = identifier[1] if len(identifier) > 1 else None
    if type(kind) is not Global or kind.name not in STORAGES:
        raise ValueError(f"a storage of no floating-point type; allowed: {', '.join(STORAGES)}")
    header = stream.read(8)
    elements = np.frombuffer(data, STORAGES[kind.name], offset=stream.tell())
    if len(header) != 8 or struct.unpack("<q", header)[0] != len(elements):
        raise ValueError("a storage of another length than it says")
    return elements
