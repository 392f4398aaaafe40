"""An archive stands for a machine that is elsewhere."""

import pytest

from floodwall.audit.archive import Archive, parse_archive
from floodwall.audit.facts import UnreadError
from floodwall.core.errors import ConfigError

TEXT = """\
=== /etc/sysctl.conf
\tnet.core.somaxconn = 9
=== /etc/sysctl.d/99-sysctl.conf -> ../sysctl.conf
=== /proc/1/ns !permission denied
=== $ nft -t list ruleset
\ttable inet filter {
\t}
=== sysctl
\tnet.core.somaxconn = 128
=== namespace web
=== sysctl
\tnet.core.somaxconn = 64
=== $ ss -ltnp
\tLISTEN 0 5 *:80 *:*
"""


def test_files_links_sysctls_and_commands_are_kept() -> None:
    """Each is found where the machine has it."""
    archive = parse_archive(TEXT)
    assert archive.text("/proc/sys/net/core/somaxconn") == "128\n"
    assert archive.text("/etc/sysctl.d/99-sysctl.conf") == "net.core.somaxconn = 9\n"
    assert archive.link("/etc/sysctl.d/99-sysctl.conf") == "../sysctl.conf"
    assert archive.names("/etc") == ["sysctl.conf", "sysctl.d"]
    assert archive.output("nft -t list ruleset") == "table inet filter {\n}\n"


def test_what_was_not_there_and_what_was_denied_differ() -> None:
    """As on the machine."""
    archive = parse_archive(TEXT)
    with pytest.raises(PermissionError, match="permission denied"):
        archive.text("/proc/1/ns/net")
    with pytest.raises(PermissionError):
        archive.names("/proc/1/ns")
    with pytest.raises(FileNotFoundError):
        archive.text("/proc/2")
    with pytest.raises(FileNotFoundError):
        archive.names("/sys")
    with pytest.raises(OSError, match="invalid"):
        archive.link("/etc/sysctl.conf")
    with pytest.raises(UnreadError, match="not recorded"):
        archive.listeners()


def test_namespaces_have_files_of_their_own() -> None:
    """From their name on, everything is theirs."""
    inner = dict(parse_archive(TEXT).namespaces())["web"]
    assert inner.text("/proc/sys/net/core/somaxconn") == "64\n"
    assert [each.port for each in inner.listeners()] == [80]


def test_a_line_without_place_is_refused() -> None:
    """A cut or mixed archive must not pass for a machine."""
    with pytest.raises(ConfigError, match="line 2"):
        parse_archive("=== /a\nwords\n")


def test_a_form_feed_in_a_file_ends_no_line() -> None:
    """Nor do the other characters that text may be cut at."""
    archive = parse_archive("=== /etc/sysctl.conf\n\t# one\x0ctwo\u2028three\x85\n")
    assert archive.text("/etc/sysctl.conf") == "# one\x0ctwo\u2028three\x85\n"


def test_what_is_put_in_later_is_seen() -> None:
    """The index of directories is made anew."""
    archive = Archive({"/a/b/c": ""})
    assert archive.names("/a") == ["b"]
    archive.links["/a/d"] = "b"
    assert archive.names("/a/") == ["b", "d"]
    assert archive.names("/") == ["a"]


def test_what_no_machine_has_is_refused() -> None:
    """Before it is judged, each with each."""
    cards = "".join(f"=== /sys/class/net/e{number}/flags\n" for number in range(8193))
    with pytest.raises(ConfigError, match="interfaces"):
        parse_archive(cards)
    with pytest.raises(ConfigError, match="interfaces"):
        parse_archive(f"=== namespace x\n{cards}")
    with pytest.raises(ConfigError, match="namespaces"):
        parse_archive("".join(f"=== namespace n{number}\n" for number in range(4097)))
