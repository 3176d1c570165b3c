/** Power and memory of an NVIDIA GPU over time, from nvidia-smi where it is installed. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { EnergyMeter } from "./rapl.ts";

const INTERVAL_MS = 100;
/** Longer than nvidia-smi takes to print its first line. */
const FIRST_MS = 5_000;

export interface GpuWatch extends EnergyMeter {
  /** Readings so far. */
  readonly readings: number;
  /** Highest memory in use by all processes together, in MiB; undefined where the driver does not report it. */
  readonly peakMiB: number | undefined;
  stop(): void;
}

/** Samples power ten times a second and integrates it. undefined where nvidia-smi is absent or reads no GPU. */
export async function watchGpu(
  command: readonly string[] = ["nvidia-smi"],
  now: () => number = () => performance.now(),
): Promise<GpuWatch | undefined> {
  const gpu = process.env.CUDA_VISIBLE_DEVICES?.split(",")[0] || "0";
  const query = ["--query-gpu=power.draw,memory.used", "--format=csv,noheader,nounits"];
  const flags = [...query, `--id=${gpu}`, `--loop-ms=${INTERVAL_MS}`];
  const child = spawn(command[0]!, [...command.slice(1), ...flags], { stdio: ["ignore", "pipe", "ignore"] });
  let last: { at: number; watts: number } | undefined;
  let [joules, readings] = [0, 0];
  let peakMiB: number | undefined;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const [watts, memory] = line.split(",").map((field) => Number.parseFloat(field));
    const at = now();
    if (Number.isFinite(memory)) peakMiB = Math.max(peakMiB ?? 0, memory!);
    if (!Number.isFinite(watts)) return;
    if (last) joules += ((last.watts + watts!) / 2) * ((at - last.at) / 1000);
    last = { at, watts: watts! };
    readings++;
  });
  const started = await new Promise<boolean>((resolve) => {
    lines.once("line", () => resolve(true));
    child.on("error", () => resolve(false)); // for as long as the child lives: an unheard error would end the process
    child.once("close", () => resolve(false));
    setTimeout(resolve, FIRST_MS, false).unref();
  });
  if (!started) {
    child.kill();
    return undefined;
  }
  return {
    source: "nvidia-smi, power of the whole GPU",
    joules: () => joules,
    get readings() {
      return readings;
    },
    get peakMiB() {
      return peakMiB;
    },
    stop: () => void child.kill(),
  };
}
