// SPDX-License-Identifier: Apache-2.0
//
// Is it set up well, with which settings, and what to keep on paper.

import * as api from "/assets/api.js";
import { add, failure, h, remedy, rich, section, table, verdict } from "/assets/dom.js";
import * as format from "/assets/format.js";

export const title = "Set-up";

const COLOURS = { ok: "green", warning: "yellow", problem: "red", unknown: "grey" };
const spoken = (name) => name.replaceAll("_", " ");

function checkList(checks) {
  const areas = [...new Set(checks.map((check) => check.area))];
  const number = (name) => checks.filter((check) => check.verdict === name).length;
  const found = [["problem", "problems"], ["warning", "warnings"], ["unknown", "unknown"]]
    .filter(([name]) => number(name)).map(([name, many]) => format.countOf(number(name), name, many));
  return [
    h("p", {}, `${format.countOf(checks.length, "check", "checks")}: ${found.join(", ") || "all well"}. Nothing was changed.`),
    areas.map((area) => [
      h("h3", {}, area),
      h("ul", { "class": "checks" }, checks.filter((check) => check.area === area).map((check) =>
        h("li", {}, verdict(COLOURS[check.verdict] ?? "grey", check.verdict), h("div", {},
          h("p", {}, h("strong", {}, spoken(check.name)), ": ", rich(check.message)), remedy(check.fix))))),
    ]),
  ];
}

/** Shows what `ask` promises in `place`, and `words` until then. */
async function fill(place, words, ask) {
  place.replaceChildren(h("p", {}, words));
  try {
    const content = await ask();
    place.replaceChildren();
    add(place, content);
  } catch (error) {
    place.replaceChildren(failure(error));
  }
}

export async function show(place) {
  const checks = h("div", { "aria-live": "polite" });
  const check = h("button", {
    type: "button", "class": "main",
    click: async () => {
      check.disabled = true;
      await fill(checks, "Checking the store, the library, the database and this machine. It takes some seconds.",
        async () => checkList((await api.get("/doctor", "checks")).checks));
      check.disabled = false;
    },
  }, "Check now");
  const settings = h("div", {});
  const kit = h("div", {});
  const kitPanel = section("Recovery kit",
    h("p", { "class": "no-print" }, "One page for the day on which this machine is gone. Print it, and keep it away from the house. It holds no secret."), kit);
  kitPanel.classList.add("kit");
  place.append(section("Checks", check, checks), section("Settings in force", settings), kitPanel);

  fill(settings, "Reading the settings ...", async () => {
    const config = await api.get("/config", "settings");
    return [
      h("p", {}, config.files.length ? `Config files: ${config.files.join(", ")}` : "No config file was read."),
      config.notes.map((note) => h("p", { "class": "small" }, rich(note))),
      config.settings.length ? table({
        caption: "Settings in force",
        rows: config.settings,
        first: 100,
        columns: [
          { name: "Setting", of: (each) => h("code", {}, each.name) },
          { name: "Value", of: (each) => h("span", { "class": "path" }, each.values.join(", ")) },
          { name: "From", of: (each) => h("span", { "class": "small" }, each.from) },
        ],
      }) : h("p", {}, "None is set."),
    ];
  });
  fill(kit, "Writing the recovery kit ...", async () => [
    h("p", { "class": "no-print" }, h("button", { type: "button", click: () => print() }, "Print")),
    h("pre", { "tabindex": "0", "role": "region", "aria-label": "The page to print" }, (await api.get("/recovery-kit", "text")).text),
  ]);
}
