// How this machine is set up: every check, the open ones first.

import { get } from "./api.js";
import { h, show } from "./dom.js";
import * as f from "./format.js";
import { empty, failure, loading, pill } from "./parts.js";

const ORDER = ["critical", "high", "medium", "low", "info"];
const TONES = { critical: "bad", high: "bad", medium: "warn", low: "info", info: "off" };
const STATES = { finding: "open", pass: "passed", unreadable: "could not be read", "not applicable": "does not apply" };

export function audit(place) {
  const found = h("div", { class: "stack" }, h("section", { class: "card wide" }, h("h2", {}, "Audit"), loading("Reading this machine; that takes a second or two")));
  place.append(found);
  let told = null;
  let only = "finding";
  const draw = () => show(found, summary(), matrix());
  async function load() {
    try { told = await get("/api/audit"); draw(); } catch (error) { show(found, h("section", { class: "card wide" }, h("h2", {}, "Audit"), failure(error))); }
  }

  function summary() {
    const number = (status) => told.results.filter((each) => each.status === status).length;
    return h("section", { class: "card wide" }, h("h2", {}, "Audit of this machine"),
      h("div", { class: "numbers" },
        h("div", { class: "figure-number" }, h("b", {}, `${told.score} of 100`), h("span", {}, "points")),
        h("div", { class: "figure-number" }, h("b", {}, f.count(number("finding"))), h("span", {}, "open")),
        h("div", { class: "figure-number" }, h("b", {}, f.count(number("pass"))), h("span", {}, "passed")),
        h("div", { class: "figure-number" }, h("b", {}, f.count(number("unreadable"))), h("span", {}, "unreadable without root"))),
      h("p", { class: "faint" }, `Kernel ${told.kernel}. Changes nothing; `, h("code", {}, "floodwall harden"), " plans the repairs."));
  }

  function matrix() {
    const choices = ["finding", "unreadable", "pass", "not applicable", ""];
    const rows = told.results.filter((each) => !only || each.status === only)
      .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
    return h("section", { class: "card wide" },
      h("div", { class: "tabs", role: "group", "aria-label": "Show" }, choices.map((choice) => h("button", { "aria-pressed": String(only === choice), onclick: () => { only = choice; draw(); } }, choice ? STATES[choice] : "all"))),
      rows.length ? h("div", { class: "scroll" }, h("table", { class: "cards" },
        h("thead", {}, h("tr", {}, ["Severity", "Check", "State", "What was found", "Repair"].map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, rows.map((each, place_) => h("tr", { "data-key": `${each.check}-${each.subject}-${place_}` },
          h("td", { "data-label": "Severity" }, pill(each.status === "pass" ? "good" : TONES[each.severity], each.severity)),
          h("th", { scope: "row" }, each.title, h("small", { class: "block faint" }, each.why)),
          h("td", { "data-label": "State" }, STATES[each.status] ?? each.status),
          h("td", { "data-label": "Found", class: "wrap" }, each.subject ? `${each.subject}: ` : "", each.text, h("small", { class: "block faint" }, `expected: ${each.expected} · ${each.source}`)),
          h("td", { "data-label": "Repair", class: "wrap" }, each.fix ? h("code", {}, each.fix) : f.NOTHING))))))
        : empty("Nothing here", "No check is in this state."));
  }
  load();
  return () => {};
}
