"""Scans: one source tries many doors, most of which stay shut.

What makes a scan is its fan-out.  A flood asks one door many times; a scan asks many doors a few
times each.  Peers of a P2P client are scattered over the Internet; those of a scan are ports of one
host, or neighbours in one network.
"""

import numpy as np
from numpy.typing import NDArray

from floodwall.core.verdict import Evidence
from floodwall.forensics.evidence import address_of
from floodwall.forensics.finding import (
    Finding,
    Kind,
    Requests,
    Sources,
    Spoofing,
    Talker,
    Victim,
)
from floodwall.forensics.findings.common import confidence_of, rate_of
from floodwall.forensics.hashing import hash_columns
from floodwall.forensics.view import Mask, View, groups

_PORTS = 8  # doors of one host
_HOSTS = 5  # neighbours that were asked for the same port
_TRIES = 6.0  # asks a door, on average, that a scan still makes; repeats of a stack included
_SHUT = 0.5
_MOST_VICTIMS = 256


def scanners(view: View) -> Mask:
    """Tell which flows belong to a scan."""
    probes = (view.syns > 0) | (view.odd > 0) | _orphan_probes(view)
    rows = np.flatnonzero(probes)
    member = np.zeros(len(view), np.bool_)
    if not len(rows):
        return member
    chosen = view.take(rows)
    shut = ~chosen.completed | (chosen.odd > 0)
    network = chosen.network_hash
    inside = _is_private(chosen.server) & ~_is_private(chosen.client)
    network = np.where(inside, np.uint64(1), network)  # private addresses are those of one site
    port = np.where(inside, np.uint64(0), chosen.server[:, 2])
    by_host = _fans(chosen, hash_columns(chosen.client_hash, chosen.server_hash), shut, _PORTS)
    by_net = _fans(chosen, hash_columns(chosen.client_hash, network, port), shut, _HOSTS)
    by_flags = _odd_sources(chosen)
    member[rows] = by_host | by_net | by_flags
    return member


def _is_private(ends: NDArray[np.uint64]) -> Mask:
    """Tell which endpoints have private addresses, RFC 1918 and RFC 4193."""
    high, low = ends[:, 0], ends[:, 1]
    four = (high == 0) & (low >> np.uint64(32) == 0xFFFF)
    address = low & np.uint64(0xFFFFFFFF)
    private = address >> np.uint64(24) == 10
    private |= address >> np.uint64(20) == 0xAC1
    private |= address >> np.uint64(16) == 0xC0A8
    local = ~four & (high >> np.uint64(57) == 0x7E)
    return np.asarray((four & private) | local, np.bool_)


def _orphan_probes(view: View) -> Mask:
    """Acknowledgements out of nothing, one or two a door, as an ACK scan sends them."""
    alone = (view.acks > 0) & (view.acks <= 2) & (view.data == 0) & (view.server_acks == 0)
    return np.asarray(alone & (view.syns == 0) & (view.answers == 0), np.bool_)


def _fans(view: View, key: NDArray[np.uint64], shut: Mask, doors: int) -> Mask:
    """Tell which rows are of a key with enough different doors, most of them shut."""
    index, _ = groups(key)
    count = int(index.max()) + 1
    _, first = groups(hash_columns(key, view.service_hash))
    different = np.bincount(index[first], minlength=count)
    closed = np.bincount(index, shut, count) / np.maximum(1, np.bincount(index, minlength=count))
    asked = np.bincount(index, np.maximum(1, view.syns), count)
    scan = (different >= doors) & (closed >= _SHUT) & (asked <= _TRIES * different)
    found: Mask = scan[index]
    return found


def _odd_sources(view: View) -> Mask:
    """Tell which rows are of a source that sent flags no stack sends to a host, several times."""
    key = hash_columns(view.client_hash, view.server_hash)
    index, _ = groups(key)
    odd = np.bincount(index, view.odd > 0)
    found: Mask = (odd >= 3)[index] & ((view.odd > 0) | ~view.completed)
    return found


def find(view: View, member: Mask) -> list[Finding]:
    """Return one finding over all scans that were seen at the same time."""
    if not member.any():
        return []
    scans = view.take(np.flatnonzero(member))
    index, first = groups(scans.client_hash)
    probes = np.maximum(1, scans.syns)
    counts = np.bincount(index, probes).astype(np.int64)
    order = np.argsort(-counts, kind="stable")[:20]
    top = tuple(
        Talker(
            str(address_of(*scans.client[first[one], :2].tolist())),
            int(counts[one]),
            first=float(np.nanmin(scans.first[index == one], initial=np.inf)),
            last=float(np.nanmax(scans.last[index == one], initial=-np.inf)),
        )
        for one in order.tolist()
    )
    _, at = groups(scans.service_hash)
    victims = tuple(
        Victim(address_of(*scans.server[row, :2].tolist()), int(scans.server[row, 2]))
        for row in sorted(at.tolist())[:_MOST_VICTIMS]
    )
    shut = float(np.mean(~scans.completed))
    start, end = np.fmin.reduce(scans.first), np.fmax.reduce(scans.last)  # NaN if none has one
    count = len(first)
    return [
        Finding(
            kind=Kind.SYN_SCAN,
            confidence=confidence_of(len(at) / _HOSTS),
            start=None if np.isnan(start) else float(start),
            end=None if np.isnan(end) else float(end),
            victims=victims,
            requests=Requests(int(probes.sum() / view.share), 0, "probes, counted by flow"),
            rate=rate_of(np.repeat(scans.first, probes)),
            sources=Sources(count, view.share == 1, count, count, top),
            spoofing=Spoofing(None, "a scan needs its answers: its sources are most likely real"),
            evidence=(
                Evidence("doors", len(at), text=f"{len(at):,} different doors (address and port)"),
                Evidence("shut", shut, _SHUT, f"{shut:.0%} of them did not open"),
            ),
            notes=_kinds(scans),
        )
    ]


def _kinds(scans: View) -> tuple[str, ...]:
    kinds = []
    if (scans.odd > 0).any():
        kinds.append("flags that no stack sends (null, FIN, Xmas): probes past a filter")
    if ((scans.acks > 0) & (scans.syns == 0)).any():
        kinds.append("acknowledgements out of nothing: probes of a firewall's state")
    return tuple(kinds)
