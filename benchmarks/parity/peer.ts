/** Runs `peer.py` on a recorded training. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { decodeSafetensors } from "../../src/harness/checkpoints/safetensors.ts";
import type { State } from "../../src/models/index.ts";
import { joined, type Layout } from "./layout.ts";

export interface PeerOptions {
  /** Default: all that were recorded. */
  readonly steps?: number;
  readonly dtype?: "float32" | "float64";
  /** Seed of moves of the initial weights by one unit in the last place or none. */
  readonly nudge?: number;
  readonly threads?: number;
}

const writtenSchema = z.strictObject({
  torch: z.string(),
  /** Of every step, by the names of our quantities. */
  losses: z.record(z.string(), z.array(z.number())),
});

export interface PeerResult extends z.infer<typeof writtenSchema> {
  /** The state at the end as far as the layout names it, in our vectors. */
  readonly state: State;
}

const script = fileURLToPath(new URL("peer.py", import.meta.url));

/** A recorded training's file, and how its state is laid out. */
export interface Recording {
  readonly path: string;
  readonly layout: Layout;
}

/** PyTorch's trainings of these files, whose names differ, by one process. @throws with Python's words where it fails */
export async function trainInPyTorch(
  python: string,
  recordings: readonly Recording[],
  { steps, dtype, nudge, threads = 1 }: PeerOptions = {},
): Promise<PeerResult[]> {
  const out = await mkdtemp(join(tmpdir(), "parity-"));
  const flags = Object.entries({ out, steps, dtype, nudge, threads }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  try {
    await finished(python, [script, ...recordings.map(({ path }) => path), ...flags]);
    return await Promise.all(recordings.map((recording) => readResult(out, recording)));
  } finally {
    await rm(out, { recursive: true });
  }
}

async function readResult(out: string, { path, layout }: Recording): Promise<PeerResult> {
  const result = join(out, basename(path, ".safetensors"));
  const written = writtenSchema.parse(JSON.parse(await readFile(`${result}.json`, "utf8")));
  const weights = `${result}.safetensors`;
  const { tensors } = decodeSafetensors(await readFile(weights), weights);
  return { ...written, state: joined(tensors, layout) };
}

function finished(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    // the peers' scripts bind threads to cores, which puts two at a time on one
    const env = { ...process.env, OMP_PROC_BIND: "false" };
    const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${said}`)),
    );
  });
}
