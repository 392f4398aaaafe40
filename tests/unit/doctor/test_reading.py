"""A tree becomes a sample."""

from floodwall.core.diagnosis.symptoms import MemorySigns, SoftnetSigns
from floodwall.core.signs import Conntrack
from floodwall.doctor.reading import read_sample
from floodwall.doctor.tree import read_tree
from tests.support.proc_trees import GENERATIONS, State, tree

STATE = State(counters={"SyncookiesSent": 7}, tracked=100, track_drops=3, softnet_drops=2)


def test_everything_is_read() -> None:
    """Counters, limits, links, tables, queues and memory."""
    for generation in GENERATIONS:
        sample = read_sample(tree(generation, STATE), 5.0)

        assert (sample.at_s, sample.kernel, sample.uptime_s) == (5.0, generation.release, 86_400.0)
        assert sample.counters is not None
        assert sample.counters["TcpExtSyncookiesSent"] == 7
        assert sample.counters["TcpPassiveOpens"] == 900
        assert sample.stack is not None
        assert (sample.stack.somaxconn, sample.stack.tcp_max_syn_backlog) == (128, 1024)
        assert sample.conntrack == Conntrack(100, 65_536, 0, 0, 3)
        assert sample.softnet == SoftnetSigns(dropped=4, squeezed=8)
        assert sample.memory == MemorySigns(2, 380_000, 1, 65_536)
        assert sample.links is not None
        assert [(link.name, link.received_bytes) for link in sample.links] == [
            ("eth0", 5_000_000_000)
        ]
        assert sample.cpu is not None
        assert "cpu0" in sample.cpu
        assert sample.unseen == ()


def test_an_empty_tree_says_what_is_missing() -> None:
    """Nothing is guessed, nothing fails."""
    sample = read_sample({}, 1.0)

    assert (sample.sockets, sample.counters, sample.stack, sample.links) == (None,) * 4
    assert (sample.cpu, sample.softnet, sample.memory, sample.conntrack) == (None,) * 4
    assert len(sample.unseen) == 4


def test_drops_of_connection_tracking_need_root() -> None:
    """The fill does not."""
    less = {
        name: text for name, text in tree(GENERATIONS[-1], STATE).items() if "/stat/" not in name
    }
    sample = read_sample(less, 1.0)

    assert sample.conntrack == Conntrack(100, 65_536, 0, 0, 0)
    assert sample.unseen == (
        "what connection tracking dropped: /proc/net/stat/nf_conntrack needs root",
    )


def test_this_machine_is_read_too() -> None:
    """Whatever its kernel is."""
    sample = read_sample(read_tree(), 1.0)

    assert sample.kernel
    assert sample.sockets is not None
    assert sample.counters is not None
    assert "TcpExtListenDrops" in sample.counters
