// Takes the pictures: node screenshots.mjs URL PASSWORD CHROMIUM FOLDER NOW. scripts/screenshots starts it, beside playwright-core.
import { chromium } from "playwright-core";

const [url, password, executablePath, folder, now] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const context = await browser.newContext({
  viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5, colorScheme: "light", locale: "en-GB", timezoneId: "UTC",
});
const page = await context.newPage();
await page.clock.setFixedTime(Number(now) * 1000);
await page.goto(url);
await page.getByLabel("Password").fill(password);
await page.getByRole("button", { name: "Log in" }).click();

const says = (text) => page.locator("main").getByText(text).first().waitFor({ timeout: 60000 });
const open = (name) => page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
const take = async (name, options) => {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${folder}/${name}.png`, animations: "disabled", ...options });
};

await says("originals would come back");
await says("Growth");
await take("overview");

await open("Photos");
await says("By date");
await page.getByRole("navigation", { name: "Ways to photos" }).getByRole("link", { name: "Albums" }).click();
await page.getByRole("link", { name: "Summer" }).click();
await page.getByRole("button", { name: /^Show: .*\.jpg/ }).first().click();
await page.waitForFunction(() => document.querySelector("main img")?.naturalWidth > 0);
await take("photos");

await open("Restore points");
await says("Choose two");
const boxes = page.getByRole("checkbox");
await boxes.first().check();
await boxes.nth(Math.min(7, await boxes.count() - 1)).check(); // a week before
await page.getByRole("button", { name: "Compare" }).click();
await says("Files that differ");
await page.evaluate(() => scrollTo(0, 0));
await take("restore-points");
await browser.close();
