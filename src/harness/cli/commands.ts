/** All commands, each loaded when it is run. To add one: its file, and its line here. */
import type { CommandTable } from "./command.ts";

export const commands: CommandTable = {
  run: ["train, measure and report (the default)", () => import("./run.ts")],
  "report <run..>": [
    "rebuild the report and the CSV files of a run; several runs: one page, side by side",
    () => import("./report.ts"),
  ],
  "merge <shard..>": ["join the shards of a run into one run folder, and report", () => import("./merge.ts")],
  "compare <base> <head>": [
    "say reading by reading whether head regressed against base",
    () => import("./compare.ts"),
  ],
  "history <dir>": [
    "judge the latest night of a history; add a night; accept a new baseline",
    () => import("./history.ts"),
  ],
  tune: [
    "search settings for every model of a suite with equal effort, and write the suite with them",
    () => import("./tune.ts"),
  ],
  calibrate: [
    "propose training budgets that take every model of a suite equally long on this machine",
    () => import("./calibrate.ts"),
  ],
  worker: [
    "take cells from a queue that `bench run --queue` fills, one after the other",
    () => import("./worker.ts"),
  ],
  sample: ["draw images of a trained model into one picture", () => import("./sample.ts")],
  export: [
    "write a trained model's sampling network as one ONNX file that contains its weights",
    () => import("./export.ts"),
  ],
  evaluate: [
    "score any samples: every metric, with the scores of real images and of noise beside it",
    () => import("./evaluate.ts"),
  ],
  "list <what>": ["print what the harness knows", () => import("./list.ts")],
  doctor: [
    "try every engine and say which one a run would take, and why not the others",
    () => import("./doctor.ts"),
  ],
  "data <action> [dataset..]": [
    "list datasets, download published ones, check files, clear kept features",
    () => import("./data.ts"),
  ],
  "__cell <folder> <id>": [false, () => import("./cell.ts")],
  __network: [false, () => import("./network.ts")],
  "__probe <engine> <provider> <precision> [threads]": [false, () => import("./probe.ts")],
};
