/**
 * Training step and network evaluation on our compiled engine, beside PyTorch eager and the reference engine, in one run
 * on one machine. Every arm is a process of its own and the arms take turns. PyTorch is measured where python3 has torch
 * (apt-get install python3-torch).
 *
 *     npm run benchmark -- [--rounds 3] [--seconds 4] [--threads N] [--settings ddpm,ddpm-small,dcgan,dcgan-small]
 *                          [--modes train,eval,overhead] [--batches 1,16,64] [--reference] [--json FILE]
 *     npm run benchmark -- --provider webgpu|cuda [--float16] …     on a GPU, beside PyTorch on it where it has CUDA
 *     npm run benchmark -- --profile [--settings …] [--modes …]     where the time of one call goes
 *
 * Ratios are theirs / ours, of milliseconds by the clock and of processor time (user and system, all threads). Of each arm
 * the fastest round counts: other work only ever slows, and so does a host that now and then puts both cores of a virtual
 * machine on one, which on such a machine halved the speed of single rounds of either side. All readings go to the JSON.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatProfile, takeProfile } from "./profile.ts";
import { pythonWith } from "./python.ts";
import { type Line, type Reading, summarise, table } from "./readings.ts";
import { setting, settings } from "./settings.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    threads: { type: "string", default: String(availableParallelism()) },
    settings: { type: "string" },
    modes: { type: "string", default: "train,eval,overhead" },
    batches: { type: "string" },
    provider: { type: "string", default: "cpu" },
    float16: { type: "boolean", default: false },
    reference: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    json: { type: "string" },
  },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const gpu = flags.provider !== "cpu";
const batches = flags.batches ?? (gpu ? "1,16,64,256" : "1,16,64");
const names =
  flags.settings?.split(",") ?? Object.keys(settings).filter((name) => gpu || name !== "ddpm-cifar");
const modes = flags.modes.split(",");

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Line[] {
  const result = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env } });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${result.stderr}`);
  return result.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

/** Built beside this one (scripts/build.mjs --entry), an arm runs as it is; otherwise from its source. */
const program = existsSync(here("arm.mjs")) ? [here("arm.mjs")] : ["--import", "tsx", here("arm.ts")];

function arm(name: string, mode: string, ...rest: string[]): Line[] {
  const wanted = ["--setting", name, "--mode", mode, "--threads", flags.threads, "--batches", batches];
  // of a flag given twice the last counts, so what follows may name another provider
  return run(process.execPath, [...program, ...wanted, "--provider", flags.provider, ...rest]);
}

/** Training and evaluation apart: each has its own peak of memory. */
const peer = (name: string, mode: string, extra: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const { family, batch, peer } = setting(name);
  const script = here(`peers/${family === "ddpm" ? "ddpm_unet" : "dcgan"}.py`);
  const wanted = ["--threads", flags.threads, "--mode", mode === "train" ? "train" : "sample"];
  const limits = ["--batch", String(batch), "--max-seconds", flags.seconds, "--repeats", "100000"];
  const once = family === "ddpm" ? ["--steps", "1"] : [];
  return run(python!, [script, ...wanted, "--batches", batches, ...limits, ...once, ...peer, ...extra], env);
};

const python = pythonWith(["torch"]);
const cuda =
  python && spawnSync(python, ["-c", "import torch; assert torch.cuda.is_available()"]).status === 0;

type Measure = (name: string, mode: string) => Line[];

/** PyTorch as it is on the same device. */
const peers = (): Record<string, Measure> => {
  if (!python || (gpu && !cuda)) return {};
  if (!gpu)
    return {
      "PyTorch, bound": (name, mode) => peer(name, mode, [], { OMP_PROC_BIND: "true" }),
      "PyTorch, unbound": (name, mode) => peer(name, mode, [], { OMP_PROC_BIND: "false" }),
    };
  const on = ["--device", "cuda"];
  return {
    "PyTorch, fp32": (name, mode) => peer(name, mode, on),
    "PyTorch, bf16": (name, mode) => peer(name, mode, [...on, "--amp", "bf16"]),
    "PyTorch, fp32, compiled": (name, mode) => peer(name, mode, [...on, "--compile"]),
  };
};

function profile(): void {
  const folder = mkdtempSync(join(tmpdir(), "bench-profile-"));
  for (const name of names)
    for (const mode of modes.filter((mode) => mode !== "overhead")) {
      const prefix = join(folder, `${name}-${mode}`);
      arm(name, mode, "--seconds", flags.seconds, "--profile", prefix);
      console.log(`${name} ${mode}\n${formatProfile(takeProfile(prefix))}\n`);
    }
  rmSync(folder, { recursive: true });
}

function compare(): void {
  const rounds = Number(flags.rounds);
  const mine = `onnx/${flags.provider}`;
  const half = `${mine}, float16`;
  const arms: Record<string, Measure> = {
    [mine]: (name, mode) => arm(name, mode, "--seconds", flags.seconds),
    ...(flags.float16
      ? { [half]: (name, mode) => arm(name, mode, "--seconds", flags.seconds, "--precision", "float16") }
      : {}),
    ...peers(),
    ...(flags.reference
      ? {
          reference: (name, mode) =>
            arm(name, mode, "--seconds", "0.001", "--engine", "reference", "--provider", "tfjs-cpu"),
        }
      : {}),
  };
  const readings: Reading[] = [];
  const limits: number[] = [];
  for (let round = 0; round < rounds; round++) {
    limits.push(arm("ddpm", "limit", "--seconds", flags.seconds)[0]!.gflops!);
    for (const name of names)
      for (const mode of modes)
        for (const [armName, measure] of Object.entries(arms)) {
          if (armName === "reference" && round > 0) continue;
          if (mode === "overhead" && armName !== mine) continue;
          if (mode === "train" && armName === half) continue; // training is float32
          process.stderr.write(`round ${round + 1}/${rounds}  ${name} ${mode}  ${armName}\n`);
          for (const line of measure(name, mode)) readings.push({ ...line, setting: name, arm: armName });
        }
  }
  const summary = summarise(readings, limits);
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    threads: Number(flags.threads),
    node: process.versions.node,
    pytorch: readings.find(({ version }) => version !== undefined)?.version,
  };
  console.log(`${machine.cpu}, ${machine.threads} threads, Node ${machine.node}`);
  console.log(
    machine.pytorch
      ? `PyTorch ${machine.pytorch}, eager`
      : gpu && python
        ? "PyTorch has no CUDA here: our own side alone"
        : "PyTorch is not installed: apt-get install python3-torch",
  );
  console.log(table(summary, mine));
  if (flags.json)
    writeFileSync(flags.json, `${JSON.stringify({ ...machine, ...summary, readings }, null, 2)}\n`);
}

if (flags.profile) profile();
else compare();
