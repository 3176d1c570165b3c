/**
 * Parity with PyTorch: the quick suite's models trained by our loop, and in plain PyTorch from the same initial weights on
 * the same images, diffusion steps and noise. Losses step by step, and FIDs at the end. What it found is in docs/parity.md.
 *
 *     npm run parity -- [--python PATH] [--cases unet-epsilon,unet-v,dcgan-published,dcgan] [--seeds 0,1,2] [--json FILE]
 *                       [--page FILE] [--threads 1] [--steps N]
 *
 * `--steps` trains for so long only, and scores no images. Cases in FILE that are not run again stay in it; `--cases none`
 * runs none. `--page` puts what FILE holds between the marks of a Markdown page.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngine } from "../../src/engine/choice/index.ts";
import { loadDataset } from "../../src/harness/datasets/index.ts";
import { pythonWith } from "../python.ts";
import { type CaseName, caseNames, cases, quickSuite } from "./cases.ts";
import { compareCase } from "./compare.ts";
import { openFid } from "./judge.ts";
import { resultsSchema } from "./results.ts";
import { blocks, filled } from "./tables.ts";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string" },
    cases: { type: "string", default: caseNames.join(",") },
    seeds: { type: "string", default: "0,1,2" },
    json: { type: "string" },
    page: { type: "string" },
    threads: { type: "string", default: "1" },
    steps: { type: "string" },
  },
});

const isCase = (name: string): name is CaseName => Object.hasOwn(cases, name);

const python = pythonWith(["torch", "numpy"], flags.python === undefined ? undefined : [flags.python]);
if (python === undefined)
  throw new Error(
    `${flags.python ?? "python3"} has no PyTorch with NumPy: apt-get install python3-torch, or --python PATH`,
  );
const chosen = (flags.cases === "none" ? [] : flags.cases.split(",")).map((name) => {
  if (!isCase(name)) throw new Error(`there is no case "${name}"; known: ${caseNames.join(", ")}`);
  return name;
});
const seeds = flags.seeds.split(",").map(Number);
const threads = Number(flags.threads);
const steps = flags.steps === undefined ? undefined : Number(flags.steps);

const note = (text: string) => console.error(text);
const suite = await quickSuite();
const { source, ...data } = suite.dataset;
const dataset = await loadDataset(source, data);
const engine = await openEngine({ engine: "onnx", provider: "cpu" }, { threads });
const folder = await mkdtemp(join(tmpdir(), "parity-"));
const scored = steps === undefined && chosen.some((name) => cases[name].whole);
const fid = scored ? await openFid(engine, dataset, suite) : undefined;
const results =
  flags.json && existsSync(flags.json)
    ? resultsSchema.parse(JSON.parse(await readFile(flags.json, "utf8")))
    : {};
try {
  for (const name of chosen) {
    const request = { engine, python, suite, dataset, seeds, steps, threads, folder, fid, note };
    const found = await compareCase(cases[name], request);
    results[name] = found;
    if (flags.json) await writeFile(flags.json, `${JSON.stringify(results, undefined, 1)}\n`);
    console.log([found.title, ...blocks(found)].join("\n\n"));
  }
  if (flags.page) await writeFile(flags.page, filled(await readFile(flags.page, "utf8"), results));
} finally {
  fid?.dispose();
  await engine.dispose();
  await rm(folder, { recursive: true });
}
