/** Finds and checks everything that a run needs before anything is written. */
import { randomBytes } from "node:crypto";
import { allOrMistakes, messageOf } from "../../core/errors.ts";
import { canonicalJson, hashOf } from "../../core/hash.ts";
import type { EngineRequest } from "../../engine/choice/index.ts";
import { checkFile } from "../checkpoints/files.ts";
import { datasetFacts, loadDataset } from "../datasets/index.ts";
import { type Adapted, type Cell, filesIn, type Run, readRun, SCHEMA_VERSION } from "../record/index.ts";
import { checkRunFolder, type OpenMode } from "../store/index.ts";
import {
  adaptSuite,
  located as locatedIn,
  type Override,
  openSuite,
  pictureNotes,
  resolveSuite,
  runConfig,
  type SuiteConfig,
  tuneConfig,
} from "../suite/index.ts";
import { datasetRequest } from "./child.ts";
import { environment } from "./environment.ts";
import { commonKinds, type HashedCell, hashCells, planCells, planRecord, stageOf, workOf } from "./plan.ts";
import { checkContinues } from "./resume.ts";
import type { Rooms } from "./rooms.ts";
import { divide, type Shard } from "./shards/divide.ts";

export interface RunRequest {
  /** `tune` searches settings for the suite's models, and runs nothing else of it. */
  readonly purpose: "run" | "tune";
  /** NAME or FILE; undefined for `quick`, or for the recorded configuration where a run is resumed. */
  readonly suite: string | undefined;
  readonly overrides: readonly Override[];
  readonly engine: EngineRequest;
  /** True where the command line names an engine or a device. */
  readonly engineNamed: boolean;
  /** Absolute path. */
  readonly folder: string;
  readonly mode: OpenMode;
  /** The part of the plan to run; the whole plan where undefined, or the recorded part where a run is resumed. */
  readonly shard: Shard | undefined;
  readonly command: string;
  readonly entry: string;
  readonly cwd: string;
}

export interface PrepareHooks {
  /** Reports what is being done. */
  note(message: string): void;
  onDownload(message: string, done: number, total: number): void;
}

export const DEFAULT_SUITE = "quick";

/**
 * The configuration and its cells, those of the shard where one is asked for. The data is read to know its labels; no engine
 * is opened. `recorded` is the run that is resumed.
 * @throws BAD_CONFIG, with its place in the suite's file, where the suite asks for more than data or models can give
 */
export async function preparePlan(
  request: Pick<RunRequest, "purpose" | "suite" | "overrides" | "shard" | "entry" | "cwd">,
  rooms: Rooms,
  hooks: PrepareHooks,
  recorded?: Run,
) {
  const { origin, suiteText, stated, dataFrom, config: given } = await configuration(request, recorded);
  const source = dataFrom ?? given.dataset.source;
  const stages = await rooms.stages();
  const located = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw locatedIn(error, origin);
    }
  };
  // mistakes that no data can mend are told before the data are read
  await located(() => rooms.modelFacts(adaptSuite(given, stated).config, ASSUMED_LABELS));
  hooks.note(`loading ${source}`);
  const wanted = { ...datasetRequest(given), onProgress: hooks.onDownload };
  const dataset = datasetFacts(await loadDataset(source, wanted));
  return located(async () => {
    const { config, adapted } = adaptSuite(given, stated, dataset);
    const notes = pictureNotes(dataset, config.dataset);
    const [judges, , models] = await all([
      () => rooms.judgeFacts(config),
      async () => allOrMistakes(stages.map((stage) => () => stage.check?.(config, dataset))),
      () => rooms.modelFacts(config, dataset.modes.length),
    ]);
    const plan = hashCells(planCells(stages, config), { dataset, judges });
    const shard = request.shard ?? recorded?.shard;
    const flopsOf = (cell: HashedCell) => workOf(cell, stages, config, models).flops;
    const cells = shard ? divide(plan, shard.count, commonKinds(stages), flopsOf)[shard.index - 1]! : plan;
    const configHash = hashOf(config);
    return {
      config,
      configHash,
      suiteText,
      dataFrom,
      dataset,
      adapted,
      notes,
      judges,
      models,
      stages,
      shard,
      cells,
    };
  });
}

/** Labels of a conditional model before the data have told theirs. */
const ASSUMED_LABELS = 2;

/** What each of them gives. @throws one error for all mistakes */
async function all<A, B, C>(
  works: readonly [() => Promise<A>, () => Promise<B>, () => Promise<C>],
): Promise<[A, B, C]> {
  const settled = await Promise.allSettled(works.map((work) => work()));
  return allOrMistakes(
    settled.map((one) => () => {
      if (one.status === "rejected") throw one.reason;
      return one.value;
    }),
  ) as [A, B, C];
}

