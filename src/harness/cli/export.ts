/** `bench export`: the network that a trained model samples with, as one ONNX file, and how to use it, as JSON beside it. */
import { join, resolve } from "node:path";
import { badRunFolder, usageError } from "../../core/errors.ts";
import { ANYWHERE } from "../../core/package-root.ts";
import { knownWords } from "../../core/suggest.ts";
import { readRun } from "../record/index.ts";
import { exportNetwork } from "../stages/shared/exported.ts";
import { scoringSetting } from "../stages/shared/models.ts";
import { refuseDiverged } from "../stages/shared/open.ts";
import { openTrained } from "../stages/train/checkpoint.ts";
import { command } from "./command.ts";
import { positiveNumber, required, text, toggle, value, wholeNumber } from "./flags.ts";
import { printJson, printLine, shownPath } from "./output.ts";
import { checkOutputFile, writeOutputFile } from "./output-file.ts";

export default command({
  flags: {
    run: required(value("DIR", "run folder", text)),
    model: required(value("M", "id of the model in the suite", text)),
    seed: value("S", "training seed; the run's first by default", wholeNumber),
    batch: value("N", "images per call; 1 by default", positiveNumber),
    out: required(value("FILE.onnx", "file to write", text)),
    force: toggle("replace the file where it exists"),
    json: toggle("print one JSON object"),
  },
  notes:
    "Layout, range, meaning of t, schedule, sampler and labels stand in FILE.json and in the metadata of FILE.onnx; examples/ uses them.",
  async run(flags, io) {
    const { run: label, model: id, batch = 1 } = flags;
    const out = await checkOutputFile(flags.out, ".onnx", "--out", flags.force, io);
    const beside = await checkOutputFile(
      flags.out.replace(/\.onnx$/, ".json"),
      ".json",
      "--out",
      flags.force,
      io,
    );
    const folder = resolve(io.cwd, label);
    const record = await trainingOf(folder, label, id, flags.seed);
    refuseDiverged(record);
    const { seed, checkpoint } = record;
    const trained = await openTrained(join(folder, checkpoint.path), join(label, checkpoint.path));
    const { model, weights, labels, configured } = trained;
    const { file, facts } = exportNetwork({
      id,
      model,
      weights,
      setting: scoringSetting(configured),
      labels,
      batch,
    });
    await writeOutputFile(out, file, "--out");
    await writeOutputFile(beside, facts, "--out");
    if (flags.json) printJson(io, { out, facts: beside, model: id, seed, batch, bytes: file.length });
    else
      printLine(
        io,
        `${id} of seed ${seed}, ${batch} per call: ${shownPath(io, out)}; how to use it: ${shownPath(io, beside)}`,
      );
    return 0;
  },
});

/** Record of the model's training with `seed`, or with the run's first. @throws USAGE, BAD_RUN_FOLDER */
async function trainingOf(folder: string, label: string, id: string, seed: number | undefined) {
  const { run, cells } = await readRun(folder);
  const ids = run.models.map((model) => model.id);
  if (!ids.includes(id))
    throw usageError(`--model: there is no model "${id}" in ${label}${knownWords(id, ids)}`);
  const records = cells.flatMap((cell) =>
    cell.state === "done" && cell.record.kind === "train" && cell.record.model === id ? [cell.record] : [],
  );
  const record = seed === undefined ? records[0] : records.find((one) => one.seed === seed);
  if (record) return record;
  const seeds = records.map((one) => one.seed).join(", ");
  throw badRunFolder(
    records.length === 0
      ? `${label} has no trained ${id}: its training has not finished. Continue with ${ANYWHERE} run --resume.`
      : `${label} has no ${id} of seed ${seed}; known: ${seeds}`,
  );
}
