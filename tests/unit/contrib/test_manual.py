"""The manual page says what the commands say."""

import click

from contrib.manual import PAGE, manual
from floodwall.cli.main import main as floodwall


@click.group(help="Keep a server up.\n\nMore\nof it.")
def example() -> None:
    """Stand in for the real command line."""


@example.command(help="Do it.\n\n.dot first")
@click.option("--for", "duration", metavar="TIME", help="how long, 10m")
@click.argument("target")
def act(duration: str, target: str) -> None:
    """Stand in for a verb."""


def test_the_committed_page_is_the_generated_one() -> None:
    """`python -m contrib.manual` brings it up to date."""
    assert PAGE.read_text() == manual(floodwall)


def test_every_verb_is_in_the_manual() -> None:
    """Hidden ones apart."""
    page = manual(floodwall)
    context = click.Context(floodwall)
    missing = [verb for verb in floodwall.list_commands(context) if f"floodwall {verb}" not in page]
    assert missing == []


def test_options_and_arguments_are_described() -> None:
    """With dashes that can be copied, and dots that are not taken for macros."""
    page = manual(example)
    assert r"floodwall \- Keep a server up" in page
    assert ".SH DESCRIPTION\nMore of it.\n" in page
    assert ".SS floodwall act [OPTIONS] TARGET\nDo it.\n.PP\n\\&.dot first\n" in page
    assert ".TP\n.B \\-\\-for TIME\nhow long, 10m\n" in page
