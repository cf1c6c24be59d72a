"""What the package's manual quotes is what the package says."""

from __future__ import annotations

import re
from pathlib import Path

import mono
import pytest

MANUAL = mono.PACKAGE / "Documentation~"


def spoken() -> str:
    """All C# of the package, strings joined and their insertions as `...`."""
    sources = mono.sources_in(mono.PACKAGE / "Editor", mono.PACKAGE / "Runtime")
    text = "\n".join(path.read_text() for path in sources)
    joined = re.sub(r'"\s*\+\s*\$?"', "", text)
    return re.sub(r"\{[^{}\n]*\}", "...", joined)


SPOKEN = spoken()
TABLES = (MANUAL / "troubleshooting.md").read_text().split("\n## ")[1:4]
MESSAGES = [
    message
    for table in TABLES
    for message in re.findall(r"^\| (.*?) \|", table, re.MULTILINE)
    if message != "Message"
]


@pytest.mark.parametrize("message", MESSAGES)
def test_errors_of_the_manual_are_those_of_the_package(message: str) -> None:
    for part in re.split(r"\.\.\.|\(\.\.\.\)", message):
        assert part.strip(" ;") in SPOKEN


def test_readme_names_every_menu_item() -> None:
    readme = (mono.PACKAGE / "README.md").read_text()
    menus = (mono.PACKAGE / "Editor" / "Window" / "SkyMenus.cs").read_text()
    items = re.findall(r'"((?:Window|Assets|GameObject)/[^"]+)"', menus)
    items += [f"Component/{menu}" for menu in re.findall(r'AddComponentMenu\("([^"]*)"', SPOKEN)]
    assert len(items) == 5
    for item in items:
        assert item.replace("/", " > ") in readme


@pytest.mark.parametrize(
    "page", [*sorted(MANUAL.glob("*.md")), mono.PACKAGE / "README.md"], ids=lambda p: p.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)", page.read_text()):
        assert (page.parent / target).exists(), target
