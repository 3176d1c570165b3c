/**
 * A stranger's network in a process of its own, with a limit of time for each pass and one of memory: it may loop, take all
 * memory or crash its runtime, and is one error then. The process is started once for all passes.
 */
import { type ChildProcess, fork } from "node:child_process";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { Worker } from "node:worker_threads";
import { childArguments } from "../../core/child.ts";
import { assert, BenchError, badData, type ErrorCode, messageOf } from "../../core/errors.ts";
import { type ForeignInput, type ForeignModel, openForeignModel } from "./foreign.ts";

export interface NetworkLimits {
  /** For one pass; by default 10 minutes, or 8 seconds where the network can repeat work. */
  readonly seconds?: number;
  /** Of the process; by default some hundred MiB, and more for a large file and for a large input. */
  readonly bytes?: number;
}

interface NetworkOptions extends NetworkLimits {
  /** Script that is run as `entry __network`. */
  readonly entry: string;
  readonly threads?: number;
}

/** What a network is, without what it can do. */
type Facts = Omit<ForeignModel, "run" | "dispose">;

interface Output {
  readonly shape: readonly number[];
  /** Empty where the output has more values than were asked for. */
  readonly data: Float32Array;
}

type Request =
  | { readonly type: "open"; readonly path: string; readonly threads?: number; readonly bytes?: number }
  | {
      readonly type: "run";
      readonly input: ForeignInput;
      readonly output: string;
      readonly most: number;
      readonly bytes: number;
    };

type Answer =
  | { readonly type: "seen"; readonly bytes: number; readonly repeats: boolean }
  | { readonly type: "opened"; readonly facts: Facts }
  | ({ readonly type: "ran" } & Output)
  | { readonly type: "failed"; readonly code: ErrorCode; readonly message: string };

const MIB = 2 ** 20;
/** Of the process with its runtime, and of a small network. */
const BASE_BYTES = 640 * MIB;
/** Memory of a network by its file, which is read, parsed and optimised, and by its input, which layers widen. */
const PER_FILE = 6;
const PER_INPUT = 64;

/** To start the process and to read the file. */
const START_SECONDS = 60;
const PASS_SECONDS = 600;
/** A network that feeds images forward repeats nothing. */
const REPEATING_SECONDS = 8;
/** Bytes of a file that are loaded within a second, at least. */
const LOADED_PER_SECOND = 20 * MIB;

/** What the watching thread writes to stderr before it ends the process. */
const OVER = "takes more memory than its limit";

const STDERR_KEPT = 2000;

/** A network as its process serves it. */
export type Network = Facts & {
  /** The output for one batch; its values where they are at most `most`. @throws BAD_DATA, beyond its limits too */
  run(input: ForeignInput, output: string, most: number): Promise<Output>;
  dispose(): void;
};

