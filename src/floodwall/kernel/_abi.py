"""The contract with the data plane, generated from bpf/abi.h: do not edit."""

import ctypes
from enum import IntEnum, IntFlag
from typing import Any

ABI_DIGEST = "7bd9af624485b12c"
ABI_VERSION = 2
SERVICES_MAX = 1024
SERVICE_KEYS_MAX = 65536
ADDRESSES_MAX = 16384
BANS_MAX = 131072
BAN_BUCKETS = 131072
BAN_CELLS = 2
BAN_TICK_SHIFT = 26
BAN_NETS_MAX = 16384
NEVER_MAX = 8192
RATE_CELLS = 65536
PROVEN_MAX = 65536
DEBT_CELLS = 65536
KEYS = 2
SEEN_CELLS = 16384
SLICES = 8
BEATS = 4
BEAT_MS = 500
SEEN_EPOCH_S = 64
COOKIE_LIFE_S = 128
FOLLOWERS = 4096
FOLLOW_MS = 100
FOLLOW_BYTES = 65535
FLOWS_MAX = 131072
GREETS = 65536
REPORT_EVERY = 64
VLAN_MAX = 4
IPV6_EXT_MAX = 6
TCP_OPTS_MAX = 40
DEBT_LEVEL_MAX = 3
DEBTS = 196608
RATE_LEVEL_MAX = 2
RATES = 131072
REASON_MAX = 45
MODE_MAX = 3
MECHANISM_MAX = 3
PURSE_MAX = 3
HANDOVER_MAGIC = 1180125233
FLOW_STATE_MAX = 3


class DebtLevel(IntEnum):
    """enum fw_debt_level."""

    SOURCE = 0
    PORT = 1
    PREFIX = 2


class RateLevel(IntEnum):
    """enum fw_rate_level."""

    SOURCE = 0
    PORT = 1


class Reason(IntEnum):
    """enum fw_reason."""

    PASS_NOT_IP = 0
    PASS_TOO_MANY_TAGS = 1
    PASS_BAD_IP = 2
    PASS_EXT_HEADERS = 3
    PASS_NOT_TCP = 4
    PASS_LATER_FRAGMENT = 5
    PASS_BAD_TCP = 6
    PASS_NOT_SERVICE = 7
    PASS_CLOSED_PORT = 8
    PASS_LEASE_OVER = 9
    PASS_OBSERVED = 10
    PASS_KNOWN_SYN = 11
    PASS_CALM_SYN = 12
    PASS_CALM_ACK = 13
    PASS_ESTABLISHED = 14
    PASS_NO_LISTENER = 15
    PASS_UNTRACKED = 16
    PASS_COOKIE = 17
    PASS_SPLICED = 18
    PASS_FOLLOWER = 19
    PASS_STACK_COOKIE = 20
    PASS_NEVER_BAN = 21
    PASS_AUTHENTICATED_SYN = 22
    PASS_UNANSWERABLE = 23
    CHALLENGE_FLOOD = 24
    CHALLENGE_SOURCE = 25
    CHALLENGE_PORT = 26
    CHALLENGE_PREFIX = 27
    CHALLENGE_REUSED = 28
    CHALLENGE_RATE = 29
    DROP_BANNED = 30
    DROP_BANNED_NET = 31
    DROP_BAD_FLAGS = 32
    DROP_BAD_SOURCE = 33
    DROP_TINY_FRAGMENT = 34
    DROP_NO_ROOM = 35
    DROP_RATE = 36
    DROP_BAD_ACK = 37
    DROP_CLOSED_PORT = 38
    DROP_AUTHENTICATED_SYN = 39
    TC_HANDED_OVER = 40
    TC_REFUSED = 41
    TC_OPENING = 42
    TC_SPLICED = 43
    TC_EARLY = 44


class Mode(IntEnum):
    """enum fw_mode."""

    OBSERVE = 0
    AUTO = 1
    ARMED = 2


class Mechanism(IntEnum):
    """enum fw_mechanism."""

    HANDOVER = 0
    STACK = 1
    SPLICE = 2


