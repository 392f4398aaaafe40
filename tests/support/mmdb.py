"""Makes MaxMind DB files, as the format's specification says, for tests."""

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
Tree = list[list[Any]]


def mmdb(records: Mapping[str, Mapping[str, Any]], bits: int = 24, version: int = 6) -> bytes:
    """Return a file that knows these networks; IPv4 ones stand under ::/96."""
    nodes: Tree = [[None, None]]
    data = bytearray()
    for name, record in records.items():
        network = ip_network(name)
        path = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
        path = "0" * 96 + path if network.version == 4 and version == 6 else path
        node = 0
        for bit in path[:-1]:
            if nodes[node][int(bit)] is None:
                nodes.append([None, None])
                nodes[node][int(bit)] = len(nodes) - 1
            node = nodes[node][int(bit)]
        nodes[node][int(path[-1])] = ("data", len(data))
        data += encode(record)
    head = {"node_count": len(nodes), "record_size": bits, "ip_version": version}
    tree = b"".join(_pair([_number(one, len(nodes)) for one in node], bits) for node in nodes)
    return tree + bytes(16) + bytes(data) + MARKER + encode(head)


def _number(one: Any, count: int) -> int:
    if one is None:
        return count
    return count + 16 + int(one[1]) if isinstance(one, tuple) else int(one)


def _pair(pair: list[int], bits: int) -> bytes:
    left, right = pair
    if bits == 28:
        middle = bytes([(left >> 24) << 4 | right >> 24])
        return (left & 0xFFFFFF).to_bytes(3) + middle + (right & 0xFFFFFF).to_bytes(3)
    return left.to_bytes(bits // 8) + right.to_bytes(bits // 8)


def encode(value: Any) -> bytes:
    """Return a value as the data section holds it."""
    if isinstance(value, bool):
        return _control(14, int(value))
    if isinstance(value, int):
        raw = value.to_bytes((value.bit_length() + 7) // 8)
        return _control(6 if len(raw) <= 4 else 9, len(raw)) + raw
    if isinstance(value, float):
        return _control(3, 8) + struct.pack(">d", value)
    if isinstance(value, str):
        return _control(2, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(encode, value))
    pairs = [encode(part) for item in value.items() for part in item]
    return _control(7, len(value)) + b"".join(pairs)


def _control(kind: int, size: int) -> bytes:
    first, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    if kind > 7:
        return bytes([first, kind - 7]) + more
    return bytes([kind << 5 | first]) + more
