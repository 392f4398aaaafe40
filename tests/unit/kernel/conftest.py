"""A small program to load, and a namespace with a veth pair to attach it in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.build import compile_object
from floodwall.kernel.rtnetlink import link
from tests.support.namespace import ip, own_namespace

_SOURCE = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define TABLE(name_, kind, value_, entries) struct { __uint(type, kind); \\
    __uint(max_entries, entries); __type(key, __u32); __type(value, value_); \\
    } name_ SEC(".maps")

TABLE(table, BPF_MAP_TYPE_HASH, __u64, 10000);
TABLE(slots, BPF_MAP_TYPE_ARRAY, __u64, 4);
TABLE(parts, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, 2);

const volatile __u8 verdict = 2;
const volatile __u64 wide = 1;

SEC("xdp.frags")
int answer(struct xdp_md *ctx)
{
    __u32 zero = 0;
    __u64 *slot = bpf_map_lookup_elem(&slots, &zero);

    bpf_map_lookup_elem(&table, &zero);
    bpf_map_lookup_elem(&parts, &zero);
    if (slot)
        *slot += wide;
    if (verdict == 3)
        bpf_xdp_adjust_meta(ctx, -4);
    return verdict;
}

SEC("tc")
int look(struct __sk_buff *skb) { (void)skb; return -1; }

SEC("raw_tp/inet_sock_set_state")
int hear(void *ctx) { (void)ctx; return 0; }

#ifdef WRONG
SEC("xdp")
int wrong(struct xdp_md *ctx) { return *(char *)(long)ctx->data; }
#endif

char _license[] SEC("license") = "GPL";
"""


def _compiled(folder: Path, source: str) -> Path:
    (folder / "bpf").mkdir()
    (folder / "bpf" / "small.bpf.c").write_text(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FLOODWALL_BUILD", raising=False)
        return compile_object("small", folder)


@pytest.fixture(scope="session")
def small_object(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An object with three maps, two constants and three programs."""
    return _compiled(tmp_path_factory.mktemp("small"), _SOURCE)


@pytest.fixture(scope="session")
def wrong_object(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a program that reads a packet without looking at its end."""
    return _compiled(tmp_path_factory.mktemp("wrong"), f"#define WRONG\n{_SOURCE}")


@pytest.fixture
def small(small_object: Path) -> Iterator[BpfObject]:
    """The small object, loaded."""
    with BpfObject.open(small_object) as opened:
        opened.load()
        yield opened


@pytest.fixture
def veth() -> Iterator[int]:
    """The index of one end of a veth pair, in a namespace that this thread is in."""
    with own_namespace():
        ip("link", "add", "near", "type", "veth", "peer", "name", "far")
        ip("link", "set", "near", "up")
        ip("link", "set", "far", "up")
        yield link("near").index


@pytest.fixture
def pins(tmp_path: Path) -> Iterator[StateDirectory]:
    """A state directory with a bpffs of its own."""
    state = StateDirectory.prepare(tmp_path / "run", tmp_path / "no-bpffs")
    yield state
    state.remove()
