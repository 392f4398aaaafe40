"""What may be handed to ssh as a host, and what may not."""

import pytest

from floodwall.core.errors import ConfigError
from floodwall.fleet.host import Host, parse_host


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("web1", ["--", "web1"]),
        ("root@web1.example.org", ["-l", "root", "--", "web1.example.org"]),
        ("web1:2222", ["-p", "2222", "--", "web1"]),
        ("ssh://ops@web1:22/", ["-p", "22", "-l", "ops", "--", "web1"]),
        ("2001:db8::1", ["--", "2001:db8::1"]),
        ("fe80::1%eth0", ["--", "fe80::1%eth0"]),
        ("root@[2001:db8::1]:22", ["-p", "22", "-l", "root", "--", "2001:db8::1"]),
        ("[2001:db8::1]", ["--", "2001:db8::1"]),
    ],
)
def test_a_host_becomes_arguments(text: str, arguments: list[str]) -> None:
    """The address is the last, behind the end of options."""
    assert list(parse_host(text).arguments()) == arguments


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-oProxyCommand=id",
        "root@-oProxyCommand=id",
        "-l@web1",
        "web1;id",
        "web1 web2",
        "$(id)",
        "web1\n",
        "a@b@-x",
        "web1:0",
        "web1:65536",
        "web1:²",
        "[::1]x",
        "2001:db8::zz",
        "::1%e;id",
        "x" * 256,
        "web-",
    ],
)
def test_what_ssh_or_a_shell_could_mistake_is_refused(text: str) -> None:
    """An option, a command of a shell, or nothing at all."""
    with pytest.raises(ConfigError):
        parse_host(text)


def test_the_key_of_an_inventory_is_an_argument_of_its_own() -> None:
    """Whatever it is called."""
    assert list(Host("w", "w", key="/keys/a b").arguments()) == ["-i", "/keys/a b", "--", "w"]
