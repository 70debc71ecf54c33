// SPDX-License-Identifier: Apache-2.0
//
// The last twelve weeks, a cell for each day.

import { h } from "/assets/dom.js";
import * as format from "/assets/format.js";

const WEEKS = 12;
const DAY_MS = 86400000;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const utcDate = (day, options) => new Date(day * DAY_MS).toLocaleDateString("en-GB", { timeZone: "UTC", ...options });
const dateOf = (day) => utcDate(day, { weekday: "short", day: "numeric", month: "short" });
const dayOf = (iso) => format.dayNumber(new Date(iso));

/** What the day was: {colour, text}. Without a colour where nothing is known of it. */
function judge({ points, runs }, isKnown, isToday) {
  const damage = runs.some((run) => run.exit_status === 4) ? "damage was found" : "";
  const newest = points.at(-1);
  if (newest) {
    const incomplete = newest.verdict !== "complete";
    const text = (incomplete ? "incomplete, " + format.countOf(newest.problem_count, "problem", "problems") : "complete") +
      ", " + format.countOf(newest.files.files, "file", "files");
    return { colour: damage ? "red" : incomplete ? "yellow" : "green", text: damage ? `${damage}; ${text}` : text };
  }
  // Its restore point was pruned, or the store does not tell; or there never was one.
  const backups = runs.filter((run) => run.command === "backup");
  const best = [0, 3].find((status) => backups.some((run) => run.exit_status === status));
  if (damage) return { colour: "red", text: damage };
  if (best !== undefined) return { colour: best === 0 ? "green" : "yellow", text: `the backup ended ${format.ending(best)[1]}` };
  if (backups.length) return { colour: "red", text: `the backup ended: ${format.ending(backups[0].exit_status)[1]}` };
  if (isToday) return { colour: "", text: "none yet" };
  return isKnown ? { colour: "grey", text: "no backup ran" } : { colour: "", text: "no restore point is kept" };
}

export function nights(points, runs, now) {
  const today = dayOf(now);
  const monday = today - ((today + 3) % 7);  // day 0 was a Thursday
  const first = monday - (WEEKS - 1) * 7;
  const days = new Map();
  const at = (day) => days.get(day) ?? days.set(day, { points: [], runs: [] }).get(day);
  for (const point of points) at(dayOf(point.time)).points.push(point);
  for (const run of runs) if (run.ended) at(dayOf(run.began)).runs.push(run);
  // What ran is known since the oldest run that is remembered.
  const begin = runs.length ? dayOf(runs.at(-1).began) : today;
  const told = new Map();
  for (let day = first; day <= today; day++) told.set(day, judge(at(day), day >= begin, day === today));

  const tell = h("p", { "class": "small tell", "role": "status" }, "");
  const cell = (day) => {
    const night = told.get(day);
    if (!night) return h("td", {}, h("span", { "class": "hidden" }, "to come"));
    const text = `${dateOf(day)}: ${night.text}`;
    return h("td", { title: text, click: () => { tell.textContent = text; } },
      h("span", { "class": `night ${night.colour}` }, h("span", { "class": "hidden" }, text)));
  };
  const weeks = Array.from({ length: WEEKS }, (_, week) => first + week * 7);
  const month = (day) => utcDate(day, { month: "short" });
  const grid = h("table", { "class": "nights" },
    h("caption", { "class": "hidden" }, "The last twelve weeks, a column for each"),
    h("thead", {}, h("tr", {}, h("td", {}), weeks.map((day, i) => h("th", { scope: "col" },
      h("span", { "aria-hidden": "true" }, i === 0 || month(day) !== month(day - 7) ? month(day) : ""),
      h("span", { "class": "hidden" }, `week of ${utcDate(day, { day: "numeric", month: "short" })}`))))),
    h("tbody", {}, WEEKDAYS.map((name, index) => h("tr", {},
      h("th", { scope: "row" }, name), weeks.map((day) => cell(day + index))))));

  const number = (colour) => [...told.values()].filter((night) => night.colour === colour).length;
  const key = (colour, word) => number(colour)
    ? h("li", {}, h("span", { "class": `night ${colour}`, "aria-hidden": "true" }), `${number(colour)} ${word}`) : null;
  const bad = [...told].filter(([, night]) => night.colour && night.colour !== "green").reverse();
  return [
    grid, tell,
    h("ul", { "class": "key" }, key("green", "complete"), key("yellow", "incomplete"), key("red", "failed or damaged"), key("grey", "without a backup")),
    bad.length ? h("details", {}, h("summary", {}, `The ${format.countOf(bad.length, "day", "days")} to look at`),
      h("ul", {}, bad.map(([day, night]) => h("li", {}, `${dateOf(day)}: ${night.text}`)))) : null,
  ];
}
