"""The generator of the package's message classes."""

from __future__ import annotations

from pathlib import Path

import mono
import protobuf_echo
import pytest

GENERATED = mono.PACKAGE / "Editor" / "Generated" / "SkyServerMessages.cs"
FILES = ("skyserver/v1/errors.proto", "skyserver/v1/skyserver.proto")
HEAD = 'syntax = "proto3"; option csharp_namespace = "T";'


def test_committed_classes_are_what_protos_say(tmp_path: Path) -> None:
    descriptors = protobuf_echo.compile_protos(tmp_path, mono.ROOT / "protos", FILES)
    fresh = tmp_path / "Fresh.cs"
    assert protobuf_echo.generate(descriptors, fresh).returncode == 0
    assert fresh.read_text() == GENERATED.read_text(), "run `make protos`"


def generated(folder: Path, source: str) -> str:
    """The C# of a .proto."""
    (folder / "t.proto").write_text(source)
    output = folder / "T.cs"
    descriptors = protobuf_echo.compile_protos(folder, folder, ["t.proto"])
    done = protobuf_echo.generate(descriptors, output)
    assert done.returncode == 0, done.stderr
    return output.read_text()


def test_comments_become_documentation(tmp_path: Path) -> None:
    source = generated(
        tmp_path,
        HEAD
        + """
        // Of the file; not of what follows.

        // Sizes < 3 & `width`.
        message Size {
          // First.
          //
          // Second.
          uint32 width = 1;
          uint32 height = 2;
        }
        """,
    )
    assert "    /// <summary>Sizes &lt; 3 &amp; <c>width</c>.</summary>\n    public" in source
    lines = ["/// <summary>", "/// First.", "///", "/// Second.", "/// </summary>"]
    summary = "".join(f"        {line}\n" for line in lines)
    assert f"{summary}        public uint Width {{ get; set; }}\n" in source
    assert "\n\n        public uint Height { get; set; }\n" in source
    assert "Of the file" not in source


def test_names_are_those_of_csharp(tmp_path: Path) -> None:
    source = generated(
        tmp_path,
        HEAD
        + """
        package a.b;
        enum CloudKind { CLOUD_KIND_UNSPECIFIED = 0; CLOUD_KIND_VERY_HIGH = -1; }
        message Size { uint32 size = 1; string media_type = 2; CloudKind kind = 3; }
        service Sky { rpc Draw(Size) returns (stream Size); }
        """,
    )
    assert "namespace T\n" in source
    assert "VeryHigh = -1," in source
    assert "public uint Size_ { get; set; }" in source  # a class cannot have its own name within
    assert "public string MediaType\n" in source
    assert "public CloudKind Kind { get; set; }" in source
    assert 'public const string Draw = "/a.b.Sky/Draw";' in source


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("message A { message B {} }", "A.B: move nested types to the top level"),
        ("message A { enum B { C = 0; } }", "A.B: move nested types to the top level"),
        ("message A { map<int32, string> m = 1; }", "m: the keys of a map can only be strings"),
        (
            "message A { repeated int32 r = 1 [packed = false]; }",
            "r: repeated numbers can only be packed",
        ),
    ],
)
def test_what_is_not_supported_is_refused(tmp_path: Path, source: str, reason: str) -> None:
    assert refusal(tmp_path, HEAD + source) == reason


def test_other_syntaxes_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'syntax = "proto2";') == "t.proto: only proto3 is supported"


def refusal(folder: Path, source: str) -> str:
    """Why there is no C# of a .proto; nothing is written."""
    (folder / "t.proto").write_text(source)
    descriptors = protobuf_echo.compile_protos(folder, folder, ["t.proto"])
    done = protobuf_echo.generate(descriptors, folder / "T.cs")
    assert done.returncode == 1
    assert not (folder / "T.cs").exists()
    return done.stderr.strip()
