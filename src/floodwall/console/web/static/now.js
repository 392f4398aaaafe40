// The first screen: are users getting in, what is attacking, what is done about it.

import { get } from "./api.js";
import { chart } from "./chart.js";
import { h, show } from "./dom.js";
import * as f from "./format.js";
import { follow, live } from "./live.js";
import { empty, evidence, isAttack, kind, loading, meter, pill } from "./parts.js";
import { arm, calm } from "./acts.js";

const KEPT = 600;
const LINES = [
  { key: "syns", label: "SYNs offered", tone: "offered", fill: true },
  { key: "challenged", label: "challenged", tone: "challenged", dash: [6, 3] },
  { key: "proven", label: "proven real", tone: "proven", dash: [2, 2] },
  { key: "passed", label: "passed", tone: "passed" },
];
const CANARY = [{ key: "canary_ms", label: "our own handshake", tone: "proven", fill: true }];

const open = new Set();

export function now(place, session) {
  const answers = h("div", { class: "answers" }, loading("Waiting for the first second"));
  const table = h("section", { class: "card wide" });
  const rest = h("div", { class: "grid two" });
  const traffic = chart({ lines: LINES, least: 120, unit: f.rate, label: "SYNs a second over the last ten minutes" });
  const latency = chart({ lines: CANARY, least: 120, unit: f.millis, height: 110, label: "Time that our own handshakes took" });
  const select = h("select", { "aria-label": "Service of the charts" });
  const charts = h("section", { class: "card wide" },
    h("div", { class: "head" }, h("h2", {}, "Last ten minutes"), select), traffic.element, latency.element);
  place.append(answers, charts, table, rest);

  let chosen = null;
  let columns = null;

  async function choose(name) {
    chosen = name;
    columns = null;
    try {
      const told = await get("/api/history", { service: name });
      if (chosen !== name) return;
      columns = { at: told.wall_s, values: told.values };
      draw();
    } catch { /* the next second begins a new line */ }
  }
  select.onchange = () => choose(select.value);

  function take(service, at) {
    if (!columns || !service || columns.at.at(-1) >= at) return;
    const values = { ...service.rates, canary_ms: service.canary?.took_ms ?? null };
    columns.at.push(at);
    for (const { key } of [...LINES, ...CANARY]) {
      (columns.values[key] ??= Array(columns.at.length - 1).fill(null)).push(values[key] ?? null);
      if (columns.values[key].length > KEPT) columns.values[key].shift();
    }
    if (columns.at.length > KEPT) columns.at.shift();
  }

  function draw() {
    if (!columns) return;
    const lists = (lines) => [columns.at, ...lines.map(({ key }) => columns.values[key] ?? Array(columns.at.length).fill(null))];
    traffic.set(lists(LINES));
    latency.set(lists(CANARY));
  }

  const stop = follow(() => {
    const snapshot = live.snapshot;
    if (!snapshot) return;
    const second = snapshot.live;
    show(answers, ...answersOf(snapshot));
    if (!second) return;
    const names = second.services.map((each) => each.name);
    if (names.join("\n") !== [...select.options].map((each) => each.value).join("\n") && document.activeElement !== select) {
      select.replaceChildren(...names.map((name) => h("option", { value: name, selected: name === chosen }, name)));
    }
    if (chosen === null && names.length) choose(names[0]);
    if (snapshot.link === "live") take(second.services.find((each) => each.name === chosen), snapshot.at_wall_s);
    draw();
    show(table, ...tableOf(snapshot, session));
    show(rest, dropsOf(second), machineOf(snapshot));
  });
  return () => { stop(); traffic.destroy(); latency.destroy(); };
}

function answersOf(snapshot) {
  const second = snapshot.live;
  if (!second) return [answer("bad", "Are my users getting in?", "Unknown", [snapshot.error || "The daemon has not looked yet.", snapshot.hint && h("code", {}, snapshot.hint)])];
  const stale = snapshot.link !== "live";
  return [users(second, stale), attack(snapshot, stale), doing(snapshot, stale)];
}

