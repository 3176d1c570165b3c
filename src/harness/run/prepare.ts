/** Finds and checks everything that a run needs before anything is written. */
import { randomBytes } from "node:crypto";
import { allOrMistakes } from "../../core/errors.ts";
import { canonicalJson, hashOf } from "../../core/hash.ts";
import type { EngineRequest } from "../../engine/choice/index.ts";
import { datasetFacts, loadDataset } from "../datasets/index.ts";
import { type Adapted, type Run, readRun, SCHEMA_VERSION } from "../record/index.ts";
import { checkRunFolder, type OpenMode } from "../store/index.ts";
import {
  adaptSuite,
  located as locatedIn,
  type Override,
  openSuite,
  pictureNotes,
  resolveSuite,
  runConfig,
  tuneConfig,
} from "../suite/index.ts";
import { datasetRequest } from "./child.ts";
import { environment } from "./environment.ts";
import { commonKinds, type HashedCell, hashCells, planCells, planRecord, workOf } from "./plan.ts";
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
  const { origin, suiteText, stated, config: given } = await configuration(request, recorded);
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
  hooks.note(`loading ${given.dataset.source}`);
  const source = { ...datasetRequest(given), onProgress: hooks.onDownload };
  const dataset = datasetFacts(await loadDataset(given.dataset.source, source));
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
    return { config, configHash, suiteText, dataset, adapted, notes, judges, models, stages, shard, cells };
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
  const config = purpose === "tune" ? tuneConfig(whole, origin) : runConfig(whole, origin);
  const suiteText = purpose === "tune" ? opened?.text : undefined;
  return { config, origin, stated, suiteText };
}

/** Everything that a run needs. @throws BenchError for anything that keeps the run from starting */
export async function prepareRun(request: RunRequest, rooms: Rooms, hooks: PrepareHooks) {
  const { folder, mode } = request;
  await checkRunFolder(folder, mode);
  const recorded = mode === "resume" ? await readRun(folder) : undefined;
  for (const notice of recorded?.notices ?? []) hooks.note(`notice: ${notice}`);
  const plan = await preparePlan(request, rooms, hooks, recorded?.run);
  const { config, configHash, suiteText, dataset, adapted, notes, judges, models, stages, shard, cells } =
    plan;
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
  const prepared = { folder, mode, plan: cells, alone };
  if (!recorded) return { ...prepared, run: fresh, earlier: [] };
  checkContinues(recorded.run, fresh);
  const run: Run = { ...recorded.run, state: "running", finishedAt: undefined };
  return { ...prepared, run, earlier: recorded.cells };
}

/** `stages.diversity.n: 22 in place of 640, a third of the 66 test images of folder:cats`. */
export function adaptedText({ option, was, is, why }: Adapted): string {
  if (is === undefined) return `${option}: left out, as ${why}`;
  const before = was === undefined ? "" : ` in place of ${canonicalJson(was)}`;
  return `${option}: ${canonicalJson(is)}${before}, as ${why}`;
}

/**
 * `earlier`: cells that an earlier attempt has finished. `alone`: kinds of cells whose results are timings, each of which
 * runs while no other cell does.
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
