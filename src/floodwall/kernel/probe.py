"""What this kernel and these privileges can do: yes, no, or could not tell; always with a reason.

Law: a probe changes nothing and sees only this network namespace.  A masked feature answers no,
so that every lower rung can be tested on a machine that has the upper one.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from floodwall.core.errors import ConfigError, FloodwallError, NotSupported
from floodwall.kernel import blackholes
from floodwall.kernel.btf import Btf, Kind
from floodwall.kernel.failure import kernel_error
from floodwall.kernel.libbpf import ProgLoadOpts, libbpf
from floodwall.kernel.nftables import Nftables

MASK_VARIABLE = "FLOODWALL_MASK"


class Feature(Enum):
    """Something that a kernel, a driver or a container may lack."""

    LIBBPF = "libbpf"
    CAPABILITIES = "capabilities"
    BTF = "btf"
    BPFFS = "bpffs"
    XDP = "xdp"
    XDP_FRAGS = "xdp_frags"
    NATIVE_XDP = "native_xdp"
    GENERIC_XDP = "generic_xdp"
    TCX = "tcx"
    HANDOVER = "handover"
    RAW_TRACEPOINT = "raw_tracepoint"
    NFTABLES = "nftables"
    ROUTES = "routes"


MINIMUM_KERNEL: Mapping[Feature, str] = {
    Feature.BTF: "5.4",
    Feature.XDP: "5.9",
    Feature.XDP_FRAGS: "5.18",
    Feature.TCX: "6.6",
    Feature.HANDOVER: "6.9",
    Feature.RAW_TRACEPOINT: "5.8",
}


class Answer(Enum):
    """What a probe can say."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "could not tell"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one probe, and how it was come by."""

    answer: Answer
    reason: str


class Features:
    """The findings of all probes."""

    def __init__(self, findings: Mapping[Feature, Finding]) -> None:
        self._findings = dict(findings)

    def __getitem__(self, feature: Feature) -> Finding:
        return self._findings[feature]

    def has(self, feature: Feature) -> bool:
        """Tell whether the feature is certainly there."""
        return self._findings[feature].answer is Answer.YES

    def lacks(self, feature: Feature) -> bool:
        """Tell whether the feature is certainly missing or masked; unknown ones may be tried."""
        return self._findings[feature].answer is Answer.NO

    def items(self) -> list[tuple[Feature, Finding]]:
        """Return every feature with its finding, in the order of `Feature`."""
        return [(feature, self._findings[feature]) for feature in Feature]

    def require(self, *features: Feature) -> None:
        """Raise NotSupported for the first feature that is certainly missing."""
        for feature in features:
            if self.lacks(feature):
                raise NotSupported(
                    f"{feature.value}: {self[feature].reason}",
                    feature=feature.value,
                    minimum_kernel=MINIMUM_KERNEL.get(feature, ""),
                    hint=_HINTS.get(feature, ""),
                )


_HINTS = {
    Feature.LIBBPF: "apt install libbpf1",
    Feature.CAPABILITIES: "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON",
}


def mask_from_environment(environment: Mapping[str, str] = os.environ) -> frozenset[Feature]:
    """Return the features that FLOODWALL_MASK names, by comma; for tests of the lower rungs."""
    names = [name.strip() for name in environment.get(MASK_VARIABLE, "").split(",")]
    try:
        return frozenset(Feature(name) for name in names if name)
    except ValueError as error:
        known = ", ".join(feature.value for feature in Feature)
        raise ConfigError(f"{MASK_VARIABLE}: {error}", hint=f"features: {known}") from error


def probe(mask: frozenset[Feature] = frozenset()) -> Features:
    """Ask the kernel about every feature; masked ones answer no."""
    findings: dict[Feature, Finding] = {}
    for feature, ask in _PROBES.items():
        if feature in mask:
            findings[feature] = Finding(Answer.NO, "masked")
            continue
        try:
            findings[feature] = ask()
        except NotSupported as error:
            findings[feature] = Finding(Answer.NO, error.message)
        except FloodwallError as error:
            findings[feature] = Finding(Answer.UNKNOWN, error.message)
    return Features(findings)


_CAPABILITIES = {"CAP_NET_ADMIN": 12, "CAP_PERFMON": 38, "CAP_BPF": 39}  # linux/capability.h
_CAP_SYS_ADMIN = 21
_XDP, _SCHED_CLS, _RAW_TRACEPOINT = 6, 3, 17  # enum bpf_prog_type
_HAS_FRAGS = 32  # BPF_F_XDP_HAS_FRAGS
_TCX_INGRESS = 46
_LOOPBACK = 1  # ifindex of lo in every network namespace
# BPF_ALU64 | BPF_MOV | BPF_K sets register 0 to 0; BPF_JMP | BPF_EXIT returns it.
_RETURN_ZERO = struct.pack("=BBhi", 0xB7, 0, 0, 0) + struct.pack("=BBhi", 0x95, 0, 0, 0)


