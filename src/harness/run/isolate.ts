/** One cell in a process of its own: a crash, a hang or a leak there ends that cell alone. */
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { BenchError, type ErrorCode } from "../../core/errors.ts";
import { type CellRecord, recordSchema } from "../record/index.ts";
import type { Progress } from "../stages/contract.ts";
import type { CellMessage } from "./messages.ts";
import { childArguments } from "./parts.ts";

export type Outcome =
  | { readonly state: "done"; readonly record: CellRecord }
  | { readonly state: "skipped"; readonly why: string }
  | { readonly state: "failed"; readonly code: string; readonly message: string };

export interface IsolateOptions {
  /** Script that is re-run as `entry __cell FOLDER ID`. */
  readonly entry: string;
  readonly folder: string;
  readonly timeLimitMs: number;
  readonly saveEverySeconds?: number;
  /** Aborting kills the child. */
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/** Environment variable that carries `saveEverySeconds` to the child. */
export const SAVE_VARIABLE = "BENCH_SAVE_SECONDS";

/** Node ends a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Last characters of a child's stderr that are kept for the message of its failure. */
const STDERR_KEPT = 4000;

/**
 * Runs the cell and gives its outcome; whatever the child does is an outcome. @throws INTERRUPTED where `signal`
 * ended it.
 */
export async function runInChild(id: string, options: IsolateOptions): Promise<Outcome> {
  const { entry, folder, timeLimitMs, saveEverySeconds, signal, onProgress } = options;
  signal.throwIfAborted();
  const child = fork(entry, ["__cell", folder, id], {
    execArgv: childArguments(),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env:
      saveEverySeconds === undefined
        ? process.env
        : { ...process.env, [SAVE_VARIABLE]: String(saveEverySeconds) },
  });
  const killedBefore = killedForMemory();
  const kill = () => child.kill("SIGKILL");
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      kill();
    },
    Math.min(timeLimitMs, LONGEST_TIMER_MS),
  );
  signal.addEventListener("abort", kill);
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
    stderr = (stderr + chunk).slice(-STDERR_KEPT);
  });
  let told: Outcome | undefined;
  child.on("message", (message: CellMessage) => {
    if (message.type === "progress") onProgress(message.progress);
    else told = outcomeOf(message);
  });
  try {
    const { end, killer } = await new Promise<{ end: string; killer?: string }>((resolve) => {
      child.on("error", (error) => resolve({ end: `did not start: ${error.message}` }));
      child.on("close", (code, killer) =>
        resolve(killer ? { end: `was killed by ${killer}`, killer } : { end: `exited with code ${code}` }),
      );
    });
    if (signal.aborted) throw new BenchError("INTERRUPTED", `${id} was interrupted`);
    if (timedOut)
      return failed(
        "TIME_LIMIT",
        `${id} took longer than its limit of ${timeLimitMs / 1000} s and was stopped`,
        stderr,
      );
    if (told) return told;
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

/** What V8 and the C++ libraries say as they give up. */
const saysOutOfMemory = (stderr: string): boolean =>
  /heap out of memory|Array buffer allocation failed|std::bad_alloc|Failed to allocate memory/i.test(stderr);

/** Processes that the kernel has killed for memory in this control group (Linux, version 2); 0 where it does not tell. */
function killedForMemory(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/sys/fs/cgroup/memory.events", "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function failed(code: ErrorCode, message: string, stderr: string): Outcome {
  const said = stderr.trim();
  return {
    state: "failed",
    code,
    message: said === "" ? message : `${message}. It said:\n${said}`,
  };
}

/** A record is validated before it is stored: what a child sends is only as good as its stage. */
function outcomeOf(message: Exclude<CellMessage, { type: "progress" }>): Outcome {
  if (message.type === "skipped") return { state: "skipped", why: message.why };
  if (message.type === "failed") return { state: "failed", code: message.code, message: message.message };
  const parsed = recordSchema.safeParse(message.record);
  if (parsed.success) return { state: "done", record: parsed.data };
  const { path, message: what } = parsed.error.issues[0]!;
  return {
    state: "failed",
    code: "INTERNAL",
    message: `its record is malformed: ${path.join(".")}: ${what}`,
  };
}
