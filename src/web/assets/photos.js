// SPDX-License-Identifier: Apache-2.0
//
// The photos of a restore point, as Immich knows them: by date, album, folder, user and name. The address
// of the page says which are shown, so that a browser's way back works.

import * as api from "/assets/api.js";
import { add, command, facts, failure, h, mark, problems, rich, section, table, timeOf, verdict } from "/assets/dom.js";
import * as format from "/assets/format.js";

export const title = "Photos";

const MOST_SHOWN = 200;
const VIEWS = { date: "By date", album: "Albums", folder: "Folders" };
const SHOWN = /\.(jpe?g|png|gif|webp|avif|bmp|heic|heif|jxl)$/i;
const PLAYED = /\.(mp4|m4v|mov|webm)$/i;
const WARM = ["STANDARD", null, undefined];
// What chooses photos, of the address and of the API alike.
const CHOICE = ["album", "user", "taken", "name", "below", "asset"];

// --- Words ---

const photosOf = (n) => format.countOf(n, "photo or video", "photos and videos");

/** A day or a clock at the place where the photo was taken: its zone is not known, so none is reckoned. */
const utc = (local) => new Date(local + (local.includes("T") ? "Z" : "T00:00:00Z"));
const words = (local, options) => utc(local).toLocaleDateString("en-GB", { timeZone: "UTC", ...options });
const dayName = (day) => words(day, { weekday: "short", day: "numeric", month: "long", year: "numeric" });
const monthName = (month) => words(month + "-01", { month: "long", year: "numeric" });
const shortMonth = (month) => words(month + "-01", { month: "short" });
const shortDay = (day) => words(day, { day: "numeric", month: "short", year: "numeric" });
const takenAt = (photo) => photo.taken ? `${shortDay(photo.taken.slice(0, 10))}, ${photo.taken.slice(11, 16)}` : "no date";

function period(taken) {
  if (taken === "none") return "Without a date";
  if (/^\d{4}-\d\d-\d\d$/.test(taken)) return dayName(taken);
  return /^\d{4}-\d\d$/.test(taken) ? monthName(taken) : taken;
}

const sizeOf = (photo) => photo.files.reduce((sum, file) => sum + (file.size ?? 0), 0);

const STATES = { missing: "would not come back", differs: "differs from what Immich says", outside: "lies in no folder of the backup" };
/** What is wrong with a photo; null for none. */
function shortcoming(photo) {
  const file = photo.files.find((each) => each.state !== "stored");
  return file ? verdict(file.state === "missing" ? "red" : "yellow", (file.part === "original" ? "" : `${file.part}: `) + STATES[file.state]) : null;
}

// --- Addresses ---

const queryOf = (parameters) => new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
const pageOf = (parameters) => `/photos?${queryOf(parameters)}`;
const ask = (path, parameters, key) => api.get(`${path}?${queryOf(parameters)}`, key);
const fileAt = (parameters) => `/api/v1/photos/file?${queryOf(parameters)}`;

const link = (text, parameters, attributes) => h("a", { href: pageOf(parameters), ...attributes }, text);

// --- One photo ---

function priceText(price) {
  const amount = `${format.countOf(price.files, "file", "files")}, ${format.bytes(price.bytes)}`;
  return price.cost_usd === null ? amount : `${amount}; reading ${price.files === 1 ? "it" : "them"} back costs ${format.dollars(price.cost_usd)}`;
}

/** The picture itself, or a button that says first what it costs. */
function picture(at, photo) {
  const file = photo.files.find((each) => each.part === "original");
  if (!file || file.size === undefined) return null;
  const source = fileAt({ at, asset: photo.id, part: "original", approved: "yes" });
  const place = h("div", { "class": "picture" });
  const no = () => place.replaceChildren(h("p", {}, "This browser cannot show this kind of file. Download it to look at it."));
  const put = () => {
    if (SHOWN.test(file.path)) place.replaceChildren(h("img", { src: source, alt: photo.file_name, error: no }));
    else if (PLAYED.test(file.path)) place.replaceChildren(h("video", { src: source, controls: true, preload: "metadata", error: no }));
    else no();
  };
  if (WARM.includes(file.storage_class)) {
    put();
    return place;
  }
  place.append(h("p", {}, "Asking what it costs ..."));
  ask("/photos/price", { at, asset: photo.id, part: "original" }, "bytes").then((price) => {
    place.replaceChildren(h("p", {}, `In a cold class: ${priceText(price)}.`), h("button", { type: "button", click: put }, "Show it"));
  }, (error) => place.replaceChildren(failure(error)));
  return place;
}

