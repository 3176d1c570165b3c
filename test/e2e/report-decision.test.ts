/**
 * The decision in a real browser: the controls are moved as a reader moves them, from a file and from a server that
 * sends a strict policy.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeReport, writeSideBySide } from "../../src/harness/report/index.ts";
import {
  type Asked,
  cases,
  FIFTY,
  GAN,
  STUDENT,
  TEN,
  writeDeployments,
} from "../harness/report/deployments.ts";
import { writeFixture } from "../harness/report/fixture.ts";
import { GROUNDS, hasChromium, launch, openReport } from "./browser.ts";

const plain = (text: string | null) => (text ?? "").replaceAll("\u00a0", " ");

async function move(page: Page, { preset, ...set }: Asked): Promise<void> {
  if (preset) await page.locator(`[data-preset="${preset}"]`).click();
  for (const name of ["batch", "metric", "prefer", "labels"] as const)
    if (set[name]) await page.locator(`[name=${name}]`).selectOption(set[name]);
  for (const name of ["budget", "floor", "volume", "hour"] as const)
    if (set[name]) await page.locator(`[name=${name}]`).fill(set[name]);
}

describe.skipIf(!hasChromium)("the decision in Chromium", () => {
  let home: string;
  let browser: Browser;
  let server: Server;
  let fromFile: string;
  let served: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "bench-decision-"));
    await writeDeployments(join(home, "run"));
    const { html } = await writeReport(join(home, "run"));
    fromFile = pathToFileURL(html).href;
    const text = await readFile(html, "utf8");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)![1]!;
    server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.setHeader(
        "content-security-policy",
        `${policy.replaceAll("&#39;", "'")}; frame-ancestors 'none'`,
      );
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.end(text);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    served = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await new Promise((done) => server.close(done));
    await rm(home, { recursive: true });
  });

  /** The controls answer before the charts are drawn, and nothing here looks at those. */
  const openControls = (url: string) => openReport(browser, url, { charts: false });

  it.each(["file", "server"])(
    "recommends what was worked out by hand, from a %s, in silence",
    async (from) => {
      const { page, said } = await openControls(from === "file" ? fromFile : served);
      // what a policy would forbid it would forbid to the first of them
      for (const { asked, answer, says = [] } of from === "file" ? cases : cases.slice(0, 3)) {
        await page.locator(".reset").click();
        await move(page, asked);
        const text = plain(await page.locator(".answer").textContent());
        const wanted = answer === undefined ? "None of the 4 settings qualifies" : `Deploy ${answer}:`;
        for (const words of [wanted, ...says]) expect(text, JSON.stringify(asked)).toContain(words);
        const chosen = page.locator(".candidates tr.chosen th");
        expect(answer === undefined ? "" : await chosen.textContent()).toBe(answer ?? "");
        expect(await chosen.count()).toBe(answer === undefined ? 0 : 1);
      }
      expect(said).toEqual([]);
      await page.close();
    },
  );

  it("keeps the choice in the address, opens at it again, and follows a link", async () => {
    const { page, said } = await openControls(served);
    expect(new URL(page.url()).hash).toBe("");
    await move(page, { preset: "frame-rate", floor: "22", labels: "any" });
    const shared = await page.evaluate<string>("location.href");
    expect(shared).toContain("#decide?batch=1&budget=16.7&at=p95&metric=fid&floor=22");
    expect(shared).toContain("labels=any");
    expect(await page.locator(".share").evaluate((link) => (link as unknown as { href: string }).href)).toBe(
      shared,
    );
    await page.close();
    const again = await openControls(shared);
    expect(plain(await again.page.locator(".reason").textContent())).toContain(TEN);
    expect(await again.page.locator("[name=floor]").inputValue()).toBe("22");
    expect(await again.page.locator("[name=labels]").inputValue()).toBe("any");
    expect(await again.page.locator("[data-preset=frame-rate]").getAttribute("aria-pressed")).toBe("true");
    await again.page.evaluate("location.hash = location.hash.replace('floor=22', 'floor=28')");
    await again.page.locator(".verdict", { hasText: `Deploy ${STUDENT}:` }).waitFor();
    expect([...said, ...again.said]).toEqual([]);
    await again.page.close();
  });

  it("puts the same question to several runs at once", async () => {
    await writeFixture(join(home, "other"), {});
    const { html } = await writeSideBySide([join(home, "run"), join(home, "other")], join(home, "together"));
    const { page, said } = await openControls(pathToFileURL(html).href);
    const verdicts = async () => (await page.locator(".verdict").allTextContents()).map(plain);
    const [first, second] = await verdicts();
    await move(page, { floor: "28" });
    const [moved, other] = await verdicts();
    expect([first, moved].map((text) => text!.split(":")[0])).toEqual([`Deploy ${GAN}`, `Deploy ${STUDENT}`]);
    expect(second).toContain("FID is 31"); // its GAN; better than 28 is diffusion alone
    expect(other).toContain("Deploy DDPM U-Net, ddim,");
    expect(said).toEqual([]);
    await page.close();
  });

  it("states another metric's own floor when the metric is changed, and its scale", async () => {
    const { page } = await openControls(fromFile);
    await move(page, { metric: "coverage", labels: "any" });
    expect(await page.locator("[name=floor]").inputValue()).toBe("0.86");
    expect(await page.locator("#hint-floor").innerText()).toBe(
      "real 0.95, noise 0.05; 0.86 is a tenth of the way from real images to noise",
    );
    expect(await page.locator(".candidates tr.chosen th").textContent()).toBe(FIFTY);
    await page.close();
  });

  it("works by keyboard alone", async () => {
    const { page } = await openControls(`${fromFile}#decide?labels=any`);
    await page.locator("[name=floor]").focus();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("22");
    expect(plain(await page.locator(".verdict").textContent())).toContain(`Deploy ${TEN}:`);
    await page.locator("[data-preset=frame-rate]").focus();
    await page.keyboard.press("Enter");
    expect(plain(await page.locator(".verdict").textContent())).toContain("None of the 4");
    await page.close();
  });

  it("stands without JavaScript as it was computed, controls hidden", async () => {
    const { page } = await openReport(browser, fromFile, { javaScriptEnabled: false });
    expect(plain(await page.locator(".verdict").textContent())).toContain(`Deploy ${GAN}:`);
    expect(await page.locator(".controls").isHidden()).toBe(true);
    expect(await page.locator(".candidates tbody tr").count()).toBe(4);
    await page.close();
  });

  it("has no serious fault of accessibility, light or dark", async () => {
    await writeFixture(join(home, "full"), { awkward: true, partial: true, failed: true, software: true });
    const url = pathToFileURL((await writeReport(join(home, "full"))).html).href;
    const { page } = await openReport(browser, url, { colorScheme: "light" });
    await page.evaluate(
      await readFile(join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js"), "utf8"),
    );
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.waitForFunction(`probes.look().page === ${JSON.stringify(GROUNDS[colorScheme])}`);
      expect(await page.evaluate<string[]>("probes.faults()"), colorScheme).toEqual([]);
    }
    await page.close();
  });
});
