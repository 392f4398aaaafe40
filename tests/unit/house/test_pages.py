"""The documents promise nothing that is not there."""

import click
import pytest

from floodwall.cli.main import main as floodwall
from tests.support.house import pages
from tests.support.tree import sources, text

PAGES = sources("*.md", "docs/**/*.md", "benchmarks/*.md")
EVERYTHING = frozenset(sources("**"))


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_somewhere(path: str) -> None:
    """Inside this tree, that is."""
    assert list(pages.broken_links(path, text(path), EVERYTHING)) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_command_shown_exists(path: str) -> None:
    """Verbs and options, as the program declares them."""
    assert list(pages.unknown_commands(path, text(path), floodwall)) == []


def test_a_broken_link_is_seen() -> None:
    """Folders and files above are followed."""
    source = "[a](abi.md) [b](../bpf) [c](gone.md#x) [d](https://example.net/gone)"
    existing = frozenset({"docs/abi.md", "bpf/abi.h"})
    assert list(pages.broken_links("docs/x.md", source, existing)) == ["docs/x.md: no docs/gone.md"]


def test_an_unknown_command_is_seen() -> None:
    """In blocks and inline, at any depth, but not in prose."""

    @click.group()
    def root() -> None: ...

    @root.group()
    def lab() -> None: ...

    @lab.command()
    @click.option("--json")
    def run(json: str) -> None: ...

    source = (
        "floodwall is good. `floodwall stop` and `floodwall lab run --json`\n"
        "```\nsudo bin/floodwall lab run --svg x\n```\n"
    )
    assert list(pages.unknown_commands("a.md", source, root)) == [
        "a.md: floodwall has no verb stop",
        "a.md: floodwall lab has no option --svg",
    ]
