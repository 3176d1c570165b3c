/**
 * The report in a real browser, opened from its file. Needs a Chromium: `BENCH_CHROMIUM` or one of the usual places.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeReport } from "../../src/harness/report/index.ts";
import { type FixtureOptions, writeFixture } from "../harness/report/fixture.ts";
import { GROUNDS, hasChromium, launch, type Opened, openReport } from "./browser.ts";

const hostile = `</script><img src=x onerror="document.title='owned'">`;
const reports: Record<string, FixtureOptions> = {
  plain: {},
  hostile: { dataset: hostile, ganTitle: hostile },
  awkward: { awkward: true, partial: true, failed: true, software: true, seeds: [1, 2, 3] },
};

describe.skipIf(!hasChromium)("report.html in Chromium", () => {
  let home: string;
  let browser: Browser;
  const urls = new Map<string, string>();

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "bench-browser-"));
    for (const [name, options] of Object.entries(reports)) {
      await writeFixture(join(home, name), options);
      urls.set(name, pathToFileURL((await writeReport(join(home, name))).html).href);
    }
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(home, { recursive: true });
  });

  const open = async (name: string, options?: BrowserContextOptions): Promise<Opened> =>
    await openReport(browser, urls.get(name)!, options);

  /** Each report's page, opened once: drawing all charts is what takes long. A test leaves it as it found it. */
  const pages = new Map<string, Promise<Opened>>();
  const opened = (name: string): Promise<Opened> => {
    const page = pages.get(name) ?? open(name);
    pages.set(name, page);
    return page;
  };

  const overflow = async (page: Page) => await page.evaluate<number>("probes.overflow()");
  const chartsOf = async (page: Page) =>
    await page.evaluate<{ id: string; width: number; marks: number }[]>("probes.charts()");

  it.each(Object.keys(reports))("draws every chart of the %s run in silence", async (name) => {
    const { page, said } = await opened(name);
    const charts = await chartsOf(page);
    expect(charts.length).toBeGreaterThan(17);
    expect(await page.locator(".chart-figure").count()).toBe(charts.length);
    for (const { id, marks, width } of charts) {
      expect(marks, id).toBeGreaterThan(1);
      expect(width, id).toBeGreaterThan(200);
    }
    expect(said).toEqual([]);
  });

  it("shows a hostile name as text", async () => {
    const { page } = await opened("hostile");
    expect(await page.title()).toContain(hostile);
    expect(await page.locator("h1 ~ .lead").textContent()).toContain(hostile);
    expect(await page.locator("img[onerror], img[src=x]").count()).toBe(0);
    expect(await page.locator("#front-batch-1 .chart text", { hasText: "</script>" }).count()).toBe(1);
  });

  it("names every chart, table and picture for who cannot see them", async () => {
    const { page } = await opened("plain");
    const pictures = page.locator(".chart-figure .chart, .samples img");
    expect(await pictures.count()).toBeGreaterThan(33);
    expect(await page.getByRole("img", { name: /\w/ }).count()).toBe(await pictures.count());
    expect(await page.locator("table:not(:has(caption))").count()).toBe(0);
    expect(await page.locator(".chart-figure:not(:has(details table))").count()).toBe(0);
    expect(await page.locator("h1").count()).toBe(1);
  });

  it("says what is under the pointer", async () => {
    const { page, said } = await opened("plain");
    const symbol = page.locator("#front-batch-1 .chart .mark-symbol.role-mark path").first();
    await symbol.scrollIntoViewIfNeeded();
    await symbol.hover({ force: true });
    const tip = page.locator(".tip");
    expect(await tip.isVisible()).toBe(true);
    expect(await tip.textContent()).toMatch(/time per image: [\d.]+\s\S+\nFID: [\d.]+/);
    expect(said).toEqual([]);
    await page.mouse.move(0, 0);
  });

  it("is dark where the system is, and switches both ways, charts too", async () => {
    const { page, said } = await opened("plain");
    const look = async () => await page.evaluate<Record<string, string>>("probes.look()");
    const light = await look();
    expect(light.page).toBe(GROUNDS.light);
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await look();
    expect(dark.page).toBe(GROUNDS.dark);
    expect(light.line).not.toBe(dark.line);
    expect(light.label).not.toBe(dark.label);
    for (const [theme, expected] of [
      ["light", light],
      ["dark", dark],
    ] as const) {
      await page.locator(".theme label", { hasText: theme }).click();
      expect(await look()).toEqual(expected);
    }
    expect(said).toEqual([]);
  });

  it.each(["light", "dark"] as const)(
    "has text with a contrast of 4.5 or more when %s",
    async (colorScheme) => {
      const { page } = await opened("awkward");
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate<string[]>("probes.poorContrast(4.5)")).toEqual([]);
    },
  );

  it("fits a phone: nothing is wider than the screen, and charts shrink to it", async () => {
    const { page, said } = await open("awkward", { viewport: { width: 360, height: 740 } });
    expect(await overflow(page)).toBe(0);
    for (const { id, marks, width } of await chartsOf(page)) {
      expect(marks, id).toBeGreaterThan(1);
      expect(width, id).toBeLessThanOrEqual(360);
    }
    await page.setViewportSize({ width: 900, height: 740 });
    await page.waitForFunction("probes.widthOf('#quality-fid svg.marks') > 600");
    expect(await overflow(page)).toBe(0);
    expect(said).toEqual([]);
    await page.close();
  });

  it("shows every chart without JavaScript", async () => {
    const { page } = await open("plain", { javaScriptEnabled: false });
    expect(await page.locator(".chart > svg .role-mark").count()).toBeGreaterThan(18);
    expect(await page.locator(".theme").isHidden()).toBe(true);
    await page.close();
  });

  it("shows each image of a grid sharp at 64 pixels or more, and large when it is pressed", async () => {
    const { page, said } = await opened("plain");
    const grid = page.locator("#diversity .samples.grid img").first();
    const [shown, natural] = await grid.evaluate((image) => {
      const { width, naturalWidth } = image as unknown as { width: number; naturalWidth: number };
      return [width, naturalWidth] as const;
    });
    expect(shown % natural).toBe(0);
    const columns = 6; // of the fixture's grids
    expect((shown / natural) * ((natural + 1) / columns - 1)).toBeGreaterThanOrEqual(64);
    const rendering =
      "getComputedStyle(document.querySelector('#diversity .samples.grid img')).imageRendering";
    expect(await page.evaluate<string>(rendering)).toBe("pixelated");
    await grid.click();
    const large = page.locator("dialog.large[open] img");
    expect(await large.evaluate((image) => (image as unknown as { width: number }).width)).toBeGreaterThan(
      shown,
    );
    await page.keyboard.press("Escape");
    expect(await large.count()).toBe(0);
    expect(said).toEqual([]);
  });
});
