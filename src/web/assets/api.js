// SPDX-License-Identifier: Apache-2.0
//
// Asks the server. A failure has `problems`, as the program's reports have them.

class Failure extends Error {
  constructor(problems) {
    super(problems[0]?.message ?? "It failed, and did not say why.");
    this.problems = problems.length ? problems : [{ message: this.message }];
  }
}

let session = { csrf: "", read_only: true, version: "" };

export const isReadOnly = () => session.read_only;
export const version = () => session.version;

export async function begin() {
  session = await get("/session", "csrf");
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failure([{ message: "immich-backup does not answer.", hint: "Is `immich-backup serve` running, and is this device on the same network?" }]);
  }
  if (response.status === 401) {
    location.assign("/login");
    return new Promise(() => {});  // the page goes away
  }
  return response;
}

async function json(response) {
  try {
    return await response.json();
  } catch {
    throw new Failure([{ message: `The server answered ${response.status}, and not with JSON.` }]);
  }
}

/** A report of a command has `problems`; what else is refused has `error`. */
const refused = (answer) => new Failure(answer?.problems ?? (answer?.error ? [{ message: answer.error }] : []));

/** The report, if it has the field `key`. One that has not is of a command that failed as a whole. */
export async function get(path, key) {
  const report = await json(await ask("/api/v1" + path));
  if (report === null || typeof report !== "object" || !(key in report)) throw refused(report);
  return report;
}

function post(path, body) {
  const headers = { "X-CSRF-Token": session.csrf, "Content-Type": "application/json" };
  return ask(path, { method: "POST", headers, body });
}

/** Asks for a job. Whether it is new: false if it waits or runs already. */
export async function askFor(command) {
  const response = await post("/api/v1/jobs", JSON.stringify({ command }));
  if (response.status === 409) return false;
  if (!response.ok) throw refused(await json(response));
  return true;
}

export async function logOut() {
  await post("/logout");
  location.assign("/login");
}
