import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import { duration, text } from "../arguments.ts";
import { command } from "../command.ts";
import { engineFlags, withEngine } from "../engine-flags.ts";
import { formatCount, formatDuration } from "../format.ts";
import { printJson, printLine } from "../io.ts";
import { formatTable } from "../table.ts";
import { runFlags } from "./run.ts";

export const calibrate = command({
  describe: "propose training budgets that take every model of a suite equally long on this machine",
  flags: {
    suite: runFlags.suite,
    dataset: runFlags.dataset,
    size: runFlags.size,
    set: runFlags.set,
    seconds: {
      kind: "value",
      value: "TIME",
      describe: "what each training is to take; the longest of the suite's by default",
      parse: duration,
    },
    measure: {
      kind: "value",
      value: "TIME",
      describe: "how long each model's steps are timed; 5s by default",
      parse: duration,
    },
    write: {
      kind: "value",
      value: "FILE.yaml",
      describe: "write the suite with the proposed budgets, its comments kept",
      parse: text,
    },
    force: { kind: "switch", describe: "replace it where it exists" },
    ...engineFlags,
    json: { kind: "switch", describe: "print one JSON object" },
    quiet: { kind: "switch", describe: "no progress on stderr" },
  },
  notes:
    "Budgets are counts, so that a seed repeats exactly; the times are this machine's, idle.\n" +
    "Nothing is trained to the end.",
  async run({ flags }, io, parts) {
    const { checkOutputFile, writeOutputFile } = await import("../output-file.ts");
    const { openSuite, resolveSuite, withBudgets } = await import("../../suite/index.ts");
    const { overridesOf } = await import("../overrides.ts");
    const { loadDataset } = await import("../../datasets/index.ts");
    const { datasetRequest } = await import("../../run/child.ts");
    const { calibrate: measure } = await import("../calibrate.ts");
    const { force, seconds } = flags;
    const path =
      flags.write === undefined
        ? undefined
        : await checkOutputFile(flags.write, ".yaml", { cwd: io.cwd, force });
    const opened = await openSuite(flags.suite ?? "quick", io.entry, io.cwd);
    const { config } = resolveSuite(
      opened.value,
      overridesOf({ ...flags, seeds: undefined, seed: undefined }),
      opened.origin,
    );
    if (Object.values(config.models).every(({ teacher }) => teacher !== undefined))
      throw new BenchError(
        "BAD_CONFIG",
        "the suite has no model that learns from data: there is nothing to time",
      );
    const note = (message: string) => void (flags.quiet || io.stderr.write(`${message}\n`));
    note(`loading ${config.dataset.source}`);
    const dataset = await loadDataset(config.dataset.source, datasetRequest(config));
    const result = await withEngine(flags, io, parts, (engine) =>
      measure(engine, config, dataset, flags.measure ?? 5, seconds, note),
    );
    if (path !== undefined) {
      const budgets = Object.fromEntries(result.models.map(({ model, proposed }) => [model, proposed]));
      await writeOutputFile(path, Buffer.from(withBudgets(await readFile(opened.file, "utf8"), budgets)));
    }
    if (flags.json) printJson(io, { ...result, written: path });
    else {
      printLine(
        io,
        formatTable(
          [
            { title: "model" },
            { title: "ms/step", align: "right" },
            { title: "images/s", align: "right" },
            { title: "images now", align: "right" },
            { title: "takes", align: "right" },
            { title: `images for ${formatDuration(result.targetSeconds)}`, align: "right" },
          ],
          result.models.map(({ model, batch, millisecondsPerStep, images, seconds, proposed }) => [
            model,
            millisecondsPerStep.toPrecision(3),
            formatCount((1000 * batch) / millisecondsPerStep),
            formatCount(images),
            formatDuration(seconds),
            formatCount(proposed),
          ]),
        ),
      );
      if (path !== undefined) printLine(io, `suite: ${relative(io.cwd, path)}`);
    }
    return 0;
  },
});
