import { join, relative, resolve } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import { knownWords } from "../../../core/suggest.ts";
import { positiveNumber, text, wholeNumber } from "../arguments.ts";
import { command } from "../command.ts";
import { printJson, printLine } from "../io.ts";

export const exportModel = command({
  describe: "write a trained model's sampling network as one ONNX file, its weights inside",
  flags: {
    run: { kind: "value", value: "DIR", describe: "run folder", parse: text },
    model: { kind: "value", value: "M", describe: "id of the model in the suite", parse: text },
    seed: {
      kind: "value",
      value: "S",
      describe: "training seed; the run's first by default",
      parse: wholeNumber,
    },
    batch: { kind: "value", value: "N", describe: "images per call; 1 by default", parse: positiveNumber },
    out: { kind: "value", value: "FILE.onnx", describe: "file to write", parse: text },
    force: { kind: "switch", describe: "replace it where it exists" },
    json: { kind: "switch", describe: "print one JSON object" },
  },
  async run({ flags }, io) {
    const { run: folder, model: id, out } = flags;
    if (folder === undefined || id === undefined || out === undefined)
      throw new BenchError("USAGE", "export needs --run DIR, --model M and --out FILE.onnx");
    const { checkOutputFile, writeOutputFile } = await import("../output-file.ts");
    const path = await checkOutputFile(out, ".onnx", { cwd: io.cwd, force: flags.force });
    const { readRun } = await import("../../record/index.ts");
    const at = resolve(io.cwd, folder);
    const { run, cells } = await readRun(at);
    const ids = run.models.map((model) => model.id);
    if (!ids.includes(id))
      throw new BenchError("USAGE", `--model: there is no model "${id}" in ${folder}${knownWords(id, ids)}`);
    const trained = cells.flatMap((cell) =>
      cell.state === "done" && cell.record.kind === "train" && cell.record.model === id ? [cell.record] : [],
    );
    const seeds = trained.map(({ seed }) => seed);
    const record = flags.seed === undefined ? trained[0] : trained.find(({ seed }) => seed === flags.seed);
    if (!record)
      throw new BenchError(
        "BAD_RUN_FOLDER",
        flags.seed === undefined || seeds.length === 0
          ? `${folder} has no trained ${id}: its training has not finished`
          : `${folder} has no ${id} of seed ${flags.seed}; known: ${seeds.join(", ")}`,
      );
    const { refuseDiverged } = await import("../../stages/train/run.ts");
    refuseDiverged(record);
    const { openTrained } = await import("../../checkpoints/trained.ts");
    const { traceProgram } = await import("../../../engine/onnx/trace.ts");
    const file = record.checkpoint.path;
    const { model, weights } = await openTrained(join(at, file), join(folder, file));
    const batch = flags.batch ?? 1;
    const traced = traceProgram(id, model.network.program, model.network.signature(batch), {
      constants: weights,
    });
    await writeOutputFile(path, traced.model);
    if (flags.json)
      printJson(io, { out: path, model: id, seed: record.seed, batch, bytes: traced.model.length });
    else printLine(io, `${id} of seed ${record.seed}, ${batch} per call: ${relative(io.cwd, path)}`);
    return 0;
  },
});
