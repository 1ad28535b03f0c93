"""Documents promise things; what can be checked of that is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture import decisions
from architecture.sources import CHECKOUT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def documents() -> list[Path]:
    named = ("README.md", "CHANGELOG.md")
    folders = ("docs", "deploy")
    return [CHECKOUT / name for name in named] + [p for f in folders for p in sorted((CHECKOUT / f).rglob("*.md"))]


def broken_links(document: Path, text: str) -> Iterator[str]:
    """Each link that leads to no file, or to no heading of a file."""
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists():
            yield f"{document.relative_to(CHECKOUT)} links to {target}, which is not there"
        elif anchor and path.suffix == ".md" and anchor not in anchors(path.read_text(encoding="utf-8")):
            yield f"{document.relative_to(CHECKOUT)} links to the heading {target}, which is not there"


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    texts = ((document, document.read_text(encoding="utf-8")) for document in documents())
    assert not [found for document, text in texts for found in broken_links(document, text)]


@pytest.mark.parametrize("text", ["[x](docs/nowhere.md)", "[x](docs/README.md#no-such-heading)"])
def test_a_broken_link_is_caught(text: str) -> None:
    assert list(broken_links(CHECKOUT / "README.md", text))


def test_every_page_is_in_the_index() -> None:
    """A page that nothing links to is read by nobody."""
    index = CHECKOUT / "docs" / "README.md"
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in LINK.findall(index.read_text())}
    pages = {path.resolve() for path in (CHECKOUT / "docs").glob("*.md")} - {index.resolve()}
    assert pages <= linked


def test_the_index_of_the_decisions_is_the_committed_one() -> None:
    """`make docs` writes it."""
    assert (decisions.FOLDER / "README.md").read_text(encoding="utf-8") == decisions.text()


def test_every_command_of_make_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {
        (document.name, target)
        for document in documents()
        for target in re.findall(r"(?:`|^ {4})make ([a-z-]+)", document.read_text(encoding="utf-8"), re.M)
    }
    assert named
    assert not {(name, target) for name, target in named if target not in targets}


def test_every_decision_is_numbered_once_and_says_its_price() -> None:
    pages = decisions.pages()
    numbers = [path.name[:4] for path in pages]
    assert len(pages) >= 2
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name) for path in pages)
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"price", text, re.I), f"{path.name} does not say what the decision costs"
        assert len(text.splitlines()) <= 80, f"{path.name} is longer than a page"


def test_the_changelog_has_a_heading_for_contracts() -> None:
    text = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[", text, re.M)
    assert "### Contracts" in text
