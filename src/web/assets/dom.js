// SPDX-License-Identifier: Apache-2.0
//
// Makes the elements of the page. Every text becomes a text node, so that no name can be markup.

import * as format from "/assets/format.js";

/** An element. Attributes that are functions are listeners; false, null and undefined are left out. */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

/** Lists are taken apart; null and false are passed over. */
export function add(element, ...children) {
  element.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

export function section(title, ...children) {
  const heading = h("h2", {}, title);
  heading.id = "h-" + title.toLowerCase().replace(/[^a-z]+/g, "-");
  return h("section", { "class": "panel", "aria-labelledby": heading.id }, heading, children);
}

/** A list of "name: value"; pairs whose value is null are left out. */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined);
  return h("dl", { "class": "facts" },
    shown.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

// --- Times ---

/** A <time> in the reader's zone. `tell` is a function of format.js. */
export function timeOf(iso, tell = format.time) {
  const date = new Date(iso);
  const element = h("time", { datetime: iso, title: format.fullTime(date) }, tell(date));
  element.retell = () => { element.textContent = tell(date); };
  return element;
}

/** "tomorrow, 03:30 (in 9 h)" */
export const timeAndAge = (iso) => [timeOf(iso), " (", timeOf(iso, format.relative), ")"];

// What is near is told relative to now, so it has to be told anew.
setInterval(() => document.querySelectorAll("time").forEach((each) => each.retell?.()), 30000);

// --- Texts of the server ---

// `code`; or a time, perhaps after a preposition. The time after an option is part of a command.
const PIECES = /`([^`]+)`|(--[a-z-]+[ =])?(?:\b(on|at) )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/g;

/** A text of the server, with its times in the reader's zone and its `commands` as code. */
export function rich(text) {
  const nodes = [];
  let end = 0;
  for (const piece of text.matchAll(PIECES)) {
    const [whole, code, option, preposition, iso] = piece;
    nodes.push(text.slice(end, piece.index));
    end = piece.index + whole.length;
    if (code) {
      nodes.push(h("code", {}, code));
    } else if (option) {
      nodes.push(whole);
    } else {
      // "on 15 Jan, 03:34", but "today, 03:34".
      if (preposition && !format.isNear(new Date(iso))) nodes.push("on ");
      nodes.push(timeOf(iso));
    }
  }
  nodes.push(text.slice(end));
  return nodes;
}

const PROGRAMS = "immich-backup|sudo|gcloud|docker|kubectl|chmod|chown|systemctl|timedatectl|systemd-run";
// A command, perhaps after words that end with a colon.
const COMMAND = new RegExp(`^(.*?: )?((?:${PROGRAMS}) .*[^.])$`, "s");

/** What mends a problem: a sentence, or a command that can be copied. */
export function remedy(text) {
  if (!text) return null;
  const found = text.match(COMMAND);
  if (!found) return h("p", { "class": "remedy" }, rich(text));
  return [found[1] ? h("p", { "class": "remedy" }, rich(found[1])) : null, command(found[2])];
}

/** A command with a button that copies it. */
export function command(text) {
  const code = h("code", {}, text);
  const copy = async () => {
    // Only a page that came by HTTPS has a clipboard.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
    } else {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };
  const button = h("button", { type: "button", "aria-live": "polite", click: copy }, "Copy");
  return h("div", { "class": "command" }, code, button);
}

/** The problems of a report. */
export function problems(list) {
  return h("ul", { "class": "concerns" }, list.map(({ path, message, hint }) =>
    h("li", {}, mark("red"), h("div", {},
      h("p", {}, path ? [h("code", {}, path), ": "] : null, rich(message)), remedy(hint)))));
}

/** What could not be had, in place of what would be here. */
export const failure = (error) => problems(error.problems ?? [{ message: String(error.message ?? error) }]);

// --- Marks ---

// Each has a shape of its own, for eyes that do not tell the colours.
const SHAPES = {
  green: ["M12 1.5a10.5 10.5 0 1 0 0 21 10.5 10.5 0 0 0 0-21z", "M7 12.4l3.5 3.5L17 8.8"],
  yellow: ["M12 1.8L23.2 21.5H.8z", "M12 9v5.6M12 17.9v.4"],
  red: ["M7.6 1.5h8.8l6.1 6.1v8.8l-6.1 6.1H7.6l-6.1-6.1V7.6z", "M8.2 8.2l7.6 7.6M15.8 8.2l-7.6 7.6"],
  grey: ["M12 1.5a10.5 10.5 0 1 0 0 21 10.5 10.5 0 0 0 0-21z", "M9 9.4a3 3 0 1 1 4.4 2.6c-.9.5-1.4 1-1.4 2M12 17.4v.4"],
};

/** The mark of a colour; a word beside it must say the same. */
export function mark(colour) {
  const make = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const svg = make("svg", { "viewBox": "0 0 24 24", "class": `mark ${colour}`, "aria-hidden": "true" });
  const [outline, sign] = SHAPES[colour] ?? SHAPES.grey;
  svg.append(make("path", { d: outline, "class": "outline" }), make("path", { d: sign, "class": "sign" }));
  return svg;
}

/** A mark and its word. */
export const verdict = (colour, word) => h("span", { "class": "verdict-word" }, mark(colour), word);

// --- Tables ---

/**
 * `columns`: [{name, number?, of: (row) => content}]; the first column names its row. `detail`, if
 * there is one: {button, label(row), of(row)} opens a row below with what `of` returns or promises.
 * Only the `first` rows are shown until a button is pressed. The roles are spelled out since the
 * narrow layout shows rows as blocks, and browsers take the roles away with the layout.
 */
export function table({ caption, columns, rows, detail, first = 25 }) {
  const width = columns.length + (detail ? 1 : 0);
  const cell = (column, index, row) => h(index === 0 ? "th" : "td", {
    "scope": index === 0 ? "row" : null,
    "role": index === 0 ? "rowheader" : "cell",
    "class": column.number ? "number" : null,
    "data-label": column.name,
  }, h("span", {}, column.of(row)));
  const head = h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
    columns.map((column) => h("th", { "scope": "col", "role": "columnheader", "class": column.number ? "number" : null }, column.name)),
    detail ? h("th", { scope: "col", role: "columnheader" }, h("span", { "class": "hidden" }, detail.button)) : null));
  const body = h("tbody", { role: "rowgroup" });
  const show = (some) => some.forEach((row) => {
    const line = h("tr", { role: "row" }, columns.map((column, index) => cell(column, index, row)));
    if (detail) line.append(h("td", { "role": "cell", "class": "action" }, opener(row)));
    body.append(line);
  });

  function opener(row) {
    const button = h("button", {
      "type": "button", "aria-expanded": "false", "aria-label": `${detail.button}: ${detail.label(row)}`,
      click: async () => {
        const line = button.closest("tr");
        const open = button.getAttribute("aria-expanded") === "true";
        button.setAttribute("aria-expanded", String(!open));
        if (open) return line.nextSibling.remove();
        const place = h("td", { colspan: width, role: "cell" }, "Reading ...");
        line.after(h("tr", { "role": "row", "class": "detail" }, place));
        try {
          const content = await detail.of(row);
          place.replaceChildren();
          add(place, content);
        } catch (error) {
          place.replaceChildren(failure(error));
        }
      },
    }, detail.button);
    return button;
  }

  show(rows.slice(0, first));
  const whole = h("div", { "class": "table" },
    h("table", { role: "table" }, h("caption", { "class": "hidden" }, caption), head, body));
  if (rows.length > first) {
    const more = h("button", {
      type: "button",
      click: () => {
        show(rows.slice(first));
        body.rows[first].cells[0].tabIndex = -1;
        body.rows[first].cells[0].focus();
        more.remove();
      },
    }, `Show all ${format.count(rows.length)}`);
    whole.append(more);
  }
  return whole;
}