def _libbpf() -> Finding:
    return Finding(Answer.YES, libbpf().version)


def _capabilities() -> Finding:
    status = Path("/proc/thread-self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    held = int(line.split()[1], 16)
    # CAP_SYS_ADMIN stands for the two that were split from it in 5.8.
    implied = {"CAP_PERFMON", "CAP_BPF"} if held >> _CAP_SYS_ADMIN & 1 else set()
    missing = [
        name for name, bit in _CAPABILITIES.items() if not held >> bit & 1 and name not in implied
    ]
    if missing:
        return Finding(Answer.NO, f"missing {', '.join(missing)}")
    return Finding(Answer.YES, "held")


def _btf() -> Finding:
    Btf.of_kernel().close()
    return Finding(Answer.YES, "the kernel describes its own types")


def _bpffs() -> Finding:
    kinds = {line.split()[-1] for line in Path("/proc/filesystems").read_text().splitlines()}
    if "bpf" not in kinds:
        return Finding(Answer.NO, "this kernel has no bpffs")
    return Finding(Answer.YES, "the kernel has bpffs; whether it can be mounted shows on start")


def _xdp() -> Finding:
    _load(_XDP, "xdp")
    return Finding(Answer.YES, "an empty program loads")


def _xdp_frags() -> Finding:
    _load(_XDP, "xdp_frags", flags=_HAS_FRAGS)
    return Finding(Answer.YES, "an empty program loads; the driver shows on attach")


def _native_xdp() -> Finding:
    return Finding(Answer.UNKNOWN, "only attaching to the interface tells")


def _generic_xdp() -> Finding:
    return Finding(Answer.UNKNOWN, "only attaching to the interface tells")


def _nftables() -> Finding:
    with Nftables() as nftables:
        nftables.generation()
    return Finding(Answer.YES, "the kernel tells the generation of its rules")


def _routes() -> Finding:
    found = blackholes.versions()
    if not found:
        return Finding(Answer.NO, "this kernel has no policy routing")
    return Finding(Answer.YES, f"rules for {' and '.join(f'IPv{each}' for each in sorted(found))}")


def _tcx() -> Finding:
    count = ctypes.c_uint32(0)
    result = libbpf().calls.bpf_prog_query(_LOOPBACK, _TCX_INGRESS, 0, None, None, count)
    return _judged(result, "tcx", "query tc programs", "the kernel lists them")


def _handover() -> Finding:
    btf = Btf.of_kernel()
    try:
        found = btf.find("bpf_sk_assign_tcp_reqsk", Kind.FUNC)
    finally:
        btf.close()
    if not found:
        return Finding(Answer.NO, "the kernel has no bpf_sk_assign_tcp_reqsk")
    return Finding(Answer.YES, "the kernel has bpf_sk_assign_tcp_reqsk")


def _raw_tracepoint() -> Finding:
    fd = _load_open(_RAW_TRACEPOINT, "raw_tracepoint")
    try:
        result = libbpf().calls.bpf_raw_tracepoint_open(b"inet_sock_set_state", fd)
    finally:
        os.close(fd)
    if result >= 0:
        os.close(result)
    return _judged(result, "raw_tracepoint", "attach to inet_sock_set_state", "it can be attached")


def _load(kind: int, name: str, flags: int = 0) -> None:
    os.close(_load_open(kind, name, flags))


def _load_open(kind: int, name: str, flags: int = 0) -> int:
    options = ProgLoadOpts(ctypes.sizeof(ProgLoadOpts), 0, 0, 0, flags)
    instructions = len(_RETURN_ZERO) // 8
    result = libbpf().calls.bpf_prog_load(
        kind, b"floodwall_probe", b"GPL", _RETURN_ZERO, instructions, ctypes.byref(options)
    )
    _judged(result, name, "load a program", "")
    return int(result)


def _judged(result: int, name: str, op: str, reason: str) -> Finding:
    """Turn a result into yes, into no (NotSupported), or into could not tell (KernelError)."""
    if result >= 0:
        return Finding(Answer.YES, reason)
    failure = kernel_error(op, result)
    if result in {-errno.EINVAL, -errno.EOPNOTSUPP, -errno.ENOENT, -errno.ENOSYS}:
        raise NotSupported(failure.message, feature=name)
    raise failure


_PROBES: Mapping[Feature, Callable[[], Finding]] = {
    Feature.LIBBPF: _libbpf,
    Feature.CAPABILITIES: _capabilities,
    Feature.BTF: _btf,
    Feature.BPFFS: _bpffs,
    Feature.XDP: _xdp,
    Feature.XDP_FRAGS: _xdp_frags,
    Feature.NATIVE_XDP: _native_xdp,
    Feature.GENERIC_XDP: _generic_xdp,
    Feature.TCX: _tcx,
    Feature.HANDOVER: _handover,
    Feature.RAW_TRACEPOINT: _raw_tracepoint,
    Feature.NFTABLES: _nftables,
    Feature.ROUTES: _routes,
}
