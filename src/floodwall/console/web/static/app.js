// The shell: who is logged in, which page is shown, and whether the daemon is heard.

import { get, post } from "./api.js";
import { audit } from "./audit.js";
import { bans } from "./bans.js";
import { h, show } from "./dom.js";
import { events } from "./events.js";
import * as f from "./format.js";
import { incident, incidents, why } from "./incidents.js";
import { connect, disconnect, follow, live } from "./live.js";
import { now } from "./now.js";
import { field, pill } from "./parts.js";
import { settings } from "./settings.js";

const PAGES = [
  ["", "Now", now], ["incidents", "Incidents", incidents], ["why", "Why", why], ["bans", "Bans", bans],
  ["audit", "Audit", audit], ["settings", "Settings", settings], ["events", "Events", events],
];

const app = document.getElementById("app");
let session = null;
let leave = () => {};
let unfollow = () => {};

async function begin() {
  // Both at once: the first second is there by the time that it is known who looks.
  connect();
  try {
    session = await get("/api/session");
  } catch (error) {
    if (error.status === 401) return logIn();
    return show(app, h("main", { id: "main", class: "login" }, h("h1", {}, "Floodwall"), h("p", { role: "alert" }, error.message), h("button", { onclick: begin }, "Try again")));
  }
  shell();
}

function logIn(message = "") {
  disconnect();
  leave();
  unfollow();
  session = null;
  document.title = "Floodwall: log in";
  const token = h("input", { type: "password", autocomplete: "current-password", required: true, spellcheck: "false" });
  const told = h("p", { class: "failure", role: "alert" }, message);
  const form = h("form", {}, field("Token", token, "Made by: floodwall console --new-token NAME"), told, h("button", { class: "primary" }, "Log in"));
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      await post("/api/login", { token: token.value.trim() });
      begin();
    } catch (error) {
      told.textContent = error.hint ? `${error.message}: ${error.hint}` : error.message;
      token.select();
    }
  };
  app.replaceChildren(h("main", { id: "main", class: "login" },
    h("img", { src: "/static/icon.svg", alt: "", width: "56", height: "56" }), h("h1", {}, "Floodwall"),
    h("p", {}, "Keeps this server reachable, and tells the truth."), form));
  token.focus();
}

function shell() {
  const bar = h("div", { class: "link-state" });
  const banner = h("div", { id: "banner" });
  const main = h("main", { id: "main", tabindex: "-1" });
  const nav = h("nav", { "aria-label": "Pages" }, PAGES.map(([path, text]) => h("a", { href: `#/${path}`, "data-path": path }, text)));
  const theme = h("button", { class: "quiet", "aria-label": "Light or dark", title: "Light or dark", onclick: switchTheme }, "◐");
  app.replaceChildren(
    h("header", {}, h("a", { class: "brand", href: "#/" }, h("img", { src: "/static/icon.svg", alt: "", width: "26", height: "26" }), "Floodwall"),
      nav, h("div", { class: "who" }, bar, theme,
        h("button", { class: "quiet", onclick: () => post("/api/logout").finally(() => logIn()) , title: `${session.name} may ${session.level}` }, `Log out ${session.name}`))),
    banner, main, h("div", { id: "toast", class: "toast", role: "status", "aria-live": "polite", hidden: true }));
  unfollow = follow(() => { show(bar, linkState()); show(banner, stale()); });
  route();
}

function linkState() {
  const { snapshot } = live;
  if (live.broken) return pill("bad", "console lost");
  if (!snapshot) return pill("off", "connecting");
  if (snapshot.link === "live") return pill(snapshot.health.good ? "good" : "warn", `live ${f.clock(snapshot.at_wall_s)}`, f.utc(snapshot.at_wall_s));
  return pill("bad", snapshot.link === "stale" ? "stale" : "no daemon");
}

function stale() {
  const { snapshot } = live;
  const told = (title, text, hint) => h("div", { class: "banner", role: "alert" }, h("strong", {}, title), " ", text, hint && h("code", {}, hint));
  if (live.broken) return told("The console does not answer.", live.heard ? `What you see is as of ${f.both(live.heard / 1000)}.` : "");
  if (snapshot?.link === "stale") {
    return told("The daemon is gone.", `What you see is stale since ${f.both(snapshot.since_wall_s)}, for ${f.span(snapshot.at_wall_s - snapshot.since_wall_s)}. ${snapshot.error}. `, snapshot.hint);
  }
  if (snapshot?.link === "never") return told("No daemon answers.", `${snapshot.error}. `, snapshot.hint);
  return null;
}

function route() {
  if (!session) return;
  const [path = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const argument = rest.length ? safelyDecoded(rest.join("/")) : undefined;
  const [, title, page] = PAGES.find(([known]) => known === path) ?? PAGES[0];
  const main = document.getElementById("main");
  leave();
  main.replaceChildren(h("h1", { class: "hidden" }, title));
  main.className = `page-${path || "now"}`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.path !== path) {
      link.removeAttribute("aria-current");
      continue;
    }
    link.setAttribute("aria-current", "page");
    link.parentElement.scrollLeft = link.offsetLeft - link.parentElement.offsetLeft - 40;
  }
  document.title = `Floodwall: ${title}`;
  leave = (path === "incidents" && argument ? incident : page)(main, session, argument) ?? (() => {});
}

function safelyDecoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* kept for this page alone */ }
  window.dispatchEvent(new Event("themed"));
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => window.dispatchEvent(new Event("themed")));
window.addEventListener("hashchange", () => { route(); document.getElementById("main")?.focus({ preventScroll: true }); scrollTo(0, 0); });
window.addEventListener("logged-out", () => { if (session) logIn("You are logged out."); });
document.querySelector(".skip").onclick = (event) => { event.preventDefault(); document.getElementById("main")?.focus(); };
begin();
