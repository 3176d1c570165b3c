/** The real command searches settings: interrupted, continued, and written as a suite. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readRun } from "../../src/harness/record/index.ts";
import { bench } from "./entries.ts";
import { node } from "./process.ts";

const suite = `# what is tuned
name: search
dataset: { size: 8, train: 64, test: 96 }
models:
  gan:
    type: dcgan
    batch: 8
    images: 160
    options: { generatorWidth: 8, discriminatorWidth: 8, latent: 8 } # small
classifier: { batch: 8, images: 160 }
tune: { trials: 4, eta: 2, n: 32 }
stages: { stability: {} }
`;

const cwd = mkdtempSync(join(tmpdir(), "bench-tune-"));
afterAll(() => rmSync(cwd, { recursive: true }));

it("a search that is interrupted continues, and writes the suite with what it chose, once and again", async () => {
  writeFileSync(join(cwd, "search.yaml"), suite);
  const words = ["tune", "--suite", "./search.yaml", "--out", "out", "--device", "cpu", "--jobs", "2"];
  let stopped = false;
  const cut = await node([bench, ...words], {
    cwd,
    onStderr(text, child) {
      if (stopped || !/^done tune/m.test(text)) return;
      stopped = true;
      child.kill("SIGINT");
    },
  });
  expect(cut.code, cut.stderr).toBe(130);
  expect(cut.stdout).toContain(
    "interrupted; continue with: npx gan-vs-diffusion-bench tune --resume --out out",
  );
  const partial = await readRun(join(cwd, "out"));
  expect(partial.cells.length).toBeLessThan(7);

  const resume = ["tune", "--resume", "--out", "out", "--jobs", "2", "--json", "--write"];
  const ended = await node([bench, ...resume, "tuned.yaml"], { cwd });
  expect(ended.code, ended.stderr).toBe(0);
  const { models, ...summary } = JSON.parse(ended.stdout) as Record<string, { gan: { best: object } }>;
  expect(summary).toMatchObject({ state: "complete", cells: { planned: 7, done: 7 } });
  const { run, cells } = await readRun(join(cwd, "out"));
  expect(run).toMatchObject({ jobs: 2, suiteText: suite });
  for (const cell of partial.cells) expect(cells).toContainEqual(cell);

  const written = readFileSync(join(cwd, "tuned.yaml"), "utf8");
  for (const part of [
    "# what is tuned\n",
    "# small\n",
    JSON.stringify(models!.gan.best).slice(1, 9).replaceAll('"', ""),
  ])
    expect(written).toContain(part);
  expect(readFileSync(join(cwd, "out/tuned.yaml"), "utf8")).toBe(written);
  expect(readFileSync(join(cwd, "out/csv/tuning.csv"), "utf8").split("\n")).toHaveLength(1 + 4 + 2 + 1);
  expect(readFileSync(join(cwd, "out/report.html"), "utf8")).toContain("What the best of k settings gives");

  const again = await node([bench, ...resume, "again.yaml"], { cwd });
  expect(again.code, again.stderr).toBe(0);
  expect(readFileSync(join(cwd, "again.yaml"), "utf8")).toBe(written);
  expect(await node([bench, ...resume, "again.yaml"], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("OUTPUT_EXISTS"),
  });
  const mistaken = await node([bench, "run", "--resume", "--out", "out"], { cwd });
  expect(mistaken).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("resume a search with bench tune"),
  });
});
