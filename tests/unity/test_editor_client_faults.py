"""What goes wrong between the package's client and a server ends in its named error, at once."""

from __future__ import annotations

import base64
import socket
import statistics
import struct
import threading
from collections.abc import Iterator

import mono
import pytest
from client_editor import ClientEditor, on_web_requests
from fault_answers import HEAD, PIXELS, PROGRESS, SKY, changed, description, failed, reply
from fault_servers import CuttingProxy, pours, says, says_and_stays, serving
from google.protobuf.message import Message

from skyserver.errors import Busy, InvalidField
from skyserver.server import framing
from skyserver.status import to_status
from skyserver.v1 import skyserver_pb2 as pb

TOLD = f"panorama.png:image/png:2x1:{len(PIXELS)}"


@pytest.fixture(scope="module", params=["sockets", "HttpWebRequest"])
def editor(
    request: pytest.FixtureRequest,
    package_assembly: mono.PackageAssemblies,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ClientEditor]:
    """Both of the HttpClients that builds of Mono have."""
    folder, package = tmp_path_factory.mktemp("client"), package_assembly
    if request.param == "HttpWebRequest":
        package = on_web_requests(folder, package)
    exe = ClientEditor.compile(folder, package)
    with ClientEditor(exe, tmp_path_factory.mktemp("project")) as editor:
        yield editor


def test_a_whole_answer_arrives(editor: ClientEditor) -> None:
    with serving(says(reply(*SKY))) as address:
        call = editor.begin("generate", address, "Cu")
        assert editor.end(call).result == TOLD
        assert editor.ask("progress", call) == "model"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "CONNECTION_CUT"),
        (reply(*SKY)[:-5], "CONNECTION_CUT"),
        (reply(*SKY, trailer=b""), "CONNECTION_CUT"),
        (b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>", "NOT_A_SKYSERVER"),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "NOT_A_SKYSERVER"),
        (b"HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n", "NOT_A_SKYSERVER"),
        (b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", "UNAUTHENTICATED"),
        (b"220 mail.example.com ESMTP\r\n\r\n", "CONNECTION_CUT"),
        (HEAD + framing.frame(b"", 0x01), "NOT_A_SKYSERVER"),
        (reply(*SKY, trailer=framing.frame(b"nothing", 0x80)), "NOT_A_SKYSERVER"),
        (reply(*SKY, trailer=framing.frame(b"grpc-status:12\r\n", 0x80)), "NOT_A_SKYSERVER"),
        (reply(*SKY, trailer=framing.frame(b"grpc-status:16\r\n", 0x80)), "UNAUTHENTICATED"),
        (HEAD + struct.pack(">BI", 0, 2**32 - 1), "REPLY_TOO_LARGE"),
        (HEAD + struct.pack(">BI", 0, 2**31), "REPLY_TOO_LARGE"),
        (reply(*changed(size=2**63)), "REPLY_TOO_LARGE"),
        (reply(*changed(size=600 << 20)), "REPLY_TOO_LARGE"),
        (reply(b"\xff\xff\xff"), "DAMAGED_REPLY"),
        (reply(*changed(sha256=bytes(32))), "DAMAGED_REPLY"),
        (reply(*changed(sha256=b"")), "DAMAGED_REPLY"),
        (reply(*changed(size=len(PIXELS) + 1)), "DAMAGED_REPLY"),
        (reply(*changed(size=len(PIXELS) - 1)), "DAMAGED_REPLY"),
        (reply(*changed(name="../panorama.png")), "DAMAGED_REPLY"),
        (reply(*changed(name="a/b.png")), "DAMAGED_REPLY"),
        (reply(*changed(name="CON:.png\n")), "DAMAGED_REPLY"),
        (reply(*changed(width=2**31)), "DAMAGED_REPLY"),
        (reply(*SKY[:-1]), "DAMAGED_REPLY"),
        (reply(*SKY[-1:]), "DAMAGED_REPLY"),
        (reply(*SKY, PROGRESS), "DAMAGED_REPLY"),
        (reply(pb.SkyEvent(chunk=b"x"), *SKY), "DAMAGED_REPLY"),
        (reply(*SKY[:3], *SKY[1:]), "DAMAGED_REPLY"),
    ],
)
def test_an_answer_that_is_wrong(editor: ClientEditor, answer: bytes, reason: str) -> None:
    with serving(says(answer)) as address:
        outcome = editor.call("generate", address, "Cu")
    assert (outcome.kind, outcome.reason) == ("error", reason)
    assert outcome.message.endswith(".")


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("describe", description(server_version="9" * 100_000)),
        ("describe", description(server_version="9" * 2_000_000)),
        ("thumbnails", pb.Thumbnail(cloud="Cu", image=bytes(100_000))),
        ("generate", pb.SkyEvent(progress=pb.Progress(stage="9" * 4_200_000))),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.ByteSize()),
)
def test_an_answer_without_end_is_refused(
    editor: ClientEditor, method: str, message: Message
) -> None:
    with serving(pours(message)) as address:
        outcome = editor.call(method, address, "Cu")
    assert (outcome.code, outcome.reason) == ("ResourceExhausted", "REPLY_TOO_LARGE")
    assert "that a SkyServer sends at most; check the address" in outcome.message


