"""The protocol itself: generated code that is up to date, and a promise to clients that is kept."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from types import ModuleType

import grpc
import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools import protoc
from protocol_snapshot import broken_promises, current_files, snapshot

from skyserver.v1 import (
    admin_pb2,
    admin_pb2_grpc,
    errors_pb2,
    skyserver_pb2,
    skyserver_pb2_grpc,
)

ROOT = Path(__file__).parent.parent
SNAPSHOT = Path(__file__).parent / "data" / "protocol.json"
MODULES: dict[str, ModuleType] = {
    "skyserver.proto": skyserver_pb2,
    "errors.proto": errors_pb2,
    "admin.proto": admin_pb2,
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileDescriptorProto]:
    """The descriptors of protos/, compiled now by whatever compiler is installed."""
    path = tmp_path_factory.mktemp("protos") / "set"
    files = [f"skyserver/v1/{name}" for name in MODULES]
    well_known = resources.files("grpc_tools") / "_proto"
    arguments = [f"-I{ROOT / 'protos'}", f"-I{well_known}", f"--descriptor_set_out={path}", *files]
    assert protoc.main(["protoc", *arguments]) == 0
    compiled = FileDescriptorSet.FromString(path.read_bytes()).file
    for message in (message for file in compiled for message in file.message_type):
        for entry in (message, *message.nested_type):
            for field in entry.field:
                field.ClearField("json_name")  # only some compilers write it
    return {file.name: file for file in compiled}


@pytest.mark.parametrize("name", MODULES)
def test_committed_code_is_what_protos_say(
    name: str, compiled: dict[str, FileDescriptorProto]
) -> None:
    committed = FileDescriptorProto.FromString(MODULES[name].DESCRIPTOR.serialized_pb)
    assert committed == compiled[f"skyserver/v1/{name}"], "run `make protos`"


@pytest.mark.parametrize("name", MODULES)
def test_committed_type_hints_know_every_message_and_field(name: str) -> None:
    hints = Path(MODULES[name].__file__).with_suffix(".pyi").read_text()
    classes = {n.name: n for n in ast.parse(hints).body if isinstance(n, ast.ClassDef)}
    for message in MODULES[name].DESCRIPTOR.message_types_by_name.values():
        body = classes[message.name].body
        hinted = {n.target.id for n in body if isinstance(n, ast.AnnAssign)}
        assert {field.name for field in message.fields} <= hinted, "run `make protos`"


def test_committed_stubs_have_every_method() -> None:
    registered: dict[str, grpc.RpcMethodHandler] = {}

    class Recorder:
        def add_generic_rpc_handlers(self, handlers: object) -> None: ...

        def add_registered_method_handlers(
            self, service: str, handlers: dict[str, grpc.RpcMethodHandler]
        ) -> None:
            registered.update({f"{service}.{name}": h for name, h in handlers.items()})

    recorder = Recorder()
    skyserver_pb2_grpc.add_SkyServerServicer_to_server(
        skyserver_pb2_grpc.SkyServerServicer(), recorder
    )
    admin_pb2_grpc.add_AdminServicer_to_server(admin_pb2_grpc.AdminServicer(), recorder)
    described = {
        method.full_name: method.server_streaming
        for module in MODULES.values()
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
    assert {name: h.response_streaming for name, h in registered.items()} == described


def test_requests_are_unary_so_that_grpc_web_can_carry_them(
    compiled: dict[str, FileDescriptorProto],
) -> None:
    methods = [m for file in compiled.values() for s in file.service for m in s.method]
    assert methods
    assert not any(method.client_streaming for method in methods)


def test_the_promise_of_the_last_release_is_kept() -> None:
    """Numbers keep their names and types; what is gone is reserved."""
    assert broken_promises(json.loads(SNAPSHOT.read_text()), snapshot(current_files())) == []


def changed(change: Callable[[FileDescriptorProto], object]) -> list[str]:
    """What breaks when `change` is made to skyserver.proto."""
    before, after = current_files(), current_files()
    change(after[0])
    return broken_promises(snapshot(before), snapshot(after))


def generate_request(file: FileDescriptorProto) -> DescriptorProto:
    return next(m for m in file.message_type if m.name == "GenerateRequest")


def field(file: FileDescriptorProto, name: str) -> FieldDescriptorProto:
    return next(f for f in generate_request(file).field if f.name == name)


@pytest.mark.parametrize(
    "change",
    [
        lambda file: setattr(field(file, "seed"), "number", 20),
        lambda file: setattr(field(file, "seed"), "type", FieldDescriptorProto.TYPE_STRING),
        lambda file: setattr(field(file, "seed"), "name", "pictures_"),
        lambda file: setattr(field(file, "psi"), "proto3_optional", False),
        lambda file: generate_request(file).field.remove(field(file, "below")),
        lambda file: setattr(file.enum_type[0].value[1], "number", 9),
        lambda file: setattr(file.service[0].method[1], "server_streaming", False),
        lambda file: file.message_type.pop(1),
    ],
)
def test_a_broken_promise_is_noticed(change: Callable[[FileDescriptorProto], object]) -> None:
    assert changed(change)


def test_additions_and_reservations_break_nothing() -> None:
    def change(file: FileDescriptorProto) -> None:
        message = generate_request(file)
        message.field.add(name="weather", number=99, type=FieldDescriptorProto.TYPE_UINT32)
        gone = field(file, "below")
        message.reserved_range.add(start=gone.number, end=gone.number + 1)
        message.field.remove(gone)

    assert changed(change) == []
