/** A Chromium for tests of the report, and a page in it that keeps everything that was said and asked for. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const executablePath = [
  process.env.BENCH_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));

export const hasChromium = executablePath !== undefined;

if (!hasChromium)
  console.warn(
    "NOT TESTED: the report in a browser, as no Chromium was found. Install one (Debian: apt-get install chromium) or set BENCH_CHROMIUM to its path.",
  );

export const launch = async (): Promise<Browser> =>
  await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox", "--disable-gpu"] });

/** What the page is drawn on. */
export const GROUNDS = { light: "rgb(250, 249, 246)", dark: "rgb(19, 20, 22)" } as const;

export interface Opened {
  readonly page: Page;
  /** Console messages, page errors, breaches of the policy, and requests besides the page itself. */
  readonly said: string[];
}

/**
 * The report at `url`, every chart drawn unless `charts` is false; `probes` (report-probes.js) are at hand inside it.
 */
export async function openReport(
  browser: Browser,
  url: string,
  { charts = true, ...options }: BrowserContextOptions & { readonly charts?: boolean } = {},
): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(150_000); // a busy machine draws slowly
  const said: string[] = [];
  page.on("console", (message) => said.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const asked = request.url().replace(/#.*/, "");
    if (asked !== url.replace(/#.*/, "") && !asked.startsWith("data:")) said.push(`request: ${asked}`);
  });
  await page.addInitScript({ path: join(import.meta.dirname, "report-probes.js") });
  await page.goto(url);
  if (charts && options.javaScriptEnabled !== false && !(await page.evaluate<boolean>("probes.drawAll()")))
    throw new Error("the page has no charts");
  return { page, said };
}