const answer = (tone, question, word, lines, more) => h("section", { class: `answer ${tone}` },
  h("h2", {}, question), h("p", { class: "word" }, pill(tone, word)),
  ...lines.filter(Boolean).map((line) => h("p", {}, line)), more);

function users(second, stale) {
  const tried = second.services.filter((each) => each.canary);
  const shut = tried.filter((each) => !each.canary.connected);
  const lossy = tried.filter((each) => each.canary.connected && each.canary.failed);
  const sum = (key) => tried.reduce((total, each) => total + each.canary[key], 0);
  const question = "Are my users getting in?";
  const past = stale ? "They were, when last heard of: " : "";
  if (!tried.length) {
    return answer("off", question, "Not tried", ["No listener can be tried by our own handshakes, or none was yet."]);
  }
  const worst = Math.max(...tried.map((each) => each.canary.worst_ms ?? 0));
  const middle = Math.max(...tried.map((each) => each.canary.median_ms ?? 0));
  const numbers = `${f.count(sum("tried") - sum("failed"))} of ${f.plural(sum("tried"), "handshake")} of our own got through in the last minute; usually within ${f.millis(middle)}, the slowest in ${f.millis(worst)}.`;
  if (shut.length) {
    return answer("bad", question, stale ? "Unknown" : shut.length === tried.length ? "No" : `Not at ${shut.map((each) => each.name).join(", ")}`,
      [...shut.slice(0, 3).map((each) => `${each.name}: ${each.canary.why || "our own handshake failed"}`), numbers]);
  }
  if (stale) return answer("warn", question, "Unknown", [past + numbers]);
  if (lossy.length) return answer("warn", question, "Nearly all", [numbers, `Some failed at ${lossy.map((each) => each.name).join(", ")}.`]);
  return answer("good", question, "Yes", [numbers]);
}

function attack(snapshot, stale) {
  const second = snapshot.live;
  const question = "What is attacking?";
  const loud = second.services.filter((each) => each.kind !== "calm");
  if (second.machine.kind !== "calm") loud.push({ ...second.machine, name: "this machine", rates: {} });
  if (!loud.length) {
    return answer(stale ? "off" : "good", question, stale ? "Unknown" : "Nothing", [stale ? "Nothing was, when last heard of." : `${f.rate(total(second, "syns"))} SYNs are offered, and that is usual here.`]);
  }
  const harm = loud.some((each) => isAttack(each.kind));
  return answer(harm ? "bad" : "warn", question, harm ? kind(loud.find((each) => isAttack(each.kind)).kind) : kind(loud[0].kind),
    loud.slice(0, 3).map((each) => h("span", {},
      h("b", {}, each.name), `: ${kind(each.kind)}, ${f.percent(each.confidence)} sure, for ${f.span(each.since_s)}. `,
      each.rates.syns !== undefined && `${f.rate(each.rates.syns)} SYNs offered. `,
      each.spoof && `${f.percent(each.spoof.value, 1)} of sources are forged (${f.percent(each.spoof.low, 1)} to ${f.percent(each.spoof.high, 1)}). `)),
    second.incidents.length ? h("p", {}, h("a", { href: "#/incidents" }, f.plural(second.incidents.length, "open incident"))) : null);
}

function doing(snapshot, stale) {
  const second = snapshot.live;
  const { standing } = snapshot;
  const question = "What are we doing?";
  const armed = second.services.filter((each) => each.armed_for_s !== null);
  const bans = h("a", { href: "#/bans" }, f.plural(standing.bans, "ban"));
  if (stale) {
    return answer("bad", question, "No daemon", [`The data plane goes on by itself for at most ${f.span(standing.lease_s)} after it was last heard of.`, snapshot.error, snapshot.hint && h("code", {}, snapshot.hint)]);
  }
  if (!snapshot.health.good && !armed.length) {
    return answer("warn", question, "Watching, with limits", snapshot.health.reasons.slice(0, 3), h("p", {}, bans, " in force."));
  }
  if (!armed.length) {
    return answer("good", question, "Watching", [h("span", {}, f.plural(second.services.length + second.more_services, "service"), " protected on ", h("b", {}, standing.rung), ", all calm. ", bans, " in force.")]);
  }
  return answer("info", question, `Challenging ${armed.length === 1 ? armed[0].name : f.plural(armed.length, "service")}`,
    [h("span", {}, `${f.rate(total(second, "challenged"))} challenged, ${f.rate(total(second, "proven"))} proved real and passed, ${f.rate(dropped(second))} dropped. `, bans, " in force."),
      armed[0].reason && `${armed[0].reason}.`.replace("..", ".")]);
}

