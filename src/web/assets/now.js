// SPDX-License-Identifier: Apache-2.0
//
// What runs, and what ran last.

import * as api from "/assets/api.js";
import { add, facts, failure, h, section, timeAndAge } from "/assets/dom.js";
import * as format from "/assets/format.js";
import * as live from "/assets/live.js";
import { dueTimes, noStore } from "/assets/overview.js";
import { logLine, logOf, runsTable } from "/assets/runs.js";

export const title = "Now";

const MOST_LINES = 2000;
const MORE_LINES_MS = 500;
const COMMANDS = [["backup", "Back up now"], ["verify", "Verify"], ["verify-restore", "Drill"]];
const withTotal = (done, total, tell) => total ? `${tell(done)} of ${tell(total)}` : tell(done);

/** The running job. `update` tells the present numbers, in elements that stay. */
function runningJob() {
  const bar = h("progress", { "max": "1", "aria-label": "Progress of this step" });
  const percent = h("p", { "class": "percent" });
  const step = h("p", { "class": "step" });
  const numbers = h("div", {});
  const spoken = h("p", { "class": "hidden", "role": "status" });
  const element = h("div", {}, step, h("div", { "class": "progress" }, bar, percent), numbers, spoken);

  function update() {
    const job = live.now.running;
    const share = job.step ? live.share(job) : null;
    const left = live.secondsLeft(job);
    const rate = live.rate();
    step.textContent = job.step ? job.step[0].toUpperCase() + job.step.slice(1) : "Working";
    bar.hidden = percent.hidden = share === null;
    if (share !== null) {
      bar.value = share;
      percent.textContent = `${Math.floor(share * 100)} %`;
    }
    numbers.replaceChildren(facts([
      ["Files", job.step ? withTotal(job.files, job.total_files, format.count) : null],
      ["Size", !job.step ? null : job.bytes || job.total_bytes ? withTotal(job.bytes, job.total_bytes, format.bytes) : null],
      ["Rate", !job.step ? null : !rate ? "not known yet" : job.bytes || job.total_bytes ? `${format.bytes(rate.bytes)} a second` : `${format.count(Math.round(rate.files))} files a second`],
      ["Time left", share === null ? null : left === null ? "not known yet" : `about ${format.duration(left)}`],
      ["Began", [timeAndAge(job.began), job.by_hand ? ", by hand" : "", job.attempt > 1 ? `, attempt ${job.attempt}` : ""]],
    ]));
    // Spoken at each tenth, not each second.
    const words = step.textContent + (share === null ? "" : `, ${Math.floor(share * 10) * 10} percent`);
    if (spoken.textContent !== words) spoken.textContent = words;
  }
  return { element, update };
}

/** The log of the running job, which scrolls along while its end is in sight. */
function runningLog(id) {
  const pre = logOf([], "Log of the running job");
  let shown = 0;
  let timer = 0;
  async function update() {
    timer = 0;
    const { lines } = await api.get(`/runs/${encodeURIComponent(id)}/log`, "lines");
    const isAtEnd = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 30;
    pre.append(...lines.slice(shown).slice(-MOST_LINES).map(logLine));
    shown = lines.length;
    while (pre.childNodes.length > MOST_LINES) pre.firstChild.remove();
    if (isAtEnd) pre.scrollTop = pre.scrollHeight;
  }
  // The event only says that there is more: it may come again after the connection was lost.
  const more = () => { timer ||= setTimeout(() => update().catch(() => {}), MORE_LINES_MS); };
  live.events.addEventListener("line", more);
  const stop = () => {
    clearTimeout(timer);
    live.events.removeEventListener("line", more);
  };
  return { pre, update, stop };
}

function buttons(place) {
  if (api.isReadOnly()) return null;
  const ask = async (command, name) => {
    place.textContent = "";
    try {
      place.textContent = await api.askFor(command) ? `${name}: asked for, it begins in a moment.` : `${name}: it waits or runs already.`;
    } catch (error) {
      place.replaceChildren(failure(error));
    }
  };
  return h("div", { "class": "buttons" }, COMMANDS.map(([command, name], index) =>
    h("button", { type: "button", "class": index === 0 ? "main" : null, click: () => ask(command, name) }, name)));
}

export async function show(place) {
  const said = h("p", { role: "status" });
  const present = h("div", { "class": "page" });
  const past = h("div", {});
  place.append(present, past);
  let id;  // of the job that is shown; null where none runs, undefined before the first
  let asked;
  let job = null;
  let log = null;

  function tell() {
    const { running, next, asked: waiting } = live.now;
    if (running && running.id === id) return job.update();
    const state = JSON.stringify([waiting, live.now.obstacle, next]);
    if (!running && id === null && state === asked) return;
    asked = state;
    id = running ? running.id : null;
    log?.stop();
    log = null;
    if (!running) {
      present.replaceChildren();
      const names = waiting.map(format.jobName).join(", ");
      add(present, noStore("red"), live.now.obstacle ? null : section("Nothing is running",
        names ? h("p", {}, `Asked for, and about to begin: ${names}.`) : null, facts(dueTimes(next)), buttons(said), said));
      return;
    }
    said.textContent = "";
    job = runningJob();
    job.update();
    const panel = section(`${format.jobName(running.command)} is running`, job.element);
    log = runningLog(running.id);
    panel.append(h("h3", {}, "Log"), log.pre);
    present.replaceChildren(panel);
    log.update().catch(() => {});
  }

  async function tellPast() {
    const { runs } = await api.get("/runs", "runs");
    const opened = [...past.querySelectorAll("[aria-expanded=true]")].map((button) => button.ariaLabel);
    past.replaceChildren(section("The last runs", runsTable("The last runs, newest first", runs)));
    // Whoever reads a log goes on reading when another run ends.
    for (const button of past.querySelectorAll("[aria-expanded]")) if (opened.includes(button.ariaLabel)) button.click();
  }

  const reload = () => tellPast().catch(() => {});
  live.events.addEventListener("now", tell);
  live.events.addEventListener("ended", reload);
  tell();
  tellPast().catch((error) => past.replaceChildren(failure(error)));
  return () => {
    id = undefined;
    log?.stop();
    live.events.removeEventListener("now", tell);
    live.events.removeEventListener("ended", reload);
  };
}
