"""What holds after the next boot is told as systemd-sysctl or procps would do it."""

import pytest

from floodwall.audit.archive import Archive
from floodwall.audit.facts import Line, UnreadError
from floodwall.audit.persisted import boot_files, dotted, parse, read_persisted

SYSTEMD = {"/run/systemd/system/x": ""}
MAX = "net.core.somaxconn"


def test_the_last_file_by_name_wins_whatever_its_directory() -> None:
    """Order is by name, not by directory."""
    archive = Archive(
        SYSTEMD
        | {
            "/etc/sysctl.d/10-a.conf": f"{MAX}=1\n",
            "/usr/lib/sysctl.d/50-b.conf": f"{MAX} = 2\n",
            "/run/sysctl.d/20-c.conf": f"# no\n\n; no\n{MAX} = 3",
        }
    )
    persisted = read_persisted(archive, ())
    assert persisted.winners[MAX] == Line(MAX, "2", "/usr/lib/sysctl.d/50-b.conf", 1)
    assert [line.place for line in persisted.overruled] == [
        "/etc/sysctl.d/10-a.conf:1",
        "/run/sysctl.d/20-c.conf:4",
    ]


def test_a_file_hides_one_of_its_name_and_a_link_to_null_masks_it() -> None:
    """Hidden files are not read at all."""
    archive = Archive(
        SYSTEMD
        | {
            "/etc/sysctl.d/a.conf": f"{MAX}=1\n",
            "/usr/lib/sysctl.d/a.conf": f"{MAX}=2\n",
            "/usr/lib/sysctl.d/b.conf": f"{MAX}=3\n",
            "/etc/sysctl.d/README": f"{MAX}=4\n",
        },
        links={"/etc/sysctl.d/b.conf": "/dev/null"},
    )
    assert list(boot_files(archive)) == ["/etc/sysctl.d/a.conf"]
    assert read_persisted(archive, ()).winners[MAX].value == "1"


def test_systemd_does_not_read_sysctl_conf_unless_it_is_linked() -> None:
    """Debian 13 took the link away; what stands there is idle."""
    files = SYSTEMD | {"/etc/sysctl.conf": f"{MAX}=7\n"}
    persisted = read_persisted(Archive(dict(files)), ())
    assert not persisted.winners
    assert [line.value for line in persisted.idle] == ["7"]
    links = {"/etc/sysctl.d/99-sysctl.conf": "../sysctl.conf"}
    linked = read_persisted(Archive(dict(files), links), ())
    assert linked.winners[MAX].file == "/etc/sysctl.d/99-sysctl.conf"
    assert linked.idle == ()


def test_without_systemd_sysctl_conf_is_the_last() -> None:
    """As the init scripts of procps do it; ufw comes later still."""
    archive = Archive(
        {
            "/etc/sysctl.conf": f"{MAX}=7\n",
            "/etc/sysctl.d/z.conf": f"{MAX}=8\n",
            "/etc/ufw/ufw.conf": "ENABLED=yes\n",
            "/etc/ufw/sysctl.conf": "net/ipv4/tcp_sack=1\n",
        }
    )
    winners = read_persisted(archive, ()).winners
    assert winners[MAX].file == "/etc/sysctl.conf"
    assert winners["net.ipv4.tcp_sack"].file == "/etc/ufw/sysctl.conf"


def test_a_pattern_means_what_nothing_else_names() -> None:
    """Neither what is written out, nor what a dash excludes."""
    present = [f"net.ipv4.conf.{name}.rp_filter" for name in ("all", "eth0", "eth1")]
    archive = Archive(
        SYSTEMD
        | {
            "/etc/sysctl.d/a.conf": "net.ipv4.conf.eth1.rp_filter = 1\n",
            "/etc/sysctl.d/b.conf": "net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n",
        }
    )
    winners = read_persisted(archive, present).winners
    assert {name: line.value for name, line in winners.items()} == {
        present[1]: "2",
        present[2]: "1",
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("net/ipv4/conf/eth0.5/rp_filter", "net.ipv4.conf.eth0/5.rp_filter"),
        ("net.ipv4.conf.eth0/5.rp_filter", "net.ipv4.conf.eth0/5.rp_filter"),
        (MAX, MAX),
    ],
)
def test_both_separators_are_read(written: str, meant: str) -> None:
    """The one that comes first is the separator."""
    assert dotted(written) == meant


def test_a_line_that_is_no_setting_is_told() -> None:
    """It does nothing at boot, and somebody thinks it does."""
    found = list(parse("words\n-a.b = 1\n= 3\n", "/f"))
    assert found == ["/f:1", Line("a.b", "1", "/f", 2, tolerant=True), "/f:3"]


def test_more_patterns_than_anybody_writes_are_unread() -> None:
    """Each would be held against every sysctl."""
    text = "".join(f"net.*.x{number} = 1\n" for number in range(257))
    with pytest.raises(UnreadError, match="257 patterns"):
        read_persisted(Archive({"/etc/sysctl.d/x.conf": text}), ())
