/** `bench run --dry-run`: the plan and its amount of work, from counts alone. No engine is opened, nothing is written. */

import { plural } from "../../core/format.ts";
import { totalWork, workOf } from "../run/plan.ts";
import { adaptedText, preparePlan } from "../run/prepare.ts";
import type { Rooms } from "../run/rooms.ts";
import type { Io } from "./command.ts";
import { grouped, printJson, printLine, printTable, right } from "./output.ts";
import type { ProgressView } from "./progress.ts";

export async function printPlan(
  request: Parameters<typeof preparePlan>[0],
  json: boolean,
  io: Io,
  rooms: Rooms,
  view: ProgressView,
): Promise<void> {
  const { config, configHash, dataset, adapted, notes, models, stages, cells } = await preparePlan(
    request,
    rooms,
    view,
  );
  const plan = cells.map((cell) => {
    const { id, kind, needs } = cell;
    return { id, kind, needs, work: workOf(cell, stages, config, models) };
  });
  const total = totalWork(plan.map(({ work }) => work));
  if (json)
    return printJson(io, {
      suite: config.name,
      configHash,
      config,
      dataset,
      adapted,
      notes,
      models,
      plan,
      total,
    });
  const figures = ({ trainingImages, evaluations, flops }: typeof total) =>
    [trainingImages, evaluations, flops / 1e9].map(grouped);
  printTable(
    io,
    ["cell", "needs", right("training images"), right("network evaluations"), right("GFLOP")],
    [
      ...plan.map(({ id, needs, work }) => [id, needs.join("\n"), ...figures(work)]),
      [`${plan.length} cells`, "", ...figures(total)],
    ],
  );
  const { name, size, channels, train, test, classes } = dataset;
  printLine(
    io,
    `\n${name}: ${plural(train, "training image")} and ${plural(test, "test image")} of ${plural(classes.length, "class", "classes")}, ` +
      `${size} x ${size} pixels, ${channels === 1 ? "grey" : "colour"}`,
  );
  for (const line of [...notes, ...adapted.map(adaptedText)]) printLine(io, `  ${line}`);
}
