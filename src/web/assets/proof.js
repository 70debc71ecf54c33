// SPDX-License-Identifier: Apache-2.0
//
// What has been tried, and how far back it reaches.

import * as api from "/assets/api.js";
import { facts, failure, h, problems, rich, section, timeAndAge, verdict } from "/assets/dom.js";
import * as format from "/assets/format.js";
import { runsTable } from "/assets/runs.js";

export const title = "Proof";

function verified(status) {
  if (!status.last_verified) return [verdict("grey", "never")];
  const when = ["Last: ", timeAndAge(status.last_verified)];
  if (status.last_verified_ok) return [verdict("green", "no damage found"), h("p", {}, when)];
  return [verdict("red", "damage was found, and is not settled"), h("p", {}, when),
    status.damage_found ? h("p", {}, "Found: ", timeAndAge(status.damage_found)) : null];
}

function drilled(status) {
  if (!status.last_drill) return [verdict("grey", "never tried")];
  const when = h("p", {}, "Last: ", timeAndAge(status.last_drill));
  if (status.last_drill === status.drill_proven) return [verdict("green", "a restore was tried, and worked"), when];
  return [verdict("yellow", "it did not prove that a restore works"), when,
    status.drill_proven ? h("p", {}, "The last one that did: ", timeAndAge(status.drill_proven)) : h("p", {}, "None has yet.")];
}

function reach(status) {
  return status.proven_since
    ? [verdict("green", "all files"), h("p", {}, "Every file of the library as of ", timeAndAge(status.proven_since), " has been read back since.")]
    : [verdict("grey", "not all files yet"), h("p", {}, rich("Not every file has been read back. Each drill reads another part; `immich-backup verify --all` reads all."))];
}

function audited(point) {
  const audit = point?.audit;
  if (!audit) return null;
  return section("Originals, as of the newest restore point", facts([
    ["That Immich names", format.count(audit.originals)],
    ["That a restore brings", format.count(audit.protected)],
    ["With Immich's own checksum", format.count(audit.proven)],
    ["Missing", audit.missing ? format.count(audit.missing) : null],
    ["Of other content", audit.differs ? format.count(audit.differs) : null],
    ["Missing, and accepted", audit.accepted ? format.count(audit.accepted) : null],
    ["The store was last listed", point.store_listed ? timeAndAge(point.store_listed) : "never"],
  ]));
}

export async function show(place) {
  const now = h("div", { "class": "page" }, h("p", {}, "Reading what was proven ..."));
  const past = h("div", {});
  place.append(now, past);
  await Promise.all([
    api.get("/status", "newest").then((status) => {
      const proof = (title, what, content) => h("section", { "class": "panel" }, h("h2", {}, title), h("p", { "class": "small" }, what), content.flat());
      now.replaceChildren(...[
        status.problems.length ? problems(status.problems) : null,
        h("div", { "class": "columns three" },
          proof("Verified", "Everything that was stored is there, with its size and checksum.", verified(status)),
          proof("Drill", "The database was restored into a server of its own, and photos were read back.", drilled(status)),
          proof("Read back", "Each file was fetched and compared, byte by byte.", reach(status))),
        audited(status.newest),
      ].filter(Boolean));
    }).catch((error) => now.replaceChildren(failure(error))),
    api.get("/runs", "runs").then(({ runs }) => {
      const tried = runs.filter((run) => run.command !== "backup" && run.command !== "prune");
      past.replaceChildren(section("Verifications and drills", runsTable("Verifications and drills, newest first", tried)));
    }).catch((error) => past.replaceChildren(failure(error))),
  ]);
}
