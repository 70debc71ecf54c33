// SPDX-License-Identifier: Apache-2.0
//
// The runs that the schedule or a person has begun, each with its log.

import * as api from "/assets/api.js";
import { h, rich, table, timeOf, verdict } from "/assets/dom.js";
import * as format from "/assets/format.js";
import * as live from "/assets/live.js";

function end(run) {
  if (run.ended) return verdict(...format.ending(run.exit_status));
  return run.id === live.now.running?.id ? "still running" : verdict("red", "did not end");
}

const how = ({ by_hand, attempt }) => (by_hand ? "by hand" : "by schedule") + (attempt > 1 ? `, attempt ${attempt}` : "");

/** A line of a log: it begins with its time. */
export function logLine(line) {
  const [, iso, rest] = line.match(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ?(.*)$/s) ?? [null, null, line];
  return h("span", {}, iso ? [h("time", { datetime: iso }, format.clock(new Date(iso))), "  "] : null, rich(rest), "\n");
}

export const logOf = (lines, name) =>
  h("pre", { "class": "log", "tabindex": "0", "role": "region", "aria-label": name }, lines.map(logLine));

export function runsTable(caption, runs) {
  if (!runs.length) return h("p", {}, "None by this server yet. What was run elsewhere is not listed here.");
  return table({
    caption,
    rows: runs,
    first: 12,
    columns: [
      { name: "Run", of: (run) => format.jobName(run.command) },
      { name: "Began", of: (run) => timeOf(run.began) },
      { name: "Took", number: true, of: (run) => run.ended ? format.duration(format.secondsBetween(run.began, run.ended)) : "" },
      { name: "How", of: how },
      { name: "Ended", of: end },
    ],
    detail: {
      button: "Log",
      label: (run) => `${format.jobName(run.command)}, ${format.time(new Date(run.began))}`,
      of: async (run) => {
        const { lines } = await api.get(`/runs/${encodeURIComponent(run.id)}/log`, "lines");
        return lines.length ? logOf(lines, "Log of the run") : "The log is empty.";
      },
    },
  });
}