const total = (second, key) => second.services.reduce((sum, each) => sum + (each.rates[key] ?? 0), second.rest[key] ?? 0);
const dropped = (second) => Object.entries(second.machine.reasons).reduce((sum, [name, value]) => sum + (name.startsWith("drop_") ? value : 0), 0);

function tableOf(snapshot, session) {
  const second = snapshot.live;
  const heads = ["Service", "State", "SYNs offered", "Challenged", "Proven real", "Queue", "Our handshake", "Forged sources", "Rung"];
  const rows = second.services.flatMap((each) => row(each, snapshot, session));
  return [
    h("h2", {}, "Services"),
    rows.length ? h("div", { class: "scroll" }, h("table", { class: "services" },
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows))) : empty("Nothing listens", "No TCP listener can be reached through the protected interfaces."),
    second.more_services ? h("p", { class: "faint" }, `${f.plural(second.more_services, "more service")} with ${f.rate(second.rest.syns)} SYNs together.`) : null,
  ];
}

function state(each) {
  if (each.canary && !each.canary.connected) return pill("bad", "shut out");
  if (each.armed_for_s !== null) return pill("info", `armed for ${f.span(each.armed_for_s)}`);
  if (each.kind !== "calm") return pill(isAttack(each.kind) ? "bad" : "warn", kind(each.kind));
  return pill("good", "calm");
}

function row(each, snapshot, session) {
  const counted = Object.keys(each.rates).length > 0;
  const number = (key, label) => h("td", { class: "num", "data-label": label, title: f.exact(each.rates[key]) }, counted ? f.rate(each.rates[key]) : f.NOTHING);
  const key = `s-${each.index}`;
  const opened = open.has(each.name);
  const toggle = () => {
    if (open.has(each.name)) open.delete(each.name); else open.add(each.name);
    for (const listener of live.listeners) listener();
  };
  const line = h("tr", { "data-key": key },
    h("th", { scope: "row" }, h("button", { class: "link", "aria-expanded": String(opened), onclick: toggle }, h("span", { class: "arrow", "aria-hidden": "true" }, opened ? "▾" : "▸"), each.name)),
    h("td", { "data-label": "State" }, state(each)),
    number("syns", "SYNs offered"), number("challenged", "Challenged"), number("proven", "Proven real"),
    h("td", { "data-label": "Queue" }, meter(each.half_open ?? each.pending, each.capacity, each.high, "half-open handshakes")),
    h("td", { class: "num", "data-label": "Our handshake" }, each.canary ? (each.canary.connected ? f.millis(each.canary.took_ms) : pill("bad", "failed")) : f.NOTHING),
    h("td", { class: "num", "data-label": "Forged sources", title: each.spoof ? `95 % interval ${f.percent(each.spoof.low, 1)} to ${f.percent(each.spoof.high, 1)}` : "" },
      each.spoof ? [f.percent(each.spoof.value, 1), h("small", {}, ` ${f.percent(each.spoof.low, 1)}–${f.percent(each.spoof.high, 1)}`)] : f.NOTHING),
    h("td", { "data-label": "Rung" }, each.rung));
  if (!opened) return [line];
  const busy = session.level !== "operate" || snapshot.link !== "live";
  const detail = h("tr", { class: "detail", "data-key": `d-${each.index}` }, h("td", { colspan: "9" },
    h("div", { class: "grid three" },
      h("div", {}, h("h3", {}, "What it is going through"),
        h("p", {}, `${kind(each.kind)}${each.confidence === null ? "" : `, ${f.percent(each.confidence)} sure`}, for ${f.span(each.since_s)}`),
        evidence(each.evidence), each.advice && h("p", { class: "advice" }, each.advice)),
      h("div", {}, h("h3", {}, "Why it stands where it stands"),
        h("p", {}, each.reason || "No decision was needed since the daemon began."),
        h("p", {}, `Mode ${each.mode}, challenged ${each.mechanism === "handover" ? "with our own cookies, all TCP options kept" : "with the kernel's cookies"}.`),
        h("p", {}, h("a", { href: `#/why/${each.port}` }, "The whole story"))),
      h("div", {}, h("h3", {}, "Connections"),
        h("p", {}, `${f.count(each.established)} established from ${f.plural(each.sources ?? 0, "source")}, ${f.count(each.silent)} silent; ${f.count(each.waiting)} of ${f.count(each.backlog)} waiting to be accepted.`),
        h("div", { class: "buttons" },
          h("button", { disabled: busy, onclick: () => arm(each) }, "Arm …"),
          h("button", { disabled: busy, onclick: () => calm(each) }, "Calm …"))))));
  return [line, detail];
}

