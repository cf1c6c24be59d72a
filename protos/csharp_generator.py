"""Write protobuf messages as C# classes that need no library but unity_package/Editor/Protobuf.

    python protos/csharp_generator.py DESCRIPTORS OUTPUT.cs

DESCRIPTORS is what `protoc --include_imports --include_source_info --descriptor_set_out` writes.
proto3 with top-level messages and enums only; what is not supported is refused. `make protos` runs
it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path

from csharp_fields import (
    Lines,
    Member,
    Unsupported,
    backing,
    block,
    in_oneof,
    map_entries,
    member,
    pascal,
    property_name,
)
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

# The steps of SourceCodeInfo.Location.path: of a file, of a message, of an enum or a service.
MESSAGES, ENUMS, SERVICES = 4, 5, 6
FIELDS = MEMBERS = 2

HEADER = """\
// Made by `make protos` from protos/: change those, not this.

using System;
using System.Collections.Generic;
using SkyServer.Editor.Protobuf;
"""


def generate(descriptors: FileDescriptorSet) -> str:
    """Return the C# source of all messages, enums and service paths of a descriptor set."""
    files = list(reversed(descriptors.file))  # protoc puts imports first
    types = [lines for file in files for lines in _types(file)]
    namespace = files[0].options.csharp_namespace
    return "\n".join([HEADER, f"namespace {namespace}", *block(_apart(types)), ""])


def _types(file: FileDescriptorProto) -> Iterable[Lines]:
    if file.syntax != "proto3":
        raise Unsupported(f"{file.name}: only proto3 is supported")
    comments = Comments(file)
    for index, service in enumerate(file.service):
        yield _service(service, f"{file.package}.{service.name}", comments, index)
    for index, enum in enumerate(file.enum_type):
        yield _enum(enum, comments, index)
    for index, message in enumerate(file.message_type):
        summary = comments.summary(MESSAGES, index)
        yield [*summary, *_message(message, comments, index)]


