"""Interfaces are read from sysfs, interrupts, ethtool and ip."""

import pytest

from floodwall.audit.archive import Archive
from floodwall.audit.cards import programs_of, read_cards
from floodwall.audit.facts import Card, UnreadError

NET = "/sys/class/net/eth0"


def test_a_card_is_told_with_driver_queues_and_cpus() -> None:
    """The interrupts of a virtio card bear the name of its device."""
    archive = Archive(
        files={
            "/sys/class/net/lo/mtu": "65536\n",
            f"{NET}/mtu": "9000\n",
            f"{NET}/flags": "0x1003\n",
            f"{NET}/queues/rx-0/rps_cpus": "00000000,00000003\n",
            f"{NET}/queues/rx-1/rps_cpus": "00000000,00000004\n",
            f"{NET}/queues/tx-0/x": "",
            "/proc/interrupts": " CPU0 CPU1\n"
            " 28: 0 0 PCI-MSIX 0-edge virtio0-config\n"
            " 29: 0 0 PCI-MSIX 1-edge virtio0-input.0\n"
            " 30: 0 0 PCI-MSIX 2-edge virtio0-output.0\n"
            " 31: 0 0 PCI-MSIX 3-edge virtio0-input.1\n",
            "/proc/irq/28/smp_affinity_list": "9\n",
            "/proc/irq/29/smp_affinity_list": "0-1\n",
            "/proc/irq/29/effective_affinity_list": "1\n",
            "/proc/irq/30/smp_affinity_list": "8\n",
            "/proc/irq/31/smp_affinity_list": "2-3\n",
        },
        links={
            f"{NET}/device": "../../../virtio0",
            f"{NET}/device/driver": "../../bus/virtio/drivers/virtio_net",
        },
        outputs={
            "ethtool -k eth0": "generic-receive-offload: on\nlarge-receive-offload: on [fixed]\n",
            "ip -d link": "2: eth0: <UP> mtu 9000 xdp qdisc fq\n    prog/xdp id 5 name foo tag 1\n",
        },
    )
    assert read_cards(archive) == (
        Card(
            name="eth0",
            driver="virtio_net",
            mtu=9000,
            receive_queues=2,
            rps_cpus=3,
            irq_cpus=3,
            lro=True,
            xdp="foo",
        ),
    )


def test_what_nobody_tells_is_left_open() -> None:
    """A container sees neither driver nor interrupts."""
    archive = Archive(files={f"{NET}/flags": "0x1002\n"})
    assert read_cards(archive) == (Card("eth0", up=False),)


def test_the_sysfs_of_another_namespace_is_not_believed() -> None:
    """Its cards are somebody else's."""
    head = "Inter-|   Receive\n face |bytes\n"
    archive = Archive(files={f"{NET}/flags": "0x1003\n", "/sys/class/net/lo/flags": "0x9\n"})
    archive.files["/proc/thread-self/net/dev"] = f"{head}    lo: 0\n  eth0: 0\n"
    assert [card.name for card in read_cards(archive)] == ["eth0"]
    archive.files["/proc/thread-self/net/dev"] = f"{head}    lo: 0\n"
    with pytest.raises(UnreadError, match="another network namespace"):
        read_cards(archive)


def test_our_own_program_is_no_stranger() -> None:
    """Others are named, by number where ip knows no name."""
    text = (
        "2: eth0@if3: <UP>\n    prog/xdp id 5 name xdp_ingress tag 1\n"
        "3: eth1: <UP>\n    prog/xdp id 7 tag 2 jited\n"
    )
    assert list(programs_of(text)) == [("eth1", "program 7")]
