/** Everything a run needs, found and checked before anything is written: a run either starts whole or not at all. */
import { randomBytes } from "node:crypto";
import { BenchError } from "../../core/errors.ts";
import type { EngineRequest } from "../../engine/choice/index.ts";
import { datasetFacts, loadDataset } from "../datasets/index.ts";
import { type HashedCell, hashCells, planCells } from "../plan/plan.ts";
import { type Cell, type Run, readRun, SCHEMA_VERSION } from "../record/index.ts";
import { checkRunFolder, type OpenMode } from "../store/index.ts";
import { type Override, readSuite, resolveSuite, type SuiteConfig } from "../suite/index.ts";
import { datasetRequest } from "./child.ts";
import { environment } from "./environment.ts";
import type { Parts } from "./parts.ts";
import { checkContinues } from "./resume.ts";

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

/** Configuration and cells alone, for `--dry-run`: no data is read and no engine opened. */
export async function preparePlan(
  request: Pick<RunRequest, "suite" | "overrides" | "entry" | "cwd">,
  parts: Parts,
) {
  const suite = request.suite ?? DEFAULT_SUITE;
  const raw = await readSuite(suite, request.entry, request.cwd);
  const { config, configHash } = resolveSuite(raw, request.overrides, `suite ${suite}`);
  const models = await parts.modelFacts(config);
  return { config, configHash, models, cells: planCells(await parts.stages(), config) };
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
  const { config, configHash } = await configuration(request, recorded?.run);
  const models = await parts.modelFacts(config);
  const dataset = await loadData(config, hooks);
  const plan = hashCells(planCells(await parts.stages(), config), dataset.hash);
  hooks.note("choosing an engine");
  const engine = await parts.chooseEngine(engineRequest(request, recorded?.run), request.entry);
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
  const name = suite ?? DEFAULT_SUITE;
  return resolveSuite(await readSuite(name, entry, cwd), overrides, `suite ${name}`);
}

async function loadData(config: SuiteConfig, hooks: PrepareHooks) {
  hooks.note(`loading ${config.dataset.source}`);
  const request = { ...datasetRequest(config), onProgress: hooks.onDownload };
  const facts = datasetFacts(await loadDataset(config.dataset.source, request));
  const n = config.stages.diversity?.n;
  if (n !== undefined && facts.test < 2 * n)
    throw new BenchError(
      "BAD_CONFIG",
      `stages.diversity.n is ${n}, which takes ${2 * n} test images (a reference and as many others for the real ` +
        `floor), and ${facts.name} has ${facts.test}. Set stages.diversity.n to at most ${Math.floor(facts.test / 2)}.`,
    );
  return facts;
}

/** A resumed run asks for the rung it has: its timings must come from one engine. */
function engineRequest({ engine, engineNamed }: RunRequest, recorded: Run | undefined): EngineRequest {
  if (!recorded || engineNamed) return engine;
  const { name, device } = recorded.engine;
  return {
    device: device.kind,
    engine: name,
    allowSoftwareGpu: device.software,
    ...(device.threads === undefined ? {} : { threads: device.threads }),
  };
}