const REASONS = {
  drop_banned: "banned addresses", drop_banned_net: "banned networks", drop_bad_flags: "impossible flags",
  drop_bad_source: "impossible source addresses", drop_tiny_fragment: "tiny fragments", drop_no_room: "no room to answer",
  drop_rate: "above a hard rate", drop_bad_ack: "ACKs of no connection", drop_closed_port: "closed ports",
  drop_authenticated_syn: "signed SYNs over budget",
};

function dropsOf(second) {
  const rows = Object.entries(second.machine.reason_totals).filter(([name]) => name.startsWith("drop_"))
    .map(([name, all]) => ({ name, all, rate: second.machine.reasons[name] ?? 0 })).sort((a, b) => b.rate - a.rate || b.all - a.all);
  return h("section", { class: "card" }, h("h2", {}, "Dropped, by reason"),
    rows.length ? h("table", { class: "plain" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Reason"), h("th", { scope: "col", class: "num" }, "now"), h("th", { scope: "col", class: "num" }, "in all"))),
      h("tbody", {}, rows.map((each) => h("tr", {}, h("td", {}, REASONS[each.name] ?? f.words(each.name)), h("td", { class: "num" }, f.rate(each.rate)), h("td", { class: "num", title: f.exact(each.all) }, f.count(each.all))))))
      : empty("Nothing was dropped", "No packet has been dropped since the data plane was loaded."));
}

function machineOf(snapshot) {
  const { machine } = snapshot.live;
  const { standing, health } = snapshot;
  const rows = [
    ["CPU", machine.busy === null ? f.NOTHING : `${f.percent(machine.busy)} busy, ${f.percent(machine.softirq)} for packets, ${f.percent(machine.busiest_softirq)} on the CPU that gets most`],
    ["Link", `${f.bits(machine.received_bit_s)} in, ${f.bits(machine.sent_bit_s)} out${machine.link_bit_s ? ` of ${f.bits(machine.link_bit_s)}` : ""}`],
    ["Packets", `${f.rate(machine.received_packet_s)} in`],
    ["Connection tracking", machine.conntrack === null ? f.NOTHING : `${f.percent(machine.conntrack)} full`],
    ["Stack", `${f.rate(machine.stack.listen_overflows)} accept queue overflows, ${f.rate(machine.stack.cookies_sent)} kernel cookies`],
    ["Stands on", [standing.rung, standing.interfaces.map((each) => h("span", { class: "block faint" }, `${each.name}: ${each.rung}`))]],
    ["Lease", standing.lease_s > 0 ? f.span(standing.lease_s) : "run out"],
    ["Daemon", `version ${standing.program}, up for ${f.span(standing.uptime_s)}`],
  ];
  return h("section", { class: "card" }, h("h2", {}, "This machine"),
    h("p", {}, health.good ? pill("good", "whole: nothing is missing") : pill("warn", "not whole")),
    health.good ? null : h("ul", {}, health.reasons.map((reason) => h("li", {}, reason))),
    h("dl", {}, rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}