function historyOf(report) {
  return report.paths.map((path) => table({
    caption: `States of ${path.path}`,
    rows: path.states,
    columns: [
      { name: "Since", of: (state) => state.since ? timeOf(state.since) : "placed by an audit" },
      { name: "Until", of: (state) => state.until ? timeOf(state.until) : "now" },
      { name: "What", of: (state) => state.archived ? "gone from the library; kept" : "there" },
      { name: "Size", number: true, of: (state) => format.bytes(state.size) },
      { name: "SHA-256", of: (state) => h("code", {}, state.sha256.slice(0, 12)) },
    ],
  }));
}

function detail(at, photo) {
  const states = h("div", {});
  const showHistory = async (event) => {
    event.target.disabled = true;
    try {
      states.replaceChildren(...historyOf(await ask("/photos/history", { at, asset: photo.id }, "paths")));
    } catch (error) {
      states.replaceChildren(failure(error));
    }
  };
  const original = photo.files.find((each) => each.part === "original");
  return [
    picture(at, photo),
    facts([
      ["taken", takenAt(photo)],
      ["owner", photo.owner || null],
      ["path", h("span", { "class": "path" }, photo.path)],
      ["SHA-256", original?.sha256 ? h("code", { "class": "path" }, original.sha256) : null],
      ["in the trash", photo.trashed ? "yes, in Immich's" : null],
      ["state", shortcoming(photo)],
    ]),
    h("p", { "class": "bar" },
      photo.files.filter((file) => file.size !== undefined).map((file) => h("a", {
        "class": "button",
        "href": fileAt({ at, asset: photo.id, part: file.part, save: "yes", approved: "yes" }),
        "download": true,
      }, `Download ${file.part} (${format.bytes(file.size)})`)),
      h("button", { type: "button", click: showHistory }, "History")),
    states,
  ];
}

// --- Many photos ---

function photoTable(at, photos, owners) {
  return table({
    caption: "Photos",
    rows: photos,
    first: 50,
    columns: [
      { name: "Name", of: (photo) => h("span", { "class": "path" }, photo.file_name) },
      { name: "Taken", of: takenAt },
      owners.size > 1 ? { name: "Owner", of: (photo) => owners.get(photo.owner) || photo.owner } : null,
      { name: "Size", number: true, of: (photo) => format.bytes(sizeOf(photo)) },
      { name: "State", of: (photo) => shortcoming(photo) ?? (photo.trashed ? "in the trash" : "comes back") },
    ].filter(Boolean),
    detail: { button: "Show", label: (photo) => photo.file_name, of: (photo) => detail(at, photo) },
  });
}

/** A button that says what a ZIP file costs before there is one. */
function zip(at, choice, name) {
  const place = h("div", { "class": "bar" });
  const button = h("button", {
    type: "button",
    click: async () => {
      button.disabled = true;
      try {
        const price = await ask("/photos/price", { at, ...choice }, "bytes");
        place.replaceChildren(
          h("p", { role: "status" }, `${priceText(price)}.` + (price.missing ? ` ${format.countOf(price.missing, "file is", "files are")} missing.` : "")),
          price.files ? h("a", {
            "class": "button main", "download": true,
            "href": `/api/v1/photos/zip?${queryOf({ at, ...choice, title: name, approved: "yes" })}`,
          }, "Download") : "");
        place.querySelector("a")?.focus();
      } catch (error) {
        place.replaceChildren(failure(error));
      }
    },
  }, "Download as a ZIP file");
  return add(place, button);
}

/** The photos of a choice, as many as fit, with a button for more. */
async function photoList(at, choice, name, owners) {
  const list = h("div", {});
  let shown = 0;
  async function more() {
    const report = await ask("/photos", { at, ...choice, skip: String(shown), limit: String(MOST_SHOWN) }, "photos");
    shown += report.photos.length;
    if (report.photos.length) list.append(photoTable(at, report.photos, owners));
    return report;
  }
  const report = await more();
  if (report.photos_found === 0) return section(name, h("p", {}, "There are none."));
  const button = h("button", {
    type: "button",
    click: async () => {
      button.disabled = true;
      try {
        await more();
        button.disabled = false;
        button.hidden = shown >= report.photos_found;
      } catch (error) {
        button.replaceWith(failure(error));
      }
    },
  }, "Show more");
  button.hidden = shown >= report.photos_found;
  return section(name, h("p", {}, photosOf(report.photos_found)), zip(at, choice, name), list, button);
}

