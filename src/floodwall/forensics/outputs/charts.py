"""Charts as inline SVG, drawn from numbers; their colours are classes of the page's style.

Every chart carries its title and a sentence that says the same in words, for those who hear it.
"""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log1p, log10
from typing import Final

from floodwall.forensics.finding import Space
from floodwall.forensics.moments import iso
from floodwall.forensics.words import printable

_WIDTH: Final = 760
_LEFT: Final = 66
_RIGHT: Final = 12
_TOP: Final = 10
_PLOT: Final = _WIDTH - _LEFT - _RIGHT
_TICKS: Final = 4
_CELL: Final = 22
_LEVELS: Final = 9
_CLASS: Final = 1024  # source ports a column


def safe(text: str, longest: int = 1_000) -> str:
    """Return text that can neither be markup nor disturb what shows it."""
    return escape(printable(text, longest), quote=True)


def over_time(
    name: str,
    points: Sequence[tuple[float, float]],
    *,
    title: str = "Requests a second over time",
    relative: bool = False,
    height: int = 240,
) -> str:
    """Return a rate a second over time as steps; `name` is unique in the page."""
    if not points:
        return ""
    start = points[0][0]
    width = (points[-1][0] - start) / (len(points) - 1) if len(points) > 1 else 1.0
    span = width * len(points)
    highest = max(value for _, value in points)
    top, ticks = _scale(highest)
    base = _TOP + height - 50
    path = [f"M{_LEFT} {base}"]
    for index, (_, value) in enumerate(points):
        y = base - (base - _TOP) * value / top
        path.append(f"L{_x(index * width / span):.1f} {y:.1f}")
        path.append(f"L{_x((index + 1) * width / span):.1f} {y:.1f}")
    path.append(f"L{_x(1):.1f} {base}Z")
    at = max(points, key=lambda point: point[1])[0]
    parts = [
        *_grid(ticks, top, base),
        f'<path class="area" d="{"".join(path)}"/>',
        *_times(start, span, base, relative=relative),
    ]
    told = (
        f"From {iso(start, relative=relative)} to {iso(start + span, relative=relative)}; "
        f"most at {iso(at, relative=relative)}: {highest:,.1f} a second, "
        f"as a mean over {width:,.3g} s."
    )
    return _chart(name, title, told, height, parts)


def source_ports(name: str, classes: Sequence[int], height: int = 190) -> str:
    """Return requests by class of source port as columns."""
    highest = max(classes, default=0)
    if not highest:
        return ""
    top, ticks = _scale(highest)
    base = _TOP + height - 50
    wide = _PLOT / len(classes)
    parts = _grid(ticks, top, base)
    for index, count in enumerate(classes):
        tall = (base - _TOP) * count / top
        parts.append(
            f'<rect class="bar" x="{_LEFT + index * wide + 1:.1f}" y="{base - tall:.1f}" '
            f'width="{wide - 2:.1f}" height="{tall:.1f}"><title>ports {index * _CLASS} to '
            f"{(index + 1) * _CLASS - 1}: {count:,}</title></rect>"
        )
    for index in range(0, len(classes) + 1, 8):
        port = min(65_535, index * _CLASS)
        anchor = "end" if index == len(classes) else "middle"
        parts.append(_label(_x(index / len(classes)), base + 18, f"{port}", anchor))
    used = sum(count > 0 for count in classes)
    most = max(range(len(classes)), key=classes.__getitem__)
    told = (
        f"{used} of {len(classes)} classes of {_CLASS:,} source ports were used; most requests, "
        f"{highest:,}, came from ports {most * _CLASS} to {(most + 1) * _CLASS - 1}."
    )
    return _chart(name, "Requests by source port", told, height, parts)