async function configuration(
  { purpose, suite, overrides, entry, cwd }: Parameters<typeof preparePlan>[0],
  recorded: Run | undefined,
) {
  const asRecorded = recorded && suite === undefined;
  const opened = asRecorded ? undefined : await openSuite(suite ?? DEFAULT_SUITE, entry, cwd);
  const {
    config: whole,
    origin,
    stated,
  } = opened
    ? resolveSuite(opened.value, overrides, opened.origin)
    : resolveSuite(recorded?.config, overrides, "the recorded suite");
  const asked = purpose === "tune" ? tuneConfig(whole, origin) : runConfig(whole, origin);
  const suiteText = purpose === "tune" ? opened?.text : undefined;
  const { config, dataFrom } = recorded ? withMovedData(asked, recorded, overrides) : { config: asked };
  return { config, origin, stated, suiteText, dataFrom };
}

/** Data that lies elsewhere than when the run was started: it is the same configuration, if the data is equal. */
function withMovedData(config: SuiteConfig, run: Run, overrides: readonly Override[]) {
  const recorded = (run.config.dataset as Partial<SuiteConfig["dataset"]> | undefined)?.source;
  const { source } = config.dataset;
  const named = overrides.some(({ path }) => path.join(".") === "dataset.source");
  if (recorded === undefined || source === recorded)
    return { config, dataFrom: named ? undefined : run.dataFrom };
  return { config: { ...config, dataset: { ...config.dataset, source: recorded } }, dataFrom: source };
}

/** Everything that a run needs. @throws BenchError for anything that keeps the run from starting */
export async function prepareRun(request: RunRequest, rooms: Rooms, hooks: PrepareHooks) {
  const { folder, mode } = request;
  await checkRunFolder(folder, mode);
  const recorded = mode === "resume" ? await readRun(folder, { leaveOutDamaged: true }) : undefined;
  for (const notice of recorded?.notices ?? []) hooks.note(`notice: ${notice}`);
  const plan = await preparePlan(request, rooms, hooks, recorded?.run);
  const { config, configHash, dataFrom, dataset, adapted, notes, judges, models, stages, cells } = plan;
  const { suiteText, shard } = plan;
  for (const line of [...adapted.map(adaptedText), ...notes]) hooks.note(line);
  const asked = engineRequest(request, recorded?.run);
  hooks.note(`choosing an engine${asked.precision === "float16" ? " that samples in float16" : ""}`);
  const engine = await rooms.chooseEngine(asked, request.entry);
  const fresh: Run = {
    schemaVersion: SCHEMA_VERSION,
    id: randomBytes(8).toString("hex"),
    suite: config.name,
    config,
    configHash,
    suiteText,
    command: request.command,
    state: "running",
    startedAt: new Date().toISOString(),
    environment: environment(),
    engine: { ...engine, runtime: { ...engine.runtime }, refused: [...engine.refused] },
    shard: shard ? { index: shard.index, count: shard.count } : undefined,
    dataset,
    adapted: adapted.length > 0 ? adapted : undefined,
    judges,
    models,
    metrics: await rooms.metricFacts(),
    plan: planRecord(cells),
  };
  const alone = new Set(stages.filter((stage) => stage.alone).map(({ kind }) => kind as string));
  const runsWithout = (cell: HashedCell, missing: readonly string[]) =>
    stageOf(cell, stages).runsWithout?.(config, missing) ?? false;
  const prepared = { folder, mode, plan: cells, alone, runsWithout };
  if (!recorded) return { ...prepared, run: fresh, earlier: [], damaged: [] };
  checkContinues(recorded.run, fresh);
  const { earlier, damaged } = await withFiles(folder, recorded.cells, hooks);
  const run: Run = { ...recorded.run, state: "running", finishedAt: undefined, dataFrom };
  return { ...prepared, run, earlier, damaged };
}

/** The cells whose files are as recorded, and apart from them those that were done and whose files are not. */
async function withFiles(folder: string, cells: readonly Cell[], { note }: PrepareHooks) {
  const [earlier, damaged]: [Cell[], Cell[]] = [[], []];
  for (const cell of cells) {
    const files = cell.state === "done" ? filesIn(cell.record) : [];
    const why = await Promise.all(files.map((file) => checkFile(folder, file))).then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    (why === undefined ? earlier : damaged).push(cell);
    if (why !== undefined) note(`notice: ${cell.id} runs again: ${why}`);
  }
  return { earlier, damaged };
}

/** `stages.diversity.n: 22 in place of 640, a third of the 66 test images of folder:cats`. */
export function adaptedText({ option, was, is, why }: Adapted): string {
  if (is === undefined) return `${option}: left out, as ${why}`;
  const before = was === undefined ? "" : ` in place of ${canonicalJson(was)}`;
  return `${option}: ${canonicalJson(is)}${before}, as ${why}`;
}

/**
 * `earlier`: cells that an earlier attempt has finished; `damaged`: those whose files it has lost since. `alone`: kinds of
 * cells whose results are timings, each of which runs while no other cell does. `runsWithout`: whether a cell has something to
 * do without these of its needs.
 */
export type PreparedRun = Awaited<ReturnType<typeof prepareRun>>;

/** A resumed run asks for the engine and the precision that it was started with: its numbers must come from one engine. */
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
