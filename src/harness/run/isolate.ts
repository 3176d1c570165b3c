/** One cell in a process of its own: a crash, a hang or a leak there ends that cell alone. */
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import * as z from "zod";
import { childArguments } from "../../core/child.ts";
import { BenchError, type ErrorCode } from "../../core/errors.ts";
import { type CellRecord, recordSchema } from "../record/index.ts";
import type { Progress } from "../stages/contract.ts";

/** An outcome, when its cell was started, how long it took, and how many others ran beside it where some may. */
export const finishedSchema = z.strictObject({
  outcome: z.discriminatedUnion("state", [
    z.strictObject({ state: z.literal("done"), record: recordSchema }),
    z.strictObject({ state: z.literal("skipped"), why: z.string() }),
    z.strictObject({ state: z.literal("failed"), code: z.string(), message: z.string() }),
  ]),
  startedAt: z.iso.datetime(),
  seconds: z.number().nonnegative(),
  beside: z.number().nonnegative().optional(),
});

export type Outcome = Finished["outcome"];

export type Finished = Readonly<z.infer<typeof finishedSchema>>;

/** What a cell's process tells its parent, over Node's IPC channel. */
export type CellMessage =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "note"; readonly message: string }
  | { readonly type: "done"; readonly record: CellRecord }
  | { readonly type: "skipped"; readonly why: string }
  | { readonly type: "failed"; readonly code: string; readonly message: string };

/** A cell to run. */
export const taskSchema = z.strictObject({
  /** Absolute path of the run folder. */
  folder: z
    .string()
    .max(4096)
    .refine((path) => isAbsolute(path) && !path.includes("\0"), "not an absolute path"),
  /** Of the cell; a word of a command line, which no flag is. */
  id: z.string().regex(/^[a-z0-9][\w./+-]{0,250}$/i, "not the id of a cell"),
  /** The cell is stopped after this time. */
  limitSeconds: z.number().positive(),
  /** How often a training saves its position; the stage's default where undefined. */
  saveEverySeconds: z.number().nonnegative().optional(),
  /** Threads of its engine on a processor; those of the run where undefined. */
  threads: z.int().positive().optional(),
});

export type Task = z.infer<typeof taskSchema>;

export interface IsolateOptions {
  /** Script that is run as `entry __cell FOLDER ID`. */
  readonly entry: string;
  /** Aborting kills the process. */
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
  onNote(message: string): void;
}

/** Environment variables that carry `saveEverySeconds` and `threads` to the process. */
export const SAVE_VARIABLE = "BENCH_SAVE_SECONDS";
export const THREADS_VARIABLE = "BENCH_CELL_THREADS";

/** Node ends a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Last characters of stderr that are kept for the message of a failure. */
const STDERR_KEPT = 4000;

/** Runs the cell; whatever its process does is an outcome. @throws INTERRUPTED where `signal` ended it */
export async function runInChild(task: Task, options: IsolateOptions): Promise<Finished> {
  const startedAt = new Date().toISOString();
  const clock = performance.now();
  const outcome = await outcomeInChild(task, options);
  return { outcome, startedAt, seconds: (performance.now() - clock) / 1000 };
}

async function outcomeInChild(
  { folder, id, limitSeconds, saveEverySeconds, threads }: Task,
  { entry, signal, onProgress, onNote }: IsolateOptions,
): Promise<Outcome> {
  signal.throwIfAborted();
  const child = fork(entry, ["__cell", folder, id], {
    execArgv: childArguments(),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: {
      ...process.env,
      [SAVE_VARIABLE]: saveEverySeconds?.toString(),
      [THREADS_VARIABLE]: threads?.toString(),
    },
  });
  const killedBefore = killedForMemory();
  const kill = () => child.kill("SIGKILL");
  let timedOut = false;
  const stop = () => {
    timedOut = true;
    kill();
  };
  const timer = setTimeout(stop, Math.min(1000 * limitSeconds, LONGEST_TIMER_MS));
  signal.addEventListener("abort", kill);
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
    stderr = (stderr + chunk).slice(-STDERR_KEPT);
  });
  let reported: Outcome | undefined;
  child.on("message", (message: CellMessage) => {
    if (message.type === "progress") onProgress(message.progress);
    else if (message.type === "note") onNote(message.message);
    else reported = outcomeOf(message);
  });
  try {
    const { end, killer } = await new Promise<{ end: string; killer?: string }>((resolve) => {
      child.on("error", (error) => resolve({ end: `did not start: ${error.message}` }));
      child.on("close", (code, killer) =>
        resolve(killer ? { end: `was killed by ${killer}`, killer } : { end: `exited with code ${code}` }),
      );
    });
    if (signal.aborted) throw new BenchError("INTERRUPTED", `${id} was interrupted`);
    if (timedOut) {
      const message = `${id} took longer than its limit of ${limitSeconds} s and was stopped`;
      return failed("TIME_LIMIT", message, stderr);
    }
    if (reported) return reported;
    const outOfMemory = saysOutOfMemory(stderr) || (killer === "SIGKILL" && killedForMemory() > killedBefore);
    return failed(
      outOfMemory ? "OUT_OF_MEMORY" : "CELL_FAILED",
      `the process of ${id} ${outOfMemory ? `ran out of memory: it ${end}` : end} before it had a result` +
        (killer === "SIGKILL" && !outOfMemory ? ", as the system does where memory runs out" : ""),
      stderr,
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  }
}

/** Recognises the last messages of V8 and of C++ libraries without memory. */
const saysOutOfMemory = (stderr: string): boolean =>
  /heap out of memory|Array buffer allocation failed|std::bad_alloc|Failed to allocate memory/i.test(stderr);

/** Number of processes that the kernel has killed for memory in this control group (Linux, version 2); 0 where unknown. */
function killedForMemory(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/sys/fs/cgroup/memory.events", "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function failed(code: ErrorCode, message: string, stderr: string): Outcome {
  const output = stderr.trim();
  return { state: "failed", code, message: output === "" ? message : `${message}. Its output:\n${output}` };
}

/** The message as an outcome; a record that the schema refuses is a failure of its stage. */
function outcomeOf(message: Exclude<CellMessage, { type: "progress" | "note" }>): Outcome {
  if (message.type === "skipped") return { state: "skipped", why: message.why };
  if (message.type === "failed") return { state: "failed", code: message.code, message: message.message };
  const parsed = recordSchema.safeParse(message.record);
  if (parsed.success) return { state: "done", record: parsed.data };
  const { path, message: problem } = parsed.error.issues[0]!;
  return failed("INTERNAL", `its record is malformed: ${path.join(".")}: ${problem}`, "");
}
