from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Layout(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LAYOUT_UNSPECIFIED: _ClassVar[Layout]
    LAYOUT_PANORAMA: _ClassVar[Layout]
    LAYOUT_FACES: _ClassVar[Layout]
    LAYOUT_STRIP: _ClassVar[Layout]
    LAYOUT_HORIZONTAL_CROSS: _ClassVar[Layout]
    LAYOUT_VERTICAL_CROSS: _ClassVar[Layout]

class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORMAT_UNSPECIFIED: _ClassVar[Format]
    FORMAT_PNG: _ClassVar[Format]
    FORMAT_JPG: _ClassVar[Format]
    FORMAT_WEBP: _ClassVar[Format]
    FORMAT_EXR: _ClassVar[Format]
    FORMAT_HDR: _ClassVar[Format]

class Orientation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORIENTATION_UNSPECIFIED: _ClassVar[Orientation]
    ORIENTATION_UNITY: _ClassVar[Orientation]
    ORIENTATION_OPENGL: _ClassVar[Orientation]
    ORIENTATION_UNREAL: _ClassVar[Orientation]
    ORIENTATION_THREEJS: _ClassVar[Orientation]

class Method(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    METHOD_UNSPECIFIED: _ClassVar[Method]
    METHOD_BLEND: _ClassVar[Method]
    METHOD_MIRROR: _ClassVar[Method]

class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KIND_UNSPECIFIED: _ClassVar[Kind]
    KIND_FLAT: _ClassVar[Kind]
    KIND_PANORAMA: _ClassVar[Kind]
    KIND_FACES: _ClassVar[Kind]
    KIND_STRIP: _ClassVar[Kind]
    KIND_HORIZONTAL_CROSS: _ClassVar[Kind]
    KIND_VERTICAL_CROSS: _ClassVar[Kind]
LAYOUT_UNSPECIFIED: Layout
LAYOUT_PANORAMA: Layout
LAYOUT_FACES: Layout
LAYOUT_STRIP: Layout
LAYOUT_HORIZONTAL_CROSS: Layout
LAYOUT_VERTICAL_CROSS: Layout
FORMAT_UNSPECIFIED: Format
FORMAT_PNG: Format
FORMAT_JPG: Format
FORMAT_WEBP: Format
FORMAT_EXR: Format
FORMAT_HDR: Format
ORIENTATION_UNSPECIFIED: Orientation
ORIENTATION_UNITY: Orientation
ORIENTATION_OPENGL: Orientation
ORIENTATION_UNREAL: Orientation
ORIENTATION_THREEJS: Orientation
METHOD_UNSPECIFIED: Method
METHOD_BLEND: Method
METHOD_MIRROR: Method
KIND_UNSPECIFIED: Kind
KIND_FLAT: Kind
KIND_PANORAMA: Kind
KIND_FACES: Kind
KIND_STRIP: Kind
KIND_HORIZONTAL_CROSS: Kind
KIND_VERTICAL_CROSS: Kind

class DescribeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("server_version", "protocol", "oldest_protocol", "models", "limits")
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    OLDEST_PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    server_version: str
    protocol: int
    oldest_protocol: int
    models: _containers.RepeatedCompositeFieldContainer[Model]
    limits: Limits
    def __init__(self, server_version: _Optional[str] = ..., protocol: _Optional[int] = ..., oldest_protocol: _Optional[int] = ..., models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("name", "digest", "width", "height", "clouds", "wraps_horizontally", "licence", "training_json", "backend")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    CLOUDS_FIELD_NUMBER: _ClassVar[int]
    WRAPS_HORIZONTALLY_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    TRAINING_JSON_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: str
    width: int
    height: int
    clouds: _containers.RepeatedCompositeFieldContainer[CloudType]
    wraps_horizontally: bool
    licence: str
    training_json: str
    backend: str
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., clouds: _Optional[_Iterable[_Union[CloudType, _Mapping]]] = ..., wraps_horizontally: bool = ..., licence: _Optional[str] = ..., training_json: _Optional[str] = ..., backend: _Optional[str] = ...) -> None: ...

class CloudType(_message.Message):
    __slots__ = ("code", "name", "description")
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    code: str
    name: str
    description: str
    def __init__(self, code: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("min_psi", "max_psi", "min_pictures", "max_pictures", "max_outputs", "panorama_widths", "face_sizes", "layouts", "formats", "orientations", "max_upload_bytes", "max_message_bytes", "max_seconds", "queue", "max_pixels", "concurrency", "requests_per_minute")
    MIN_PSI_FIELD_NUMBER: _ClassVar[int]
    MAX_PSI_FIELD_NUMBER: _ClassVar[int]
    MIN_PICTURES_FIELD_NUMBER: _ClassVar[int]
    MAX_PICTURES_FIELD_NUMBER: _ClassVar[int]
    MAX_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    PANORAMA_WIDTHS_FIELD_NUMBER: _ClassVar[int]
    FACE_SIZES_FIELD_NUMBER: _ClassVar[int]
    LAYOUTS_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    ORIENTATIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_UPLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    MAX_PIXELS_FIELD_NUMBER: _ClassVar[int]
    CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    min_psi: float
    max_psi: float
    min_pictures: int
    max_pictures: int
    max_outputs: int
    panorama_widths: _containers.RepeatedScalarFieldContainer[int]
    face_sizes: _containers.RepeatedScalarFieldContainer[int]
    layouts: _containers.RepeatedScalarFieldContainer[Layout]
    formats: _containers.RepeatedScalarFieldContainer[Format]
    orientations: _containers.RepeatedScalarFieldContainer[Orientation]
    max_upload_bytes: int
    max_message_bytes: int
    max_seconds: float
    queue: int
    max_pixels: int
    concurrency: int
    requests_per_minute: int
    def __init__(self, min_psi: _Optional[float] = ..., max_psi: _Optional[float] = ..., min_pictures: _Optional[int] = ..., max_pictures: _Optional[int] = ..., max_outputs: _Optional[int] = ..., panorama_widths: _Optional[_Iterable[int]] = ..., face_sizes: _Optional[_Iterable[int]] = ..., layouts: _Optional[_Iterable[_Union[Layout, str]]] = ..., formats: _Optional[_Iterable[_Union[Format, str]]] = ..., orientations: _Optional[_Iterable[_Union[Orientation, str]]] = ..., max_upload_bytes: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., max_seconds: _Optional[float] = ..., queue: _Optional[int] = ..., max_pixels: _Optional[int] = ..., concurrency: _Optional[int] = ..., requests_per_minute: _Optional[int] = ...) -> None: ...

class GenerateRequest(_message.Message):
    __slots__ = ("cloud", "model", "seed", "psi", "pictures", "method", "below", "outputs", "mix_with", "mix_share")
    CLOUD_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PSI_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    BELOW_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    MIX_WITH_FIELD_NUMBER: _ClassVar[int]
    MIX_SHARE_FIELD_NUMBER: _ClassVar[int]
    cloud: str
    model: str
    seed: int
    psi: float
    pictures: int
    method: Method
    below: str
    outputs: _containers.RepeatedCompositeFieldContainer[Output]
    mix_with: str
    mix_share: float
    def __init__(self, cloud: _Optional[str] = ..., model: _Optional[str] = ..., seed: _Optional[int] = ..., psi: _Optional[float] = ..., pictures: _Optional[int] = ..., method: _Optional[_Union[Method, str]] = ..., below: _Optional[str] = ..., outputs: _Optional[_Iterable[_Union[Output, _Mapping]]] = ..., mix_with: _Optional[str] = ..., mix_share: _Optional[float] = ...) -> None: ...

class ConvertRequest(_message.Message):
    __slots__ = ("images", "kind", "orientation", "method", "below", "outputs")
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORIENTATION_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    BELOW_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    images: _containers.RepeatedScalarFieldContainer[bytes]
    kind: Kind
    orientation: Orientation
    method: Method
    below: str
    outputs: _containers.RepeatedCompositeFieldContainer[Output]
    def __init__(self, images: _Optional[_Iterable[bytes]] = ..., kind: _Optional[_Union[Kind, str]] = ..., orientation: _Optional[_Union[Orientation, str]] = ..., method: _Optional[_Union[Method, str]] = ..., below: _Optional[str] = ..., outputs: _Optional[_Iterable[_Union[Output, _Mapping]]] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("layout", "size", "format", "orientation")
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    ORIENTATION_FIELD_NUMBER: _ClassVar[int]
    layout: Layout
    size: int
    format: Format
    orientation: Orientation
    def __init__(self, layout: _Optional[_Union[Layout, str]] = ..., size: _Optional[int] = ..., format: _Optional[_Union[Format, str]] = ..., orientation: _Optional[_Union[Orientation, str]] = ...) -> None: ...

class SkyEvent(_message.Message):
    __slots__ = ("progress", "artifact", "chunk", "facts")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ARTIFACT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    artifact: Artifact
    chunk: bytes
    facts: Facts
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., artifact: _Optional[_Union[Artifact, _Mapping]] = ..., chunk: _Optional[bytes] = ..., facts: _Optional[_Union[Facts, _Mapping]] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("stage", "fraction")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    stage: str
    fraction: float
    def __init__(self, stage: _Optional[str] = ..., fraction: _Optional[float] = ...) -> None: ...

class Artifact(_message.Message):
    __slots__ = ("name", "media_type", "size", "width", "height", "sha256")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    name: str
    media_type: str
    size: int
    width: int
    height: int
    sha256: bytes
    def __init__(self, name: _Optional[str] = ..., media_type: _Optional[str] = ..., size: _Optional[int] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., sha256: _Optional[bytes] = ...) -> None: ...

class Facts(_message.Message):
    __slots__ = ("request", "stages", "sun")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    SUN_FIELD_NUMBER: _ClassVar[int]
    request: GenerateRequest
    stages: _containers.RepeatedCompositeFieldContainer[StageTime]
    sun: Sun
    def __init__(self, request: _Optional[_Union[GenerateRequest, _Mapping]] = ..., stages: _Optional[_Iterable[_Union[StageTime, _Mapping]]] = ..., sun: _Optional[_Union[Sun, _Mapping]] = ...) -> None: ...

class Sun(_message.Message):
    __slots__ = ("x", "y", "z", "confidence", "red", "green", "blue")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    RED_FIELD_NUMBER: _ClassVar[int]
    GREEN_FIELD_NUMBER: _ClassVar[int]
    BLUE_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    z: float
    confidence: float
    red: float
    green: float
    blue: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ..., confidence: _Optional[float] = ..., red: _Optional[float] = ..., green: _Optional[float] = ..., blue: _Optional[float] = ...) -> None: ...

class StageTime(_message.Message):
    __slots__ = ("stage", "seconds")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    stage: str
    seconds: float
    def __init__(self, stage: _Optional[str] = ..., seconds: _Optional[float] = ...) -> None: ...

class ThumbnailsRequest(_message.Message):
    __slots__ = ("model", "size")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    model: str
    size: int
    def __init__(self, model: _Optional[str] = ..., size: _Optional[int] = ...) -> None: ...

class Thumbnail(_message.Message):
    __slots__ = ("cloud", "media_type", "image")
    CLOUD_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    cloud: str
    media_type: str
    image: bytes
    def __init__(self, cloud: _Optional[str] = ..., media_type: _Optional[str] = ..., image: _Optional[bytes] = ...) -> None: ...
