// SPDX-License-Identifier: Apache-2.0
//
// What happens right now: follows the server's events, for all pages.

import * as api from "/assets/api.js";

export let now = { running: null, asked: [], next: {}, obstacle: null };

let samples = [];  // of the running step: {at, files, bytes}
const WINDOW_MS = 30000;

/** Emits "now", "line" (the log of the running job has more), "ended" (a run has ended, or the store has answered anew) and "connection". */
export const events = new EventTarget();

const emit = (name, detail) => events.dispatchEvent(new CustomEvent(name, { detail }));

function take(newer) {
  const before = now.running;
  const after = newer.running;
  const isNewAnswer = now.answered !== undefined && now.answered !== newer.answered;
  if (before?.id !== after?.id || before?.step !== after?.step || before?.step_began !== after?.step_began) samples = [];
  if (after) {
    const at = performance.now();
    samples.push({ at, files: after.files, bytes: after.bytes });
    while (samples.length > 2 && at - samples[1].at > WINDOW_MS) samples.shift();
  }
  now = newer;
  emit("now");
  if ((before && before.id !== after?.id) || isNewAnswer) emit("ended");
}

/** What the last half minute did each second, or null before it is known. */
export function rate() {
  const [from, to] = [samples[0], samples.at(-1)];
  const seconds = from ? (to.at - from.at) / 1000 : 0;
  if (seconds < 2) return null;
  return { files: (to.files - from.files) / seconds, bytes: (to.bytes - from.bytes) / seconds };
}

/** How much of the step is done, from 0 to 1, or null where the whole is not known. */
export function share(running) {
  if (running?.total_bytes) return Math.min(1, running.bytes / running.total_bytes);
  if (running?.total_files) return Math.min(1, running.files / running.total_files);
  return null;
}

/** Seconds until the step is done, or null. */
export function secondsLeft(running) {
  const speed = rate();
  if (speed && running.total_bytes && speed.bytes > 0) return (running.total_bytes - running.bytes) / speed.bytes;
  if (speed && !running.total_bytes && running.total_files && speed.files > 0) return (running.total_files - running.files) / speed.files;
  return null;
}

export async function follow() {
  const source = new EventSource("/api/v1/events");
  source.addEventListener("now", (event) => take(JSON.parse(event.data)));
  source.addEventListener("line", () => emit("line"));
  source.addEventListener("open", () => emit("connection", true));
  source.addEventListener("error", () => {
    emit("connection", false);
    if (source.readyState !== EventSource.CLOSED) return;
    // The browser tries again by itself, but not after an answer such as 401.
    setTimeout(() => api.begin().then(follow, follow), 5000);
  });
  take(await api.get("/now", "next"));
}
