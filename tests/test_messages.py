from __future__ import annotations

import hashlib

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given
from hypothesis import strategies as st

from skyserver import messages, request
from skyserver.errors import InvalidField
from skyserver.orientation import ORIENTATIONS
from skyserver.pipeline import Artifact
from skyserver.request import ConvertRequest, Output, SkyRequest
from skyserver.v1 import errors_pb2
from skyserver.v1 import skyserver_pb2 as pb

OUTPUTS = st.lists(
    st.builds(
        Output,
        layout=st.sampled_from(request.LAYOUTS),
        size=st.sampled_from(request.FACE_SIZES),
        format=st.sampled_from(request.FORMATS),
        orientation=st.sampled_from(sorted(ORIENTATIONS)),
    ),
    min_size=1,
    max_size=request.MAX_OUTPUTS,
).map(tuple)
BELOWS = st.one_of(st.sampled_from(request.BELOWS), st.just("#12abEF"))
METHODS = st.sampled_from(request.METHODS)


@given(
    st.builds(
        SkyRequest,
        cloud=st.text(),
        seed=st.integers(0, request.MAX_SEED),
        psi=st.floats(0, 1),
        pictures=st.integers(*request.PICTURES_RANGE),
        method=METHODS,
        below=BELOWS,
        outputs=OUTPUTS,
        mix_with=st.text(),
        mix_share=st.floats(0, 1),
    )
)
def test_a_sky_request_round_trips(sky: SkyRequest) -> None:
    message = messages.from_sky_request(sky, "model")
    assert message.model == "model"
    assert (
        messages.to_sky_request(pb.GenerateRequest.FromString(message.SerializeToString())) == sky
    )


@given(
    st.builds(
        ConvertRequest,
        kind=st.sampled_from(request.KINDS),
        orientation=st.sampled_from(sorted(ORIENTATIONS)),
        method=METHODS,
        below=BELOWS,
        outputs=OUTPUTS,
    )
)
def test_a_convert_request_round_trips(conversion: ConvertRequest) -> None:
    message = messages.from_convert_request([b"image"], conversion)
    assert list(message.images) == [b"image"]
    assert messages.to_convert_request(message) == conversion


def test_fields_left_out_take_their_defaults() -> None:
    assert messages.to_sky_request(pb.GenerateRequest(cloud="Cu")) == SkyRequest(cloud="Cu")
    assert messages.to_convert_request(pb.ConvertRequest()) == ConvertRequest()


def test_zero_is_a_psi_and_a_share_of_its_own() -> None:
    assert messages.to_sky_request(pb.GenerateRequest(cloud="Cu", psi=0)).psi == 0
    assert messages.to_sky_request(pb.GenerateRequest(cloud="Cu", mix_share=0)).mix_share == 0


def test_the_size_left_out_follows_the_layout() -> None:
    panorama, faces = pb.Output(), pb.Output(layout=pb.LAYOUT_FACES)
    sky = messages.to_sky_request(pb.GenerateRequest(outputs=[panorama, faces]))
    assert [output.size for output in sky.outputs] == [2048, 512]
    request.check_outputs(sky.outputs)


@pytest.mark.parametrize(
    ("enum", "names"),
    [
        (pb.Layout, request.LAYOUTS),
        (pb.Format, request.FORMATS),
        (pb.Orientation, tuple(ORIENTATIONS)),
        (pb.Method, request.METHODS),
        (pb.Kind, request.KINDS[1:]),
    ],
)
def test_enums_name_what_requests_name(enum: object, names: tuple[str, ...]) -> None:
    prefix = f"{enum.DESCRIPTOR.name.upper()}_"
    spelled = {key.removeprefix(prefix).lower().replace("_", "-") for key in enum.keys()}  # noqa: SIM118
    assert spelled == {"unspecified", *names}


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (pb.GenerateRequest(method=99), "method"),
        (pb.GenerateRequest(outputs=[pb.Output(), pb.Output(layout=-1)]), "outputs[1].layout"),
        (pb.GenerateRequest(outputs=[pb.Output(format=6)]), "outputs[0].format"),
        (pb.GenerateRequest(outputs=[pb.Output(orientation=6)]), "outputs[0].orientation"),
    ],
)
def test_a_number_that_an_enum_does_not_define_is_named(
    message: pb.GenerateRequest, field: str
) -> None:
    with pytest.raises(InvalidField) as caught:
        messages.to_sky_request(message)
    assert caught.value.field == field
    assert "1 (" in caught.value.allowed


@pytest.mark.parametrize("size", [0, 1, messages.CHUNK_BYTES, messages.CHUNK_BYTES + 1])
def test_chunks_join_to_the_artifact(size: int) -> None:
    artifact = Artifact("panorama.png", "image/png", bytes(range(256)) * (size // 256 + 1), 2, 1)
    artifact = Artifact("panorama.png", "image/png", artifact.data[:size], 2, 1)
    header = messages.to_header(artifact)
    chunks = [event.chunk for event in messages.to_chunks(artifact.data)]
    assert b"".join(chunks) == artifact.data
    assert header.size == size
    assert header.sha256 == hashlib.sha256(artifact.data).digest()
    assert all(0 < len(chunk) <= messages.CHUNK_BYTES for chunk in chunks)


SCALARS = {
    FieldDescriptor.TYPE_STRING: st.text(max_size=5),
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=5),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_DOUBLE: st.floats(allow_nan=False),
    FieldDescriptor.TYPE_FLOAT: st.floats(allow_nan=False, width=32),
    FieldDescriptor.TYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_ENUM: st.integers(-(2**31), 2**31 - 1),  # open: unknown numbers stay
}


def arbitrary(draw: st.DrawFn, descriptor: Descriptor) -> Message:
    """A message with some of its fields, and theirs, set to anything."""
    message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if not draw(st.booleans()):
            continue
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            getattr(message, field.name)[draw(st.text(max_size=5))] = draw(st.text(max_size=5))
        elif field.message_type is not None:
            value = arbitrary(draw, field.message_type)
            target = getattr(message, field.name)
            target.append(value) if hasattr(target, "append") else target.CopyFrom(value)
        elif hasattr(getattr(message, field.name), "extend"):
            getattr(message, field.name).extend(draw(st.lists(SCALARS[field.type], max_size=3)))
        else:
            setattr(message, field.name, draw(SCALARS[field.type]))
    return message


ALL_MESSAGES = [
    descriptor
    for file in (pb.DESCRIPTOR, errors_pb2.DESCRIPTOR)
    for descriptor in file.message_types_by_name.values()
]


@pytest.mark.parametrize("descriptor", ALL_MESSAGES, ids=lambda descriptor: descriptor.name)
@given(data=st.data())
def test_every_message_round_trips(descriptor: Descriptor, data: st.DataObject) -> None:
    message = arbitrary(data.draw, descriptor)
    assert type(message).FromString(message.SerializeToString()) == message
