// Settings: what holds, and another text: what it would change, on trial, kept or taken back.

import { get, post } from "./api.js";
import { act } from "./acts.js";
import { h, show } from "./dom.js";
import * as f from "./format.js";
import { follow, live } from "./live.js";
import { confirm, empty, failure, field, loading, pill } from "./parts.js";

const TRIALS = [["1 minute", 60], ["3 minutes", 180], ["10 minutes", 600]];

export function settings(place, session) {
  const may = session.level === "operate";
  const trial = h("div", {});
  const holding = h("div", {}, loading());
  const text = h("textarea", { class: "code", rows: "14", spellcheck: "false", disabled: !may, maxlength: "60000" });
  const told = h("div", { "aria-live": "polite" });
  const length = h("select", {}, TRIALS.map(([words], n) => h("option", { value: String(n) }, words)));
  const search = h("input", { type: "search", placeholder: "Search settings", "aria-label": "Search settings" });
  let rows = null;
  let origin = "";

  async function load() {
    try {
      const got = await get("/api/settings");
      rows = got.settings;
      origin = got.origin;
      if (may && got.text !== null && !text.value) text.value = got.text;
      if (may && got.text === null) show(told, h("p", { class: "note" }, "The file is too long to be edited here."));
      draw();
    } catch (error) { show(holding, failure(error)); }
  }

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const hits = rows.filter((each) => `${each.key} ${each.help}`.toLowerCase().includes(wanted));
    const changed = rows.filter((each) => JSON.stringify(each.value) !== JSON.stringify(each.default)).length;
    show(holding, h("p", { class: "faint" }, `From ${origin}: ${f.plural(changed, "setting")} of ${rows.length} differ from their defaults.`),
      hits.length ? h("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Settings" }, h("table", { class: "cards" },
        h("thead", {}, h("tr", {}, ["Setting", "Value", "Default", "Meaning"].map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, hits.map((each) => {
          const differs = JSON.stringify(each.value) !== JSON.stringify(each.default);
          return h("tr", { "data-key": each.key },
            h("th", { scope: "row", class: "mono" }, each.key),
            h("td", { "data-label": "Value", class: "mono wrap" }, differs ? h("b", {}, JSON.stringify(each.value)) : JSON.stringify(each.value), each.unit && ` ${each.unit}`),
            h("td", { "data-label": "Default", class: "mono wrap faint" }, JSON.stringify(each.default)),
            h("td", { "data-label": "Meaning", class: "wrap" }, each.help, h("small", { class: "block faint" }, `${each.type}${each.range ? `, ${each.range}` : ""}`)));
        })))) : empty("No setting is called so", "Try a part of its name."));
  }
  search.oninput = () => rows && draw();

  const lines = (list, none) => (list.length ? h("ul", { class: "diff" }, list.map((line) => h("li", {}, line))) : h("p", { class: "faint" }, none));

  async function plan() {
    show(told, loading("Working out what would change"));
    try {
      const got = await post("/api/settings/plan", { text: text.value });
      show(told, h("p", {}, pill("good", "these settings are right")),
        h("h3", {}, "Settings that would differ"), lines(got.settings, "none"),
        h("h3", {}, "What would be done at once"), lines(got.effects, "nothing"));
      return true;
    } catch (error) {
      show(told, failure(error));
      return false;
    }
  }

  async function tryOut() {
    if (!(await plan())) return;
    const [words, seconds] = TRIALS[Number(length.value)];
    if (!(await confirm("Try these settings?", [`They hold for ${words}. Unless you confirm before, everything is as it was, also if this page or the console is gone.`], "Try them"))) return;
    await act("/api/settings/try", { text: text.value, confirm_s: seconds }, `On trial for ${words}: confirm to keep them.`);
    load();
  }

  const editor = h("section", { class: "card wide" }, h("h2", {}, "Change"),
    may ? null : h("p", { class: "note" }, "You may look, but not change anything."),
    field("Settings file (TOML)", text, "Only what differs from the defaults needs to stand here."),
    h("div", { class: "row" }, field("On trial for", length),
      h("div", { class: "buttons" },
        h("button", { type: "button", disabled: !may, onclick: plan }, "What would change?"),
        h("button", { type: "button", class: "primary", disabled: !may, onclick: tryOut }, "Try …"))), told);
  place.append(trial, editor, h("section", { class: "card wide" }, h("div", { class: "head" }, h("h2", {}, "What holds"), search), holding));

  let before = null;
  const stop = follow(() => {
    const on = live.snapshot?.standing.trial ?? null;
    if ((before === null) !== (on === null)) load();
    before = on;
    show(trial, on ? h("section", { class: "card wide trial", role: "alert" },
      h("h2", {}, "Settings are on trial"),
      h("p", { class: "word" }, pill("warn", `taken back in ${f.span(on.left_s)}`)),
      h("p", {}, `From ${on.origin}, says ${on.who}.`),
      h("div", { class: "buttons" },
        h("button", { class: "primary", disabled: !may, onclick: () => act("/api/settings/confirm", {}, "Confirmed: they hold from now on.").then(load) }, "Confirm"),
        h("button", { disabled: !may, onclick: () => act("/api/settings/reject", {}, "Taken back: everything is as it was.").then(load) }, "Take back"))) : null);
  });
  load();
  return stop;
}
