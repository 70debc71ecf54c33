// SPDX-License-Identifier: Apache-2.0
//
// The states that a restore can go back to, and what two of them differ in.

import * as api from "/assets/api.js";
import { command, facts, failure, h, problems, rich, section, table, timeOf, verdict } from "/assets/dom.js";
import * as format from "/assets/format.js";

export const title = "Restore points";

const MOST_SHOWN = 500;
const KINDS = ["added", "changed", "moved", "gone"];

const isComplete = (point) => point.verdict === "complete";
const orNone = (value, tell) => value === null || value === undefined ? "none" : tell(value);

function howToRestore(point) {
  return [
    h("p", {}, "As of ", timeOf(point.time), `, into an empty folder: ${format.countOf(point.files.files, "file", "files")}, `,
      point.database && point.dump_present !== false ? "and Immich's database in backups/" : "without a database"),
    command(`immich-backup restore --target /srv/immich/library --at ${point.time}`),
  ];
}

function differences(diff) {
  const path = (each) => each.kind === "moved" ? `${each.path} (was ${each.from})` : each.path;
  const more = diff.differences.length - MOST_SHOWN;
  return [
    diff.problems.length ? problems(diff.problems) : null,
    h("p", {}, "From ", timeOf(diff.from), " to ", timeOf(diff.to), diff.differences.length ? ":" : ": no difference."),
    facts(KINDS.map((kind) => [kind, diff.totals[kind]?.files
      ? `${format.countOf(diff.totals[kind].files, "file", "files")}, ${format.bytes(diff.totals[kind].bytes)}` : null])),
    diff.differences.length === 0 ? null : table({
      caption: "Files that differ",
      rows: diff.differences.slice(0, MOST_SHOWN),
      first: 50,
      columns: [
        { name: "File", of: (each) => h("span", { "class": "path" }, path(each)) },
        { name: "What", of: (each) => each.kind },
        { name: "Size", number: true, of: (each) => format.bytes((each.after ?? each.before).size) },
      ],
    }),
    more > 0 ? [h("p", {}, `And ${format.count(more)} more. This lists all:`), command(`immich-backup diff ${diff.from} ${diff.to}`)] : null,
  ];
}

export async function show(place) {
  const reading = h("p", {}, "Reading the restore points ...");
  place.append(reading);
  let report;
  try {
    report = await api.get("/restore-points", "restore_points");
  } finally {
    reading.remove();
  }
  const points = report.restore_points.toReversed?.() ?? report.restore_points.slice().reverse();
  if (report.problems.length) place.append(problems(report.problems));
  if (!points.length) {
    place.append(h("p", { "class": "panel" }, rich("There is none yet: the first backup makes the first.")));
    return;
  }

  let chosen = [];  // at most two boxes, the one that was chosen first in front
  const button = h("button", { type: "button", "class": "main", "click": compare }, "Compare");
  const said = h("p", { role: "status" });
  const bar = h("div", { "class": "bar" }, said, button);
  const result = h("div", {});

  function tell() {
    const texts = ["Choose two to see what they differ in.", "Choose one more.", ""];
    said.textContent = texts[chosen.length] || chosen.map((box) => format.time(new Date(box.value))).join(" and ");
    button.hidden = chosen.length !== 2;
  }

  function box(point) {
    return h("input", {
      type: "checkbox", value: point.time, "aria-label": `Compare ${format.time(new Date(point.time))}`,
      change: (event) => {
        chosen = chosen.filter((each) => each !== event.target);
        if (event.target.checked) chosen.push(event.target);
        if (chosen.length > 2) chosen.shift().checked = false;
        tell();
      },
    });
  }

  async function compare() {
    const [from, to] = chosen.map((each) => each.value).sort();
    const panel = section("What they differ in", h("p", {}, "Comparing ..."));
    panel.tabIndex = -1;
    result.replaceChildren(panel);
    panel.focus();
    try {
      const diff = await api.get(`/diff?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`, "differences");
      panel.lastChild.replaceWith(h("div", {}, differences(diff).flat().filter(Boolean)));
    } catch (error) {
      panel.lastChild.replaceWith(failure(error));
    }
  }

  const incomplete = points.filter((point) => !isComplete(point)).length;
  tell();
  place.append(
    h("p", {}, `${format.countOf(points.length, "restore point", "restore points")}, ` +
      (incomplete ? `${incomplete} of them incomplete` : "all complete") + "; the oldest is of ", timeOf(points.at(-1).time), "."),
    result, bar,
    h("div", { "class": "panel" }, table({
      caption: "Restore points, newest first",
      rows: points,
      columns: [
        { name: "Time", of: (point) => h("label", {}, points.length > 1 ? box(point) : null, timeOf(point.time)) },
        { name: "Verdict", of: (point) => isComplete(point) ? verdict("green", "complete") : verdict("yellow", "incomplete") },
        { name: "Files", number: true, of: (point) => format.count(point.files.files) },
        { name: "Size", number: true, of: (point) => format.bytes(point.files.bytes) },
        { name: "Assets", number: true, of: (point) => point.dump_present === false ? "dump removed" : orNone(point.database?.assets, format.count) },
        { name: "Would come back", number: true,
          of: (point) => point.audit ? `${format.count(point.audit.protected)} of ${format.count(point.audit.originals)}` : "not audited" },
        { name: "Problems", number: true, of: (point) => format.count(point.problem_count) },
      ],
      detail: { button: "Restore", label: (point) => format.time(new Date(point.time)), of: howToRestore },
    })));
}
