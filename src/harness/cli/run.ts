/** `bench run`: prepares a run, performs it, reports, and says how it ended. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { usageError } from "../../core/errors.ts";
import { shellQuote } from "../../core/escape.ts";
import { ANYWHERE } from "../../core/package-root.ts";
import { knownWords } from "../../core/suggest.ts";
import type { Cell, Run } from "../record/index.ts";
import { decide, writeReport } from "../report/index.ts";
import { jobsFor } from "../run/jobs.ts";
import { DEFAULT_SUITE, type PreparedRun, prepareRun, type RunRequest } from "../run/prepare.ts";
import { openQueue } from "../run/queue/coordinator.ts";
import type { Rooms } from "../run/rooms.ts";
import { type CellLimits, performRun } from "../run/run.ts";
import { command, type ExitCode, gravest, type Io, interruptible } from "./command.ts";
import { printPlan } from "./dry-run.ts";
import { engineFlags, engineRequest } from "./engine.ts";
import { duration, type FlagValues, positiveNumber, repeated, text, toggle, value } from "./flags.ts";
import { formatDuration, printDecision, printJson, printLine, shownPath } from "./output.ts";
import { type ProgressView, withProgress } from "./progress.ts";
import { overridesOf, seedFlags, suiteFlags } from "./suite-flags.ts";

const { set, ...suite } = suiteFlags;

export const runFlags = {
  ...suite,
  ...seedFlags,
  set,
  out: value("DIR", "run folder; reports/SUITE-TIME by default", text),
  resume: toggle("continue the run in --out"),
  force: toggle("replace the run in --out"),
  shard: value("I/N", "run the I-th of N parts of the plan; `bench merge` joins the parts", part),
  ...engineFlags,
  jobs: value("N|auto", "cells that run at once, each on one thread, timed ones aside; 1 by default", jobs),
  queue: value(
    "URL",
    "let `bench worker` processes run the cells, e.g. redis://127.0.0.1:6379; all share --out",
    text,
  ),
  "time-limit": repeated(
    "[STAGE=]TIME",
    "end a cell that takes longer, e.g. 30m or train=6h; 24h by default",
    timeLimit,
  ),
  "save-every": value("TIME", "how often a training saves its position; 60s by default", duration),
  "dry-run": toggle("print the plan, what it takes and what the data changed in it, and run nothing"),
  json: toggle("print the result as one JSON object"),
  quiet: toggle("no progress on stderr"),
};

export type RunFlags = FlagValues<typeof runFlags>;

/** What a search for settings has of them. */
type SharedFlags = Omit<RunFlags, keyof typeof seedFlags>;

/** The part of the plan that `i/n` names: the i-th of n. */
function part(given: string): { index: number; count: number } {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(given)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index < 1 || index > count)
    throw new Error(`takes i/n with i from 1 to n, e.g. 1/3, not "${given}"`);
  return { index, count };
}

/** A number of cells, or as many as fit this machine. */
function jobs(given: string): number | "auto" {
  return given === "auto" ? given : positiveNumber(given);
}

/** `30m` for every stage, `train=6h` for one. */
function timeLimit(given: string): { stage: string | undefined; seconds: number } {
  const equals = given.indexOf("=");
  const seconds = duration(given.slice(equals + 1));
  if (seconds <= 0) throw new Error(`takes a time above 0, not "${given}"`);
  return { stage: equals < 0 ? undefined : given.slice(0, equals), seconds };
}

export default command({
  flags: runFlags,
  notes: "Ctrl-C keeps finished cells; --resume with the same --out continues.",
  async run(flags, io, rooms) {
    const request = requestOf(flags, io, {
      purpose: "run",
      overrides: overridesOf(flags),
      command: commandLine(flags),
    });
    return withProgress(io, flags.quiet, async (view) => {
      const done = await performed(request, flags, io, rooms, view);
      return done ? conclude(request.folder, done.run, done.cells, flags.json, io, view) : 0;
    });
  },
});

