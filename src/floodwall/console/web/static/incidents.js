// Incidents: the list, one of them on a time line, and why something is as it is.

import { get } from "./api.js";
import { chart } from "./chart.js";
import { h, show } from "./dom.js";
import * as f from "./format.js";
import { empty, evidence, failure, isAttack, kind, loading, pill, time } from "./parts.js";

const EVERY_MS = 3000;

export function incidents(place) {
  const found = h("section", { class: "card wide" }, h("h2", {}, "Incidents"), loading());
  place.append(found);
  async function load() {
    try {
      const { rows } = await get("/api/incidents");
      show(found, h("h2", {}, "Incidents"), rows.length ? table(rows) : empty("No incident is on record", "An incident begins with the first second that is not calm, and ends after a minute of calm."));
    } catch (error) { show(found, h("h2", {}, "Incidents"), failure(error)); }
  }
  load();
  const timer = setInterval(load, EVERY_MS);
  return () => clearInterval(timer);
}

const state = (row) => (row.closed ? pill("off", `over after ${f.span(row.lasted_s)}`) : pill(isAttack(row.kind) ? "bad" : "warn", `goes on for ${f.span(row.lasted_s)}`));

const table = (rows) => h("div", { class: "scroll" }, h("table", { class: "cards" },
  h("thead", {}, h("tr", {}, ["Incident", "What", "Where", "Began", "State", "Peak"].map((head) => h("th", { scope: "col" }, head)))),
  h("tbody", {}, rows.map((row) => h("tr", { "data-key": String(row.id) },
    h("th", { scope: "row" }, h("a", { href: `#/incidents/${row.id}` }, `I${row.id}`)),
    h("td", { "data-label": "What" }, kind(row.kind)),
    h("td", { "data-label": "Where", class: "wrap" }, row.service),
    h("td", { "data-label": "Began" }, time(row.opened)),
    h("td", { "data-label": "State" }, state(row)),
    h("td", { "data-label": "Peak", class: "num" }, row.peak.syns ? `${f.rate(row.peak.syns)} SYNs` : f.NOTHING))))));

const LINES = [
  { key: "syns", label: "SYNs offered", tone: "offered", fill: true },
  { key: "challenged", label: "challenged", tone: "challenged", dash: [6, 3] },
  { key: "proven", label: "proven real", tone: "proven", dash: [2, 2] },
  { key: "dropped", label: "dropped", tone: "bad" },
];

const MARKED = { arm: "armed", calm: "calm", ban: "ban", lift: "lift", tune: "tuned", restore: "restored", open_incident: "begin", close_incident: "end", would_ban: "would ban" };

export function incident(place, _session, id) {
  let told = null;
  const top = h("section", { class: "card wide" }, loading());
  const line = chart({ lines: LINES, unit: f.rate, height: 260, label: `SYNs a second during incident ${id}`, marks: () => marks(told) });
  const picture = h("section", { class: "card wide" }, h("h2", {}, "Time line"), line.element);
  const rest = h("div", { class: "grid two" });
  place.append(top, picture, rest);
  async function load() {
    try {
      told = await get(`/api/incidents/${encodeURIComponent(id)}`);
      draw();
    } catch (error) { show(top, failure(error)); }
  }
  function draw() {
    show(top, ...head(told));
    const at = told.series.map((each) => f.dateOf(each.at).getTime() / 1000);
    if (at.length) line.set([at, ...LINES.map(({ key }) => told.series.map((each) => each.facts[key] ?? null))]);
    picture.hidden = at.length === 0;
    show(rest, decisions(told.decisions), verdicts(told.verdicts), sources(told), events(told.events));
  }
  load();
  const timer = setInterval(() => { if (!told || !told.incident.closed) load(); }, EVERY_MS);
  return () => { clearInterval(timer); line.destroy(); };
}

function marks(told) {
  let last = -Infinity;
  return [...(told?.decisions ?? [])].reverse().flatMap((each) => {
    const at = f.dateOf(each.at).getTime() / 1000;
    if (!MARKED[each.act] || at - last < 1) return [];
    last = at;
    return [{ at, text: MARKED[each.act], tone: each.act === "ban" ? "bad" : "ink-2" }];
  });
}

function head(told) {
  const row = told.incident;
  const peaks = [["syns", "SYNs a second"], ["challenged", "challenged a second"], ["half_open", "half-open"], ["established", "established"], ["received_bit_s", "received"]]
    .filter(([key]) => row.peak[key]).map(([key, label]) => h("div", { class: "figure-number" }, h("b", { title: f.exact(row.peak[key]) }, key === "received_bit_s" ? f.bits(row.peak[key]) : f.count(row.peak[key])), h("span", {}, `${label} at the peak`)));
  return [
    h("div", { class: "head" }, h("h2", {}, `Incident I${row.id}: ${kind(row.kind)}`), state(row)),
    h("p", {}, h("b", {}, row.service), " from ", time(row.opened), row.closed ? [" to ", time(row.closed)] : ", still going on"),
    h("p", {}, row.opened_text), row.closed_text && h("p", {}, row.closed_text),
    h("div", { class: "numbers" }, peaks),
    h("div", { class: "buttons" }, h("button", { onclick: () => save(told) }, "Save as JSON"),
      h("span", { class: "hint" }, "The bundle for an abuse desk: ", h("code", {}, `floodwall report I${row.id}`))),
  ];
}

