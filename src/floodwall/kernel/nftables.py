"""nftables through libnftables.so.1: commands as text, answers as JSON, and the generation.

Law: a command is a transaction, all of it or nothing; only tables that the caller names are read.
libnftables 1.0.6 (Debian 12) is enough.
"""

import ctypes
import errno
import json
import os
import struct
from functools import cache
from typing import Any, Final

from floodwall.core.errors import KernelError, NotSupported
from floodwall.kernel.closing import Closing
from floodwall.kernel.failure import kernel_error
from floodwall.kernel.netlink import Netlink, attributes

_LIBRARY: Final = "libnftables.so.1"
_JSON: Final = 1 << 4  # NFT_CTX_OUTPUT_JSON
_NUMERIC_PRIORITY: Final = 1 << 8  # NFT_CTX_OUTPUT_NUMERIC_PRIO
_NETLINK_NETFILTER: Final = 12
_GETGEN: Final = 10 << 8 | 16  # NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN
_NFGENMSG: Final = struct.Struct("!BBH")  # struct nfgenmsg: family, version, res_id
_GEN_ID: Final = 1  # NFTA_GEN_ID
_BIG_WORD: Final = struct.Struct("!I")
_ERRORS: Final = {os.strerror(number): number for number in errno.errorcode}
_HINTS: Final = {
    errno.ENFILE: "the set is full: its size is the limit, whatever the message says",
    errno.EPERM: "run as root, or with CAP_NET_ADMIN",
}

Json = dict[str, Any]


class Nftables(Closing):
    """A way to the nftables of the network namespace that this thread is in when it is made."""

    def __init__(self) -> None:
        """Open libnftables, or raise NotSupported where it is missing."""
        self._calls = _library()
        context = self._calls.nft_ctx_new(0)
        if not context:
            raise KernelError("libnftables gives no context", op="open nftables")
        self._context: int | None = context
        self._calls.nft_ctx_buffer_output(context)
        self._calls.nft_ctx_buffer_error(context)
        self._calls.nft_ctx_output_set_flags(context, _JSON | _NUMERIC_PRIORITY)
        self._netlink = Netlink(_NETLINK_NETFILTER, "nftables")

    def run(self, commands: str) -> None:
        """Carry out commands, one a line, all of them or none."""
        self._run(commands)

    def table(self, family: str, name: str) -> list[Json] | None:
        """Return what is in a table, each with its kind as the only key; None if there is none."""
        try:
            text = self._run(f"list table {family} {name}")
        except KernelError as error:
            if error.errno == errno.ENOENT:
                return None
            raise
        listed = json.loads(text)["nftables"] if text else []
        return [each for each in listed if "metainfo" not in each]

    def chains(self, family: str) -> set[tuple[str, str]]:
        """Return the chains of all tables of a family, each as table and name."""
        listed = json.loads(self._run(f"list chains {family}") or '{"nftables": []}')["nftables"]
        found = [each["chain"] for each in listed if "chain" in each]
        return {(chain["table"], chain["name"]) for chain in found}

    def generation(self) -> int:
        """Return the number of transactions so far; the kernel adds one for each."""
        (answer,) = self._netlink.ask(_GETGEN, _NFGENMSG.pack(0, 0, 0))
        found = attributes(answer, _NFGENMSG.size)
        return int(_BIG_WORD.unpack(found[_GEN_ID])[0])

    def close(self) -> None:
        """Let go of the library's memory and of the sockets; rules stay."""
        if self._context is not None:
            self._calls.nft_ctx_free(self._context)
            self._context = None
            self._netlink.close()

    def _run(self, commands: str) -> str:
        result = self._calls.nft_run_cmd_from_buffer(self._context, commands.encode())
        said = self._calls.nft_ctx_get_output_buffer(self._context) or b""
        complaint = self._calls.nft_ctx_get_error_buffer(self._context) or b""
        if result:
            raise _failure(complaint.decode(errors="replace"))
        return str(said.decode())


def _failure(complaint: str) -> KernelError:
    """Make an error of the first line that libnftables wrote; it ends with the kernel's reason."""
    first = complaint.partition("\n")[0].removeprefix("Error: ")
    number = next((code for text, code in _ERRORS.items() if first.endswith(text)), 0)
    if number:
        return kernel_error("change nftables", number, hint=_HINTS.get(number, ""))
    return KernelError(f"nftables: {first or 'no reason given'}", op="change nftables")


@cache
def _library() -> ctypes.CDLL:
    try:
        calls = ctypes.CDLL(_LIBRARY)
    except OSError as error:
        raise NotSupported(
            f"{_LIBRARY} is not there", feature="nftables", hint="apt install libnftables1"
        ) from error
    calls.nft_ctx_new.restype = ctypes.c_void_p
    calls.nft_ctx_new.argtypes = [ctypes.c_uint32]
    calls.nft_ctx_output_set_flags.argtypes = [ctypes.c_void_p, ctypes.c_uint]
    calls.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    for name in ("nft_ctx_free", "nft_ctx_buffer_output", "nft_ctx_buffer_error"):
        getattr(calls, name).argtypes = [ctypes.c_void_p]
    for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
        getattr(calls, name).argtypes = [ctypes.c_void_p]
        getattr(calls, name).restype = ctypes.c_char_p
    return calls
