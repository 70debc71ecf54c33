// SPDX-License-Identifier: Apache-2.0
//
// The entry: shows the page that the address names, and keeps the frame around it.

import * as api from "/assets/api.js";
import * as live from "/assets/live.js";
import { failure, h } from "/assets/dom.js";
import * as now from "/assets/now.js";
import * as overview from "/assets/overview.js";
import * as photos from "/assets/photos.js";
import * as points from "/assets/points.js";
import * as proof from "/assets/proof.js";
import * as setup from "/assets/setup.js";

// Each has a `title` and `show(place)`, which may return a function to be called when it is left.
const PAGES = { "/": overview, "/now": now, "/points": points, "/photos": photos, "/proof": proof, "/setup": setup };

const main = document.getElementById("main");
let leave = null;
let shown = 0;

async function show(isFirst) {
  const page = PAGES[location.pathname] ?? overview;
  const turn = ++shown;
  leave?.();
  leave = null;
  document.title = `${page.title} - immich-backup`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = h("div", { "class": "page" });
  main.replaceChildren(h("h1", {}, page.title), place);
  if (!isFirst) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
  try {
    const after = await page.show(place);
    if (turn === shown) leave = after;
    else after?.();
  } catch (error) {
    place.append(failure(error));
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/']");
  if (!link || link.hasAttribute("download") || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.href !== location.href) history.pushState(null, "", link.href);
  show(false);
});
addEventListener("popstate", () => show(false));
document.getElementById("log-out").addEventListener("click", () => api.logOut().catch((error) => main.prepend(failure(error))));

live.events.addEventListener("now", () => {
  const { running } = live.now;
  const share = live.share(running);
  document.getElementById("share").textContent = !running ? "" : share === null ? " (running)" : ` (${Math.floor(share * 100)} %)`;
});
live.events.addEventListener("connection", ({ detail: isThere }) => {
  document.getElementById("connection").textContent =
    isThere ? "" : "The connection to immich-backup is lost. What is shown may be old; this page tries again.";
});

try {
  await api.begin();
  document.getElementById("footer").textContent = `immich-backup ${api.version()}` + (api.isReadOnly() ? ", to look at only" : "");
  await live.follow();
} catch (error) {
  main.append(failure(error));
}
show(true);