class Flag(IntFlag):
    """enum fw_flag."""

    BANS = 1
    BAN_NETS = 2
    SACK = 4
    WSCALE = 8
    TIMESTAMPS = 16
    ECN = 32
    TRACKED = 64


class Purse(IntEnum):
    """enum fw_purse."""

    CLOSED_PORT = 0
    AUTHENTICATED = 1
    KNOWN = 2


class Option(IntFlag):
    """enum fw_option."""

    WSCALE = 1
    SACK = 2
    ECN = 4
    TIMESTAMPS = 8
    AUTHENTICATED = 16
    MSS = 32


class FlowState(IntEnum):
    """enum fw_flow_state."""

    OPENING = 0
    OPEN = 1
    ENDED = 2


class _AddrUnion(ctypes.Union):
    _fields_ = (
        ("bytes", ctypes.c_uint8 * 16),
        ("words", ctypes.c_uint32.__ctype_be__ * 4),
    )


class Addr(ctypes.Structure):
    """struct fw_addr, 16 bytes."""

    bytes: Any
    words: Any
    _anonymous_ = ("_union",)
    _fields_ = (
        ("_union", _AddrUnion),
    )


class ServiceKey(ctypes.Structure):
    """struct fw_service_key, 20 bytes."""

    addr: Addr
    port: int
    zero: int
    _fields_ = (
        ("addr", Addr),
        ("port", ctypes.c_uint16.__ctype_be__),
        ("zero", ctypes.c_uint16),
    )


class Prefix(ctypes.Structure):
    """struct fw_prefix, 20 bytes."""

    prefixlen: int
    addr: Addr
    _fields_ = (
        ("prefixlen", ctypes.c_uint32),
        ("addr", Addr),
    )


class Ban(ctypes.Structure):
    """struct fw_ban, 24 bytes."""

    expires_ns: int
    hits: int
    last_hit_ns: int
    _fields_ = (
        ("expires_ns", ctypes.c_uint64),
        ("hits", ctypes.c_uint64),
        ("last_hit_ns", ctypes.c_uint64),
    )


class BanCell(ctypes.Structure):
    """struct fw_ban_cell, 32 bytes."""

    addr: Addr
    hits: int
    until: int
    last_hit: int
    _fields_ = (
        ("addr", Addr),
        ("hits", ctypes.c_uint64),
        ("until", ctypes.c_uint32),
        ("last_hit", ctypes.c_uint32),
    )


class BanBucket(ctypes.Structure):
    """struct fw_ban_bucket, 64 bytes."""

    cells: Any
    _fields_ = (
        ("cells", BanCell * 2),
    )


class Config(ctypes.Structure):
    """struct fw_config, 88 bytes."""

    flags: int
    key_current: int
    debt_source_max: int
    debt_port_max: int
    debt_prefix_max: int
    guard_epoch: int
    hash_seed: int
    debt_halving_ns: int
    slice_ns: int
    closed_port_rate: int
    authenticated_rate: int
    known_rate: int
    rate_source_max: int
    rate_port_max: int
    zero: int
    mss_ipv4: int
    mss_ipv6: int
    replay_now_ns: int
    _fields_ = (
        ("flags", ctypes.c_uint32),
        ("key_current", ctypes.c_uint32),
        ("debt_source_max", ctypes.c_uint32),
        ("debt_port_max", ctypes.c_uint32),
        ("debt_prefix_max", ctypes.c_uint32),
        ("guard_epoch", ctypes.c_uint32),
        ("hash_seed", ctypes.c_uint64),
        ("debt_halving_ns", ctypes.c_uint64),
        ("slice_ns", ctypes.c_uint64),
        ("closed_port_rate", ctypes.c_uint32),
        ("authenticated_rate", ctypes.c_uint32),
        ("known_rate", ctypes.c_uint32),
        ("rate_source_max", ctypes.c_uint32),
        ("rate_port_max", ctypes.c_uint32),
        ("zero", ctypes.c_uint32),
        ("mss_ipv4", ctypes.c_uint16),
        ("mss_ipv6", ctypes.c_uint16),
        ("replay_now_ns", ctypes.c_uint64),
    )


