"""The C# codec as a function: bytes of a type in, what C# made of them out."""

from __future__ import annotations

import enum
import struct
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import mono
from grpc_tools import protoc

HARNESS = Path(__file__).parent / "harness" / "ProtobufEcho.cs"
CODEC = mono.PACKAGE / "Editor" / "Protobuf"
GENERATOR = mono.ROOT / "protos" / "csharp_generator.py"
HEAP = "96m"  # what the C# side may use: an allocation that a hostile length asks for does not fit


class Outcome(enum.Enum):
    """How an attempt to parse ended."""

    ACCEPTED = 1
    REJECTED = 2
    CRASHED = 3


@dataclass(frozen=True)
class Reply:
    """The message written again, or the text of the exception."""

    outcome: Outcome
    data: bytes


@dataclass(frozen=True)
class Echo:
    """A compiled program that reads messages and writes them again."""

    exe: Path
    namespace: str

    @classmethod
    def compiled(cls, folder: Path, messages: Path, namespace: str) -> Echo:
        """Compile generated messages with the codec and the program around them."""
        sources = [HARNESS, *mono.sources_in(CODEC), messages]
        return cls(mono.compile_exe(folder / "ProtobufEcho.exe", sources), namespace)

    def __call__(self, items: Sequence[tuple[str, bytes]], timeout: float = 120) -> list[Reply]:
        """Send each (message name, bytes) and return the replies in the same order."""
        request = bytearray(struct.pack("<i", len(items)))
        for name, data in items:
            full_name = f"{self.namespace}.{name}".encode()
            request += bytes([len(full_name)]) + full_name + struct.pack("<i", len(data)) + data
        command = ["env", f"MONO_GC_PARAMS=max-heap-size={HEAP}", *mono.command(self.exe)]
        done = subprocess.run(command, input=request, capture_output=True, timeout=timeout)
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
        replies = list(_replies(done.stdout))
        assert len(replies) == len(items)
        return replies


def _replies(answer: bytes) -> Iterable[Reply]:
    position = 0
    while position < len(answer):
        outcome, length = struct.unpack_from("<Bi", answer, position)
        position += 5
        yield Reply(Outcome(outcome), answer[position : position + length])
        position += length


def compile_protos(folder: Path, include: Path, files: Sequence[str]) -> Path:
    """Write the descriptors of .proto files, comments included, with the installed compiler."""
    path = folder / "descriptors"
    well_known = resources.files("grpc_tools") / "_proto"
    options = ["--include_imports", "--include_source_info", f"--descriptor_set_out={path}"]
    arguments = ["protoc", f"-I{include}", f"-I{well_known}", *options, *files]
    assert protoc.main(arguments) == 0
    return path


def generate(descriptors: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """Run the generator as `make protos` does."""
    command = [sys.executable, str(GENERATOR), str(descriptors), str(output)]
    return subprocess.run(command, capture_output=True, text=True)
