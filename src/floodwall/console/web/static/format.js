// Numbers that can be read aloud, and times in the reader's zone with UTC beside them.

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const some = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });

export const NOTHING = "–";

/** 48,254 becomes 48,300; 2,026,542 becomes 2.03 million. */
export function count(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  const size = Math.abs(value);
  if (size >= 1e9) return `${some.format(value / 1e9)} billion`;
  if (size >= 1e6) return `${some.format(value / 1e6)} million`;
  if (size >= 100) return whole.format(Number(value.toPrecision(3)));
  return some.format(value);
}

export const exact = (value) => (value === null || value === undefined ? "" : new Intl.NumberFormat("en-GB").format(value));

export const rate = (value) => (value === null || value === undefined ? NOTHING : `${count(value)}/s`);

export function percent(value, digits = 0) {
  if (value === null || value === undefined) return NOTHING;
  const shown = (value * 100).toFixed(digits);
  // Nearly all is not all.
  if (value < 1 && Number(shown) === 100) return `>${(100 - 10 ** -digits).toFixed(digits)}\u00a0%`;
  return `${shown}\u00a0%`;
}

export function bits(value) {
  if (value === null || value === undefined) return NOTHING;
  for (const [limit, unit] of [[1e9, "Gbit/s"], [1e6, "Mbit/s"], [1e3, "kbit/s"]]) {
    if (value >= limit) return `${some.format(value / limit)}\u00a0${unit}`;
  }
  return `${whole.format(value)}\u00a0bit/s`;
}

export function millis(value) {
  if (value === null || value === undefined) return NOTHING;
  if (value >= 1000) return `${some.format(value / 1000)}\u00a0s`;
  return `${value < 0.1 ? value.toFixed(2) : some.format(value)}\u00a0ms`;
}

export function span(seconds) {
  if (seconds === null || seconds === undefined) return NOTHING;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}\u00a0s`;
  if (s < 3600) return `${Math.floor(s / 60)}\u00a0min${s % 60 ? ` ${s % 60}\u00a0s` : ""}`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

const two = (number) => String(number).padStart(2, "0");

export const dateOf = (at) => (at instanceof Date ? at : typeof at === "number" ? new Date(at * 1000) : new Date(at));

export function clock(at) {
  const d = dateOf(at);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

export const utcClock = (at) => dateOf(at).toISOString().slice(11, 19);

export function day(at) {
  const d = dateOf(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** Local date and time; the day is left out if it is today. */
export function local(at, now = new Date()) {
  return day(at) === day(now) ? clock(at) : `${day(at)} ${clock(at)}`;
}

/** Whether the reader's zone is UTC at that time: then one time says it all. */
export const isUtc = (at) => dateOf(at).getTimezoneOffset() === 0;

/** Both in one sentence. */
export const both = (at) => (isUtc(at) ? `${clock(at)} UTC` : `${clock(at)} (${utcClock(at)} UTC)`);

export const utc = (at) => `${dateOf(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

export const words = (name) => String(name).replaceAll("_", " ");

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