def test_nobody_answers(editor: ClientEditor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = editor.call("describe", f"http://127.0.0.1:{port}")
    assert (outcome.code, outcome.reason) == ("Unavailable", "SERVER_UNREACHABLE")
    assert f"skyserver serve --http-port {port}" in outcome.message


def test_no_such_host(editor: ClientEditor) -> None:
    outcome = editor.call("describe", "http://no-such-host.invalid:8080")
    assert outcome.reason == "SERVER_UNREACHABLE"
    assert "Project Settings > SkyServer" in outcome.message


@pytest.mark.parametrize("whole", [reply(*SKY), failed(InvalidField("seed", -1, "0 or more"))])
def test_a_cut_at_every_tenth_byte(editor: ClientEditor, whole: bytes) -> None:
    with serving(says(whole)) as server:
        proxy = CuttingProxy(server)
        with serving(proxy) as address:
            for proxy.limit in range(0, len(whole), 10):
                outcome = editor.call("generate", address, "Cu")
                assert proxy.passed == whole[: proxy.limit]
                assert outcome.reason == "CONNECTION_CUT", proxy.limit
            proxy.limit = None
            assert editor.call("generate", address, "Cu").reason != "CONNECTION_CUT"


def test_a_connection_that_is_reset(editor: ClientEditor) -> None:
    def reset(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(reply(*SKY)[:-9])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with serving(reset) as address:
        assert editor.call("generate", address, "Cu").reason == "CONNECTION_CUT"


@pytest.mark.parametrize("in_head", [False, True])
def test_a_busy_server_says_when_to_ask_again(editor: ClientEditor, in_head: bool) -> None:
    with serving(says(failed(Busy("the queue is full (17 requests)", 2.4), in_head))) as address:
        outcome = editor.call("generate", address, "Cu")
    assert (outcome.code, outcome.reason, outcome.retry_ms) == ("ResourceExhausted", "BUSY", "2400")
    assert outcome.message == "the queue is full (17 requests); try again in 3 s"


@pytest.mark.parametrize("in_head", [False, True])
def test_a_wrong_field_is_named(editor: ClientEditor, in_head: bool) -> None:
    error = InvalidField("outputs[0].size", "100 %", "512\n1024, ä")
    with serving(says(failed(error, in_head))) as address:
        outcome = editor.call("generate", address, "Cu")
    assert (outcome.code, outcome.field) == ("InvalidArgument", "outputs[0].size")
    assert outcome.message == "outputs[0].size: '100 %' is not allowed; allowed: 512 1024, ä"


@pytest.mark.parametrize("details", [b"", b"\xff", "no base64 %%%"])
def test_details_that_cannot_be_read_do_not_hide_the_status(
    editor: ClientEditor, details: bytes | str
) -> None:
    trailer = framing.trailer_frame(3, "why", [("grpc-status-details-bin", details)])
    with serving(says(reply(trailer=trailer))) as address:
        outcome = editor.call("generate", address, "Cu")
    assert (outcome.code, outcome.reason, outcome.message) == ("InvalidArgument", "", "why")


def test_details_may_lack_their_padding(editor: ClientEditor) -> None:
    errors = (to_status(InvalidField("seed", "-" * count, "2")) for count in range(3))
    for code, text, trailing in errors:
        bare = base64.b64encode(dict(trailing)["grpc-status-details-bin"]).decode().rstrip("=")
        trailer = framing.trailer_frame(code.value[0], text, [("grpc-status-details-bin", bare)])
        with serving(says(reply(trailer=trailer))) as address:
            assert editor.call("generate", address, "Cu").field == "seed"


@pytest.mark.parametrize(
    ("protocol", "oldest", "reason", "advice"),
    [
        (2, 2, "", ""),
        (3, 1, "", ""),
        (1, 1, "SERVER_TOO_OLD", "update skyserver"),
        (0, 0, "SERVER_TOO_OLD", "update skyserver"),
        (4, 3, "SERVER_TOO_NEW", "Package Manager"),
    ],
)
def test_older_and_newer_protocols(
    editor: ClientEditor, protocol: int, oldest: int, reason: str, advice: str
) -> None:
    with serving(says(reply(description(protocol, oldest)))) as address:
        outcome = editor.call("describe", address)
    assert outcome.reason == reason
    assert advice in outcome.message
    if reason:
        assert "SkyServer 9.8.7" in outcome.message


def test_a_server_without_models_or_limits_is_of_no_use(editor: ClientEditor) -> None:
    for part in ("models", "limits"):
        bare = description()
        bare.ClearField(part)
        with serving(says(reply(bare))) as address:
            assert editor.call("describe", address).reason == "DAMAGED_REPLY"


def test_many_calls_at_once(editor: ClientEditor) -> None:
    """None waits for another: the server answers once all are there."""
    together = threading.Barrier(12, timeout=20)

    def answer(connection: socket.socket, _request: bytes) -> None:
        together.wait()
        connection.sendall(reply(*SKY))

    with serving(answer) as address:
        calls = [editor.begin("generate", address, "Cu") for _ in range(12)]
        assert {editor.end(call).kind for call in calls} == {"ok"}


@pytest.mark.parametrize("sent", [b"", HEAD, reply(*SKY)[:-30]])
def test_a_cancelled_call_ends_at_once(editor: ClientEditor, sent: bytes) -> None:
    times = []
    with serving(says_and_stays(sent)) as address:
        for _ in range(4):
            call = editor.begin("generate", address, "Cu")
            if len(sent) > len(HEAD):
                assert editor.ask("progress", call) == "model"
            *took, outcome = editor.cancel(call)
            assert outcome.kind == "cancelled"
            times.append(took)
    ended, held = map(min, zip(*times, strict=True))  # the machine may be busy with other things
    assert ended < 200
    assert held < 10


def test_the_token_is_sent_as_a_bearer(editor: ClientEditor) -> None:
    requests = []

    def keep(connection: socket.socket, request: bytes) -> None:
        requests.append(request)
        connection.sendall(reply(description()))

    with serving(keep) as address:
        assert editor.call("describe", address, token="s3cret").kind == "ok"
        assert editor.call("describe", address).kind == "ok"
    assert b"\r\nauthorization: bearer s3cret\r\n" in requests[0].lower()
    assert b"authorization" not in requests[1].lower()
    assert b"grpc-timeout: 10S\r\n" in requests[0]


def test_a_token_never_travels_unencrypted_to_another_machine(
    editor: ClientEditor,
) -> None:
    outcome = editor.call("describe", "http://192.0.2.1:8080", token="s3cret")
    assert outcome.reason == "TOKEN_NEEDS_TLS"
    assert "s3cret" not in outcome.message


def test_a_token_that_is_refused_is_not_told(editor: ClientEditor) -> None:
    trailer = framing.frame(b"grpc-status:16\r\n", 0x80)
    with serving(says(reply(trailer=trailer))) as address:
        outcome = editor.call("describe", address, token="s3cret")
    assert outcome.reason == "UNAUTHENTICATED"
    assert "does not know your token" in outcome.message
    assert "s3cret" not in outcome.message


def test_a_redirect_does_not_get_the_token(editor: ClientEditor) -> None:
    requests: list[bytes] = []

    def keep(connection: socket.socket, request: bytes) -> None:
        requests.append(request)
        connection.sendall(reply(description()))

    with serving(keep) as elsewhere:
        moved = f"HTTP/1.1 307 Moved\r\nlocation: {elsewhere}/\r\ncontent-length: 0\r\n\r\n"
        with serving(says(moved.encode())) as address:
            outcome = editor.call("describe", address, token="s3cret")
    assert outcome.reason == "NOT_A_SKYSERVER"
    assert requests == []


def test_nothing_is_left_of_all_that(editor: ClientEditor) -> None:
    with serving(says_and_stays(reply(*SKY)[:-30])) as address:
        for _ in range(20):  # fills what is made once
            editor.cancel(editor.begin("generate", address, "Cu"))
        (_, threads), sockets = editor.threads(), editor.sockets()
        held = []
        for _ in range(50):
            call = editor.begin("generate", address, "Cu")
            held.append(editor.held + editor.cancel(call)[1])
        assert statistics.median(held) < 10
        in_pool, others = editor.threads()
        assert others <= threads
        assert in_pool < 25  # one that each call left would make 50
        assert editor.sockets() <= sockets
    assert list((editor.project / "tmp").iterdir()) == []
