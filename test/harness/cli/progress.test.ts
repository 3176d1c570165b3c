import { describe, expect, it } from "vitest";
import { progressText, progressView } from "../../../src/harness/cli/progress.ts";
import { doneCell } from "../run/fixtures.ts";

function view(options: { isTTY?: boolean; columns?: number; env?: Record<string, string> } = {}) {
  let text = "";
  let time = 0;
  const { env = {}, ...terminal } = options;
  const stderr = { ...terminal, write: (chunk: string) => (text += chunk) };
  const made = progressView({ stderr, env }, () => time);
  return {
    ...made,
    wait: (ms: number) => {
      time += ms;
    },
    text: () => text,
  };
}

describe("the text of a progress", () => {
  it("has bar, share, time left, loss and images per second", () => {
    expect(progressText({ done: 250, total: 1000, loss: 0.03124, imagesPerSecond: 1234.4 }, 20_000)).toBe(
      "[#####---------------]  25%  ETA 1 min 00 s  loss 0.0312  1,234 images/s",
    );
  });

  it("tells no time left before anything is done, and never more than all", () => {
    expect(progressText({ done: 0, total: 10 }, 5000)).toBe("[--------------------]   0%");
    expect(progressText({ done: 11, total: 10, note: "ddim 5" }, 5000)).toBe(
      "[####################] 100%  ETA 0.0 s  ddim 5",
    );
    expect(progressText({ done: 0, total: 0 }, 5000)).toBe("[--------------------]   0%");
  });
});

describe("without a terminal", () => {
  it("a plain line comes at most every ten seconds, and finished cells always", () => {
    const { started, progress, finished, wait, text } = view();
    started("train/ddpm/seed-0", 3, 9);
    for (let i = 0; i < 250; i++) {
      wait(100);
      progress("train/ddpm/seed-0", { done: i + 1, total: 1000 });
    }
    finished(doneCell("train/ddpm/seed-0"));
    expect(text().split("\n")).toEqual([
      "[3/9] train/ddpm/seed-0",
      "[3/9] train/ddpm/seed-0  [##------------------]  10%  ETA 1 min 30 s",
      "[3/9] train/ddpm/seed-0  [####----------------]  20%  ETA 1 min 20 s",
      "done train/ddpm/seed-0 in 1.5 s",
      "",
    ]);
  });

  it("names every cell that runs, with the time until the last of them ends", () => {
    const { started, progress, finished, wait, text } = view();
    started("a", 1, 9);
    started("b", 2, 9);
    wait(10_000);
    progress("a", { done: 50, total: 100, loss: 1 });
    wait(10_000);
    progress("b", { done: 40, total: 100 });
    finished(doneCell("a"));
    wait(10_000);
    progress("b", { done: 60, total: 100 });
    expect(text().split("\n").slice(2)).toEqual([
      "[1/9] a  50%  [2/9] b  0%  ETA 10 s",
      "[1/9] a  50%  [2/9] b  40%  ETA 30 s",
      "done a in 1.5 s",
      "[2/9] b  [############--------]  60%  ETA 20 s",
      "",
    ]);
  });

  it("says why a cell failed or was skipped, without control characters", () => {
    const { finished, text } = view();
    const { record: _, ...cell } = doneCell("a") as Extract<ReturnType<typeof doneCell>, { state: "done" }>;
    finished({ ...cell, state: "failed", code: "DIVERGED", message: "loss is NaN" });
    finished({ ...cell, state: "skipped", why: "b failed" });
    expect(text()).toBe("failed a in 1.5 s: DIVERGED loss is NaN\nskipped a in 1.5 s: b failed\n");
  });
});

describe("on a terminal", () => {
  const ESC = "\x1b";

  it("one line is rewritten, within the width, at most ten times a second", () => {
    const { started, progress, wait, text } = view({ isTTY: true, columns: 40 });
    started("train/ddpm/seed-0", 1, 9);
    for (let i = 0; i < 100; i++) {
      wait(10);
      progress("train/ddpm/seed-0", { done: i, total: 100 });
    }
    const drawn = text().split(`\r${ESC}[K`).slice(1);
    expect(text()).not.toContain("\n");
    expect(drawn).toHaveLength(11);
    for (const line of drawn) expect(line.length).toBeLessThan(40);
  });

  it("a finished cell stays above it, in colour unless NO_COLOR", () => {
    const colored = view({ isTTY: true });
    colored.finished(doneCell("a"));
    expect(colored.text()).toBe(`\r${ESC}[K${ESC}[32mdone${ESC}[0m a in 1.5 s\n`);
    const plain = view({ isTTY: true, env: { NO_COLOR: "1" } });
    plain.finished(doneCell("a"));
    expect(plain.text()).toBe(`\r${ESC}[Kdone a in 1.5 s\n`);
    const dumb = view({ isTTY: true, env: { TERM: "dumb" } });
    dumb.finished(doneCell("a"));
    expect(dumb.text()).toBe("done a in 1.5 s\n");
  });

  it("leaves no half line behind", () => {
    const { started, close, text } = view({ isTTY: true });
    started("a", 1, 1);
    close();
    expect(text().endsWith(`\r${ESC}[K`)).toBe(true);
  });
});

it("a download starts one line per file", () => {
  const { onDownload, text } = view();
  for (const done of [1, 2]) onDownload("downloading a", done, 10);
  onDownload("downloading b", 1, 10);
  expect(text()).toBe("downloading a\ndownloading b\n");
});
