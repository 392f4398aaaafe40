"""Options that verbs share."""

from ipaddress import ip_network

import click
import pytest

from floodwall.cli.options import DURATION, NETWORK, examples


def test_networks_are_read() -> None:
    """An address is a network of one."""
    assert NETWORK.convert("192.0.2.1", None, None) == ip_network("192.0.2.1/32")


@pytest.mark.parametrize("text", ["nonsense", "192.0.2.1/24", "::/129"])
def test_wrong_networks_are_explained(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(click.BadParameter, match="write 192"):
        NETWORK.convert(text, None, None)


def test_spans_are_read() -> None:
    """As everywhere."""
    assert DURATION.convert("10m", None, None) == 600
    with pytest.raises(click.BadParameter, match="span of time"):
        DURATION.convert("soon", None, None)


def test_examples_keep_their_lines() -> None:
    """Click would wrap them otherwise."""
    assert examples("bans", "bans --json") == (
        "\b\nExamples:\n  floodwall bans\n  floodwall bans --json"
    )
