/**
 * Training step and network evaluation on our compiled engine, beside the reference engine and PyTorch eager, in one
 * run on one machine: `npm run benchmark`. Every arm is a process of its own, the arms take turns, and what is printed
 * are ratios of median images per second. PyTorch is measured where python3 has torch (apt-get install python3-torch).
 *
 *     npm run benchmark -- [--rounds 3] [--seconds 4] [--provider cpu] [--json FILE] [--profile PREFIX]
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "../src/core/statistics.ts";

interface Line {
  readonly peer: string;
  readonly version?: string;
  readonly what: string;
  readonly batch: number;
  readonly images_per_s: number;
  readonly median_ms: number;
}

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    provider: { type: "string", default: "cpu" },
    json: { type: "string" },
    profile: { type: "string" },
  },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const threads = availableParallelism();

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Line[] {
  const result = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env } });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${result.stderr}`);
  return result.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

/** Training and evaluation in a process each; only training is profiled. */
function ours(engine: string, provider: string, model: string, seconds: string): Line[] {
  const arm = (mode: string, ...rest: string[]) =>
    run(process.execPath, [
      "--import",
      "tsx",
      here("arm.ts"),
      engine,
      provider,
      model,
      mode,
      seconds,
      ...rest,
    ]);
  return [...arm("train", ...(flags.profile ? [flags.profile] : [])), ...arm("eval")];
}

const python = ["/usr/bin/python3", "python3"].find(
  (candidate) => spawnSync(candidate, ["-c", "import torch"]).status === 0,
);

const peer = (model: string, bound: boolean) =>
  run(
    python!,
    [
      here(`peers/${model === "ddpm" ? "ddpm_unet" : "dcgan"}.py`),
      "--threads",
      String(threads),
      "--max-seconds",
      flags.seconds,
      ...(model === "ddpm" ? ["--steps", "1"] : []),
    ],
    { OMP_PROC_BIND: bound ? "true" : "false" },
  );

interface Arm {
  readonly name: string;
  readonly rounds: number;
  measure(model: string): Line[];
}

const rounds = Number(flags.rounds);
const arms: Arm[] = [
  {
    name: `onnx/${flags.provider}`,
    rounds,
    measure: (model) => ours("onnx", flags.provider, model, flags.seconds),
  },
  ...(python
    ? [
        { name: "PyTorch eager, bound threads", rounds, measure: (model: string) => peer(model, true) },
        { name: "PyTorch eager, unbound threads", rounds, measure: (model: string) => peer(model, false) },
      ]
    : []),
  {
    name: "reference (TF.js cpu)",
    rounds: 1,
    measure: (model) => ours("reference", "tfjs-cpu", model, "0.001"),
  },
];

const readings = new Map<string, Map<string, number[]>>();
let version = "";
for (let round = 0; round < rounds; round++)
  for (const model of ["ddpm", "dcgan"])
    for (const arm of arms) {
      if (round >= arm.rounds) continue;
      process.stderr.write(`round ${round + 1}/${rounds}  ${model}  ${arm.name}\n`);
      for (const line of arm.measure(model)) {
        if (line.version) version = line.version;
        const setting = line.what.endsWith(".train") ? line.what : `${line.what} batch ${line.batch}`;
        const byArm = readings.get(setting) ?? new Map<string, number[]>();
        readings.set(setting, byArm.set(arm.name, [...(byArm.get(arm.name) ?? []), line.images_per_s]));
      }
    }

const mine = arms[0]!.name;
const rows = [...readings].map(([setting, byArm]) => {
  const own = median(byArm.get(mine)!);
  const others = arms.slice(1).map(({ name }) => {
    const theirs = byArm.get(name);
    return { name, imagesPerSecond: theirs && median(theirs), ratio: theirs && own / median(theirs) };
  });
  return { setting, imagesPerSecond: own, readings: Object.fromEntries(byArm), others };
});

console.log(`${cpus()[0]?.model.trim()}, ${threads} threads, Node ${process.versions.node}`);
console.log(
  version ? `PyTorch ${version}, eager mode` : "PyTorch is not installed: apt-get install python3-torch",
);
console.log(`images/s, median of ${rounds} processes an arm; ratio = ours / theirs\n`);
for (const { setting, imagesPerSecond, others } of rows) {
  console.log(`${setting.padEnd(24)} ${mine} ${imagesPerSecond.toFixed(1)}`);
  for (const { name, imagesPerSecond: theirs, ratio } of others)
    if (theirs !== undefined)
      console.log(`${"".padEnd(26)}${name} ${theirs.toPrecision(3)}  ratio ${ratio!.toFixed(2)}`);
}
if (!python) console.log("\nno PyTorch arm was measured");
if (flags.json)
  writeFileSync(
    flags.json,
    `${JSON.stringify({ cpu: cpus()[0]?.model.trim(), threads, node: process.versions.node, pytorch: version, rows }, null, 2)}\n`,
  );
