"""Errors on the wire: a `SkyServerError` as a gRPC status with details, and back.

protos/skyserver/v1/errors.proto describes the details. Server and client both use this module, so
that what one raises is what the other catches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message

from skyserver import errors
from skyserver.v1 import errors_pb2

DETAILS_KEY: Final = "grpc-status-details-bin"
PUSHBACK_KEY: Final = "grpc-retry-pushback-ms"  # gRFC A6, "Pushback"
REASONS: Final[Mapping[str, type[errors.SkyServerError]]] = {
    "INTERNAL": errors.SkyServerError,
    "INVALID_FIELD": errors.InvalidField,
    "UNREADABLE_IMAGE": errors.UnreadableImage,
    "NOT_FOUND": errors.NotFound,
    "BUSY": errors.Busy,
    "OVER_LIMIT": errors.OverLimit,
    "DEADLINE_EXCEEDED": errors.DeadlineExceeded,
    "CANCELLED": errors.Cancelled,
    "MODEL_ERROR": errors.ModelError,
    "MISSING_EXTRA": errors.MissingExtra,
    "OUTPUT_ERROR": errors.OutputError,
    "UNAUTHENTICATED": errors.Unauthenticated,
    "PERMISSION_DENIED": errors.PermissionDenied,
    "SERVER_UNAVAILABLE": errors.ServerUnavailable,
    "CANNOT_LISTEN": errors.CannotListen,
}

Metadata: TypeAlias = tuple[tuple[str, str | bytes], ...]

_DOMAIN: Final = "skyserver"
_TYPE_PREFIX: Final = "type.googleapis.com/google.rpc."
_DETAILS: Final[Mapping[str, Any]] = {
    name: getattr(errors_pb2, name) for name in ("ErrorInfo", "RetryInfo", "RequestInfo")
}
_ATTRIBUTES: Final = ("field", "given", "allowed")
# Clients accept 8 KiB of headers by default, and the details travel as base64 beside the message.
_MAX_MESSAGE: Final = 1000  # characters
_MAX_ATTRIBUTE: Final = 300


def to_status(
    error: errors.SkyServerError, request_id: str = ""
) -> tuple[grpc.StatusCode, str, Metadata]:
    """Return the status code, the status message and the trailing metadata of an error.

    `request_id` is that of the call that ends with it.
    """
    code = grpc.StatusCode[error.status]
    message = _cut(str(error), _MAX_MESSAGE)
    reason = next(name for name, kind in REASONS.items() if kind is type(error))
    info = errors_pb2.ErrorInfo(reason=reason, domain=_DOMAIN, metadata=_attributes(error))
    details = [_packed("ErrorInfo", info)]
    pushback: Metadata = ()
    if isinstance(error, errors.Busy):
        milliseconds = round(error.retry_after * 1000)
        retry = errors_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(milliseconds)
        details.append(_packed("RetryInfo", retry))
        pushback = ((PUSHBACK_KEY, str(milliseconds)),)
    if request_id:
        details.append(_packed("RequestInfo", errors_pb2.RequestInfo(request_id=request_id)))
    status = errors_pb2.Status(code=code.value[0], message=message, details=details)
    return code, message, ((DETAILS_KEY, status.SerializeToString()), *pushback)


def from_status(
    code: grpc.StatusCode, message: str, trailing: Iterable[tuple[str, str | bytes]]
) -> errors.SkyServerError:
    """Return the error that a status stands for.

    A status without details comes from gRPC itself or from another kind of server; it becomes the
    error with that status, or a plain `SkyServerError`.
    """
    details = _details(dict(trailing).get(DETAILS_KEY, b""))
    info = details.get("ErrorInfo", errors_pb2.ErrorInfo())
    if info.domain == _DOMAIN and info.reason in REASONS:
        error = _rebuilt(REASONS[info.reason], message, info.metadata, details.get("RetryInfo"))
        if "RequestInfo" in details:
            error.request_id = details["RequestInfo"].request_id
        return error
    for kind in (
        errors.DeadlineExceeded,
        errors.Cancelled,
        errors.Unauthenticated,
        errors.PermissionDenied,
        errors.ServerUnavailable,
    ):
        if kind.status == code.name:
            return kind(message)
    return errors.SkyServerError(f"{code.name}: {message}")


def _attributes(error: errors.SkyServerError) -> dict[str, str]:
    known = getattr(error, "known", None)
    texts = {key: str(getattr(error, key)) for key in _ATTRIBUTES if hasattr(error, key)}
    return {
        key: _cut(text, _MAX_ATTRIBUTE)
        for key, text in (texts if known is None else texts | {"known": ", ".join(known)}).items()
    }


def _rebuilt(
    kind: type[errors.SkyServerError], message: str, attributes: Mapping[str, str], retry: Any
) -> errors.SkyServerError:
    """Make the error without its `__init__`, which would compose the message a second time."""
    error = kind.__new__(kind, message)
    values: dict[str, Any] = {key: attributes[key] for key in _ATTRIBUTES if key in attributes}
    if "known" in attributes:
        values["known"] = attributes["known"].split(", ")
    if issubclass(kind, errors.Busy):
        values["retry_after"] = 1.0 if retry is None else retry.retry_delay.ToMilliseconds() / 1000
    error.__dict__.update(values)
    return error


def _packed(name: str, message: Message) -> AnyMessage:
    return AnyMessage(type_url=_TYPE_PREFIX + name, value=message.SerializeToString())


def _details(encoded: str | bytes) -> dict[str, Any]:
    """Return the details by their short name; none where the bytes are not a `Status`."""
    found = {}
    try:
        for detail in errors_pb2.Status.FromString(encoded).details:
            name = detail.type_url.removeprefix(_TYPE_PREFIX)
            if name in _DETAILS:
                found[name] = _DETAILS[name].FromString(detail.value)
    except (DecodeError, TypeError):
        return {}
    return found


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
