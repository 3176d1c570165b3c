/** kill -9 at any moment: the real command, as one file, on a suite of seconds. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { type Cell, readRun } from "../../src/harness/record/index.ts";
import { node, snapshot } from "./process.ts";

/** BENCH_KILLS=200 for a campaign of an hour. */
const KILLS = Number(process.env.BENCH_KILLS ?? 8);

const suite = `name: kill
dataset: { size: 8, train: 64, test: 8 }
models:
  dcgan:
    { type: dcgan, batch: 8, images: 1600, options: { generatorWidth: 8, discriminatorWidth: 8, latent: 8 } }
stages: { stability: { checkpoints: 0 } }
`;

const root = mkdtempSync(join(tmpdir(), "bench-kill-"));
const bench = join(root, "single/bench.mjs");
beforeAll(async () => {
  writeFileSync(join(root, "kill.yaml"), suite);
  const built = await node([resolve("scripts/build.mjs"), "--single", join(root, "single")], { cwd: root });
  expect(built).toMatchObject({ code: 0, stderr: "" });
  symlinkSync(resolve("node_modules"), join(root, "single/node_modules"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Every step's position is saved, so that a kill in the midst of training resumes in its midst. */
const words = (out: string) => [
  ...["run", "--suite", "kill.yaml", "--out", out, "--device", "cpu", "--threads", "1", "--save-every", "0s"],
  ...(existsSync(join(root, out, "run.json")) ? ["--resume"] : []),
];

const positions = (out: string): string[] => {
  const folder = join(root, out, "checkpoints");
  return existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith(".position.safetensors"))
    : [];
};

/** Starts or continues the run in `out`, and kills it `ms` after `from`. True where it ended before that. */
async function runUntil(out: string, ms: number, from: "start" | "training"): Promise<boolean> {
  const child = spawn(process.execPath, [bench, ...words(out)], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const timer = new AbortController();
  const { signal } = timer;
  const training = async () => {
    while (from === "training" && positions(out).length === 0) await sleep(10, undefined, { signal });
  };
  const killer = training()
    .then(() => sleep(ms, undefined, { signal }))
    .then(
      () => child.kill("SIGKILL"),
      () => {},
    );
  const [code, killed] = (await once(child, "close")) as [number | null, string | null];
  timer.abort();
  await killer;
  if (killed === "SIGKILL") return false;
  expect(code, stderr).toBe(0);
  return true;
}

const clocks = ["seconds", "compileSeconds", "imagesPerSecond", "peakRssMiB", "startedAt"];
const untimed = (cells: readonly Cell[]): unknown =>
  JSON.parse(JSON.stringify(cells, (key, value: unknown) => (clocks.includes(key) ? undefined : value)));

/** What a run leaves, by its path, timings aside. */
const files = (out: string) =>
  Object.fromEntries(
    Object.entries(snapshot(join(root, out)))
      .map(([path, hash]) => [path.slice(join(root, out).length + 1), hash] as const)
      .filter(([path]) => !/^(run\.json|cells\.jsonl|report\.html|csv\/training_time\.csv)$/.test(path)),
  );

it(`${KILLS} kills at random moments lose nothing, double nothing, and change nothing`, async () => {
  const started = performance.now();
  expect(await runUntil("whole", 600_000, "start")).toBe(true);
  const whole = performance.now() - started;
  const expected = await readRun(join(root, "whole"));
  expect(expected.cells.map(({ id, state }) => `${id} ${state}`)).toEqual([
    "train/dcgan/seed-0 done",
    "stability/dcgan/seed-0 done",
  ]);
  const moments = rng(Date.now()).fold("moments");
  let kills = 0;
  let midTraining = 0;
  for (let round = 0; kills < KILLS; round++) {
    const out = `round-${round}`;
    for (let ended = false; !ended; ) {
      // most moments are anywhere in a run; every fourth is one of training, which is a small part of so small a run
      if (kills === KILLS) ended = await runUntil(out, 600_000, "start");
      else if (kills % 4 === 3) ended = await runUntil(out, moments.uniform() * 300, "training");
      else ended = await runUntil(out, moments.uniform() * whole, "start");
      if (ended) break;
      kills++;
      if (positions(out).length > 0) midTraining++;
      if (existsSync(join(root, out, "run.json"))) await readRun(join(root, out)); // legible at any moment
    }
    const { run, cells, notices } = await readRun(join(root, out));
    expect({ state: run.state, notices }).toEqual({ state: "complete", notices: [] });
    expect(untimed(cells)).toEqual(untimed(expected.cells)); // hashes of the weights among it
    expect(readFileSync(join(root, out, "cells.jsonl"), "utf8").split("\n")).toHaveLength(cells.length + 1);
    expect(files(out)).toEqual(files("whole"));
  }
  expect(midTraining).toBeGreaterThan(0);
}, 600_000);
