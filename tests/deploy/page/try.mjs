// Tries the page in a real browser: node try.mjs URL PASSWORD CHROMIUM FOLDER. FOLDER/damage compares a restore with FOLDER/sentence, what the page claims, and then damages the store.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [url, password, executablePath, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const fail = (why) => { throw new Error(why); };
const expect = (condition, why) => condition || fail(why);

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const context = await browser.newContext({ bypassCSP: false, timezoneId: "Europe/Berlin" });
const page = await context.newPage();
const strangers = [];
const faults = [];
page.on("request", (request) => { if (new URL(request.url()).origin !== new URL(url).origin) strangers.push(request.url()); });
page.on("pageerror", (error) => faults.push(String(error)));
page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
page.on("dialog", (dialog) => { faults.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });

const says = (text, timeout = 20000) => page.locator("main").getByText(text).first().waitFor({ timeout });
async function isAccessible(name) {
  // As an extension of the browser would do it, the page's own rules for scripts hold for what the page loads alone.
  const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  const serious = found.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(!serious.length, `${name}: ${JSON.stringify(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))}`);
}
async function open(name, text) {
  await page.getByRole("navigation").getByRole("link", { name, exact: false }).click();
  await says(text);
  await isAccessible(name);
}

// Nobody gets in without the password.
await page.goto(url);
expect(page.url().endsWith("/login"), `not asked to log in: ${page.url()}`);
await isAccessible("login");
await page.getByLabel("Password").fill("not this one");
await page.getByRole("button", { name: "Log in" }).click();
await says("That is not the password.");
faults.length = 0; // the status 403, which the browser tells
await page.getByLabel("Password").fill(password);
await page.getByRole("button", { name: "Log in" }).click();

// Before the first backup.
await says("Nothing would come back");
await isAccessible("overview");

// A backup by its button, seen to end.
await open("Now", "Nothing is running");
await page.getByRole("button", { name: "Back up now" }).click();
await page.getByRole("rowheader", { name: /^Backup/ }).first().waitFor({ timeout: 60000 });
await page.getByRole("navigation").getByRole("link", { name: "Overview" }).click();
await says(/^\s*[\d,]+ of [\d,]+ originals would come back/, 60000);
await isAccessible("overview after a backup");
writeFileSync(`${folder}/sentence`, await page.locator(".sentence").first().innerText());

await open("Restore points", "complete");
await open("Proof", "drill");
await open("Set-up", "Settings in force");
await page.getByRole("button", { name: "Check now" }).click();
await says(/\d+ checks/, 60000);
await page.locator("pre").filter({ hasText: "--target" }).first().waitFor({ timeout: 20000 });
await isAccessible("set-up");

// Photos: found by their album and by their name, looked at and downloaded. 13-page.sh compares the bytes.
await open("Photos", "By date");
expect(!(await page.locator("main").innerText()).includes("IMG_0036"), "a photo of the locked folder is shown");
await page.locator(".tiles a").first().click();
await page.getByRole("button", { name: /^Show: / }).first().click();
await says("This browser cannot show this kind of file");
await isAccessible("a photo");
await page.getByRole("navigation", { name: "Ways to photos" }).getByRole("link", { name: "Albums" }).click();
await page.getByRole("link", { name: "Summer" }).click();
await page.getByRole("button", { name: "Download as a ZIP file" }).click();
await isAccessible("an album");
async function save(link, file) {
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  await download.saveAs(`${folder}/${file}`);
}
await save(page.getByRole("link", { name: "Download", exact: true }), "album.zip");
await page.getByLabel("Name").fill("shown.jpg");
await page.getByRole("button", { name: "Show", exact: true }).click();
await page.getByRole("button", { name: "Show: shown.jpg" }).click();
await page.waitForFunction(() => document.querySelector("main img")?.naturalWidth === 1);
await save(page.getByRole("link", { name: /^Download original/ }), "photo.jpg");
await page.getByRole("button", { name: "History" }).click();
await page.getByRole("rowheader").filter({ has: page.locator("time") }).first().waitFor();
await page.getByLabel("Name").fill("IMG_0036");
await page.getByRole("button", { name: "Show", exact: true }).click();
await says("There are none.");
await page.goBack();
await page.getByRole("button", { name: "Show: shown.jpg" }).waitFor();
await page.getByLabel("Name").fill("");
await page.getByRole("button", { name: "Show", exact: true }).click();
await page.getByRole("navigation", { name: "Ways to photos" }).getByRole("link", { name: "Folders" }).click();
await page.getByRole("heading", { name: "Folders" }).waitFor();
await isAccessible("folders");

// What a name holds is text: its photo is damaged, and the drill says so.
execFileSync("bash", [`${folder}/damage`], { stdio: "inherit" });
await open("Now", "Nothing is running");
await page.getByRole("button", { name: "Drill", exact: true }).click();
await page.getByRole("rowheader", { name: /^Drill/ }).first().waitFor({ timeout: 120000 });
await page.getByRole("navigation").getByRole("link", { name: "Overview" }).click();
await says("Something is wrong", 60000);
await says(/did not prove that a restore works|Damage was found/);
await isAccessible("overview with damage");
await page.getByRole("navigation").getByRole("link", { name: "Photos" }).click();
await says(/Damage was found .* may be damaged/);
await page.getByRole("navigation").getByRole("link", { name: "Now" }).click();
await page.getByRole("button", { name: /^Log: Drill/ }).first().click();
await says("<img src=x onerror=", 20000);
// It stays to be read when another run ends.
await page.getByRole("button", { name: "Verify", exact: true }).click();
await page.getByRole("rowheader", { name: /^Verif/ }).first().waitFor({ timeout: 120000 });
await says("<img src=x onerror=", 20000);
expect(!(await page.evaluate("window.wasRun")), "a name was run as a script");

// After logging out, nothing is shown any more.
await page.getByRole("button", { name: "Log out" }).click();
await page.waitForURL("**/login");
const answer = await context.request.get(`${url}api/v1/overview`);
expect(answer.status() === 401, `status ${answer.status()} after logging out`);
await page.goto(`${url}points`);
expect(page.url().endsWith("/login"), "still in");

expect(!strangers.length, `asked elsewhere: ${strangers}`);
expect(!faults.length, `the browser complains: ${faults.join("; ")}`);
await browser.close();
