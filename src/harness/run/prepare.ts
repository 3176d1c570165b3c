/** Everything a run needs, found and checked before anything is written: a run either starts whole or not at all. */
import { randomBytes } from "node:crypto";
import type { EngineRequest } from "../../engine/choice/index.ts";
import { datasetFacts, loadDataset } from "../datasets/index.ts";
import { type Cell, type ModelFacts, type Run, readRun, SCHEMA_VERSION } from "../record/index.ts";
import type { PlannedCell, Stage } from "../stages/contract.ts";
import { checkRunFolder, type OpenMode } from "../store/index.ts";
import {
  located,
  type Origin,
  type Override,
  openSuite,
  resolveSuite,
  type SuiteConfig,
} from "../suite/index.ts";
import { datasetRequest } from "./child.ts";
import { environment } from "./environment.ts";
import type { Parts } from "./parts.ts";
import { type HashedCell, hashCells, planCells, workOf } from "./plan.ts";
import { checkContinues } from "./resume.ts";
import { divide, type Shard } from "./shards.ts";

export interface RunRequest {
  /** NAME or FILE; undefined for `quick`, or for the recorded configuration where a run is resumed. */
  readonly suite: string | undefined;
  readonly overrides: readonly Override[];
  readonly engine: EngineRequest;
  /** True where the command line asked for an engine or device by itself. */
  readonly engineNamed: boolean;
  /** Absolute path. */
  readonly folder: string;
  readonly mode: OpenMode;
  /** The part of the plan that is run; all of it where undefined, or the recorded part where a run is resumed. */
  readonly shard: Shard | undefined;
  readonly command: string;
  readonly entry: string;
  readonly cwd: string;
}

export interface PreparedRun {
  readonly folder: string;
  readonly mode: OpenMode;
  readonly run: Run;
  readonly plan: readonly HashedCell[];
  /** Cells that an earlier attempt has finished. */
  readonly earlier: readonly Cell[];
}

export interface PrepareHooks {
  /** What is being done, for a reader who waits. */
  note(message: string): void;
  onDownload(message: string, done: number, total: number): void;
}

export const DEFAULT_SUITE = "quick";

/** Configuration and cells alone, for `--dry-run`: the data is read to know its labels, and no engine is opened. */
export async function preparePlan(
  request: Pick<RunRequest, "suite" | "overrides" | "shard" | "entry" | "cwd">,
  parts: Parts,
  hooks: PrepareHooks,
) {
  const suite = request.suite ?? DEFAULT_SUITE;
  const { value, origin } = await openSuite(suite, request.entry, request.cwd);
  const { config, configHash, origin: places } = resolveSuite(value, request.overrides, origin);
  const stages = await parts.stages();
  const { models } = await factsOf(config, places, stages, parts, hooks);
  const cells = cellsOf(planCells(stages, config), request.shard, { config, stages, models });
  return { config, configHash, models, stages, cells };
}

/** The cells of a shard, balanced by their expected floating-point operations; all without one. */
function cellsOf<Cell extends PlannedCell>(
  plan: readonly Cell[],
  shard: Shard | undefined,
  { config, stages, models }: { config: SuiteConfig; stages: readonly Stage[]; models: ModelFacts[] },
): readonly Cell[] {
  if (!shard) return plan;
  const common = new Set(stages.filter((stage) => stage.common).map(({ kind }) => kind));
  return divide(
    plan,
    shard.count,
    ({ kind }) => common.has(kind),
    (cell) => workOf(cell, stages, config, models).flops,
  )[shard.index - 1]!;
}

/** Facts of the data and of the models; refuses whatever of the suite the two cannot give. */
async function factsOf(
  config: SuiteConfig,
  origin: Origin,
  stages: readonly Stage[],
  parts: Parts,
  hooks: PrepareHooks,
) {
  hooks.note(`loading ${config.dataset.source}`);
  const request = { ...datasetRequest(config), onProgress: hooks.onDownload };
  const dataset = datasetFacts(await loadDataset(config.dataset.source, request));
  try {
    for (const stage of stages) stage.check?.(config, dataset);
    return { dataset, models: await parts.modelFacts(config, dataset.modes.length) };
  } catch (error) {
    throw located(error, origin);
  }
}

/** @throws BenchError for whatever keeps the run from starting. */
export async function prepareRun(
  request: RunRequest,
  parts: Parts,
  hooks: PrepareHooks,
): Promise<PreparedRun> {
  const { folder, mode } = request;
  await checkRunFolder(folder, mode);
  const recorded = mode === "resume" ? await readRun(folder) : undefined;
  for (const notice of recorded?.notices ?? []) hooks.note(`notice: ${notice}`);
  const { config, configHash, origin } = await configuration(request, recorded?.run);
  const stages = await parts.stages();
  const { dataset, models } = await factsOf(config, origin, stages, parts, hooks);
  const shard = request.shard ?? recorded?.run.shard;
  const whole = hashCells(planCells(stages, config), dataset.hash);
  const plan = cellsOf(whole, shard, { config, stages, models });
  const asked = engineRequest(request, recorded?.run);
  hooks.note(`choosing an engine${asked.precision === "float16" ? " that samples in float16" : ""}`);
  const engine = await parts.chooseEngine(asked, request.entry);
  const fresh: Run = {
    schemaVersion: SCHEMA_VERSION,
    id: randomBytes(8).toString("hex"),
    suite: config.name,
    config,
    configHash,
    command: request.command,
    state: "running",
    startedAt: new Date().toISOString(),
    environment: environment(),
    engine: { ...engine, runtime: { ...engine.runtime }, refused: [...engine.refused] },
    shard: shard ? { index: shard.index, count: shard.count } : undefined,
    dataset,
    models,
    plan: plan.map(({ id, kind, configHash, needs }) => ({ id, kind, configHash, needs: [...needs] })),
  };
  if (!recorded) return { folder, mode, run: fresh, plan, earlier: [] };
  checkContinues(recorded.run, fresh);
  const { finishedAt: _, ...run } = recorded.run;
  return { folder, mode, run: { ...run, state: "running" }, plan, earlier: recorded.cells };
}

async function configuration(request: RunRequest, recorded: Run | undefined) {
  const { suite, overrides, entry, cwd } = request;
  if (recorded && suite === undefined) return resolveSuite(recorded.config, overrides, "the recorded suite");
  const { value, origin } = await openSuite(suite ?? DEFAULT_SUITE, entry, cwd);
  return resolveSuite(value, overrides, origin);
}

/** A resumed run asks for the rung and the precision it has: its numbers must come from one engine. */
function engineRequest({ engine, engineNamed }: RunRequest, recorded: Run | undefined): EngineRequest {
  if (!recorded) return engine;
  const { name, device, precision: before = "float32" } = recorded.engine;
  const { precision = before } = engine;
  if (engineNamed) return { ...engine, precision };
  return {
    precision,
    device: device.kind,
    engine: name,
    allowSoftwareGpu: device.software,
    threads: device.threads,
  };
}
