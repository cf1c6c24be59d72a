"""What the protocol promises to the clients out there, as plain data that can be compared.

A release writes it anew: python tests/protocol_snapshot.py > tests/data/protocol.json
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from skyserver.v1 import admin_pb2, errors_pb2, skyserver_pb2

Snapshot = dict[str, dict[str, str]]
RESERVED = "reserved"


def current_files() -> list[FileDescriptorProto]:
    """The descriptors that the committed code carries."""
    modules = (skyserver_pb2, errors_pb2, admin_pb2)
    return [FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb) for module in modules]


def snapshot(files: Iterable[FileDescriptorProto]) -> Snapshot:
    """Messages and enums by number, services by method: what each is, or that it is reserved."""
    found: Snapshot = {}
    for file in files:
        for message in file.message_type:
            _add_message(found, f"{file.package}.{message.name}", message)
        for enum in file.enum_type:
            found[f"{file.package}.{enum.name}"] = _enum(enum)
        for service in file.service:
            found[f"{file.package}.{service.name}"] = _service(service)
    return found


def broken_promises(promised: Snapshot, now: Snapshot) -> list[str]:
    """Every entry of `promised` that is neither unchanged nor reserved, in words."""
    broken = []
    for name, entries in promised.items():
        for key, was in entries.items():
            current = now.get(name, {}).get(key, "gone")
            if current not in (was, RESERVED):
                broken.append(f"{name} {key}: was {was}, is {current}")
    return broken


def _add_message(found: Snapshot, name: str, message: DescriptorProto) -> None:
    reserved = {n for span in message.reserved_range for n in range(span.start, span.end)}
    fields = {str(field.number): _field(field, message) for field in message.field}
    found[name] = dict.fromkeys(map(str, sorted(reserved)), RESERVED) | fields
    for nested in message.nested_type:
        _add_message(found, f"{name}.{nested.name}", nested)


def _field(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    kind = field.type_name or FieldDescriptorProto.Type.Name(field.type)
    label = FieldDescriptorProto.Label.Name(field.label)
    text = f"{field.name}: {kind.removeprefix('.').removeprefix('TYPE_')}"
    if label == "LABEL_REPEATED":
        text += " repeated"
    if field.proto3_optional:
        text += " optional"
    elif field.HasField("oneof_index"):
        text += f" in {message.oneof_decl[field.oneof_index].name}"
    return text


def _enum(enum: EnumDescriptorProto) -> dict[str, str]:
    reserved = {n for span in enum.reserved_range for n in range(span.start, span.end + 1)}
    values = {str(value.number): value.name for value in enum.value}
    return dict.fromkeys(map(str, sorted(reserved)), RESERVED) | values


def _service(service: ServiceDescriptorProto) -> dict[str, str]:
    return {method.name: _method(method) for method in service.method}


def _method(method: MethodDescriptorProto) -> str:
    request = "stream " * method.client_streaming + method.input_type
    return f"{request} -> {'stream ' * method.server_streaming}{method.output_type}"


if __name__ == "__main__":
    print(json.dumps(snapshot(current_files()), indent=1))
