// Every request goes to this console, in the name of whoever is logged in.

export class Refusal extends Error {
  constructor(status, message, hint) {
    super(message);
    this.status = status;
    this.hint = hint ?? "";
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Refusal(0, "The console does not answer.", "Is it still running?");
  }
  let told = null;
  try { told = await response.json(); } catch { /* told below */ }
  if (response.ok && told !== null) return told;
  if (response.status === 401 && path !== "/api/login") window.dispatchEvent(new Event("logged-out"));
  throw new Refusal(response.status, told?.error?.message ?? `Error ${response.status}`, told?.error?.hint);
}

export const get = (path, query = {}) => {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined));
  return ask(search.size ? `${path}?${search}` : path, {});
};

export const post = (path, body = {}) => ask(path, {
  method: "POST",
  headers: { "content-type": "application/json", "x-floodwall": "1" },
  body: JSON.stringify(body),
});