function save(told) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(told, null, 1)], { type: "application/json" }));
  h("a", { href: url, download: `floodwall-incident-I${told.incident.id}.json` }).click();
  URL.revokeObjectURL(url);
}

export const decisions = (rows) => h("section", { class: "card" }, h("h2", {}, "Decisions"),
  rows.length ? h("ol", { class: "story" }, rows.map((each) => h("li", { "data-key": String(each.id) },
    h("div", { class: "when" }, time(each.at)),
    h("div", {}, h("p", {}, h("b", {}, f.words(each.act)), " ", each.text || each.subject),
      h("details", {}, h("summary", {}, "Why"),
        h("p", {}, `By rule ${each.rule}, decided by ${each.who}${each.until ? `, until ${f.utc(each.until)}` : ""}.`),
        evidence(each.evidence),
        each.actions.length ? h("ul", {}, each.actions.map((action) => h("li", {}, `${f.words(action.command)} ${action.subject}: ${action.state}${action.result ? ` (${action.result})` : ""}`, action.undone && `, taken back at ${f.utc(action.undone)}`))) : null,
        each.undone_by && h("p", {}, `Undone by: ${each.undone_by}`)))))) : empty("No decision", "Nothing had to be done."));

export const verdicts = (rows) => h("section", { class: "card" }, h("h2", {}, "Verdicts and evidence"),
  rows.length ? h("ol", { class: "story" }, rows.map((each) => h("li", {},
    h("div", { class: "when" }, time(each.at)),
    h("div", {}, h("p", {}, h("b", {}, kind(each.kind)), `, ${f.percent(each.confidence)} sure`,
      each.spoof_index && `; ${f.percent(each.spoof_index[0], 1)} of sources forged (${f.percent(each.spoof_index[1], 1)} to ${f.percent(each.spoof_index[2], 1)})`),
    evidence(each.evidence), each.advice && h("p", { class: "advice" }, each.advice))))) : empty("No verdict", "None is on record."));

function sources(told) {
  const networks = new Map();
  for (const each of told.decisions) {
    if (each.network && !networks.has(each.network)) networks.set(each.network, each);
  }
  return h("section", { class: "card" }, h("h2", {}, "Sources"),
    networks.size ? h("table", { class: "plain" }, h("tbody", {}, [...networks.values()].map((each) => h("tr", {},
      h("th", { scope: "row", class: "mono" }, h("a", { href: `#/why/${encodeURIComponent(each.network)}` }, each.network)), h("td", {}, f.words(each.act)), h("td", { class: "wrap" }, each.text)))))
      : empty("No source is named", "Forged addresses accuse nobody: only sources that proved to be real are listed."));
}

const events = (rows) => h("section", { class: "card" }, h("h2", {}, "Events"),
  rows.length ? h("ol", { class: "story" }, rows.map((each) => h("li", { "data-key": String(each.id) }, h("div", { class: "when" }, time(each.at)), h("p", {}, each.text)))) : empty("No event", "None is on record."));

export function why(place, _session, subject) {
  const input = h("input", { type: "search", value: subject ?? "", "aria-label": "Address, network, port or incident", placeholder: "203.0.113.9, 443 or I12" });
  const form = h("form", { class: "row ask" }, input, h("button", { class: "primary" }, "Why?"));
  form.onsubmit = (event) => { event.preventDefault(); if (input.value.trim()) location.hash = `#/why/${encodeURIComponent(input.value.trim())}`; };
  const found = h("div", {}, subject ? loading() : empty("Ask about anything", "An address, a network, a port or an incident: which decision, on what evidence, by which rule, until when."));
  place.append(h("section", { class: "card wide" }, h("h2", {}, "Why is it as it is?"), form), found);
  if (!subject) return () => {};
  get("/api/why", { subject }).then((told) => show(found, h("div", { class: "grid two" }, standing(told), decisions(told.decisions), verdicts(told.verdicts))),
    (error) => show(found, failure(error)));
  return () => {};
}

function standing(told) {
  return h("section", { class: "card" }, h("h2", {}, told.subject.replace(/^:/, "port ")),
    h("p", {}, told.finding ? pill("bad", "something is held against it") : pill("good", "nothing is held against it")),
    told.guard && h("p", {}, `It can never be banned: ${told.guard}.`),
    told.bans.length ? h("ul", {}, told.bans.map((ban) => h("li", {}, ban.ended ? `was banned from ${f.utc(ban.since)} to ${f.utc(ban.ended)} by rule ${ban.rule}: ${ban.how}` : `is banned${ban.left_s === null ? " until lifted" : ` for ${f.span(ban.left_s)} more`}, since ${f.utc(ban.since)}, by rule ${ban.rule}, says ${ban.who}`))) : null,
    told.services.length ? h("ul", {}, told.services.map((each) => h("li", {}, each.left_alone ? `${each.name} is left alone: ${each.left_alone}` : `${each.name}: mode ${each.mode}, ${each.armed_for_s === null ? "calm" : `armed for ${f.span(each.armed_for_s)}`}, ${f.count(each.pending)} of ${f.count(each.capacity)} pending`))) : null,
    told.incidents.length ? h("p", {}, "Incidents: ", told.incidents.map((each) => [h("a", { href: `#/incidents/${each.id}` }, `I${each.id}`), " "])) : null);
}
