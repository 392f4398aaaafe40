"""Writes _abi.py, Python's view of bpf/abi.h, from the BTF of bpf/abi.bpf.c.

Run `python -m floodwall.kernel.abi_generator` after a change of abi.h; a test compares.
"""

import hashlib
import os
from pathlib import Path

from floodwall.kernel.btf import Btf, BtfType, Kind, Member
from floodwall.kernel.build import compile_object

_HEADER = '''"""The contract with the data plane, generated from bpf/abi.h: do not edit."""

import ctypes
from enum import IntEnum, IntFlag
from typing import Any
'''
# Prefix of an enum's members; a member without it, and every *_MAX, becomes a plain constant.
_ENUMS = {
    "fw_limit": "FW_LIMIT_",
    "fw_debt_level": "FW_DEBT_",
    "fw_rate_level": "FW_RATE_",
    "fw_reason": "FW_",
    "fw_mode": "FW_MODE_",
    "fw_mechanism": "FW_MECHANISM_",
    "fw_flag": "FW_FLAG_",
    "fw_purse": "FW_PURSE_",
    "fw_option": "FW_OPTION_",
    "fw_flow_state": "FW_FLOW_",
}
_FLAG_SETS = frozenset({"fw_flag", "fw_option"})
_INTEGERS = {
    "__u8": "ctypes.c_uint8",
    "__u16": "ctypes.c_uint16",
    "__u32": "ctypes.c_uint32",
    "__u64": "ctypes.c_uint64",
    "__s32": "ctypes.c_int32",
    "__s64": "ctypes.c_int64",
    "__be16": "ctypes.c_uint16.__ctype_be__",
    "__be32": "ctypes.c_uint32.__ctype_be__",
}


def generate(path: Path) -> str:
    """Return the text of _abi.py for a compiled abi.bpf.o."""
    btf = Btf.of_file(path)
    try:
        enums = [of for of in btf.types() if of.kind is Kind.ENUM and of.name in _ENUMS]
        structs = [of for of in btf.types() if of.kind is Kind.STRUCT and of.name.startswith("fw_")]
        body = "".join(
            [
                *(_constants(of) for of in enums),
                *(_enum(of) for of in enums if _members(of)),
                *(_struct(btf, of) for of in _dependencies_first(btf, structs)),
            ]
        )
    finally:
        btf.close()
    digest = hashlib.sha256(body.encode()).hexdigest()[:16]
    return f'{_HEADER}\nABI_DIGEST = "{digest}"\n{body}'


def main() -> None:
    """Write _abi.py beside this module."""
    target = Path(__file__).with_name("_abi.py")
    scratch = target.with_suffix(f".{os.getpid()}")
    scratch.write_text(generate(compile_object("abi")))
    scratch.replace(target)


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.removeprefix("fw_").split("_"))


def _members(of: BtfType) -> list[tuple[str, int]]:
    prefix = _ENUMS[of.name]
    return [
        (name.removeprefix(prefix), value)
        for name, value in of.values
        if name.startswith(prefix) and not _is_constant(of, name)
    ]


def _is_constant(of: BtfType, name: str) -> bool:
    sentinel = f"{of.name.upper()}_MAX"
    return name == sentinel or not name.startswith(_ENUMS[of.name])


def _constants(of: BtfType) -> str:
    return "".join(
        f"{name.removeprefix('FW_')} = {value}\n"
        for name, value in of.values
        if _is_constant(of, name)
    )


def _enum(of: BtfType) -> str:
    base = "IntFlag" if of.name in _FLAG_SETS else "IntEnum"
    lines = "".join(f"    {name} = {value}\n" for name, value in _members(of))
    return f'\n\nclass {_class_name(of.name)}({base}):\n    """enum {of.name}."""\n\n{lines}'


def _dependencies_first(btf: Btf, structs: list[BtfType]) -> list[BtfType]:
    """Order the structs so that each comes after those it contains."""
    ordered: list[BtfType] = []
    waiting = list(structs)
    while waiting:
        done = {of.name for of in ordered}
        ready = next(of for of in waiting if _contained(btf, of) <= done)
        waiting.remove(ready)
        ordered.append(ready)
    return ordered


def _contained(btf: Btf, of: BtfType) -> set[str]:
    found = (btf.resolved(member.type_id) for member in of.members)
    return {inner.name for inner in found if inner.kind is Kind.STRUCT}


def _struct(btf: Btf, of: BtfType) -> str:
    name = _class_name(of.name)
    unions = [member for member in of.members if not member.name]
    before = "".join(_union(btf, name, member) for member in unions)
    anonymous = '    _anonymous_ = ("_union",)\n' if unions else ""
    inner = [within for member in unions for within in btf.resolved(member.type_id).members]
    hints = "".join(_hint(btf, member) for member in [*of.members, *inner] if member.name)
    fields = "".join(_field(btf, name, member) for member in of.members)
    return (
        f"{before}\n\nclass {name}(ctypes.Structure):\n"
        f'    """struct {of.name}, {of.size} bytes."""\n\n'
        f"{hints}{anonymous}    _fields_ = (\n{fields}    )\n"
    )


def _union(btf: Btf, owner: str, member: Member) -> str:
    inner = btf.resolved(member.type_id).members
    fields = "".join(_field(btf, owner, within) for within in inner)
    return f"\n\nclass _{owner}Union(ctypes.Union):\n    _fields_ = (\n{fields}    )\n"


def _hint(btf: Btf, member: Member) -> str:
    of = btf.resolved(member.type_id)
    if of.kind is Kind.STRUCT:
        kind = _class_name(of.name)
    else:
        kind = "Any" if of.kind is Kind.ARRAY else "int"
    return f"    {member.name}: {kind}\n"


def _field(btf: Btf, owner: str, member: Member) -> str:
    name = member.name or "_union"
    return f'        ("{name}", {_spelled(btf, owner, member.type_id)}),\n'


def _spelled(btf: Btf, owner: str, number: int) -> str:
    of = btf.type(number)
    if of.kind is Kind.TYPEDEF and of.name in _INTEGERS:
        return _INTEGERS[of.name]
    if of.kind is Kind.ARRAY:
        return f"{_spelled(btf, owner, of.target)} * {of.count}"
    if of.kind is Kind.UNION:
        return f"_{owner}Union"
    if of.kind is Kind.STRUCT:
        return _class_name(of.name)
    raise ValueError(f"abi.h uses a type that Python has no word for: {of.name or of.kind.name}")


if __name__ == "__main__":
    main()
