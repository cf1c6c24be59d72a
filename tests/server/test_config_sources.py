from __future__ import annotations

from pathlib import Path

import pytest

from skyserver.errors import InvalidField
from skyserver.server.config import ServerConfig
from skyserver.server.config_sources import flag_of, read_config


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "server.toml"
    path.write_text('port = 1\nqueue = 1\nworkers = 1\ncors_origins = ["https://a.org"]\n')
    return path


def test_a_flag_goes_before_a_variable_and_that_before_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKYSERVER_PORT", "2")
    monkeypatch.setenv("SKYSERVER_QUEUE", "2")
    read = read_config({"port": "3"}, file)
    assert (read.config.port, read.config.queue, read.config.workers) == (3, 2, 1)
    origins = {name: origin for name, _, origin in read.lines()}
    assert origins["port"] == "--port"
    assert origins["queue"] == "SKYSERVER_QUEUE"
    assert origins["workers"] == str(file)
    assert origins["host"] == "default"


def test_without_any_source_everything_is_the_default() -> None:
    assert read_config({}).config == ServerConfig()


def test_text_and_toml_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "http": ("no", "false"),
        "max_seconds": ("1.5", "1.5"),
        "cors_origins": ("https://a.org,https://b.org", '["https://a.org", "https://b.org"]'),
        "models": ("a.onnx,b.onnx", '["a.onnx", "b.onnx"]'),
        "certificate": ("c.pem", '"c.pem"'),
        "key": ("k.pem", '"k.pem"'),
    }
    path = tmp_path / "server.toml"
    path.write_text("\n".join(f"{name} = {toml}" for name, (_, toml) in values.items()))
    from_file = read_config({}, path).config
    for name, (text, _) in values.items():
        monkeypatch.setenv(f"SKYSERVER_{name.upper()}", text)
    assert read_config({}).config == from_file
    assert from_file.cors_origins == ("https://a.org", "https://b.org")


def test_an_unknown_variable_is_named_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYSERVER_QUEU", "2")
    with pytest.raises(InvalidField, match=r"'SKYSERVER_QUEU'.*SKYSERVER_QUEUE, which is"):
        read_config({})


def test_an_unknown_key_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "server.toml"
    path.write_text("max_second = 3")
    with pytest.raises(InvalidField, match=r"server\.toml: 'max_second'.*max_seconds, which is"):
        read_config({}, path)


def test_a_value_that_is_not_allowed_is_named_with_its_origin(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidField, match=r"^queue \(--queue\): '-1' .* 0 to 1000$"):
        read_config({"queue": "-1"}, file)
    monkeypatch.setenv("SKYSERVER_WORKERS", "none")
    with pytest.raises(InvalidField, match=r"^workers \(SKYSERVER_WORKERS\): 'none' .* 1 to 64$"):
        read_config({}, file)
    monkeypatch.delenv("SKYSERVER_WORKERS")
    file.write_text("port = 65536")
    with pytest.raises(InvalidField, match=r"^port \(.*server\.toml\): 65536 .* 0 to 65535$"):
        read_config({}, file)


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYSERVER_TOKEN", "hidden-0123456789")
    read = read_config({})
    assert read.config.token.get_secret_value() == "hidden-0123456789"
    assert "hidden" not in str(read.lines())
    assert "hidden" not in repr(read)
    monkeypatch.setenv("SKYSERVER_TOKEN", "hidden")
    with pytest.raises(InvalidField) as caught:
        read_config({})
    assert "hidden" not in str(caught.value)


def test_flags_are_named_as_usual() -> None:
    assert flag_of("http_port") == "--http-port"
    assert flag_of("cors_origins") == "--cors-origin"  # given once for each
    assert flag_of("tokens") == "--tokens"  # one file
