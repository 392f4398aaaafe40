// The course of events, newest first.

import { get } from "./api.js";
import { h, show } from "./dom.js";
import * as f from "./format.js";
import { empty, failure, loading, time } from "./parts.js";

const EVERY_MS = 1500;
const KEPT = 1000;

export function events(place) {
  const search = h("input", { type: "search", placeholder: "Search events", "aria-label": "Search events" });
  const found = h("div", {}, loading());
  place.append(h("section", { class: "card wide" }, h("div", { class: "head" }, h("h2", {}, "Events"), search), found));
  let rows = [];
  let begun = false;

  async function load() {
    try {
      const last = rows.at(-1)?.id;
      const got = await get("/api/events", { after: last });
      const fresh = got.rows.filter((row) => last === undefined || row.id > last);
      rows = [...rows, ...fresh].slice(-KEPT);
      if (fresh.length || !begun) draw();
      begun = true;
    } catch (error) { show(found, failure(error)); begun = false; }
  }

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const hits = rows.filter((row) => `${row.kind} ${row.text} ${row.service}`.toLowerCase().includes(wanted)).reverse();
    show(found, hits.length ? h("ol", { class: "story" }, hits.map((row) => h("li", { "data-key": String(row.id) },
      h("div", { class: "when" }, time(row.at)),
      h("div", {}, h("p", {}, h("span", { class: "tag" }, f.words(row.kind)), " ", row.text, row.incident !== null && [" ", h("a", { href: `#/incidents/${row.incident}` }, `I${row.incident}`)])))))
      : empty("No event", rows.length ? "None holds these words." : "Nothing has happened yet."));
  }
  search.oninput = draw;
  load();
  const timer = setInterval(load, EVERY_MS);
  return () => clearInterval(timer);
}