/** The finished or interrupted run that the flags ask for; none where they ask for its plan, which is then printed. */
export async function performed(
  request: RunRequest,
  flags: SharedFlags,
  io: Io,
  rooms: Rooms,
  view: ProgressView,
) {
  if (flags["dry-run"]) {
    await printPlan(request, flags.json, io, rooms, view);
    return undefined;
  }
  const limits = await limitsOf(flags, rooms);
  const prepared = await prepareRun(request, rooms, view);
  const { folder, plan, run: start } = prepared;
  view.note(`${engineLine(start)}; ${plan.length} cells into ${shownPath(io, folder)}`);
  const ended = await perform(prepared, { limits, jobs: jobsOf(flags), queue: flags.queue }, io, view);
  view.close();
  return ended;
}

/** One cell at a time where the flag is left out. */
const jobsOf = ({ jobs = 1 }: Pick<SharedFlags, "jobs">): number => (jobs === "auto" ? jobsFor() : jobs);

/** @throws USAGE for flags that exclude each other */
export function requestOf(
  flags: SharedFlags,
  io: Io,
  command: Pick<RunRequest, "purpose" | "overrides" | "command">,
): RunRequest {
  if (flags.resume && flags.force) throw usageError("--resume and --force exclude each other");
  if (flags.resume && flags.out === undefined)
    throw usageError("--resume needs --out DIR, the run to continue");
  if (flags.jobs !== undefined && flags.queue !== undefined)
    throw usageError("--jobs and --queue exclude each other: start one bench worker for each cell at once");
  const { suite, out, device, engine, threads } = flags;
  const folder = out ?? defaultFolder(suite ?? DEFAULT_SUITE, io.cwd);
  return {
    ...command,
    suite,
    engine: engineRequest(flags),
    engineNamed:
      [device, engine, threads].some((given) => given !== undefined) || flags["allow-software-gpu"],
    folder: resolve(io.cwd, folder),
    mode: flags.resume ? "resume" : flags.force ? "force" : "new",
    shard: flags.shard,
    entry: io.entry,
    cwd: io.cwd,
  };
}

/** `reports/SUITE-2025-01-31T12-30-00Z`, with a number behind it where two runs start in one second. */
function defaultFolder(suite: string, cwd: string): string {
  const name = suite
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.ya?ml$/, "");
  const time = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
  const folder = join("reports", `${name}-${time}`);
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? folder : `${folder}-${i}`;
    if (!existsSync(resolve(cwd, candidate))) return candidate;
  }
}

/** What decides the numbers, as a command line; output, display and the choice of a shard do not. */
export function commandLine(
  flags: SharedFlags & Partial<FlagValues<typeof seedFlags>>,
  command = "run",
  own: Readonly<Record<string, unknown>> = {},
): string {
  const { dataset, size, fit, background, seeds, seed, device, engine, threads, precision } = flags;
  const named = { dataset, size, fit, background, seeds, seed, device, engine, threads, precision, ...own };
  const words = [
    ...["bench", command, "--suite", flags.suite ?? DEFAULT_SUITE],
    ...Object.entries(named).flatMap(([name, given]) =>
      given === undefined ? [] : [`--${name}`, String(given)],
    ),
    ...(["skip-broken", "allow-software-gpu"] as const).flatMap((name) => (flags[name] ? [`--${name}`] : [])),
    ...(flags.set ?? []).flatMap((change) => ["--set", change]),
  ];
  return words.map(shellQuote).join(" ");
}

const DAY = 24 * 3600;

/** @throws USAGE for an unknown stage */
export async function limitsOf(
  flags: Pick<SharedFlags, "time-limit" | "save-every">,
  rooms: Rooms,
): Promise<CellLimits> {
  const kinds = (await rooms.stages()).map(({ kind }) => kind as string);
  const seconds: Record<string, number> = {};
  let otherwise = DAY;
  for (const { stage, seconds: limit } of flags["time-limit"] ?? []) {
    if (stage === undefined) otherwise = limit;
    else if (kinds.includes(stage)) seconds[stage] = limit;
    else throw usageError(`--time-limit: there is no stage "${stage}"${knownWords(stage, kinds)}`);
  }
  return { seconds, otherwise, saveEverySeconds: flags["save-every"] };
}

