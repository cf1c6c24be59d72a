"""The package's protobuf codec against Python's: the same bytes out, the same bytes refused."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import hostile_bytes
import mono
import protobuf_echo
import pytest
import random_messages
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass, GetMessages
from hostile_bytes import varint
from protobuf_echo import Echo, Outcome

from skyserver.v1 import errors_pb2, skyserver_pb2

GENERATED = mono.PACKAGE / "Editor" / "Generated" / "SkyServerMessages.cs"
MODULES = (skyserver_pb2, errors_pb2, any_pb2, duration_pb2)
MESSAGES: dict[str, type[Message]] = {
    name: GetMessageClass(descriptor)
    for module in MODULES
    for name, descriptor in module.DESCRIPTOR.message_types_by_name.items()
}
EVERY = ("EveryType", "EveryMap", "StringValue")  # of data/every_type.proto
ROUND_TRIPS = 10_000  # of each type
MUTATIONS = 3_000  # of each type


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Echo:
    """The generated messages that the package ships."""
    return Echo.compiled(tmp_path_factory.mktemp("package"), GENERATED, "SkyServer.V1")


@pytest.fixture(scope="module")
def every_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The descriptors of data/every_type.proto."""
    data = Path(__file__).parent / "data"
    folder = tmp_path_factory.mktemp("every")
    return protobuf_echo.compile_protos(folder, data, ["every_type.proto"])


@pytest.fixture(scope="module")
def every_class(every_file: Path) -> dict[str, type[Message]]:
    """Python's classes of data/every_type.proto."""
    classes = GetMessages(FileDescriptorSet.FromString(every_file.read_bytes()).file)
    return {name: classes[f"skyserver.test.{name}"] for name in EVERY}


@pytest.fixture(scope="module")
def every(every_file: Path) -> Echo:
    """Messages that hold every kind of field."""
    generated = every_file.with_suffix(".cs")
    assert protobuf_echo.generate(every_file, generated).returncode == 0
    return Echo.compiled(every_file.parent, generated, "SkyServer.Test")


@pytest.mark.parametrize("name", MESSAGES)
def test_random_messages_of_the_package_come_back_byte_for_byte(package: Echo, name: str) -> None:
    check_round_trips(package, MESSAGES[name])


@pytest.mark.parametrize("name", EVERY)
def test_random_messages_of_every_kind_of_field_come_back_byte_for_byte(
    every: Echo, every_class: dict[str, type[Message]], name: str
) -> None:
    check_round_trips(every, every_class[name])


def check_round_trips(echo: Echo, kind: type[Message]) -> None:
    sent = samples(kind, ROUND_TRIPS)
    replies = echo([(kind.DESCRIPTOR.name, data) for data in sent])
    wrong = [
        (data, reply)
        for data, reply in zip(sent, replies, strict=True)
        if (reply.outcome, reply.data) != (Outcome.ACCEPTED, data)
    ]
    assert not wrong, f"{len(wrong)} of {len(sent)}, the first {wrong[0]}"


def samples(kind: type[Message], count: int, share: float = 0.5) -> list[bytes]:
    """Random messages, the same ones each time, as Python writes them."""
    rng = random.Random(kind.DESCRIPTOR.full_name)
    messages = (random_messages.fill(kind(), rng, share) for _ in range(count))
    return [message.SerializeToString(deterministic=True) for message in messages]


@pytest.mark.parametrize("name", MESSAGES)
def test_mutated_messages_of_the_package_end_as_in_python(package: Echo, name: str) -> None:
    check_mutations(package, MESSAGES[name])


@pytest.mark.parametrize("name", EVERY)
def test_mutated_messages_of_every_kind_of_field_end_as_in_python(
    every: Echo, every_class: dict[str, type[Message]], name: str
) -> None:
    check_mutations(every, every_class[name])


def check_mutations(echo: Echo, kind: type[Message]) -> None:
    rng = random.Random(0)
    originals = samples(kind, 300, share=0.2)
    buffers = [hostile_bytes.mutated(originals, rng) for _ in range(MUTATIONS)]
    accepted = check_agreement(echo, kind, buffers)
    assert 0 < accepted < MUTATIONS  # or the mutations are none


def check_agreement(echo: Echo, kind: type[Message], buffers: Sequence[bytes]) -> int:
    """Both sides accept the same buffers as the same message. Returns how many they accept."""
    accepted = 0
    replies = echo([(kind.DESCRIPTOR.name, data) for data in buffers])
    for data, reply in zip(buffers, replies, strict=True):
        theirs = python_reads(kind, data)
        if b"valid number" in reply.data and theirs is not None:
            continue  # upb does not look at the numbers within a group that it skips
        expected = Outcome.REJECTED if theirs is None else Outcome.ACCEPTED
        assert reply.outcome == expected, (data, theirs, reply)
        accepted += theirs is not None
        # upb takes a map's entry with an unknown field in it for an unknown field altogether
        if theirs is not None and not has_maps(kind):
            assert reply.data == theirs, data
    return accepted


def python_reads(kind: type[Message], data: bytes) -> bytes | None:
    """What Python's protobuf reads, written again without unknown fields, or None if it refuses."""
    try:
        message = kind.FromString(data)
    except DecodeError:
        return None
    message.DiscardUnknownFields()
    return message.SerializeToString(deterministic=True)


def has_maps(kind: type[Message]) -> bool:
    types = [field.message_type for field in kind.DESCRIPTOR.fields if field.message_type]
    return any(message.GetOptions().map_entry for message in types)