def heat_map(name: str, space: Space) -> str:
    """Return requests by part of a network as 16 rows of 16 cells."""
    highest = max(space.parts)
    if not highest:
        return ""
    used = sum(count > 0 for count in space.parts)
    parts = []
    for part, count in enumerate(space.parts):
        row, column = divmod(part, 16)
        level = ceil(_LEVELS * log1p(count) / log1p(highest))
        parts.append(
            f'<rect class="heat h{level}" x="{40 + column * _CELL}" y="{22 + row * _CELL}" '
            f'width="{_CELL - 2}" height="{_CELL - 2}"><title>{_part(space.network, part)}: '
            f"{count:,}</title></rect>"
        )
    for step in range(16):
        middle = step * _CELL + _CELL / 2
        parts.append(_label(39 + middle, 15, f"{step}", "middle"))
        parts.append(_label(34, 25 + middle, f"{step * 16}", "end"))
    parts += _legend(highest)
    most = max(range(256), key=space.parts.__getitem__)
    told = (
        f"{used} of 256 parts of {space.network} sent requests; most, {highest:,}, came from "
        f"{_part(space.network, most)}. Darker is more, by the logarithm."
    )
    return _chart(name, f"Requests by part of {space.network}", told, 22 + 17 * _CELL, parts, 470)


def share_bar(count: int, total: int) -> str:
    """Return a part of all as a small bar with its percentage, for a cell of a table."""
    share = min(count / total, 1.0) if total else 0.0
    return (
        '<svg class="share" viewBox="0 0 120 10" aria-hidden="true">'
        '<rect class="track" width="120" height="10"/>'
        f'<rect class="bar" width="{120 * share:.1f}" height="10"/></svg> {_percent(share)}'
    )


def _percent(share: float) -> str:
    """Return what is there as never 0 %, and what is not all as never 100 %."""
    if share in {0.0, 1.0}:
        return f"{share:.0%}"
    return "&lt; 0.1%" if share < 0.001 else f"{min(share, 0.999):.1%}"


def _part(network: str, part: int) -> str:
    """Return the part of a network of whole bytes with a certain next byte."""
    address, _, bits = network.partition("/")
    shared = int(bits) // 8
    if ":" not in address:
        numbers = address.split(".")
        numbers[shared] = str(part)
        return ".".join(numbers) + f"/{8 * (shared + 1)}"
    return f"byte {shared + 1} = {part:02x} of {network}"


def _chart(
    name: str, title: str, told: str, height: int, parts: Sequence[str], width: int = _WIDTH
) -> str:
    size = ' class="small"' if width < _WIDTH else ""
    return (
        f'<figure><figcaption>{safe(title)}</figcaption><svg{size} role="img" viewBox="0 0 {width} '
        f'{height}" aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{safe(title)}</title>'
        f'<desc id="{name}-d">{safe(told)}</desc>{"".join(parts)}</svg>'
        f'<p class="told">{safe(told)}</p></figure>'
    )


def _x(share: float) -> float:
    return _LEFT + _PLOT * share


def _scale(highest: float) -> tuple[float, list[float]]:
    """Return the end of an axis from 0, and its ticks: round numbers."""
    if highest <= 0:
        return 1.0, [0.0, 1.0]
    rough = highest / _TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * 0.999)
    count = ceil(highest / step * 0.9999)
    return count * step, [index * step for index in range(count + 1)]


def _grid(ticks: Sequence[float], top: float, base: float) -> list[str]:
    parts = []
    for tick in ticks:
        y = base - (base - _TOP) * tick / top
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(_label(_LEFT - 8, y + 4, f"{tick:,.10g}", "end"))
    return parts


def _times(start: float, span: float, base: float, *, relative: bool) -> list[str]:
    parts = []
    for index in range(_TICKS + 1):
        at = start + span * index / _TICKS
        anchor = "start" if index == 0 else "end" if index == _TICKS else "middle"
        day, _, clock = (iso(round(at, 3), relative=relative) or "").partition("T")
        clock = clock.removesuffix("+00:00")
        parts.append(_label(_x(index / _TICKS), base + 18, clock, anchor))
        if not relative and index in (0, _TICKS):
            parts.append(_label(_x(index / _TICKS), base + 34, f"{day} UTC", anchor))
    return parts


def _legend(highest: int) -> list[str]:
    parts = [_label(412, 36, f"{highest:,}", "start"), _label(412, 218, "0", "start")]
    for level in range(_LEVELS + 1):
        y = 44 + (_LEVELS - level) * 16
        parts.append(f'<rect class="heat h{level}" x="412" y="{y}" width="20" height="14"/>')
    return parts


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{safe(text)}</text>'
