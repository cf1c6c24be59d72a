"""The page's messages are those of protos/."""

from __future__ import annotations

from pathlib import Path

import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).parents[2]


def test_committed_messages_are_what_protos_say(built_page: Path, tmp_path: Path) -> None:
    plugin = built_page.parent / "node_modules" / ".bin" / "protoc-gen-es"
    protos = ROOT / "protos" / "skyserver"
    arguments = [f"--plugin=protoc-gen-es={plugin}", f"--es_out=target=ts:{tmp_path}"]
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    paths = [f"-I{protos}", f"-I{well_known}", str(protos / "v1" / "skyserver.proto")]
    assert protoc.main(["protoc", *arguments, *paths]) == 0
    committed = built_page.parent / "src" / "v1" / "skyserver_pb.ts"
    written = tmp_path / "v1" / "skyserver_pb.ts"
    assert written.read_text() == committed.read_text(), "run `make protos`"