class Comments:
    """What a .proto says of its parts, as C# documentation comments."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self._texts = {
            tuple(location.path): location.leading_comments
            for location in file.source_code_info.location
            if location.leading_comments
        }
        if file.package == "google.protobuf":  # known from its own documentation, and long
            self._texts = {
                (MESSAGES, index): f"Wire format of {file.package}.{message.name}."
                for index, message in enumerate(file.message_type)
            }

    def summary(self, *path: int) -> Lines:
        """The comment above the part at this path; nothing is made up where there is none."""
        text = escape(self._texts.get(path, ""), quote=False).strip()
        lines = re.sub(r"`([^`]+)`", r"<c>\1</c>", text).splitlines()
        if len(lines) <= 1:
            return [f"/// <summary>{line}</summary>" for line in lines]
        inner = [f"/// {line.strip()}".rstrip() for line in lines]
        return ["/// <summary>", *inner, "/// </summary>"]


def _service(
    service: ServiceDescriptorProto, full_name: str, comments: Comments, index: int
) -> Lines:
    constants = [
        [
            *comments.summary(SERVICES, index, MEMBERS, number),
            f'public const string {method.name} = "/{full_name}/{method.name}";',
        ]
        for number, method in enumerate(service.method)
    ]
    return [
        f"/// <summary>The paths of the methods of {full_name}.</summary>",
        f"public static class {service.name}Methods",
        *block(_apart(constants)),
    ]


def _enum(enum: EnumDescriptorProto, comments: Comments, index: int) -> Lines:
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"
    values: Lines = []
    for number, value in enumerate(enum.value):
        values += comments.summary(ENUMS, index, MEMBERS, number)
        values.append(f"{pascal(value.name.removeprefix(prefix).lower())} = {value.number},")
    return [*comments.summary(ENUMS, index), f"public enum {enum.name}", *block(values)]


def _message(message: DescriptorProto, comments: Comments, index: int) -> Lines:
    entries = map_entries(message)
    nested = [t.name for t in (*message.nested_type, *message.enum_type) if t.name not in entries]
    if nested:
        raise Unsupported(f"{message.name}.{nested[0]}: move nested types to the top level")
    members = [member(field, message) for field in message.field]
    parts = [
        [*comments.summary(MESSAGES, index, FIELDS, number), *part.declare]
        for number, part in enumerate(members)
    ]
    parts += [part for number in range(len(message.oneof_decl)) for part in _oneof(message, number)]
    parts += [*_bytes(message.name), *_codec(members)]
    parts += [_entry(entry) for entry in entries.values()]
    return [f"public sealed class {message.name} : IMessage", *block(_apart(parts))]


def _oneof(message: DescriptorProto, index: int) -> list[Lines]:
    fields = [field for field in message.field if in_oneof(field) and field.oneof_index == index]
    if not fields:  # protoc makes a oneof for each `optional` field too
        return []
    oneof = pascal(message.oneof_decl[index].name)
    cases = {property_name(field, message): field.number for field in fields}
    return [
        [
            f"/// <summary>Which of {', '.join(cases)} is set.</summary>",
            f"public {oneof}OneofCase {oneof}Case {{ get; private set; }}",
            "",
            f"private object {backing(oneof)};",
        ],
        [
            f'/// <summary>The values of <see cref="{oneof}Case"/>.</summary>',
            f"public enum {oneof}OneofCase",
            *block(["None = 0,", *(f"{name} = {number}," for name, number in cases.items())]),
        ],
    ]


def _bytes(name: str) -> list[Lines]:
    return [
        [
            "/// <summary>The message that these bytes, all of them, encode.</summary>",
            '/// <exception cref="InvalidProtobufException">They do not.</exception>',
            f"public static {name} Parse(byte[] data)",
            *block([f"return ProtoReader.Parse<{name}>(data);"]),
        ],
        [
            "/// <summary>The message as bytes; the same message gives the same bytes.</summary>",
            "public byte[] ToByteArray()",
            *block(["return ProtoWriter.ToByteArray(this);"]),
        ],
    ]


def _codec(members: list[Member]) -> list[Lines]:
    in_order = sorted(members, key=lambda part: part.number)
    cases = [_case([f"case {tag}:" for tag in part.tags], part.read) for part in in_order]
    cases.append(_case(["default:"], "input.SkipField(tag);"))
    loop = ["switch (tag)", *block([line for case in cases for line in case])]
    return [
        [
            "/// <inheritdoc/>",
            "public void WriteTo(ProtoWriter output)",
            *block([line for part in in_order for line in part.write]),
        ],
        [
            "/// <inheritdoc/>",
            "public void MergeFrom(ProtoReader input)",
            *block(["uint tag;", "while ((tag = input.ReadTag()) != 0)", *block(loop)]),
        ],
    ]


def _case(labels: Lines, statement: str) -> Lines:
    return [*labels, f"    {statement}", "    break;"]


def _entry(entry: DescriptorProto) -> Lines:
    """A map's entry, which on the wire is a message like any other."""
    members = [member(field, entry) for field in entry.field]
    value = members[1].declare[0].split()[1]
    add = [f"public void AddTo(Dictionary<string, {value}> map)", *block(["map[Key] = Value;"])]
    parts = [*(part.declare for part in members), add, *_codec(members)]
    return [f"private sealed class {entry.name} : IMessage", *block(_apart(parts))]


def _apart(parts: Iterable[Lines]) -> Lines:
    """All lines, with an empty one between the parts."""
    return [line for part in parts for line in ("", *part)][1:]


def main() -> None:
    """Read the descriptors and write the C#, both named on the command line."""
    descriptors, output = map(Path, sys.argv[1:])
    try:
        source = generate(FileDescriptorSet.FromString(descriptors.read_bytes()))
    except Unsupported as error:
        sys.exit(str(error))
    output.write_bytes(source.encode())


if __name__ == "__main__":
    main()
