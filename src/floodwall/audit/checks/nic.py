"""Network cards: what carries a flood to which CPU, and what a data plane in the driver needs."""

from collections.abc import Iterator
from typing import Final

from floodwall.audit.check import Check, Interaction, Outcome, Severity, finding, passed, unreadable
from floodwall.audit.facts import AbsentError, Card, Facts, known

_NATIVE: Final = frozenset(
    """
    aquantia atlantic bnxt_en cpsw dpaa2-eth ena enetc fec fsl_dpaa2_eth gve hinic3 hv_netvsc i40e
    ice idpf igb igc ixgbe ixgbevf lan966x-switch mana mlx4_en mlx5_core mtk_soc_eth mvneta mvpp2
    nfp qede sfc stmmac tsnep virtio_net vmxnet3 xen-netfront xen_netfront netsec tun veth
    thunder-nic nicvf bnxt
    """.split()  # noqa: SIM905 # a list of 40 quoted words would take 40 lines
)
"""Drivers with ndo_bpf for XDP in 6.18; some only for part of their cards."""

_ONE_PAGE_MTU = 3498
"""4096 bytes less headroom, tail and Ethernet header: what fits one page."""


def _hardware(facts: Facts) -> list[Card]:
    found = [card for card in known(facts.cards) if card.driver and card.up]
    if not found:
        raise AbsentError("no network card is seen here, as in a container")
    return found


def _driver(facts: Facts) -> Iterator[Outcome]:
    for card in _hardware(facts):
        if card.driver in _NATIVE:
            yield passed(f"{card.driver} runs XDP in the driver", card.name)
        else:
            yield finding(f"{card.driver} has no XDP: the generic hook is used", card.name)


def _lro(facts: Facts) -> Iterator[Outcome]:
    for card in _hardware(facts):
        if card.lro is None:
            yield unreadable("ethtool is not installed, or did not tell", card.name)
        elif card.lro:
            fix = f"ethtool -K {card.name} lro off"
            yield finding("LRO is on: many drivers then refuse XDP", card.name, fix=fix)
        else:
            yield passed("LRO is off", card.name)


def _mtu(facts: Facts) -> Iterator[Outcome]:
    frags = known(facts.release).since(5, 18)
    for card in _hardware(facts):
        if card.mtu > _ONE_PAGE_MTU and not frags:
            yield finding(f"MTU {card.mtu} is more than a page: no XDP in the driver", card.name)
        else:
            yield passed(f"MTU {card.mtu}", card.name)


def _queues(facts: Facts) -> Iterator[Outcome]:
    cpus = known(facts.cpus)
    for card in _hardware(facts):
        spread = max(card.receive_queues, card.rps_cpus)
        text = f"receive queues: {card.receive_queues}, RPS on {card.rps_cpus} of {cpus} CPUs"
        if cpus > 1 and spread == 1:
            fix = (
                f"ethtool -L {card.name} combined {cpus}, or "
                f"echo {(1 << cpus) - 1:x} > /sys/class/net/{card.name}/queues/rx-0/rps_cpus"
            )
            yield finding(f"{text}: one CPU takes the whole flood", card.name, fix=fix)
        else:
            yield passed(text, card.name)


def _interrupts(facts: Facts) -> Iterator[Outcome]:
    cpus = known(facts.cpus)
    for card in _hardware(facts):
        if card.irq_cpus is None:
            yield unreadable("/proc/interrupts names none of its interrupts", card.name)
        elif cpus > 1 and card.receive_queues > 1 and card.irq_cpus == 1:
            yield finding(
                f"{card.receive_queues} queues, and the interrupts of all go to one CPU", card.name
            )
        else:
            yield passed(
                f"receive queues: {card.receive_queues}, CPUs with interrupts: {card.irq_cpus}",
                card.name,
            )


CHECKS: Final = (
    Check(
        id="xdp-driver",
        title="The driver can run a data plane",
        severity=Severity.INFO,
        reads=("/sys/class/net/*/device/driver",),
        expected="a driver with native XDP",
        why="In the driver a forged SYN is answered before the stack spends memory on it; the "
        "generic hook saves less.",
        source="ndo_bpf of the driver in 6.18; docs/compatibility.md",
        kernels="4.8 and later, by driver",
        fix="nothing can be set; the generic hook works, with less to spare",
        judge=_driver,
    ),
    Check(
        id="xdp-lro",
        title="No offload stands in the way of XDP",
        severity=Severity.LOW,
        reads=("ethtool -k",),
        expected="LRO off",
        why="LRO glues packets together before XDP sees them; most drivers refuse one or other.",
        source="dev_xdp_install(), dev_disable_lro(); ethtool(8)",
        kernels="4.8 and later",
        fix="ethtool -K IFACE lro off",
        judge=_lro,
    ),
    Check(
        id="xdp-mtu",
        title="The MTU leaves room for XDP",
        severity=Severity.LOW,
        reads=("/sys/class/net/*/mtu",),
        expected=f"at most {_ONE_PAGE_MTU} before 5.18",
        why="Before xdp.frags a packet had to fit into one page.",
        source="xdp.frags, kernel 5.18; docs/compatibility.md",
        kernels="4.8 to 5.17",
        fix=f"ip link set IFACE mtu {_ONE_PAGE_MTU}, or a kernel from 5.18 on",
        judge=_mtu,
    ),
    Check(
        id="receive-queues",
        title="A flood is spread over the CPUs",
        severity=Severity.MEDIUM,
        reads=("/sys/class/net/*/queues", "/sys/devices/system/cpu/online"),
        expected="several receive queues, or RPS",
        why="One queue is one CPU: the machine is idle and yet loses packets.",
        source="Documentation/networking/scaling.rst",
        kernels="RPS: 2.6.35 and later",
        fix="ethtool -L IFACE combined N",
        judge=_queues,
    ),
    Check(
        id="interrupt-spread",
        title="Interrupts of the queues go to different CPUs",
        severity=Severity.MEDIUM,
        reads=("/proc/interrupts", "/proc/irq/*/effective_affinity_list"),
        expected="more than one CPU for more than one queue",
        why="Without it several queues wait for the same CPU.",
        source="Documentation/core-api/irq/irq-affinity.rst",
        kernels="all",
        fix="run irqbalance, or write CPUs to /proc/irq/N/smp_affinity_list",
        judge=_interrupts,
        interactions=(Interaction("receive-queues", "with one queue there is nothing to spread"),),
    ),
)
