// SPDX-License-Identifier: Apache-2.0
//
// Would I get it all back?

import * as api from "/assets/api.js";
import { charts } from "/assets/charts.js";
import { add, facts, failure, h, mark, problems, remedy, rich, section, timeAndAge, timeOf } from "/assets/dom.js";
import * as format from "/assets/format.js";
import * as live from "/assets/live.js";
import { nights } from "/assets/nights.js";

export const title = "Overview";

const WORDS = { green: "Backed up and proven", yellow: "Look at this", red: "Something is wrong", grey: "Not known" };
const REFRESH_MS = 300000;
const SOON_MS = 15000;  // while the store is being asked, or does not answer

const answer = (colour, title, ...content) =>
  h("section", { "class": `panel verdict ${colour}`, "aria-labelledby": "h-verdict" },
    mark(colour), h("div", {}, h("h2", { id: "h-verdict" }, title), content));

/** What stands in the way of every job: there is no store. */
export function noStore(colour) {
  const found = live.now.obstacle;
  if (!found) return null;
  return answer(colour, "No store yet", h("p", { "class": "sentence" }, rich(found.message)), remedy(found.hint));
}

/** When the jobs are due; pairs for `facts`. */
export function dueTimes(next) {
  const when = (iso) => iso ? timeAndAge(iso) : "not on the schedule";
  return [["Next backup", when(next.backup)], ["Next verification", when(next.verify)],
    ["Next drill", when(next["verify-restore"])], ["Next clean-up", next.prune ? timeAndAge(next.prune) : null]];
}

function verdict(overview) {
  const colour = overview.colour in WORDS ? overview.colour : "grey";
  return noStore(colour) ?? answer(colour, WORDS[colour],
    h("p", { "class": "sentence" }, rich(overview.sentence)),
    h("p", { "class": "small" }, overview.store,
      overview.answered ? [", last answered ", timeOf(overview.answered)] : ", has not answered yet"));
}

function concerns(overview) {
  const list = overview.concerns.filter(({ text }) => text !== live.now.obstacle?.message);
  if (!list.length) return null;
  return section("What to look at", h("ul", { "class": "concerns" }, list.map(({ level, text, fix }) =>
    h("li", {}, mark(level === "problem" ? "red" : "yellow"), h("div", {},
      h("p", {}, h("span", { "class": "hidden" }, `${level}: `), rich(text)), remedy(fix))))));
}

function running() {
  const job = live.now.running;
  if (!job) return null;
  const share = live.share(job);
  return h("p", { "class": "panel running" },
    `${format.jobName(job.command)} is running`, job.step ? `: ${job.step}` : "", share === null ? "" : `, ${Math.floor(share * 100)} %`, ". ",
    h("a", { href: "/now" }, "Watch it"));
}

function costs(cost) {
  const isFolder = !cost.restore.usd;
  const whole = `${format.countOf(cost.restore.objects, "file", "files")}, ${format.bytes(cost.restore.bytes)}`;
  return section("What it costs", facts([
    ["A full restore", isFolder ? `nothing, it is a folder (${whole})` : `${format.dollars(cost.restore.usd)} to read ${whole} once`],
    ["A month", isFolder ? "nothing" : format.dollars(cost.usd_month)],
    ["A month, at the year's end", isFolder || cost.growth_bytes_per_day === null ? null : format.dollars(cost.usd_month_at_year_end)],
    ["It grows by", cost.growth_bytes_per_day === null ? null : `${format.bytes(Math.max(0, cost.growth_bytes_per_day))} a day`],
    ["Prices", isFolder ? null : `${cost.prices.location}, ${cost.prices.date}, an estimate`],
  ]));
}

export async function show(place) {
  const top = h("div", { "class": "page" });
  const more = h("div", { "class": "columns" });
  const job = h("div", {});
  place.append(job, top, more);
  let drawn = [];
  let gone = false;
  let timer = 0;

  const tellJob = () => job.replaceChildren(...[running()].filter(Boolean));

  async function load() {
    const overview = await api.get("/overview", "sentence");
    if (gone) return;
    top.replaceChildren();
    add(top, verdict(overview), concerns(overview));
    clearTimeout(timer);
    timer = setTimeout(reload, overview.colour === "grey" ? SOON_MS : REFRESH_MS);
    if (live.now.obstacle) return more.replaceChildren();
    const next = section("What comes next", facts(dueTimes(overview.next)));
    if (!more.children.length) more.append(next);
    const [points, runs, cost] = await Promise.allSettled(
      [api.get("/restore-points", "restore_points"), api.get("/runs", "runs"), api.get("/cost", "restore")]);
    if (gone) return;
    drawn.forEach((chart) => chart.remove());
    drawn = [];
    more.replaceChildren();
    const known = points.value?.restore_points ?? [];
    const nightRuns = runs.value?.runs ?? [];
    if (known.length || nightRuns.length) more.append(section("Nights", nights(known, nightRuns, overview.now)));
    const unread = points.value?.problems ?? (overview.concerns.length ? [] : points.reason.problems);
    more.append(h("div", { "class": "page" }, ...[
      next, known.length && cost.value ? costs(cost.value) : null,
      unread.length ? section("Restore points", problems(unread)) : null].filter(Boolean)));
    if (known.length > 1) {
      drawn = charts(known);
      more.append(h("section", { "class": "panel wide", "aria-labelledby": "h-growth" }, h("h2", { id: "h-growth" }, "Growth"),
        h("div", { "class": "charts" }, drawn.map((chart) => chart.element))));
      drawn.forEach((chart) => chart.draw());
    }
  }

  // What is shown stays where a later answer fails: the frame says that the connection is lost.
  const reload = () => load().catch(() => {});
  tellJob();
  live.events.addEventListener("now", tellJob);
  live.events.addEventListener("ended", reload);
  const leave = () => {
    gone = true;
    clearTimeout(timer);
    live.events.removeEventListener("now", tellJob);
    live.events.removeEventListener("ended", reload);
    drawn.forEach((chart) => chart.remove());
  };
  load().catch((error) => top.replaceChildren(failure(error)));
  return leave;
}
