/** All commands. To add one: its file, and its line here. */
import type { Command } from "../command.ts";
import { calibrate } from "./calibrate.ts";
import { cell, probe } from "./children.ts";
import { compare } from "./compare.ts";
import { data } from "./data.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { exportModel } from "./export.ts";
import { history } from "./history.ts";
import { list } from "./list.ts";
import { merge } from "./merge.ts";
import { report } from "./report.ts";
import { run } from "./run.ts";
import { sample } from "./sample.ts";
import { worker } from "./worker.ts";

export const commands = {
  run,
  report,
  merge,
  compare,
  history,
  calibrate,
  worker,
  sample,
  export: exportModel,
  evaluate,
  list,
  doctor,
  data,
  __cell: cell,
  __probe: probe,
} satisfies Record<string, Command>;
