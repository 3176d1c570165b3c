/** `bench run`: prepares, performs, reports, and says how it ended. */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Cell, Run } from "../record/index.ts";
import type { Parts } from "../run/parts.ts";
import { prepareRun, type RunRequest } from "../run/prepare.ts";
import { type CellLimits, performRun } from "../run/run.ts";
import { printDecision } from "./decision.ts";
import { type ExitCode, gravest } from "./exit.ts";
import { formatDuration } from "./format.ts";
import { interruptible } from "./interruptible.ts";
import { type Io, printJson, printLine } from "./io.ts";
import { type ProgressView, progressView, silent } from "./progress.ts";

export interface Ending {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly limits: CellLimits;
  /** Address of the queue that cells are put into; they are run here where undefined. */
  readonly queue: string | undefined;
}

export async function runSuite(
  request: Omit<RunRequest, "folder"> & { folder: string | undefined },
  { json, quiet, limits, queue }: Ending,
  io: Io,
  parts: Parts,
): Promise<ExitCode> {
  const view = quiet ? silent : progressView(io);
  try {
    const folder = request.folder ?? defaultFolder(request.suite ?? "quick", io.cwd);
    const prepared = await prepareRun({ ...request, folder }, parts, view);
    view.note(
      `${engineLine(prepared.run)}; ${prepared.plan.length} cells into ${relative(io.cwd, folder) || "."}`,
    );
    const cellQueue = queue === undefined ? undefined : await connect(queue, prepared.run.id, parts, view);
    const { run, cells } = await interruptible((signal) =>
      performRun(prepared, { entry: io.entry, limits, signal, observer: view, queue: cellQueue }),
    ).finally(() => cellQueue?.cells.close());
    view.close();
    return await conclude(folder, run, cells, json, io, view);
  } finally {
    view.close();
  }
}

async function connect(url: string, runId: string, parts: Parts, view: ProgressView) {
  const { openQueue } = await import("../run/queue/coordinator.ts");
  const cells = await openQueue(url, runId);
  const workers = await cells.workers();
  view.note(workers === 0 ? "no worker yet: start some with bench worker --queue" : `${workers} workers`);
  const alone = (await parts.stages()).filter((stage) => stage.alone).map(({ kind }) => kind as string);
  return { cells, alone: new Set(alone) };
}

async function conclude(
  folder: string,
  run: Run,
  cells: readonly Cell[],
  json: boolean,
  io: Io,
  view: ProgressView,
): Promise<ExitCode> {
  const interrupted = run.state === "partial";
  const failed = cells.filter(({ state }) => state === "failed");
  const code = gravest([...(interrupted ? [130 as const] : []), ...(failed.length > 0 ? [5 as const] : [])]);
  // after Ctrl-C a report of half a run is not worth the wait; `bench report` draws one
  // and a shard's is half a run by design: `bench merge` draws the whole
  const report = interrupted || run.shard ? undefined : await import("../report/index.ts");
  const written = await report?.writeReport(folder);
  for (const warning of written?.warnings ?? []) view.note(`warning: ${warning}`);
  const decision = report?.decide(run, cells);
  const count = (state: Cell["state"]) => cells.filter((cell) => cell.state === state).length;
  const counts = {
    planned: run.plan.length,
    done: count("done"),
    failed: count("failed"),
    skipped: count("skipped"),
  };
  if (json) {
    printJson(io, {
      out: folder,
      state: run.state,
      exitCode: code,
      seconds: run.seconds,
      cells: counts,
      report: written?.html,
      csv: written?.csv,
      decision,
    });
    return code;
  }
  const shown = relative(io.cwd, folder) || ".";
  if (decision) printDecision(io, decision);
  const endings = [`${counts.done} of ${counts.planned} cells done in ${formatDuration(run.seconds ?? 0)}`];
  if (counts.failed > 0) endings.push(`${counts.failed} failed`);
  if (counts.skipped > 0) endings.push(`${counts.skipped} skipped`);
  printLine(io, endings.join(", "));
  if (interrupted) printLine(io, `interrupted; continue with: bench run --resume --out ${shown}`);
  if (run.shard && !interrupted)
    printLine(io, `shard ${run.shard.index}/${run.shard.count} is in ${shown}; join all with bench merge`);
  if (written) printLine(io, `report: ${join(shown, "report.html")}`);
  return code;
}

function engineLine({ engine }: Run): string {
  const { name, provider, device, precision } = engine;
  const threads = device.threads ? `, ${device.threads} threads` : "";
  return `${name}/${provider} on ${device.model}${threads}${precision ? `, sampling in ${precision}` : ""}`;
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
  const folder = resolve(cwd, "reports", `${name}-${time}`);
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? folder : `${folder}-${i}`;
    if (!existsSync(candidate)) return candidate;
  }
}
