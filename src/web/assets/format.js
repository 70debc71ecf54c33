// SPDX-License-Identifier: Apache-2.0
//
// Numbers and times as people read them. Nothing here touches the page.

const LOCALE = "en-GB";
const counts = new Intl.NumberFormat("en-US");
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export const count = (n) => counts.format(n);

/** "1 file", "48,213 files". */
export const countOf = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

/** The unit that `bytes` is told in: [its name, its size]. */
export function unitOf(bytes) {
  let unit = 0;
  while (bytes >= 999.5 && unit + 1 < UNITS.length) {
    bytes /= 1024;
    unit++;
  }
  return [UNITS[unit], 1024 ** unit];
}

/** As the program's own reports write it: "9.5 KiB", "212 GiB". */
export function bytes(n) {
  const [name, size] = unitOf(n);
  const value = n / size;
  return `${value.toFixed(size > 1 && value < 9.95 ? 1 : 0)} ${name}`;
}

export function dollars(usd) {
  if (usd === 0) return "$0";
  if (usd < 0.01) return "under 1 cent";
  return "$" + usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** "40 s", "12 min", "3 h 20 min", "9 days". */
export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h` + (minutes % 60 && hours < 10 ? ` ${minutes % 60} min` : "");
  return `${Math.round(hours / 24)} days`;
}

/** The reader's calendar day, as a number that grows by one a day. */
export function dayNumber(date) {
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86400000);
}

/** Whether the time is told as today, yesterday or tomorrow. */
export function isNear(date) {
  return Math.abs(dayNumber(date) - dayNumber(new Date())) <= 1;
}

/** "today, 03:34", "15 Jan, 03:34", "15 Jan 2024, 03:34". */
export function time(date) {
  const clock = date.toLocaleTimeString(LOCALE, { hour: "2-digit", minute: "2-digit" });
  return `${day(date)}, ${clock}`;
}

export function day(date) {
  if (isNear(date)) {
    return ["yesterday", "today", "tomorrow"][dayNumber(date) - dayNumber(new Date()) + 1];
  }
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(LOCALE, { day: "numeric", month: "short", year });
}

/** "03:34:12", of a log. */
export const clock = (date) => date.toLocaleTimeString(LOCALE);

/** With the zone, for a tooltip. */
export const fullTime = (date) => date.toLocaleString(LOCALE, { dateStyle: "full", timeStyle: "long" });

/** "in 9 h", "3 days ago". */
export function relative(date) {
  const seconds = (date - Date.now()) / 1000;
  if (Math.abs(seconds) < 60) return "now";
  return seconds > 0 ? `in ${duration(seconds)}` : `${duration(-seconds)} ago`;
}

export const secondsBetween = (from, to) => (new Date(to) - new Date(from)) / 1000;

const JOBS = { "backup": "Backup", "verify": "Verification", "verify-restore": "Drill", "prune": "Clean-up" };
export const jobName = (command) => JOBS[command] ?? command;

/** What an exit status means: the colour of its mark and a word. */
export function ending(status) {
  switch (status) {
    case 0: return ["green", "well"];
    case 1: return ["yellow", "failed, will be tried again"];
    case 2: return ["red", "settings are wrong"];
    case 3: return ["yellow", "incomplete"];
    case 4: return ["red", "damage found"];
    case 130: return ["grey", "stopped"];
    default: return ["red", status > 128 ? `killed by signal ${status - 128}` : `failed with ${status}`];
  }
}