/** Runs the cells here or, where `queue` is the address of one, in the workers that listen to it. */
async function perform(
  prepared: PreparedRun,
  { limits, jobs, queue: url }: { limits: CellLimits; jobs: number; queue: string | undefined },
  io: Io,
  view: ProgressView,
) {
  const cells = url === undefined ? undefined : await openQueue(url, prepared.run.id);
  try {
    const workers = await cells?.workers();
    if (workers !== undefined)
      view.note(workers === 0 ? "no worker yet: start one with bench worker --queue" : `${workers} workers`);
    return await interruptible((signal) =>
      performRun(prepared, { entry: io.entry, limits, signal, observer: view, jobs, queue: cells }),
    );
  } finally {
    await cells?.close();
  }
}

/** How many cells came to what, and the exit code that follows. */
export function endOf({ plan, state }: Run, cells: readonly Cell[]) {
  const count = (state: Cell["state"]) => cells.filter((cell) => cell.state === state).length;
  const counts = {
    planned: plan.length,
    done: count("done"),
    failed: count("failed"),
    skipped: count("skipped"),
  };
  const interrupted = state === "partial";
  return { counts, interrupted, exitCode: gravest([interrupted ? 130 : 0, counts.failed > 0 ? 5 : 0]) };
}

/** `11 of 12 cells done in 3.1 s, 1 failed`. */
export function endText(counts: ReturnType<typeof endOf>["counts"], seconds = 0): string {
  const endings = [`${counts.done} of ${counts.planned} cells done in ${formatDuration(seconds)}`];
  if (counts.failed > 0) endings.push(`${counts.failed} failed`);
  if (counts.skipped > 0) endings.push(`${counts.skipped} skipped`);
  return endings.join(", ");
}

/** The report of a finished run; undefined where a signal asks to stop first: the run is whole, and has one later. */
export const reportUnlessStopped = (folder: string, write: typeof writeReport = writeReport) =>
  interruptible((signal) => {
    const stopped = new Promise<undefined>((resolve) => {
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    return Promise.race([write(folder), stopped]);
  });

/** What to do about a report that was not written. */
export const laterReport = (shown: string): string =>
  `interrupted while the report was written; the run is whole, its report comes with: bench report ${shellQuote(shown)}`;

async function conclude(
  folder: string,
  run: Run,
  cells: readonly Cell[],
  json: boolean,
  io: Io,
  view: ProgressView,
): Promise<ExitCode> {
  const { state, shard, seconds } = run;
  const { counts, interrupted, exitCode: ended } = endOf(run, cells);
  // half a run, after Ctrl-C or of a shard, has no report: `bench report` and `bench merge` write one
  const whole = !interrupted && !shard;
  const written = whole ? await reportUnlessStopped(folder) : undefined;
  const exitCode = whole && !written ? 130 : ended;
  for (const warning of written?.warnings ?? []) view.note(`warning: ${warning}`);
  const decision = whole ? decide(run, cells) : undefined;
  if (json) {
    const { html: report, csv } = written ?? {};
    printJson(io, { out: folder, state, exitCode, seconds, cells: counts, report, csv, decision });
    return exitCode;
  }
  const shown = shownPath(io, folder);
  if (decision) printDecision(io, decision);
  printLine(io, endText(counts, seconds));
  if (interrupted) printLine(io, `interrupted; continue with: ${ANYWHERE} run --resume --out ${shown}`);
  else if (shard)
    printLine(io, `shard ${shard.index}/${shard.count} is in ${shown}; join all with bench merge`);
  else printLine(io, written ? `report: ${join(shown, "report.html")}` : laterReport(shown));
  return exitCode;
}

function engineLine({ engine }: Run): string {
  const { name, provider, device, precision } = engine;
  const threads = device.threads ? `, ${device.threads} threads` : "";
  return `${name}/${provider} on ${device.model}${threads}${precision ? `, sampling in ${precision}` : ""}`;
}
