// Bans and the list of those who must never be banned.

import { get } from "./api.js";
import { act, disallow, lift } from "./acts.js";
import { h, show } from "./dom.js";
import * as f from "./format.js";
import { SPANS, confirm, empty, failure, field, loading, spanSelect, time } from "./parts.js";

const EVERY_MS = 2000;
const SHOWN = 300;

export function bans(place, session) {
  const may = session.level === "operate";
  const lists = [
    list(session, {
      title: "Bans", path: "/api/bans", verb: "Ban", undo: lift, undoing: "Lift",
      none: ["Nobody is banned", "Bans by rule need mode strict; an operator's word works in any mode."],
      hint: "Addresses or networks, one a line. Own addresses, gateways, resolvers and SSH peers are refused.",
      ask: (networks, span) => [`Ban ${networks}?`, [`Every packet from there is dropped ${span}. Sources of a flood are mostly forged: ban what has proved to be real.`], "Ban", "danger"],
      done: (networks) => `${networks} is banned.`,
    }),
    list(session, {
      title: "Never to be banned", path: "/api/allowed", verb: "Allow", undo: disallow, undoing: "Remove",
      none: ["Nobody is on the list", "Own addresses, gateways, resolvers and SSH peers are safe without being on it."],
      hint: "Addresses or networks that no rule may ban, one a line.",
      ask: (networks, span) => [`Never ban ${networks}?`, [`No rule and no operator can ban it ${span}.`], "Allow"],
      done: (networks) => `${networks} will not be banned.`,
    }),
  ];
  place.append(h("div", { class: "grid two" }, lists.map((each) => each.element)));
  if (!may) place.prepend(h("p", { class: "note" }, "You may look, but not change anything."));
  const timer = setInterval(() => lists.forEach((each) => each.load()), EVERY_MS);
  lists.forEach((each) => each.load());
  return () => clearInterval(timer);
}

function list(session, is) {
  const may = session.level === "operate";
  const found = h("div", {}, loading());
  const search = h("input", { type: "search", placeholder: "Search address or reason", "aria-label": `Search in: ${is.title}` });
  let rows = null;
  let read = 0;

  async function load() {
    try {
      rows = (await get(is.path)).rows;
      read = Date.now();
      draw();
    } catch (error) {
      if (rows === null) show(found, failure(error));
      else show(found, failure(error), table());
    }
  }

  function draw() {
    show(found, rows.length ? table() : empty(...is.none));
  }

  function table() {
    const wanted = search.value.trim().toLowerCase();
    const hits = rows.filter((row) => `${row.network} ${row.reason}`.toLowerCase().includes(wanted));
    return h("div", {},
      h("p", { class: "faint", role: "status" }, `${f.count(hits.length)} of ${f.plural(rows.length, "entry", "entries")}${hits.length > SHOWN ? `; the first ${SHOWN} are shown` : ""}`),
      h("div", { class: "scroll" }, h("table", { class: "cards" },
        h("thead", {}, h("tr", {}, ["Network", "Ends", "Since", "Why", ""].map((head) => h("th", { scope: "col" }, head || h("span", { class: "hidden" }, "Actions"))))),
        h("tbody", {}, hits.slice(0, SHOWN).map(row)))));
  }

  function row(each) {
    const left = each.left_s === null ? null : each.left_s - (Date.now() - read) / 1000;
    return h("tr", { "data-key": each.network },
      h("th", { scope: "row", class: "mono" }, each.network.replace(/\/32$|\/128$/, "")),
      h("td", { "data-label": "Ends" }, left === null ? "when lifted" : `in ${f.span(left)}`),
      h("td", { "data-label": "Since" }, time(each.since)),
      h("td", { "data-label": "Why", class: "wrap" }, each.reason || h("span", { class: "faint" }, "by rule"), each.hits ? h("small", { class: "block faint" }, `${f.plural(each.hits, "packet")} dropped`) : null),
      h("td", { class: "acts" },
        h("a", { class: "button", href: `#/why/${encodeURIComponent(each.network)}`, "aria-label": `Why ${each.network}` }, "Why"),
        h("button", { disabled: !may, "aria-label": `${is.undoing} ${each.network}`, onclick: async () => { if (await is.undo(each.network)) load(); } }, is.undoing)));
  }

  const networks = h("textarea", { rows: "2", required: true, spellcheck: "false", placeholder: "203.0.113.9" });
  const reason = h("input", { type: "text", maxlength: "1000", placeholder: "kept and shown" });
  const span = spanSelect();
  const form = h("form", { class: "adding" },
    field("Networks", networks, is.hint),
    h("div", { class: "row" }, field("For how long", span), field("Reason", reason)),
    h("div", { class: "buttons" }, h("button", { class: "primary", disabled: !may }, is.verb)));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const asked = networks.value.split(/[\s,;]+/).filter(Boolean);
    const [text, for_s] = SPANS[Number(span.value)];
    const named = asked.length > 3 ? `${asked.length} networks` : asked.join(", ");
    if (!asked.length || !(await confirm(...is.ask(named, for_s === null ? "until lifted" : `for ${text}`)))) return;
    if (await act(is.path, { networks: asked, for_s, reason: reason.value }, is.done(named))) {
      networks.value = reason.value = "";
      load();
    }
  };
  search.oninput = () => rows && draw();
  return {
    load,
    element: h("section", { class: "card" }, h("div", { class: "head" }, h("h2", {}, is.title), search), found,
      h("details", { class: "adder" }, h("summary", {}, `${is.verb} …`), form)),
  };
}
