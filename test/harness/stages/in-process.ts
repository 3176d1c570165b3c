/** A suite's cells run one after another in this process, on one engine: what they record, without the command. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../../src/engine/contract.ts";
import { type Dataset, datasetFacts, loadDataset } from "../../../src/harness/datasets/index.ts";
import {
  type Cell,
  type CellRecord,
  type DatasetFacts,
  type ModelFacts,
  recordSchema,
} from "../../../src/harness/record/index.ts";
import { hashCells, planCells } from "../../../src/harness/run/plan.ts";
import { modelFacts, stages } from "../../../src/harness/stages/index.ts";
import { resolveSuite, type SuiteConfig } from "../../../src/harness/suite/index.ts";
import { compiledEngine } from "../../models/evaluate.ts";

export interface Ran {
  readonly out: string;
  readonly config: SuiteConfig;
  readonly dataset: DatasetFacts;
  readonly models: readonly ModelFacts[];
  readonly cells: readonly Cell[];
  readonly records: ReadonlyMap<string, CellRecord>;
  record<Kind extends CellRecord["kind"]>(kind: Kind, id: string): Extract<CellRecord, { kind: Kind }>;
}

/** Every record is checked against the schema, as a reader of the run folder would. `alter` changes what the cells see. */
export async function runSuite(
  suite: object,
  open: () => Promise<Engine> = compiledEngine,
  alter: (dataset: Dataset) => Dataset = (dataset) => dataset,
): Promise<Ran> {
  const { config } = resolveSuite(suite, [], "test");
  const { source, train, test, ...rest } = config.dataset;
  const dataset = alter(await loadDataset(source, { ...rest, train, test }));
  const facts = datasetFacts(dataset);
  const labels = (facts.modes ?? facts.classes).length;
  const models = modelFacts(config, labels);
  for (const stage of stages) stage.check?.(config, facts);
  const out = mkdtempSync(join(tmpdir(), "bench-cells-"));
  const engine = await open();
  const records = new Map<string, CellRecord>();
  const cells: Cell[] = [];
  const record: Ran["record"] = (kind, id) => {
    const found = records.get(id);
    if (found?.kind !== kind) throw new Error(`no ${kind} record of ${id}`);
    return found as never;
  };
  for (const cell of hashCells(planCells(stages, config), { dataset: { hash: "0" } })) {
    const stage = stages.find(({ kind }) => kind === cell.kind)!;
    const done = await stage.run({
      cell,
      config,
      labels,
      out,
      engine,
      dataset: async () => dataset,
      record,
      progress() {},
      note() {},
      missing: () => undefined,
    });
    const written = recordSchema.parse(JSON.parse(JSON.stringify(done)));
    records.set(cell.id, written);
    const { id, configHash } = cell;
    cells.push({
      id,
      configHash,
      startedAt: "2026-11-29T00:00:00Z",
      seconds: 1,
      state: "done",
      record: written,
    });
  }
  await engine.dispose();
  return { out, config, dataset: facts, models, cells, records, record };
}
