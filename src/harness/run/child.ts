/** Runs one cell in its own process; everything it needs is in the run folder. */
import { diskError } from "../../core/disk.ts";
import { assert, BenchError, badData, messageOf } from "../../core/errors.ts";
import { limited } from "../../core/escape.ts";
import { loadDataset } from "../datasets/index.ts";
import { type Cell, type CellRecord, type Run, readRun } from "../record/index.ts";
import type { CellContext, Progress } from "../stages/contract.ts";
import { type SuiteConfig, suiteSchema } from "../suite/index.ts";
import type { CellMessage, Task } from "./isolate.ts";
import { hashCells, planCells, stageOf, whyMissing } from "./plan.ts";
import type { Rooms } from "./rooms.ts";

/**
 * Runs cell `id` of the run in `folder` on the engine that run.json names, and reports through `send`. Never throws:
 * divergence of a model that the cell needs is a `skipped` message, every other error a `failed` one.
 */
export async function runCellHere(
  folder: string,
  id: string,
  rooms: Rooms,
  send: (message: CellMessage) => Promise<void>,
  limits: Pick<Task, "saveEverySeconds" | "threads"> = {},
): Promise<void> {
  try {
    const progress = throttled((progress) => void send({ type: "progress", progress }));
    const note = (message: string) => void send({ type: "note", message });
    const record = await runCell(folder, id, rooms, { progress, note, ...limits });
    await send({ type: "done", record });
  } catch (thrown) {
    const error = diskError(thrown) ?? thrown;
    const known = error instanceof BenchError;
    if (known && error.code === "DIVERGED") return send({ type: "skipped", why: error.message });
    const detail = known ? error.message : ((error as Error)?.stack ?? messageOf(error));
    await send({ type: "failed", code: known ? error.code : "INTERNAL", message: limited(detail) });
  }
}

async function runCell(
  folder: string,
  id: string,
  rooms: Rooms,
  { threads, ...given }: Pick<CellContext, "progress" | "note" | "saveEverySeconds"> & Pick<Task, "threads">,
): Promise<CellRecord> {
  const { run, cells } = await readRun(folder);
  const config = suiteSchema.parse(run.config);
  const stages = await rooms.stages();
  const cell = hashCells(planCells(stages, config), run).find((cell) => cell.id === id);
  const recorded = run.plan.find((planned) => planned.id === id);
  assert(cell && cell.configHash === recorded?.configHash, `${id} is not what run.json planned`);
  const { name: engine, provider, device, precision } = run.engine;
  const opened = await rooms.openEngine({ engine, provider } as Parameters<Rooms["openEngine"]>[0], {
    device,
    threads: device.kind === "cpu" ? (threads ?? device.threads) : device.threads,
    precision,
  });
  try {
    return await stageOf(cell, stages).run({
      cell,
      config,
      labels: run.dataset.modes.length,
      out: folder,
      engine: opened,
      dataset: datasetOf(run, config),
      ...recordsOf(cell.needs, cells),
      ...given,
    });
  } finally {
    await opened.dispose();
  }
}

function datasetOf(run: Run, config: SuiteConfig): CellContext["dataset"] {
  let loading: ReturnType<typeof loadDataset> | undefined;
  return () => {
    loading ??= loadDataset(run.dataFrom ?? config.dataset.source, datasetRequest(config)).then((dataset) => {
      if (dataset.hash === run.dataset.hash) return dataset;
      throw badData(
        `${dataset.name} has changed since the run began: its sha256 was ${run.dataset.hash.slice(0, 12)}… and is ` +
          `${dataset.hash.slice(0, 12)}… now. Restore the data, or start a new run.`,
      );
    });
    return loading;
  };
}

/** The part of the configuration that the data depends on. */
export function datasetRequest({ dataset: { source: _, ...request } }: SuiteConfig) {
  return request;
}

function recordsOf(
  needs: readonly string[],
  cells: readonly Cell[],
): Pick<CellContext, "record" | "missing"> {
  const needed = (id: string) => {
    assert(needs.includes(id), `the record of ${id} was asked for without being among the needs`);
    return cells.find((candidate) => candidate.id === id);
  };
  return {
    record<Kind extends CellRecord["kind"]>(kind: Kind, id: string) {
      const cell = needed(id);
      assert(cell?.state === "done", `${id} is ${cell?.state ?? "absent"}, so what needs it cannot run`);
      assert(cell.record.kind === kind, `${id} is a ${cell.record.kind}, not a ${kind}`);
      return cell.record as Extract<CellRecord, { kind: Kind }>;
    },
    missing(id) {
      const cell = needed(id);
      assert(cell, `${id} is absent, so what needs it cannot run`);
      return cell.state === "done" ? undefined : whyMissing(cell);
    },
  };
}

const PROGRESS_MS = 100;

/** Reports at most every `PROGRESS_MS`, and always the last one: a message costs more than a small step. */
function throttled(report: (progress: Progress) => void): (progress: Progress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < PROGRESS_MS && progress.done < progress.total) return;
    last = now;
    report(progress);
  };
}
