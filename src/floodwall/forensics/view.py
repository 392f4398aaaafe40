"""Flows seen from the client: who asked whom, who answered, and how far they got."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.flows import (
    ACK,
    DATA,
    FIN,
    FIRST,
    FIRST_ACK,
    FIRST_SYN,
    LAST,
    LAST_SYN,
    LAST_SYN_ACK,
    ODD,
    RST,
    SYN,
    SYN_ACK,
    Flows,
    FlowTable,
)
from floodwall.forensics.group import prefixes_of
from floodwall.forensics.hashing import hash_columns

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Times = NDArray[np.float64]
_ACK_NEAR = 1 << 30  # an acknowledgement this far behind the SYN still belongs to it


@dataclass(frozen=True)
class View:
    """Columns, one row a flow."""

    flows: Flows
    client_way: NDArray[np.intp]
    share: float
    """Part of all flows that is here."""

    def __len__(self) -> int:
        return len(self.flows)

    def _count(self, kind: int, *, server: bool = False) -> Numbers:
        way = 1 - self.client_way if server else self.client_way
        column: Numbers = self.flows.counts[np.arange(len(self)), way, kind]
        return column

    def _time(self, kind: int, *, server: bool = False) -> Times:
        way = 1 - self.client_way if server else self.client_way
        column: Times = self.flows.times[np.arange(len(self)), way, kind]
        return column

    @cached_property
    def client(self) -> NDArray[np.uint64]:
        """High, low and port of the client."""
        return np.where(self.client_way[:, None] == 0, self.flows.near, self.flows.far)

    @cached_property
    def server(self) -> NDArray[np.uint64]:
        """High, low and port of the server."""
        return np.where(self.client_way[:, None] == 0, self.flows.far, self.flows.near)

    @cached_property
    def client_hash(self) -> NDArray[np.uint64]:
        """Hash of the client's address."""
        return hash_columns(self.client[:, 0], self.client[:, 1])

    @cached_property
    def server_hash(self) -> NDArray[np.uint64]:
        """Hash of the server's address."""
        return hash_columns(self.server[:, 0], self.server[:, 1])

    @cached_property
    def service_hash(self) -> NDArray[np.uint64]:
        """Hash of the server's address and port."""
        return hash_columns(self.server_hash, self.server[:, 2])

    @cached_property
    def syns(self) -> Numbers:
        """SYNs of the client."""
        return self._count(SYN)

    @cached_property
    def answers(self) -> Numbers:
        """SYN-ACKs of the server."""
        return self._count(SYN_ACK, server=True)

    @cached_property
    def acks(self) -> Numbers:
        """Acknowledgements of the client, with data or FIN or without."""
        return self._count(ACK) + self._count(FIN)

    @cached_property
    def server_acks(self) -> Numbers:
        """Acknowledgements of the server."""
        return self._count(ACK, server=True) + self._count(FIN, server=True)

    @cached_property
    def resets(self) -> Numbers:
        """Resets of the client."""
        return self._count(RST)

    @cached_property
    def refusals(self) -> Numbers:
        """Resets of the server."""
        return self._count(RST, server=True)

    @cached_property
    def odd(self) -> Numbers:
        """Segments with flags that no stack sends, from the client."""
        return self._count(ODD)

    @cached_property
    def data(self) -> Numbers:
        """Bytes of the client."""
        return self._count(DATA)

    @cached_property
    def served(self) -> Numbers:
        """Bytes of the server."""
        return self._count(DATA, server=True)

    @cached_property
    def first(self) -> Times:
        """When the flow was first seen."""
        return np.fmin(self._time(FIRST), self._time(FIRST, server=True))

    @cached_property
    def last(self) -> Times:
        """When the flow was last seen."""
        return np.fmax(self._time(LAST), self._time(LAST, server=True))

    @cached_property
    def first_syn(self) -> Times:
        """When the client first asked."""
        return self._time(FIRST_SYN)

    @cached_property
    def last_syn(self) -> Times:
        """When the client last asked."""
        return self._time(LAST_SYN)

    @cached_property
    def answered_after_ack(self) -> Mask:
        """Whether the server repeated its SYN-ACK after the client's acknowledgement."""
        late = self._time(LAST_SYN_ACK, server=True) > self._time(FIRST_ACK)
        return np.asarray(late & (self.answers > 1), np.bool_)

    @cached_property
    def completed(self) -> Mask:
        """Whether the client acknowledged what follows its own SYN."""
        way = np.arange(len(self)), self.client_way
        start, behind = self.flows.numbers[(*way, 0)], self.flows.numbers[(*way, 1)]
        distance = behind - start & 0xFFFFFFFF
        near = (distance >= 1) & (distance < _ACK_NEAR)
        return np.asarray((self.syns > 0) & (self.acks > 0) & near, np.bool_)

    @cached_property
    def unfinished(self) -> Mask:
        """Whether the client asked and did not complete."""
        return (self.syns > 0) & ~self.completed

    @cached_property
    def half_open_s(self) -> Times:
        """How long an unfinished handshake was seen to be tried, by either side."""
        end = np.fmax(self.last_syn, self._time(LAST_SYN_ACK, server=True))
        return np.where(self.unfinished, end - self.first_syn, 0.0)

    @cached_property
    def excess(self) -> Numbers:
        """SYNs beyond what a stack repeats that doubles its wait each time, RFC 6298 section 5."""
        span = np.nan_to_num(self.last_syn - self.first_syn)
        allowed = np.floor(np.log2(span + 1)).astype(np.int64) + 4
        return np.asarray(np.maximum(0, self.syns - allowed), np.int64)

    @cached_property
    def backs_off(self) -> Mask:
        """Whether the client repeated its SYN as stacks do: a sign that somebody waits there."""
        lasting = self.last_syn - self.first_syn > 0.2
        return np.asarray((self.syns > 1) & (self.excess == 0) & lasting, np.bool_)

    @cached_property
    def network_hash(self) -> NDArray[np.uint64]:
        """Hash of the server's /24 or /64."""
        return hash_columns(*prefixes_of(self.server[:, :2]).T)

    def take(self, which: NDArray[np.generic]) -> "View":
        """Return some of the flows."""
        return View(self.flows.take(which), self.client_way[which], self.share)