@pytest.mark.parametrize("name", MESSAGES)
def test_truncated_at_every_byte_ends_as_in_python(package: Echo, name: str) -> None:
    kind = MESSAGES[name]
    whole = [data for data in samples(kind, 100) if len(data) < 1000][:20]
    cuts = {data[:length] for data in whole for length in range(len(data))}
    check_agreement(package, kind, sorted(cuts))


@pytest.mark.parametrize("name", MESSAGES)
def test_fields_of_another_message_are_skipped_as_in_python(
    package: Echo, every_class: dict[str, type[Message]], name: str
) -> None:
    foreign = samples(every_class["EveryType"], 100, share=0.3)
    assert check_agreement(package, MESSAGES[name], foreign) > 0


def test_random_bytes_end_as_in_python(every: Echo, every_class: dict[str, type[Message]]) -> None:
    rng = random.Random(0)
    noise = [rng.randbytes(rng.randrange(1, 40)) for _ in range(MUTATIONS)]
    assert check_agreement(every, every_class["EveryType"], noise) > 0


# Fields of EveryType, and one that it does not have.
SINGLE_MESSAGE, REPEATED_UINT64, REPEATED_MESSAGE, CHOSEN_BOOL, CHOSEN_MESSAGE = 17, 33, 41, 61, 66
UNKNOWN = 100


def delimited(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def nested(levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        data = delimited(SINGLE_MESSAGE, data)
    return data


def groups(levels: int) -> bytes:
    return varint(UNKNOWN << 3 | 3) * levels + varint(UNKNOWN << 3 | 4) * levels


CORNERS = {
    "messages as deep as allowed": (nested(100), True),
    "messages too deep": (nested(101), False),
    "groups as deep as allowed": (groups(100), True),
    "groups too deep": (groups(101), False),
    "many messages side by side": (delimited(REPEATED_MESSAGE, b"") * 500, True),
    "many groups side by side": (groups(1) * 500, True),
    "a bomb of groups": (varint(UNKNOWN << 3 | 3) * 1_000_000, False),
    "a bomb of messages": (nested(10_000), False),
    "a group without end": (varint(UNKNOWN << 3 | 3), False),
    "a group with the end of another": (varint(UNKNOWN << 3 | 3) + b"\x0c", False),
    "a group that its message cuts off": (
        delimited(SINGLE_MESSAGE, varint(UNKNOWN << 3 | 3)) + varint(UNKNOWN << 3 | 4),
        False,
    ),
    "a group of a known number": (b"\x0b\x08\x01\x0c", True),
    "field number 0": (b"\x00\x00", False),
    "the largest field number": (b"\xf8\xff\xff\xff\x0f\x01", True),
    "a field number of 30 bits": (b"\x88\x80\x80\x80\x10\x01", False),
    "wire type 6": (b"\x0e", False),
    "wire type 7": (b"\x0f", False),
    "a tag of five bytes": (b"\x88\x80\x80\x80\x00\x01", True),
    "a tag of six bytes": (b"\x88\x80\x80\x80\x80\x00\x01", False),
    "a length of five bytes": (b"\x72\x81\x80\x80\x80\x00a", True),
    "a length of six bytes": (b"\x72\x81\x80\x80\x80\x80\x00a", False),
    "a length of 2^31": (b"\x72" + varint(2**31), False),
    "a length of -1": (b"\x72" + varint(2**64 - 1), False),
    "a length of 2 GiB of numbers": (
        delimited(REPEATED_UINT64, b"")[:-1] + varint(2**31 - 1),
        False,
    ),
    "a number of ten bytes": (b"\x28" + b"\xff" * 9 + b"\x01", True),
    "a number of eleven bytes": (b"\x28" + b"\xff" * 10 + b"\x01", False),
    "an int32 of 40 bits": (b"\x10" + varint(2**40 + 5), True),
    "a bool of 33 bits": (b"\x08" + varint(2**32), True),
    "packed numbers that end within one": (delimited(REPEATED_UINT64, b"\x01\x80"), False),
    "packed numbers beside single ones": (
        varint(REPEATED_UINT64 << 3) + b"\x05" + delimited(REPEATED_UINT64, b"\x06\x07"),
        True,
    ),
    "a oneof set thrice": (
        delimited(CHOSEN_MESSAGE, b"\x10\x05")
        + varint(CHOSEN_BOOL << 3)
        + b"\x01"
        + delimited(CHOSEN_MESSAGE, b"\x18\x05"),
        True,
    ),
    "a oneof of merged messages": (
        delimited(CHOSEN_MESSAGE, b"\x10\x05") + delimited(CHOSEN_MESSAGE, b"\x18\x05"),
        True,
    ),
    "half a surrogate pair": (b"\x72\x03\xed\xa0\x80", False),
    "a surrogate pair in UTF-8": (b"\x72\x06\xed\xa0\xbd\xed\xb8\x80", False),
    "UTF-8 that is longer than it need be": (b"\x72\x02\xc0\x80", False),
    "UTF-8 beyond Unicode": (b"\x72\x04\xf4\x90\x80\x80", False),
    "a signalling NaN": (b"\x65\x01\x00\xa0\x7f", True),
}


@pytest.mark.parametrize("case", CORNERS)
def test_corners_of_the_wire_format(
    every: Echo, every_class: dict[str, type[Message]], case: str
) -> None:
    data, valid = CORNERS[case]
    assert check_agreement(every, every_class["EveryType"], [data]) == valid