// --- The ways to photos ---

const incomplete = (group) => group.incomplete ? h("span", { "class": "short" }, ` (${format.count(group.incomplete)} incomplete)`) : null;

async function byDate(at, kept, taken, owners) {
  if (taken && !/^\d{4}-\d\d$/.test(taken)) return photoList(at, { ...kept, taken }, period(taken), owners);
  const view = { at, view: "date", ...kept };
  if (taken) {
    const { groups } = await ask("/photos", { at, ...kept, taken, by: "day" }, "groups");
    const total = groups.reduce((sum, group) => sum + group.photos, 0);
    if (total <= MOST_SHOWN) return photoList(at, { ...kept, taken }, period(taken), owners);
    return section(period(taken), h("p", {}, photosOf(total)), zip(at, { ...kept, taken }, period(taken)),
      h("ul", { "class": "tiles long" }, groups.map((group) => h("li", {},
        link(dayName(group.key), { ...view, taken: group.key }), "\u00a0", format.count(group.photos), incomplete(group)))));
  }
  const { groups, photos_found: total, not_shown: notShown } = await ask("/photos", { at, ...kept, by: "month" }, "groups");
  const years = Map.groupBy ? Map.groupBy(groups, (group) => group.key.slice(0, 4)) : groups.reduce((map, group) => {
    const year = group.key.slice(0, 4);
    return map.set(year, [...(map.get(year) ?? []), group]);
  }, new Map());
  return section("By date",
    h("p", {}, photosOf(total) + (notShown ? `; ${format.countOf(notShown, "more is", "more are")} in Immich's locked folder, which this page never shows` : "")),
    [...years].sort(([a], [b]) => b.localeCompare(a)).map(([year, months]) => h("div", { "class": "year" },
      h("h3", {}, year ? link(year, { ...view, taken: year }) : link("Without a date", { ...view, taken: "none" }),
        h("span", { "class": "count" }, " " + format.count(months.reduce((sum, month) => sum + month.photos, 0)))),
      year ? h("ul", { "class": "tiles" }, months.map((month) => h("li", {},
        link(shortMonth(month.key), { ...view, taken: month.key }, { "aria-label": monthName(month.key) }), "\u00a0",
        format.count(month.photos), incomplete(month)))) : null)));
}

async function byAlbum(at, kept, album, owners) {
  const { groups } = await ask("/photos", { at, ...kept, by: "album" }, "groups");
  if (album) {
    const found = groups.find((group) => group.key === album);
    return photoList(at, { ...kept, album }, found?.name || "Album", owners);
  }
  if (!groups.length) return section("Albums", h("p", {}, "There are none."));
  const dates = ({ first_taken: first, last_taken: last }) => {
    if (!first) return "no dates";
    const [from, to] = [shortDay(first.slice(0, 10)), shortDay(last.slice(0, 10))];
    return from === to ? from : `${from} to ${to}`;
  };
  return section("Albums", table({
    caption: "Albums",
    rows: groups,
    columns: [
      { name: "Name", of: (group) => link(group.name || "(no name)", { at, view: "album", ...kept, album: group.key }) },
      { name: "Owner", of: (group) => group.owner },
      { name: "Photos", number: true, of: (group) => [format.count(group.photos), incomplete(group)] },
      { name: "Taken", of: dates },
    ],
  }));
}

async function byFolder(at, kept, below, owners) {
  const { groups, photos_found: total } = await ask("/photos", { at, ...kept, below, by: "folder" }, "groups");
  const folders = groups.filter((group) => group.key);
  const view = { at, view: "folder", ...kept };
  const parts = below.split("/").filter(Boolean);
  const way = h("p", { "class": "way" }, link("Backup", view), parts.map((part, index) =>
    [" / ", link(part, { ...view, below: `/${parts.slice(0, index + 1).join("/")}/` })]));
  const list = folders.length ? section("Folders", h("ul", { "class": "tiles long" }, folders.map((group) => h("li", {},
    link(group.key, { ...view, below: `${below}${group.key}/` }), "\u00a0", format.count(group.photos), incomplete(group))))) : null;
  const isFew = total <= MOST_SHOWN || !folders.length;
  return [way, list, isFew ? await photoList(at, { ...kept, below }, parts.at(-1) ?? "All photos", owners)
    : h("p", {}, `${photosOf(total)} below this folder.`)];
}

