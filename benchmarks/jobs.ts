/**
 * What `--jobs` is worth: a suite's trainings with one job on all cores and with one job a core, by turns in one call; and
 * from the seconds that the cells of a finished run took, how long its plan takes with more cores.
 *
 *     npm run benchmark:jobs -- [--suite standard] [--models ddpm,dcgan] [--share 0.1] [--seeds 2] [--rounds 2] [--jobs 2]
 *     npm run benchmark:jobs -- --run FOLDER [--cores 1,2,4,8,16,32,64]
 *
 * `--share`: how much of each model's budget is trained. Of each arm the fastest round counts. A run of one job gives each
 * cell all cores; with more jobs each has one thread, so the simulation takes the seconds of a run that was made with
 * `--jobs`, and its first line is that run's own plan on one core.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { readRun } from "../src/harness/record/index.ts";
import { stages } from "../src/harness/stages/index.ts";
import { openSuite, resolveSuite } from "../src/harness/suite/index.ts";
import { planSeconds } from "./plan-time.ts";

const { values: flags } = parseArgs({
  options: {
    suite: { type: "string", default: "standard" },
    models: { type: "string" },
    share: { type: "string", default: "0.1" },
    seeds: { type: "string", default: "2" },
    rounds: { type: "string", default: "2" },
    jobs: { type: "string", default: String(availableParallelism()) },
    run: { type: "string" },
    cores: { type: "string", default: "1,2,4,8,16,32,64" },
  },
});

const root = fileURLToPath(new URL("..", import.meta.url));

/** The suite's models at a share of their budgets, and nothing measured of them. */
async function trainingsAlone(): Promise<string> {
  const { value, origin } = await openSuite(flags.suite, root, join(root, "bin/bench.js"));
  const { config } = resolveSuite(value, [], origin);
  const wanted = flags.models?.split(",");
  const chosen = Object.entries(config.models).filter(([id]) => !wanted || wanted.includes(id));
  const models = Object.fromEntries(
    chosen.map(([id, { tuning: _, images, ...model }]) => [
      id,
      { ...model, images: Math.ceil(images * Number(flags.share)) },
    ]),
  );
  return stringify({
    name: "trainings",
    dataset: config.dataset,
    seeds: Number(flags.seeds),
    models,
    stages: {},
  });
}

/** Seconds that the suite's trainings take, the process's start with them. */
function secondsOf(suite: string, folder: string, words: readonly string[]): number {
  const out = join(folder, "out");
  const start = performance.now();
  const line = [join(root, "bin/bench.js"), "run", "--suite", suite, "--out", out, "--quiet", ...words];
  const { status, stderr } = spawnSync(process.execPath, line, { encoding: "utf8" });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`bench run ended with ${status}: ${stderr}`);
  rmSync(out, { recursive: true });
  return seconds;
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-jobs-"));
  try {
    const suite = join(folder, "trainings.yaml");
    writeFileSync(suite, await trainingsAlone());
    const arms = { one: ["--jobs", "1"], several: ["--jobs", flags.jobs] };
    const rounds = Array.from({ length: Number(flags.rounds) }, () => ({
      one: secondsOf(suite, folder, arms.one),
      several: secondsOf(suite, folder, arms.several),
    }));
    const fastest = (arm: keyof typeof arms) => Math.min(...rounds.map((round) => round[arm]));
    const [one, several] = [fastest("one"), fastest("several")];
    console.log(`| trainings of ${flags.suite} | seconds of each round | fastest |\n| --- | --- | --- |`);
    for (const arm of ["one", "several"] as const)
      console.log(
        `| --jobs ${arms[arm][1]} | ${rounds.map((round) => round[arm].toFixed(1)).join(", ")} | ${fastest(arm).toFixed(1)} |`,
      );
    console.log(`\n--jobs ${flags.jobs} is ${(one / several).toFixed(2)} times as fast as --jobs 1.`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function simulate(folder: string): Promise<void> {
  const { run, cells } = await readRun(folder);
  const seconds = new Map(cells.map(({ id, seconds }) => [id, seconds]));
  const alone = new Set<string>(stages.filter((stage) => stage.alone).map(({ kind }) => kind));
  const timed = run.plan.filter(({ kind }) => alone.has(kind));
  const minutes = (value: number) => (value / 60).toFixed(1);
  const total = await planSeconds({ plan: run.plan, seconds, alone }, 1);
  const aside = timed.reduce((sum, { id }) => sum + (seconds.get(id) ?? 0), 0);
  console.log(
    `${run.suite}: ${run.plan.length} cells, ${minutes(total)} minutes one after another, ${minutes(aside)} of them timed cells, which run by themselves.\n`,
  );
  console.log("| cores | minutes | speed-up |\n| --- | --- | --- |");
  for (const cores of flags.cores.split(",").map(Number)) {
    const taken = await planSeconds({ plan: run.plan, seconds, alone }, cores);
    console.log(`| ${cores} | ${minutes(taken)} | ${(total / taken).toFixed(2)} |`);
  }
}

await (flags.run === undefined ? measure() : simulate(flags.run));
