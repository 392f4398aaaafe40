// Pieces that several pages are made of.

import { h } from "./dom.js";
import * as f from "./format.js";

export const KINDS = {
  calm: "calm",
  spoofed_flood: "SYN flood from forged addresses",
  real_source_flood: "SYN flood from real addresses",
  mixed_flood: "SYN flood from forged and real addresses",
  flash_crowd: "flash crowd, no attack",
  slow_application: "slow application, no attack",
  syn_scan: "SYN scan",
  ack_flood: "ACK flood",
  connection_flood: "connection flood",
  synack_reflection: "use of this machine as a reflector",
};

export const kind = (name) => KINDS[name] ?? f.words(name);

export const isAttack = (name) => !["calm", "flash_crowd", "slow_application"].includes(name);

/** A time in the reader's zone, with UTC to read on. */
export const time = (at) => (at
  ? h("time", { datetime: f.dateOf(at).toISOString(), title: f.utc(at) }, f.local(at),
    h("span", { class: "utc" }, f.isUtc(at) ? " UTC" : ` ${f.utcClock(at)} UTC`))
  : f.NOTHING);

const SHAPES = { good: "●", warn: "▲", bad: "■", info: "◆", off: "○" };

/** A state as shape, colour and words: never by colour alone. */
export const pill = (tone, text, title) => h("span", { class: `pill ${tone}`, title },
  h("span", { class: "shape", "aria-hidden": "true" }, SHAPES[tone] ?? SHAPES.off), text);

export const empty = (title, text) => h("div", { class: "empty" }, h("strong", {}, title), h("p", {}, text));

export const loading = (text = "Asking the daemon") => h("div", { class: "empty loading", role: "status" }, h("p", {}, `${text} …`));

export const failure = (error) => h("div", { class: "empty failure", role: "alert" },
  h("strong", {}, error.message), error.hint && h("p", {}, error.hint));

export const section = (title, ...children) => h("section", { class: "card" }, h("h2", {}, title), ...children);

export const field = (label, control, hint) => {
  control.id ||= `f${Math.random().toString(36).slice(2, 8)}`;
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control,
    hint && h("span", { class: "hint" }, hint));
};

/** How full something is, with the mark above which something happens. */
export function meter(value, capacity, mark, label) {
  if (value === null || value === undefined || !capacity) return h("span", { class: "faint" }, f.NOTHING);
  const share = Math.min(1, value / capacity);
  const tone = mark && value >= mark ? "high" : "low";
  return h("span", { class: "metered", title: `${f.exact(value)} of ${f.exact(capacity)}${mark ? `; challenged from ${f.exact(mark)} on` : ""}` },
    h("span", { class: `meter ${tone}`, role: "img", "aria-label": `${label}: ${f.exact(value)} of ${f.exact(capacity)}` },
      h("span", { class: "fill", style: { width: `${(share * 100).toFixed(1)}%` } }),
      mark && h("span", { class: "mark", style: { left: `${Math.min(100, (mark / capacity) * 100).toFixed(1)}%` } })),
    h("span", { class: "num" }, `${f.count(value)} of ${f.count(capacity)}`));
}

export const evidence = (list) => (list?.length
  ? h("ul", { class: "evidence" }, list.map((each) => h("li", {}, each.text || `${f.words(each.name)}: ${f.count(each.value)}`)))
  : null);

/** Asks before something is done; resolves to whether it shall be. */
export function confirm(title, text, action, tone = "") {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "confirm", "aria-labelledby": "confirm-title" },
      h("form", { method: "dialog" },
        h("h2", { id: "confirm-title" }, title),
        ...[text].flat().map((line) => h("p", {}, line)),
        h("div", { class: "buttons" },
          h("button", { value: "no" }, "Leave it"),
          h("button", { value: "yes", class: `primary ${tone}` }, action))));
    dialog.onclose = () => { resolve(dialog.returnValue === "yes"); dialog.remove(); };
    document.body.append(dialog);
    dialog.showModal();
  });
}

let toastTimer = null;

/** Says what became of something, to eyes and to screen readers. */
export function say(text, tone = "good") {
  const place = document.getElementById("toast");
  place.className = `toast ${tone}`;
  place.textContent = text;
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { place.hidden = true; }, 8000);
}

export const SPANS = [["10 minutes", 600], ["1 hour", 3600], ["1 day", 86400], ["1 week", 604800], ["until lifted", null]];

export const spanSelect = () => h("select", {},
  SPANS.map(([text], place) => h("option", { value: String(place), selected: place === 1 }, text)));
