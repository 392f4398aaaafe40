"""The functions of libbpf.so.1 that Floodwall calls, as ctypes prototypes, and what libbpf says.

Law: only this package talks to libbpf; others use maps, programs, links and objects.
libbpf 1.1 (Debian 12) is enough: newer attach types are passed as numbers.
"""

import ctypes
from collections import deque
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from functools import cache
from typing import Any

from floodwall.core.errors import NotSupported

_LOG_BYTES = 16 * 1024 * 1024  # libbpf's own limit of a verifier log, BPF_LOG_BUF_SIZE
_LOG_LINES = 400
_LEVEL_DEBUG = 2
_PRINT = ctypes.CFUNCTYPE(c_int, c_int, c_char_p, c_void_p)


class LinkCreateOpts(ctypes.Structure):
    """The first fields of struct bpf_link_create_opts."""

    _fields_ = (("sz", c_size_t), ("flags", c_uint32), ("_pad", c_uint32))


class ProgLoadOpts(ctypes.Structure):
    """The first fields of struct bpf_prog_load_opts."""

    _fields_ = (
        ("sz", c_size_t),
        ("attempts", c_int),
        ("expected_attach_type", c_uint32),
        ("prog_btf_fd", c_uint32),
        ("prog_flags", c_uint32),
    )


class BatchOpts(ctypes.Structure):
    """Fields of struct bpf_map_batch_opts."""

    _fields_ = (("sz", c_size_t), ("elem_flags", c_uint64), ("flags", c_uint64))


class XdpQueryOpts(ctypes.Structure):
    """Fields of struct bpf_xdp_query_opts: which programs sit on an interface."""

    _fields_ = (
        ("sz", c_size_t),
        ("prog_id", c_uint32),
        ("drv_prog_id", c_uint32),
        ("hw_prog_id", c_uint32),
        ("skb_prog_id", c_uint32),
        ("attach_mode", ctypes.c_uint8),
    )


class TestRunOpts(ctypes.Structure):
    """Fields of struct bpf_test_run_opts."""

    _fields_ = (
        ("sz", c_size_t),
        ("data_in", c_char_p),
        ("data_out", c_void_p),
        ("data_size_in", c_uint32),
        ("data_size_out", c_uint32),
        ("ctx_in", c_void_p),
        ("ctx_out", c_void_p),
        ("ctx_size_in", c_uint32),
        ("ctx_size_out", c_uint32),
        ("retval", c_uint32),
        ("repeat", c_int),
        ("duration", c_uint32),
        ("flags", c_uint32),
        ("cpu", c_uint32),
        ("batch_size", c_uint32),
    )


