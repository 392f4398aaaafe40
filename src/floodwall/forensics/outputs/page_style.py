"""The style of the page: light, dark and print, with the contrast that WCAG 2.2 asks for."""

from typing import Final

LIGHT: Final = {
    "paper": "#ffffff",
    "card": "#f6f7f9",
    "ink": "#1b1f24",
    "soft": "#505a66",
    "line": "#d0d5db",
    "attack": "#b3261e",
    "calm": "#1f6f43",
    "fill": "#2f6db5",
}
DARK: Final = {
    "paper": "#14171b",
    "card": "#1d2126",
    "ink": "#eceff3",
    "soft": "#aab4c0",
    "line": "#3a424c",
    "attack": "#ff8a80",
    "calm": "#7fd6a4",
    "fill": "#6fa8e8",
}
LEVELS: Final = 9


def _colours(palette: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in palette.items())


def _heat() -> str:
    """Colours of the cells of a heat map; an empty one is only outlined."""
    steps = [".h0{fill:none}"]
    steps += [f".h{n}{{fill-opacity:{0.12 + 0.88 * n / LEVELS:.2f}}}" for n in range(1, LEVELS + 1)]
    return "\n".join(steps)


STYLE: Final = f"""\
:root{{color-scheme:light dark;{_colours(LIGHT)}}}
@media (prefers-color-scheme:dark){{:root{{{_colours(DARK)}}}}}
@media print{{:root{{color-scheme:light;{_colours(LIGHT)}}}}}
*{{box-sizing:border-box}}
body{{margin:0 auto;padding:1rem;max-width:60rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}}
header{{border-left:.5rem solid var(--calm);padding-left:1rem}}
header.attack{{border-color:var(--attack)}}
header p{{margin:0;color:var(--soft)}}
h1{{margin:0;font-size:2rem;line-height:1.2}}
.attack h1,.attack h2{{color:var(--attack)}}
.calm h1,.calm h2{{color:var(--calm)}}
h2 small{{color:var(--soft);font-weight:normal}}
section{{margin:1.5rem 0;padding:1rem;background:var(--card);border:1px solid var(--line);
border-radius:.5rem}}
h2{{margin:0 0 .5rem}}
dl{{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}}
dt{{color:var(--soft)}}
dd{{margin:0;overflow-wrap:anywhere}}
figure{{margin:1.5rem 0}}
figcaption,caption{{font-weight:600;text-align:left;padding:.3rem 0}}
svg{{display:block;width:100%;height:auto}}
svg.small{{max-width:30rem}}
svg.share{{display:inline-block;width:7.5rem;height:.6rem}}
svg text{{fill:var(--soft);font-size:12px}}
.told{{margin:.3rem 0;color:var(--soft);font-size:.9rem}}
.grid{{stroke:var(--line);fill:none}}
.area,.bar{{fill:var(--fill)}}
.track{{fill:var(--line)}}
.heat{{fill:var(--fill);stroke:var(--line)}}
{_heat()}
.wide{{overflow-x:auto;margin:1rem 0}}
table{{border-collapse:collapse;min-width:50%}}
th,td{{padding:.15rem .8rem .15rem 0;text-align:left;border-bottom:1px solid var(--line);
font-variant-numeric:tabular-nums;overflow-wrap:anywhere;vertical-align:top}}
th{{color:var(--soft);font-weight:normal}}
footer{{color:var(--soft);font-size:.9rem}}
@media print{{
body{{max-width:none;padding:0;font-size:10pt}}
section{{background:none;border:0;padding:0}}
figure,tr{{break-inside:avoid}}
h2,caption{{break-after:avoid}}
.wide{{overflow:visible}}
svg *,header{{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
}}
"""