// --- The page ---

export async function show(place) {
  const given = Object.fromEntries(new URLSearchParams(location.search));
  const report = await api.get("/restore-points", "restore_points");
  const points = [...report.restore_points].reverse().filter((point) => point.database && point.dump_present !== false);
  if (!points.length) {
    place.append(h("p", { "class": "panel" }, report.restore_points.length
      ? "No restore point has a dump of the database, and only that knows dates and albums."
      : "There is none yet: the first backup brings them."));
    return;
  }
  api.get("/status", "newest").then((status) => {
    if (status.damage_found) place.prepend(h("ul", { "class": "concerns" }, h("li", {}, mark("red"), h("p", {},
      "Damage was found on ", timeOf(status.damage_found), ", and is not settled. A photo that is said to come back here may be damaged: a download compares it."))));
  }, () => {});
  const at = points.some((point) => point.time === given.at) ? given.at : points[0].time;
  const view = VIEWS[given.view] ? given.view : "date";
  const kept = Object.fromEntries(Object.entries(given).filter(([key, value]) => ["user", "name"].includes(key) && value));

  const reading = h("p", { "class": "panel", "role": "status" },
    "Reading the list of photos. For a restore point that was not looked at before, this reads its dump of the database: a minute or so for each 100,000 photos.");
  place.append(reading);
  let users;
  try {
    const { groups, notes, problems: lacks } = await ask("/photos", { at, by: "user" }, "groups");
    users = groups;
    if (lacks.length) place.append(problems(lacks));
    if (notes.length) place.append(h("div", { "class": "panel" }, notes.map((note) => h("p", {}, rich(note)))));
  } finally {
    reading.remove();
  }
  const owners = new Map(users.map((each) => [each.key, each.name]));

  const select = h("select", { name: "at" }, points.map((point) =>
    h("option", { value: point.time, selected: point.time === at }, format.time(new Date(point.time)))));
  const user = h("select", { name: "user" }, h("option", { value: "" }, "everybody"),
    users.map((each) => h("option", { value: each.key, selected: each.key === kept.user }, each.name || each.key)));
  const name = h("input", { name: "name", type: "search", value: kept.name ?? "", placeholder: "IMG_2041", autocomplete: "off" });
  const form = h("form", {
    "class": "panel choice", "role": "search",
    "submit": (event) => {
      event.preventDefault();
      const { at: _, user: __, name: ___, ...rest } = given;
      const there = pageOf({ ...rest, at: select.value, user: user.value, name: name.value.trim() });
      history.pushState(null, "", there);
      dispatchEvent(new PopStateEvent("popstate"));
    },
  },
  h("label", {}, "As of ", select), owners.size > 1 ? h("label", {}, "Owner ", user) : null,
  h("label", {}, "Name ", name), h("button", { type: "submit" }, "Show"));
  select.addEventListener("change", () => form.requestSubmit());
  user.addEventListener("change", () => form.requestSubmit());
  const tabs = h("nav", { "aria-label": "Ways to photos" }, h("ul", { "class": "tabs" }, Object.entries(VIEWS).map(([key, text]) =>
    h("li", {}, link(text, { at, view: key, ...kept }, { "aria-current": key === view ? "page" : null })))));
  const result = h("div", { "class": "page" }, h("p", {}, "Reading ..."));
  add(place, form, tabs, result);
  try {
    const shown = view === "album" ? await byAlbum(at, kept, given.album, owners)
      : view === "folder" ? await byFolder(at, kept, given.below ?? "/", owners)
        : kept.name && !given.taken ? await photoList(at, kept, `Named "${kept.name}"`, owners)
          : await byDate(at, kept, given.taken, owners);
    result.replaceChildren();
    add(result, shown, h("details", {}, h("summary", {}, "The same at a terminal"),
      command(terminal(at, given))));
  } catch (error) {
    result.replaceChildren(failure(error));
  }
}

const quoted = (text) => /^[\w@.:\/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function terminal(at, given) {
  const options = CHOICE.filter((key) => given[key] && key !== "below").map((key) => `--${key} ${quoted(given[key])}`);
  const folder = given.below ? [quoted(given.below)] : [];
  return ["immich-backup restore --target /tmp/photos", `--at ${at}`, ...options, ...folder].join(" ");
}
