// The stream of seconds: one for the whole page, and what is known when it breaks.

const LATE_MS = 3500;

export const live = {
  snapshot: null,
  /** When the console itself was last heard of, by the clock of this browser. */
  heard: 0,
  broken: false,
  listeners: new Set(),
};

let source = null;
let timer = null;

export function connect() {
  disconnect();
  source = new EventSource("/api/stream");
  source.onmessage = (event) => {
    live.snapshot = JSON.parse(event.data);
    live.heard = Date.now();
    live.broken = false;
    tell();
  };
  source.onerror = () => {
    live.broken = true;
    tell();
    // A browser gives up on an answer that is no stream, as when the session is over.
    if (source?.readyState === EventSource.CLOSED) setTimeout(() => source && connect(), 2000);
  };
  timer = setInterval(() => {
    if (live.heard && Date.now() - live.heard > LATE_MS && !live.broken) {
      live.broken = true;
      tell();
    }
  }, 1000);
}

export function disconnect() {
  source?.close();
  source = null;
  clearInterval(timer);
}

function tell() {
  for (const listener of live.listeners) listener();
}

/** Calls back now and at each second, until the returned function is called. */
export function follow(listener) {
  live.listeners.add(listener);
  listener();
  return () => live.listeners.delete(listener);
}