/** Opens the model in `path` in a process of its own. @throws BAD_DATA for a file that cannot be used, or not within the limits */
export async function openNetwork(
  path: string,
  { entry, threads, ...limits }: NetworkOptions,
): Promise<Network> {
  const file = basename(path);
  const unreadable = await open(path, "r")
    .then(async (handle) => {
      const found = await handle.stat();
      await handle.close();
      return found.isFile() ? undefined : "it is no file";
    })
    .catch(messageOf);
  if (unreadable !== undefined) throw badData(`the model ${path} cannot be read: ${unreadable}`);
  const child = fork(entry, ["__network"], {
    execArgv: childArguments(),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
  const process = new Served(child, file, limits);
  try {
    const { facts, seen } = await process.open({ type: "open", path, threads, bytes: limits.bytes });
    const loaded = BASE_BYTES + PER_FILE * seen.bytes;
    return {
      ...facts,
      run: (input, output, most) =>
        process.run({
          type: "run",
          ...{ input, output, most },
          bytes: limits.bytes ?? loaded + PER_INPUT * 4 * input.data.length,
        }),
      dispose: () => void child.kill("SIGKILL"),
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** The parent's end: one request at a time, each with its limit of time. */
class Served {
  private stderr = "";
  private ended: string | undefined;
  private repeats = false;
  /** Of the request that is under way. */
  private onAnswer: (answer: Answer) => void = () => {};
  private onEnd: () => void = () => {};

  constructor(
    private readonly child: ChildProcess,
    private readonly file: string,
    private readonly limits: NetworkLimits,
  ) {
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
      this.stderr = (this.stderr + chunk).slice(-STDERR_KEPT);
    });
    child.on("message", (answer: Answer) => this.onAnswer(answer));
    child.on("error", (error) => this.end(`did not start: ${error.message}`));
    child.on("close", (code, killer) =>
      this.end(killer ? `was killed by ${killer}` : `exited with code ${code}`),
    );
  }

  private end(how: string): void {
    this.ended ??= how;
    this.onEnd();
  }

  async open(request: Request): Promise<{ facts: Facts; seen: Extract<Answer, { type: "seen" }> }> {
    const seen = await this.ask(request, "seen", START_SECONDS, "start");
    this.repeats = seen.repeats;
    const loading = this.limits.seconds ?? (this.repeats ? REPEATING_SECONDS : START_SECONDS);
    const { facts } = await this.ask(undefined, "opened", loading + seen.bytes / LOADED_PER_SECOND, "load");
    return { facts, seen };
  }

  run(request: Extract<Request, { type: "run" }>): Promise<Output> {
    const seconds = this.limits.seconds ?? (this.repeats ? REPEATING_SECONDS : PASS_SECONDS);
    return this.ask(request, "ran", seconds, `run on ${request.input.shape[0]} images`);
  }

  /** Waits for the answer of this type, after sending the request where there is one. `what` is done within the time. */
  private async ask<T extends Answer["type"]>(
    request: Request | undefined,
    type: T,
    seconds: number,
    what: string,
  ): Promise<Extract<Answer, { type: T }>> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.child.kill("SIGKILL");
    }, 1000 * seconds);
    try {
      const answer = await new Promise<Answer | undefined>((resolve) => {
        this.onAnswer = resolve;
        this.onEnd = () => resolve(undefined);
        if (this.ended !== undefined) resolve(undefined);
        else if (request) this.child.send(request, (error) => error && resolve(undefined));
      });
      if (late)
        throw badData(
          `${this.file}: its network takes longer than ${Math.round(seconds)} s to ${what} and was stopped` +
            `${this.repeats ? "; it has loops or functions, which a network of features has no need of" : ""}. ` +
            "If it is to be trusted, give it more by --time-limit, or by timeLimit beside features in a suite.",
        );
      if (!answer) throw this.fell(what);
      if (answer.type === "failed") throw new BenchError(answer.code, answer.message);
      assert(answer.type === type, `the network's process answered ${answer.type}, not ${type}`);
      return answer as Extract<Answer, { type: T }>;
    } finally {
      clearTimeout(timer);
    }
  }

  private fell(what: string): BenchError {
    if (this.stderr.includes(OVER))
      return badData(
        `${this.file}: its network ${OVER} to ${what} and was stopped. If it is to be trusted, give it more by ` +
          "--memory-limit, or by memoryLimit beside features in a suite.",
      );
    const output = this.stderr.trim();
    return badData(
      `${this.file}: the process of its network ${this.ended ?? "ended"} when it was to ${what}` +
        `${output === "" ? "" : `: ${output}`}. Check the file with onnx.checker.check_model, or take another.`,
    );
  }
}

/**
 * A thread beside the runtime, which blocks the main one: it ends the process over its memory, and an orphan. The limit is a
 * shared number, because a pass has another one than loading.
 */
const WATCH = `
const { workerData: { limit, parent, over } } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const end = () => process.kill(process.pid, "SIGKILL");
setInterval(() => {
  if (process.ppid !== parent) end();
  if (process.memoryUsage.rss() > limit[0]) {
    writeSync(2, over);
    end();
  }
}, 10);
`;

/** The child's end: answers the parent's requests until that is gone. */
export function serveNetwork(channel: Pick<NodeJS.Process, "on" | "send" | "ppid">): void {
  const limit = new Float64Array(new SharedArrayBuffer(8));
  limit[0] = BASE_BYTES;
  const watch = new Worker(WATCH, { eval: true, workerData: { limit, parent: channel.ppid, over: OVER } });
  watch.unref();
  const answer = (message: Answer) => void channel.send!(message);
  let model: ForeignModel | undefined;
  const handle = async (request: Request): Promise<void> => {
    if (request.type === "open") {
      model = await openForeignModel(request.path, request.threads, ({ bytes, repeats }) => {
        limit[0] = request.bytes ?? BASE_BYTES + PER_FILE * bytes;
        answer({ type: "seen", bytes, repeats });
      });
      const { run: _, dispose: __, ...facts } = model;
      return answer({ type: "opened", facts });
    }
    limit[0] = request.bytes;
    assert(model, "a network is run after it was opened");
    const { shape, data } = await model.run(request.input, request.output);
    answer({ type: "ran", shape, data: data.length <= request.most ? data : new Float32Array() });
  };
  channel.on("message", (request: Request) => {
    handle(request).catch((error: unknown) => {
      const code = error instanceof BenchError ? error.code : "BAD_DATA"; // whatever the runtime throws is the file's doing
      answer({ type: "failed", code, message: messageOf(error) });
    });
  });
}
