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


@pytest.mark.parametrize("path", PAGES)
def test_every_test_that_is_named_exists(path: str) -> None:
    """In its file, under its name."""
    assert list(pages.missing_tests(path, text(path), text)) == []


def test_all_faults_of_one_machine_have_their_tests() -> None:
    """The numbers that the defence has to answer, each with more than one."""
    lines = [line for line in text("docs/reliability.md").splitlines() if "`tests/" in line]
    numbers = [int(line.split("|")[1]) for line in lines]

    assert numbers == [1, 2, 3, 9, 10, 11, 16, 17, 18, 20, 21, 22]
    assert all(line.count("::test_") > 1 for line in lines)


def test_a_test_that_is_gone_is_seen() -> None:
    """With its file, without it, or under another name."""

    def read(path: str) -> str:
        if path == "tests/gone.py":
            raise FileNotFoundError(path)
        return "def test_there() -> None:\n    def test_inside() -> None: ...\n"

    source = " ".join(
        f"`tests/{name}`"
        for name in ("a.py::test_there", "a.py::test_inside", "a.py::test_the", "gone.py::test_x")
    )
    assert list(pages.missing_tests("x.md", source, read)) == [
        "x.md: no tests/a.py::test_inside",
        "x.md: no tests/a.py::test_the",
        "x.md: no tests/gone.py::test_x",
    ]


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
