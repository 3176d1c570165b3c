/** A stage from its part of the suite: where the suite has no such part, the stage plans and checks nothing. */
import type { CellRecord, DatasetFacts, ModelFacts, RecordOf } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { CellContext, PlannedCell, Stage, Work } from "../contract.ts";
import { noWork } from "./work.ts";

/** A cell whose kind is its stage's. */
export type StageCell<S extends object> = Omit<PlannedCell<S>, "kind">;

interface Definition<Kind extends CellRecord["kind"], Options, S extends object>
  extends Pick<Stage, "title" | "common" | "alone"> {
  readonly kind: Kind;
  /** The part of the suite that asks for this stage. */
  options(config: SuiteConfig): Options | undefined;
  plan(options: Options, config: SuiteConfig): StageCell<S>[];
  check?(options: Options, dataset: DatasetFacts, config: SuiteConfig): void;
  runsWithout?(config: SuiteConfig, missing: readonly string[]): boolean;
  /** Default: no work worth counting. */
  work?(options: Options, cell: PlannedCell<S>, config: SuiteConfig, models: readonly ModelFacts[]): Work;
  run(context: CellContext<S>, options: Options): Promise<RecordOf<Kind>>;
}

export function defineStage<Kind extends CellRecord["kind"], Options, S extends object>(
  definition: Definition<Kind, Options, S>,
): Stage<S> {
  const { kind, title, common, alone, runsWithout } = definition;
  return {
    kind,
    title,
    common,
    alone,
    runsWithout,
    plan(config) {
      const options = definition.options(config);
      return options ? definition.plan(options, config).map((cell) => ({ ...cell, kind })) : [];
    },
    check(config, dataset) {
      const options = definition.options(config);
      if (options) definition.check?.(options, dataset, config);
    },
    work: (cell, config, models) =>
      definition.work?.(definition.options(config)!, cell, config, models) ?? noWork,
    run: (context) => definition.run(context, definition.options(context.config)!),
  };
}
