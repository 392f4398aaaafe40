"""What a network driver says about its link, by the ethtool ioctl."""

import ctypes
import errno
import fcntl
import socket
import struct

from floodwall.kernel.failure import kernel_error

_SIOCETHTOOL = 0x8946  # linux/sockios.h
_GET_LINK_SETTINGS = 0x4C  # ETHTOOL_GLINKSETTINGS, minimum kernel 4.6
# struct ethtool_link_settings: cmd, speed, six bytes, mdio_support, ..., link_mode_masks_nwords
_SETTINGS = struct.Struct("=IIBBBBBBBb")
_ROOM = 512  # the fixed part is 48 bytes; three masks of at most 127 words are for other readers
_REQUEST = struct.Struct("16sP16x")  # struct ifreq: name, then a pointer
_SPEED_UNKNOWN = 0xFFFFFFFF
_BITS_IN_MEGABIT = 1_000_000
_SILENT = frozenset({errno.EOPNOTSUPP, errno.EINVAL, errno.ENODEV})


def link_speed(name: str) -> int | None:
    """Return the speed of a link in bits a second; None if its driver does not tell.

    The kernel answers in two steps: first how many words its masks have, then everything.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as asked:
        words = _ask(asked, name, 0)
        answer = None if words is None else _ask(asked, name, -words[-1])
    if answer is None or answer[1] in {0, _SPEED_UNKNOWN}:
        return None
    return int(answer[1]) * _BITS_IN_MEGABIT


def _ask(asked: socket.socket, name: str, words: int) -> tuple[int, ...] | None:
    room = ctypes.create_string_buffer(_ROOM + 12 * max(words, 0))
    _SETTINGS.pack_into(room, 0, _GET_LINK_SETTINGS, 0, 0, 0, 0, 0, 0, 0, 0, words)
    request = _REQUEST.pack(name.encode()[:15], ctypes.addressof(room))
    try:
        fcntl.ioctl(asked, _SIOCETHTOOL, request)
    except OSError as error:
        if error.errno in _SILENT:
            return None
        raise kernel_error("ask for the speed of", error.errno or 0, name) from error
    return _SETTINGS.unpack_from(room)