class Lease(ctypes.Structure):
    """struct fw_lease, 8 bytes."""

    until_ns: int
    _fields_ = (
        ("until_ns", ctypes.c_uint64),
    )


class Key(ctypes.Structure):
    """struct fw_key, 24 bytes."""

    k0: int
    k1: int
    valid: int
    window_scale: int
    zero: Any
    _fields_ = (
        ("k0", ctypes.c_uint64),
        ("k1", ctypes.c_uint64),
        ("valid", ctypes.c_uint32),
        ("window_scale", ctypes.c_uint8),
        ("zero", ctypes.c_uint8 * 3),
    )


class Limits(ctypes.Structure):
    """struct fw_limits, 40 bytes."""

    mode: int
    mechanism: int
    high: int
    low: int
    hold_ns: int
    forced_until_ns: int
    reset_seq: int
    window: int
    ack_guard: int
    rate_drop: int
    _fields_ = (
        ("mode", ctypes.c_uint32),
        ("mechanism", ctypes.c_uint32),
        ("high", ctypes.c_uint32),
        ("low", ctypes.c_uint32),
        ("hold_ns", ctypes.c_uint64),
        ("forced_until_ns", ctypes.c_uint64),
        ("reset_seq", ctypes.c_uint32),
        ("window", ctypes.c_uint16),
        ("ack_guard", ctypes.c_uint8),
        ("rate_drop", ctypes.c_uint8),
    )


class State(ctypes.Structure):
    """struct fw_state, 168 bytes."""

    armed_until_ns: int
    armed_at_ns: int
    first_challenge_ns: int
    check_until_ns: int
    arms: int
    pending: int
    slices: Any
    beats: Any
    slice: int
    beat: int
    reset_seq: int
    zero: int
    _fields_ = (
        ("armed_until_ns", ctypes.c_uint64),
        ("armed_at_ns", ctypes.c_uint64),
        ("first_challenge_ns", ctypes.c_uint64),
        ("check_until_ns", ctypes.c_uint64),
        ("arms", ctypes.c_uint64),
        ("pending", ctypes.c_int64),
        ("slices", ctypes.c_int64 * 8),
        ("beats", ctypes.c_int64 * 4),
        ("slice", ctypes.c_uint64),
        ("beat", ctypes.c_uint64),
        ("reset_seq", ctypes.c_uint32),
        ("zero", ctypes.c_uint32),
    )


class Tally(ctypes.Structure):
    """struct fw_tally, 64 bytes."""

    syns: int
    passed: int
    challenged: int
    proven: int
    bad_acks: int
    completed: int
    unreported: int
    beat: int
    _fields_ = (
        ("syns", ctypes.c_uint64),
        ("passed", ctypes.c_uint64),
        ("challenged", ctypes.c_uint64),
        ("proven", ctypes.c_uint64),
        ("bad_acks", ctypes.c_uint64),
        ("completed", ctypes.c_uint64),
        ("unreported", ctypes.c_int64),
        ("beat", ctypes.c_uint64),
    )


class Debt(ctypes.Structure):
    """struct fw_debt, 8 bytes."""

    tick: int
    owed: int
    _fields_ = (
        ("tick", ctypes.c_uint32),
        ("owed", ctypes.c_uint32),
    )


class Rate(ctypes.Structure):
    """struct fw_rate, 16 bytes."""

    tag: int
    second: int
    syns: int
    _fields_ = (
        ("tag", ctypes.c_uint64),
        ("second", ctypes.c_uint32),
        ("syns", ctypes.c_uint32),
    )


class Seen(ctypes.Structure):
    """struct fw_seen, 8 bytes."""

    epoch: int
    bits: int
    _fields_ = (
        ("epoch", ctypes.c_uint32),
        ("bits", ctypes.c_uint32),
    )


