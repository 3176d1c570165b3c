import type { Parts } from "../run/parts.ts";
import { totalWork, workOf } from "../run/plan.ts";
import { type PrepareHooks, preparePlan, type RunRequest } from "../run/prepare.ts";
import type { ExitCode } from "./exit.ts";
import { formatCount } from "./format.ts";
import { type Io, printJson, printLine } from "./io.ts";
import { formatTable } from "./table.ts";

/** The plan and how much it is to do, from counts alone: no engine is opened and nothing is written. */
export async function printPlan(
  request: Pick<RunRequest, "suite" | "overrides" | "shard" | "entry" | "cwd">,
  json: boolean,
  io: Io,
  parts: Parts,
  hooks: PrepareHooks,
): Promise<ExitCode> {
  const { config, configHash, models, stages, cells } = await preparePlan(request, parts, hooks);
  const planned = cells.map((cell) => ({ ...cell, work: workOf(cell, stages, config, models) }));
  const total = totalWork(planned.map(({ work }) => work));
  if (json) {
    const plan = planned.map(({ id, kind, needs, work }) => ({ id, kind, needs, work }));
    printJson(io, { suite: config.name, configHash, config, models, plan, total });
    return 0;
  }
  const figures = ({ trainingImages, evaluations, flops }: typeof total) =>
    [trainingImages, evaluations, flops / 1e9].map(formatCount);
  printLine(
    io,
    formatTable(
      [
        { title: "cell" },
        { title: "needs" },
        { title: "training images", align: "right" },
        { title: "network evaluations", align: "right" },
        { title: "GFLOP", align: "right" },
      ],
      [
        ...planned.map(({ id, needs, work }) => [id, needs.join("\n"), ...figures(work)]),
        [`${planned.length} cells`, "", ...figures(total)],
      ],
    ),
  );
  return 0;
}