def view_of(table: FlowTable) -> View:
    """Return the flows with their clients; who asked first, or who used the higher port."""
    flows = table.rows()
    syns, answers = flows.counts[:, :, SYN], flows.counts[:, :, SYN_ACK]
    asked = np.sign(syns[:, 0] - syns[:, 1])
    earlier = np.sign(flows.times[:, 1, FIRST_SYN] - flows.times[:, 0, FIRST_SYN])
    both = (syns > 0).all(axis=1)
    asked = np.where(both, np.nan_to_num(earlier), asked)
    answered = np.sign(answers[:, 1] - answers[:, 0])
    higher = np.where(flows.near[:, 2] >= flows.far[:, 2], 1, -1)
    sign = np.where(asked != 0, asked, np.where(answered != 0, answered, higher))
    return View(flows, (sign < 0).astype(np.intp), table.share)


def busiest(times: Times, window: float, weights: NDArray[np.float64] | None = None) -> float:
    """Return the most events within any window of so many seconds."""
    known = ~np.isnan(times)
    order = np.argsort(times[known])
    moments = times[known][order]
    if not len(moments):
        return float(len(times)) if weights is None else float(weights.sum())
    each = np.ones(len(moments)) if weights is None else weights[known][order]
    total = np.concatenate([[0.0], np.cumsum(each)])
    ends = np.searchsorted(moments, moments + window, "left")
    return float((total[ends] - total[:-1]).max())


def groups(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each row its group, and for each group one of its rows."""
    _, first, index = np.unique(hashes, return_index=True, return_inverse=True)
    return index.ravel(), first
