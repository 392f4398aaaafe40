// Lines over time with uPlot: colours that differ for every eye, and dashes beside them.

import { h } from "./dom.js";
import * as f from "./format.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const charts = new Set();

/** Lines: [{key, label, tone, dash, fill}].  Returns {element, set(columns), destroy()}. */
export function chart({ lines, height = 220, least = 0, unit = f.count, label, marks = () => [] }) {
  const place = h("div", { class: "chart", role: "img", "aria-label": label, "data-keep": "" });
  const legend = h("ul", { class: "legend", "aria-hidden": "true" });
  const element = h("figure", { class: "figure" }, legend, place);
  let plot = null;
  let columns = null;
  let at = null;

  const values = () => (at === null ? (columns?.[0].length ?? 0) - 1 : at);

  function tell() {
    legend.replaceChildren(...lines.map((line, index) => {
      const value = columns?.[index + 1]?.[values()];
      return h("li", {},
        h("span", { class: `key ${line.dash ? "dashed" : ""}`, style: { "--tone": `var(--${line.tone})` } }),
        line.label, " ", h("b", {}, unit(value ?? null)));
    }), at === null ? "" : h("li", { class: "faint" }, f.clock(columns[0][at])));
  }

  function options(width) {
    const axis = { stroke: colour("ink-2"), grid: { stroke: colour("grid"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    return {
      width, height,
      padding: [8, 8, 0, 0],
      cursor: { y: false, points: { size: 6 } },
      legend: { show: false },
      scales: { x: { range: (_, low, high) => [Math.min(low, high - least), high] }, y: { range: (_, low, high) => [0, Math.max(high ?? 0, 1) * 1.08] } },
      axes: [
        { ...axis, space: 90, size: 30, values: (_, ticks) => ticks.map((tick) => f.clock(tick)) },
        { ...axis, size: 72, values: (_, ticks) => ticks.map((tick) => unit(tick)) },
      ],
      series: [{}, ...lines.map((line) => ({
        label: line.label,
        stroke: colour(line.tone),
        width: 2,
        dash: line.dash,
        fill: line.fill ? `color-mix(in srgb, ${colour(line.tone)} 14%, transparent)` : undefined,
        points: { show: false },
      }))],
      hooks: {
        setCursor: [(self) => { at = self.cursor.idx ?? null; tell(); }],
        draw: [(self) => drawMarks(self, marks())],
      },
    };
  }

  function build() {
    plot?.destroy();
    place.replaceChildren();
    plot = null;
    const width = place.clientWidth;
    if (!columns || !width) return;
    plot = new uPlot(options(width), columns, place);
    tell();
  }

  const observer = new ResizeObserver(() => {
    if (plot && Math.abs(plot.width - place.clientWidth) > 1) plot.setSize({ width: place.clientWidth, height });
    else if (!plot) build();
  });
  observer.observe(place);
  const made = {
    element,
    set(told) {
      columns = told;
      if (plot) { plot.setData(columns); if (at === null) tell(); } else build();
    },
    rebuild: build,
    destroy() { observer.disconnect(); plot?.destroy(); charts.delete(made); },
  };
  charts.add(made);
  return made;
}

function drawMarks(self, marks) {
  const { ctx, bbox } = self;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  let row = 0;
  for (const mark of marks) {
    const x = Math.round(self.valToPos(mark.at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(mark.tone);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(mark.text, x + 4 * devicePixelRatio, bbox.top + (12 + 14 * (row++ % 4)) * devicePixelRatio);
  }
  ctx.restore();
}

window.addEventListener("themed", () => { for (const each of charts) each.rebuild(); });
