/** The deploy files, as far as they can be tried without their clusters: parsed, and run for every index with --dry-run. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { temporaryFolders } from "../harness/datasets/fixtures.ts";
import { bench } from "./entries.ts";

const temporary = temporaryFolders();
let cwd: string;
let path: string;
beforeEach(() => {
  cwd = temporary();
  mkdirSync(join(cwd, "bin"));
  const installed = join(cwd, "bin/bench");
  writeFileSync(installed, `#!/bin/sh\nexec '${process.execPath}' '${bench}' "$@"\n`);
  chmodSync(installed, 0o755);
  path = `${join(cwd, "bin")}:${process.env.PATH}`;
});

interface Planned {
  readonly plan: readonly { readonly id: string }[];
}

/** Ids of the cells that the shards plan, each shard's by itself. */
const planned = (outputs: readonly string[]) =>
  outputs.map((output) => (JSON.parse(output) as Planned).plan.map(({ id }) => id));

const whole = () =>
  planned([
    execFileSync("bench", ["run", "--suite", "quick", "--dry-run", "--json", "--quiet"], {
      cwd,
      env: { PATH: path, HOME: cwd },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }),
  ])[0]!;

describe("the Slurm array script", () => {
  const script = resolve("deploy/slurm/shards.sh");
  const task = (index: number, count: number, ...flags: string[]) =>
    spawnSync("bash", [script, "quick", "runs/quick", ...flags], {
      cwd,
      env: {
        PATH: path,
        HOME: cwd,
        SLURM_ARRAY_TASK_ID: String(index),
        SLURM_ARRAY_TASK_COUNT: String(count),
        SLURM_ARRAY_TASK_MIN: "1",
        SLURM_ARRAY_TASK_MAX: String(count),
      },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });

  it("runs each task's shard: together they are the plan", () => {
    const ended = [1, 2].map((index) => task(index, 2, "--dry-run", "--json", "--quiet"));
    for (const { status, stderr } of ended) expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(new Set(planned(ended.map(({ stdout }) => stdout)).flat())).toEqual(new Set(whole()));
  });

  it("refuses an array that is no 1-N, and to be started without one", () => {
    expect(task(3, 2).status).toBe(2);
    const bare = spawnSync("bash", [script, "quick", "out"], {
      cwd,
      env: { PATH: path },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(bare.status).not.toBe(0);
    expect(bare.stderr).toContain("sbatch --array=1-N");
    const gap = spawnSync("bash", [script, "quick", "out"], {
      cwd,
      env: { PATH: path, SLURM_ARRAY_TASK_ID: "2", SLURM_ARRAY_TASK_COUNT: "2", SLURM_ARRAY_TASK_MIN: "0" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(gap).toMatchObject({
      status: 2,
      stderr: "the array must be 1-2: a shard's number is its task's\n",
    });
  });
});

describe("the Kubernetes jobs", () => {
  interface Job {
    readonly kind: string;
    readonly spec: {
      readonly completionMode?: string;
      readonly completions?: number;
      readonly template: {
        readonly spec: {
          readonly containers: readonly {
            readonly name: string;
            readonly command: readonly string[];
            readonly args: readonly string[];
            readonly env: readonly { readonly name: string; readonly value: string }[];
          }[];
        };
      };
    };
  }
  const documents = parseAllDocuments(readFileSync(resolve("deploy/kubernetes/shards.yaml"), "utf8"));
  const [shards, merge] = documents.map((document) => document.toJS() as Job) as [Job, Job];

  const pod = (job: Job, env: Record<string, string>) => {
    const { command, args, env: given } = job.spec.template.spec.containers[0]!;
    return spawnSync(command[0]!, [...command.slice(1), ...args], {
      cwd,
      env: {
        PATH: path,
        HOME: cwd,
        ...Object.fromEntries(given.map(({ name, value }) => [name, value])),
        ...env,
      },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  };

  it("are valid YAML, with as many completions as shards", () => {
    for (const { errors, warnings } of documents) expect([...errors, ...warnings]).toEqual([]);
    const { completionMode, completions, template } = shards.spec;
    const count = template.spec.containers[0]!.env.find(({ name }) => name === "SHARDS")!.value;
    expect({ completionMode, completions }).toEqual({
      completionMode: "Indexed",
      completions: Number(count),
    });
  });

  it("run each pod's shard: together they are the plan", () => {
    const outputs = Array.from({ length: shards.spec.completions! }, (_, index) => {
      const flags = { SUITE: "quick", RUN: "runs/quick", BENCH_FLAGS: "--dry-run --json --quiet" };
      const { status, stdout, stderr } = pod(shards, { ...flags, JOB_COMPLETION_INDEX: String(index) });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return stdout;
    });
    expect(new Set(planned(outputs).flat())).toEqual(new Set(whole()));
  });

  it("merge what lies in the run's folder", () => {
    for (const part of ["shard-1", "shard-2"]) mkdirSync(join(cwd, "runs", part), { recursive: true });
    const { status, stderr } = pod(merge, { RUN: "runs" });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/runs\/shard-1 has no run\.json/),
    });
  });
});
