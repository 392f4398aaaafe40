"""The order of the options of a SYN, packed into one word: a fingerprint of who made it."""

# TCP option kinds (IANA) and their four bits; 0 ends the list, 15 stands for every other kind.
CODES = {1: 1, 2: 2, 3: 3, 4: 4, 8: 5, 19: 6, 28: 7, 29: 8, 30: 9, 34: 10, 0: 11}
_NAMES = {
    1: "nop",
    2: "mss",
    3: "ws",
    4: "sok",
    5: "ts",
    6: "md5",
    7: "uto",
    8: "ao",
    9: "mptcp",
    10: "tfo",
    11: "eol",
    15: "?",
}
OTHER = 15
MOST_OPTIONS = 16


def layout_text(layout: int) -> str:
    """Return the names of the options in order, as p0f writes them."""
    names = []
    while layout:
        names.append(_NAMES.get(layout & 15, "?"))
        layout >>= 4
    return ",".join(names)


def layout_of(options: bytes) -> tuple[int, int]:
    """Return the packed order of options, and the MSS (0 if none), of the bytes of a header."""
    packed = position = mss = count = 0
    while position < len(options) and count < MOST_OPTIONS:
        kind = options[position]
        packed |= CODES.get(kind, OTHER) << (4 * count)
        count += 1
        if kind == 0:
            break
        if kind == 1:
            position += 1
            continue
        size = options[position + 1] if position + 1 < len(options) else 0
        if size < 2:
            break
        if kind == 2 and size == 4 and position + 4 <= len(options):
            mss = int.from_bytes(options[position + 2 : position + 4], "big")
        position += size
    return packed, mss