class Handover(ctypes.Structure):
    """struct fw_handover, 20 bytes."""

    magic: int
    tsval: int
    tsecr: int
    mss: int
    rcv_wscale: int
    snd_wscale: int
    options: int
    zero: Any
    _fields_ = (
        ("magic", ctypes.c_uint32),
        ("tsval", ctypes.c_uint32),
        ("tsecr", ctypes.c_uint32),
        ("mss", ctypes.c_uint16),
        ("rcv_wscale", ctypes.c_uint8),
        ("snd_wscale", ctypes.c_uint8),
        ("options", ctypes.c_uint8),
        ("zero", ctypes.c_uint8 * 3),
    )


class Follow(ctypes.Structure):
    """struct fw_follow, 48 bytes."""

    tuple: int
    at_ns: int
    seq: int
    ack: int
    handover: Handover
    zero: int
    _fields_ = (
        ("tuple", ctypes.c_uint64),
        ("at_ns", ctypes.c_uint64),
        ("seq", ctypes.c_uint32),
        ("ack", ctypes.c_uint32),
        ("handover", Handover),
        ("zero", ctypes.c_uint32),
    )


class Proof(ctypes.Structure):
    """struct fw_proof, 16 bytes."""

    last_ns: int
    count: int
    _fields_ = (
        ("last_ns", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
    )


class Budget(ctypes.Structure):
    """struct fw_budget, 16 bytes."""

    second: int
    spent: int
    _fields_ = (
        ("second", ctypes.c_uint64),
        ("spent", ctypes.c_uint64),
    )


class Note(ctypes.Structure):
    """struct fw_note, 4 bytes."""

    no_metadata: int
    _fields_ = (
        ("no_metadata", ctypes.c_uint32),
    )


class FlowKey(ctypes.Structure):
    """struct fw_flow_key, 36 bytes."""

    client: Addr
    service: Addr
    client_port: int
    service_port: int
    _fields_ = (
        ("client", Addr),
        ("service", Addr),
        ("client_port", ctypes.c_uint16.__ctype_be__),
        ("service_port", ctypes.c_uint16.__ctype_be__),
    )


class Flow(ctypes.Structure):
    """struct fw_flow, 48 bytes."""

    client_isn: int
    cookie: int
    shift: int
    stamp: int
    stamp_shift: int
    window: int
    state: int
    backend_wscale: int
    agreed: Handover
    zero: int
    _fields_ = (
        ("client_isn", ctypes.c_uint32),
        ("cookie", ctypes.c_uint32),
        ("shift", ctypes.c_uint32),
        ("stamp", ctypes.c_uint32),
        ("stamp_shift", ctypes.c_uint32),
        ("window", ctypes.c_uint16),
        ("state", ctypes.c_uint8),
        ("backend_wscale", ctypes.c_uint8),
        ("agreed", Handover),
        ("zero", ctypes.c_uint32),
    )


class Greet(ctypes.Structure):
    """struct fw_greet, 24 bytes."""

    tuple: int
    seq: int
    ack: int
    offered: int
    answered: int
    zero: Any
    _fields_ = (
        ("tuple", ctypes.c_uint64),
        ("seq", ctypes.c_uint32),
        ("ack", ctypes.c_uint32),
        ("offered", ctypes.c_uint8),
        ("answered", ctypes.c_uint8),
        ("zero", ctypes.c_uint8 * 6),
    )


class Offer(ctypes.Structure):
    """struct fw_offer, 8 bytes."""

    mss: int
    window_scale: int
    options: int
    known: int
    zero: Any
    _fields_ = (
        ("mss", ctypes.c_uint16),
        ("window_scale", ctypes.c_uint8),
        ("options", ctypes.c_uint8),
        ("known", ctypes.c_uint8),
        ("zero", ctypes.c_uint8 * 3),
    )


class Offers(ctypes.Structure):
    """struct fw_offers, 24 bytes."""

    now: Offer
    before: Offer
    changes: int
    _fields_ = (
        ("now", Offer),
        ("before", Offer),
        ("changes", ctypes.c_uint64),
    )
