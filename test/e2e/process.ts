/** The command as its users start it: a process with arguments, two streams and an exit code. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { main } from "../../src/harness/cli/main.ts";
import { harness, type Rooms } from "../../src/harness/run/rooms.ts";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with all of stderr so far. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

/** Runs `node ...words` to its end. */
export async function node(
  words: readonly string[],
  { cwd, env, onStart, onStderr }: Options,
): Promise<Ended> {
  const child = spawn(process.execPath, words, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onStart?.(child);
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text.stderr += chunk;
    onStderr?.(text.stderr, child);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...text };
}

const entry = resolve("bin/bench.js");

/**
 * The command line in this process, for what ends before a child is started: refusals above all. It takes a
 * tenth of the time of a process.
 */
export async function here(words: readonly string[], cwd: string, rooms: Rooms = harness): Promise<Ended> {
  const text = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof text) => ({
    write(chunk: string) {
      text[name] += chunk;
    },
  });
  const io = { stdout: sink("stdout"), stderr: sink("stderr"), env: { HOME: cwd }, cwd, entry };
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const code = await main(words, io, rooms);
    return { code, ...text };
  } finally {
    process.chdir(before);
  }
}

/** Every path below a folder with the hash of what it holds. */
export function snapshot(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = entry.isFile()
        ? createHash("sha256").update(readFileSync(path)).digest("hex")
        : "folder";
      return [path, content];
    }),
  );
}
