import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { SECRETS } from "../../test/verify/hostile-tree.ts";
import type { Report } from "./reports.ts";

const MOST_BYTES = 1_500_000;

export const SCHEMES = ["light", "dark"] as const;
export const WIDTHS = [1280, 390] as const;

/** A page that is open, with everything it did that it should not. */
interface Opened {
  page: Page;
  faults: string[];
}

/** Opens a report and notes each request, dialog, message and error. */
async function open(context: BrowserContext, { file, within = Infinity }: Report): Promise<Opened> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  const url = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url) faults.push(`asks for ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => faults.push(`says ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`fails: ${error.message}`));
  page.on("popup", () => faults.push("opens a window"));
  const begin = performance.now();
  await page.goto(url);
  // What it takes until somebody sees it.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  const ms = Math.round(performance.now() - begin);
  if (ms > within) faults.push(`takes ${ms} ms to open`);
  return { page, faults };
}

/** What is wrong with a report; nothing, it is hoped. */
export async function checkReport(
  context: BrowserContext,
  report: Report,
  shots: string | undefined,
): Promise<string[]> {
  const faults: string[] = [];
  const { size } = sizeOf(report.file);
  if (size > (report.most ?? MOST_BYTES)) faults.push(`takes ${size} bytes`);
  for (const scheme of SCHEMES) {
    const opened = await open(context, report);
    const { page } = opened;
    await page.emulateMedia({ colorScheme: scheme });
    faults.push(...(await checkQuiet(page)));
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (over > 0) faults.push(`${scheme} ${width}: ${over} px too wide`);
      if (shots) await page.screenshot({ path: `${shots}/${report.name}-${scheme}-${width}.png` });
      for (const fault of await runAxe(page)) faults.push(`${scheme} ${width}: axe: ${fault}`);
    }
    await openAll(page);
    for (const fault of await runAxe(page)) faults.push(`${scheme}, all open: axe: ${fault}`);
    faults.push(...opened.faults);
    await page.close();
  }
  // What cannot be used is found after a while, as an error.
  faults.push(...(await checkUse(context, report).catch((error: Error) => [error.message.split("\n")[0]!])));
  return faults;
}

function sizeOf(file: string): { size: number } {
  return { size: readFileSync(file).length };
}

async function runAxe(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const page = globalThis as unknown as { axe: typeof axe };
    const { violations } = await page.axe.run();
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}): ${nodes[0]?.html.slice(0, 300)}`);
  });
}

async function openAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    // Those of a page with very many look alike.
    for (const each of [...document.querySelectorAll("details")].slice(0, 60)) each.open = true;
    for (const each of document.querySelectorAll<HTMLElement>(".fold button")) each.click();
  });
}

/** Nothing of the tree is alive, and nothing secret is there. */
async function checkQuiet(page: Page): Promise<string[]> {
  const faults = await page.evaluate(() => {
    const found: string[] = [];
    if ("pwned" in globalThis) found.push("a script of the tree ran");
    const scripts = [...document.scripts].filter(({ type }) => type !== "application/json");
    if (scripts.length !== 1) found.push(`${scripts.length} scripts`);
    for (const element of document.querySelectorAll("img,iframe,object,embed,link,base,svg image,svg use,form[action]"))
      found.push(`a ${element.tagName}`);
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (/^on|^style$|^srcdoc$/.test(name)) found.push(`${element.tagName} with ${name}`);
        if (/^(?:href|src|action)$/.test(name) && !value.startsWith("#")) found.push(`a link to ${value}`);
      }
    }
    for (const { href } of document.querySelectorAll<HTMLAnchorElement>("a[href^='#']")) {
      const id = decodeURIComponent(new URL(href).hash.slice(1));
      if (!document.getElementById(id)) found.push(`a link to #${id}, which is not there`);
    }
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    if (new Set(ids).size < ids.length) found.push("an id twice");
    return found;
  });
  const text = await page.content();
  return [...faults, ...SECRETS.filter((secret) => text.includes(secret)).map((secret) => `shows ${secret}`)];
}

/** Ticks, search, folds, links and keys do what they say. */
async function checkUse(context: BrowserContext, report: Report): Promise<string[]> {
  const { page, faults } = await open(context, report);
  const expect = (what: string, isSo: boolean) => {
    if (!isSo) faults.push(`does not: ${what}`);
  };
  await page.keyboard.press("Tab");
  expect("begin with the way past the contents", (await page.locator(":focus").textContent()) === "Skip to the report");
  if ((await page.locator("#q").count()) > 0) {
    const shown = () => page.locator("#all tbody tr:not([hidden])").count();
    await page.keyboard.press("/");
    expect("focus the search at /", await page.locator("#q").evaluate((input) => input === document.activeElement));
    await page.keyboard.type("no such object at all");
    expect("find nothing where there is nothing", (await shown()) === 0);
    await page.locator("#q").fill("");
    const pressed = page.locator("#filter button[aria-pressed=true]");
    while ((await pressed.count()) > 0) await pressed.first().click();
    expect("show no object without an outcome", (await shown()) === 0);
    await page.locator("#filter button[data-fate]").first().click();
    expect("show the objects of an outcome", (await shown()) > 0);
  }
  const ticks = page.locator("input[data-step]");
  if ((await ticks.count()) > 0) {
    await ticks.first().focus();
    await page.keyboard.press("Space");
    expect("count ticks", /^1 of /.test((await page.locator("#progress").textContent()) ?? ""));
    await page.reload();
    expect("remember a tick", await ticks.first().isChecked());
    await ticks.first().uncheck();
  }
  const fold = page.locator("details.file[open] .fold button").first();
  if ((await fold.count()) > 0) {
    const id = (await fold.getAttribute("aria-controls")) ?? "";
    await fold.focus();
    await page.keyboard.press("Enter");
    expect("unfold lines", await page.locator(`#${id}`).isVisible());
  }
  const beside = page.locator("a[href^='#d']").first();
  if ((await beside.count()) > 0) {
    const target = (await beside.getAttribute("href")) ?? "";
    await page.evaluate((hash) => location.assign(hash), target);
    expect("show the line of a finding", await page.locator(target).isVisible());
  }
  await page.emulateMedia({ media: "print" });
  expect("print without buttons", !(await page.locator("nav").isVisible()));
  expect("make a PDF", (await page.pdf({ format: "A4" })).length > 1000);
  await page.close();
  return faults;
}