_U32 = POINTER(c_uint32)
_PROTOTYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "bpf_object__open_file": (c_void_p, (c_char_p, c_void_p)),
    "bpf_object__load": (c_int, (c_void_p,)),
    "bpf_object__close": (None, (c_void_p,)),
    "bpf_object__btf": (c_void_p, (c_void_p,)),
    "bpf_object__find_map_by_name": (c_void_p, (c_void_p, c_char_p)),
    "bpf_object__find_program_by_name": (c_void_p, (c_void_p, c_char_p)),
    "bpf_object__next_map": (c_void_p, (c_void_p, c_void_p)),
    "bpf_object__next_program": (c_void_p, (c_void_p, c_void_p)),
    "bpf_map__name": (c_char_p, (c_void_p,)),
    "bpf_map__fd": (c_int, (c_void_p,)),
    "bpf_map__reuse_fd": (c_int, (c_void_p, c_int)),
    "bpf_map__initial_value": (c_void_p, (c_void_p, POINTER(c_size_t))),
    "bpf_map__type": (c_int, (c_void_p,)),
    "bpf_map__key_size": (c_uint32, (c_void_p,)),
    "bpf_map__value_size": (c_uint32, (c_void_p,)),
    "bpf_map__max_entries": (c_uint32, (c_void_p,)),
    "bpf_map__is_internal": (ctypes.c_bool, (c_void_p,)),
    "bpf_program__name": (c_char_p, (c_void_p,)),
    "bpf_program__fd": (c_int, (c_void_p,)),
    "bpf_program__set_autoload": (c_int, (c_void_p, ctypes.c_bool)),
    "bpf_program__flags": (c_uint32, (c_void_p,)),
    "bpf_program__set_flags": (c_int, (c_void_p, c_uint32)),
    "bpf_prog_load": (
        c_int,
        (c_int, c_char_p, c_char_p, c_char_p, c_size_t, POINTER(ProgLoadOpts)),
    ),
    "bpf_prog_query": (c_int, (c_int, c_int, c_uint32, _U32, _U32, _U32)),
    "bpf_prog_test_run_opts": (c_int, (c_int, POINTER(TestRunOpts))),
    "bpf_prog_get_fd_by_id": (c_int, (c_uint32,)),
    "bpf_map_get_fd_by_id": (c_int, (c_uint32,)),
    "bpf_link_get_fd_by_id": (c_int, (c_uint32,)),
    "bpf_map_lookup_elem": (c_int, (c_int, c_char_p, c_void_p)),
    "bpf_map_update_elem": (c_int, (c_int, c_char_p, c_char_p, c_uint64)),
    "bpf_map_delete_elem": (c_int, (c_int, c_char_p)),
    "bpf_map_get_next_key": (c_int, (c_int, c_void_p, c_void_p)),
    "bpf_map_lookup_batch": (
        c_int,
        (c_int, c_void_p, c_void_p, c_void_p, c_void_p, _U32, POINTER(BatchOpts)),
    ),
    "bpf_map_update_batch": (c_int, (c_int, c_char_p, c_char_p, _U32, POINTER(BatchOpts))),
    "bpf_map_delete_batch": (c_int, (c_int, c_char_p, _U32, POINTER(BatchOpts))),
    "bpf_obj_pin": (c_int, (c_int, c_char_p)),
    "bpf_obj_get": (c_int, (c_char_p,)),
    "bpf_obj_get_info_by_fd": (c_int, (c_int, c_void_p, _U32)),
    "bpf_link_create": (c_int, (c_int, c_int, c_int, POINTER(LinkCreateOpts))),
    "bpf_link_update": (c_int, (c_int, c_int, c_void_p)),
    "bpf_link_detach": (c_int, (c_int,)),
    "bpf_raw_tracepoint_open": (c_int, (c_char_p, c_int)),
    "bpf_xdp_query": (c_int, (c_int, c_int, POINTER(XdpQueryOpts))),
    "btf__load_vmlinux_btf": (c_void_p, ()),
    "btf__parse_elf": (c_void_p, (c_char_p, c_void_p)),
    "btf__free": (None, (c_void_p,)),
    "btf__type_cnt": (c_uint32, (c_void_p,)),
    "btf__type_by_id": (c_void_p, (c_void_p, c_uint32)),
    "btf__name_by_offset": (c_char_p, (c_void_p, c_uint32)),
    "btf__find_by_name_kind": (c_int, (c_void_p, c_char_p, c_uint32)),
    "libbpf_num_possible_cpus": (c_int, ()),
    "libbpf_set_print": (c_void_p, (_PRINT,)),
    "libbpf_version_string": (c_char_p, ()),
}


class Libbpf:
    """The loaded library: `calls` has its functions, `said()` what it printed last."""

    def __init__(self) -> None:
        """Load libbpf.so.1 and take over its messages."""
        self.calls = _load()
        self._lines: deque[str] = deque(maxlen=_LOG_LINES)
        self._vsnprintf = ctypes.CDLL(None).vsnprintf
        self._vsnprintf.argtypes = (c_char_p, c_size_t, c_char_p, c_void_p)
        self._callback = _PRINT(self._listen)  # kept alive as long as libbpf may call it
        self.calls.libbpf_set_print(self._callback)

    @property
    def version(self) -> str:
        """The version, such as v1.1."""
        return str(self.calls.libbpf_version_string().decode())

    @property
    def possible_cpus(self) -> int:
        """CPUs that a per-CPU map has values for."""
        return int(self.calls.libbpf_num_possible_cpus())

    def said(self) -> list[str]:
        """Return and forget the lines that libbpf printed, the verifier's log among them."""
        lines = list(self._lines)
        self._lines.clear()
        return lines

    def _listen(self, level: int, template: bytes, arguments: int) -> int:
        # va_list reaches a callback as a pointer on x86-64 and on arm64 alike.
        if level >= _LEVEL_DEBUG:
            return 0
        text = ctypes.create_string_buffer(_LOG_BYTES)
        self._vsnprintf(text, _LOG_BYTES, template, arguments)
        self._lines.extend(text.value.decode(errors="replace").splitlines())
        return 0


def _load() -> Any:  # a CDLL: its functions appear by name
    try:
        library = ctypes.CDLL("libbpf.so.1", use_errno=True)
        for name, (result, arguments) in _PROTOTYPES.items():
            function = getattr(library, name)
            function.restype = result
            function.argtypes = arguments
    except (OSError, AttributeError) as error:
        message = f"libbpf.so.1 cannot be used: {error}"
        raise NotSupported(message, feature="libbpf", hint="apt install libbpf1") from error
    return library


@cache
def libbpf() -> Libbpf:
    """Return the one library of this process."""
    return Libbpf()
