import { relative } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import { positiveNumber, text, wholeNumber } from "../arguments.ts";
import { command } from "../command.ts";
import { engineFlags, withEngine } from "../engine-flags.ts";
import { printJson, printLine } from "../io.ts";

/** A number that is not negative. */
function weight(value: string, flag: string): number {
  if (!/^\d+(\.\d+)?$/.test(value))
    throw new BenchError("USAGE", `--${flag} takes a number of at least 0, not "${value}"`);
  return Number(value);
}

export const sample = command({
  describe: "draw images of a trained model into one picture",
  flags: {
    checkpoint: {
      kind: "value",
      value: "FILE",
      describe: "checkpoints/MODEL-seed-S.safetensors of a run folder",
      parse: text,
    },
    n: { kind: "value", value: "N", describe: "images; 40 by default", parse: positiveNumber },
    sampler: { kind: "value", value: "NAME", describe: "of a diffusion model", parse: text },
    steps: {
      kind: "value",
      value: "S",
      describe: "sampling steps; as the suite scored it by default",
      parse: positiveNumber,
    },
    class: { kind: "value", value: "C", describe: "label by name or number; all in turn", parse: text },
    guidance: { kind: "value", value: "W", describe: "weight of classifier-free guidance", parse: weight },
    seed: { kind: "value", value: "S", describe: "seed of the noise; 0 by default", parse: wholeNumber },
    out: { kind: "value", value: "FILE.png", describe: "picture to write", parse: text },
    force: { kind: "switch", describe: "replace it where it exists" },
    ...engineFlags,
    json: { kind: "switch", describe: "print one JSON object" },
  },
  async run({ flags }, io, parts) {
    const { checkpoint, out } = flags;
    if (checkpoint === undefined || out === undefined)
      throw new BenchError("USAGE", "sample needs --checkpoint FILE and --out FILE.png");
    const { checkOutputFile, writeOutputFile } = await import("../output-file.ts");
    const { prepareSample } = await import("../sample.ts");
    const path = await checkOutputFile(out, ".png", { cwd: io.cwd, force: flags.force });
    const n = flags.n ?? 40;
    const draw = await prepareSample({
      checkpoint,
      n,
      sampler: flags.sampler,
      steps: flags.steps,
      label: flags.class,
      guidance: flags.guidance,
      seed: flags.seed ?? 0,
      cwd: io.cwd,
    });
    const { png, ...drawn } = await withEngine(flags, io, parts, (engine) => draw(engine, () => {}));
    await writeOutputFile(path, png);
    if (flags.json) printJson(io, { out: path, n, ...drawn });
    else {
      const { sampler, steps } = drawn.setting;
      const how = sampler === "none" ? "in one pass" : `by ${sampler} in ${steps} steps`;
      printLine(io, `${n} images of ${drawn.model} ${how}: ${relative(io.cwd, path)}`);
    }
    return 0;
  },
});
