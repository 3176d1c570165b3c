/** `bench calibrate`: how many training images take each model equally long on this machine. */
import { readFile } from "node:fs/promises";
import { badConfig } from "../../core/errors.ts";
import { median } from "../../core/statistics/index.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Dataset } from "../datasets/contract.ts";
import { datasetFacts, loadDataset } from "../datasets/index.ts";
import { datasetRequest } from "../run/child.ts";
import { DEFAULT_SUITE } from "../run/prepare.ts";
import { targetsOf } from "../stages/shared/judge.ts";
import { createModel, modelConfig, trainingSteps } from "../stages/shared/models.ts";
import { trainModel } from "../stages/shared/training.ts";
import { adaptSuite, openSuite, resolveSuite, type SuiteConfig, withBudgets } from "../suite/index.ts";
import { command, type Io } from "./command.ts";
import { engineFlags, withEngine } from "./engine.ts";
import { duration, text, toggle, value } from "./flags.ts";
import { formatDuration, grouped, printJson, printLine, printTable, right, shownPath } from "./output.ts";
import { checkOutputFile, writeOutputFile } from "./output-file.ts";
import { overridesOf, suiteFlags } from "./suite-flags.ts";

export default command({
  flags: {
    ...suiteFlags,
    seconds: value(
      "TIME",
      "time of each training; the longest of the suite's trainings by default",
      duration,
    ),
    measure: value("TIME", "how long the steps of each model are timed; 5s by default", duration),
    write: value("FILE.yaml", "write the suite with the proposed budgets, its comments kept", text),
    force: toggle("replace the file of --write where it exists"),
    ...engineFlags,
    json: toggle("print one JSON object"),
    quiet: toggle("no progress on stderr"),
  },
  notes:
    "Budgets are counts, so that a seed repeats exactly; the times are those of this machine when idle. " +
    "No model is trained to the end.",
  async run(flags, io, rooms) {
    const path = flags.write && (await checkOutputFile(flags.write, ".yaml", "--write", flags.force, io));
    const opened = await openSuite(flags.suite ?? DEFAULT_SUITE, io.entry, io.cwd);
    const { config: given, stated } = resolveSuite(opened.value, overridesOf(flags), opened.origin);
    if (Object.values(given.models).every(({ teacher }) => teacher !== undefined))
      throw badConfig(
        "the suite has no model that learns from data, so there is nothing to time; add one to its models",
      );
    const note = (message: string) => void (flags.quiet || io.stderr.write(`${message}\n`));
    note(`loading ${given.dataset.source}`);
    const dataset = await loadDataset(given.dataset.source, datasetRequest(given));
    const { config } = adaptSuite(given, stated, datasetFacts(dataset));
    const timings = await withEngine(flags, io, rooms, async (open) =>
      timeModels(await open(), config, dataset, flags.measure ?? 5, note),
    );
    const targetSeconds = flags.seconds ?? Math.max(...timings.map(({ seconds }) => seconds));
    const models = timings.map((timing) => ({
      ...timing,
      /** Images of whole steps that take the target. */
      proposed: timing.batch * Math.max(1, Math.round((1000 * targetSeconds) / timing.millisecondsPerStep)),
    }));
    if (path !== undefined) {
      const budgets = Object.fromEntries(models.map(({ model, proposed }) => [model, proposed]));
      const suite = withBudgets(await readFile(opened.file, "utf8"), budgets);
      await writeOutputFile(path, suite, "--write");
    }
    if (flags.json) printJson(io, { targetSeconds, models, written: path });
    else printProposal(targetSeconds, models, io);
    if (!flags.json && path !== undefined) printLine(io, `suite: ${shownPath(io, path)}`);
    return 0;
  },
});

function printProposal(
  targetSeconds: number,
  models: readonly (Timing & { readonly proposed: number })[],
  io: Io,
): void {
  printTable(
    io,
    [
      "model",
      right("ms/step"),
      right("images/s"),
      right("images now"),
      right("takes"),
      right(`images for ${formatDuration(targetSeconds)}`),
    ],
    models.map(({ model, batch, millisecondsPerStep, images, seconds, proposed }) => [
      model,
      millisecondsPerStep.toPrecision(3),
      grouped((1000 * batch) / millisecondsPerStep),
      grouped(images),
      formatDuration(seconds),
      grouped(proposed),
    ]),
  );
}

/** Steps that show how long one takes, before the timed ones; the very first warms up. */
const TRIAL_STEPS = 4;
const LEAST_STEPS = 8;

/**
 * Times training steps of every model that learns from data alone, for about `measureSeconds` per model; a distilled
 * model starts from its teacher and is left out. `millisecondsPerStep` is the median over the timed `steps`; `images` is the
 * suite's budget, and `seconds` the time that it takes.
 */
async function timeModels(
  engine: Engine,
  config: SuiteConfig,
  dataset: Dataset,
  measureSeconds: number,
  note: (message: string) => void,
) {
  const timings = [];
  for (const [id, configured] of Object.entries(config.models)) {
    if (configured.teacher !== undefined) continue;
    note(`timing ${id}`);
    const trial = median(await timeSteps(engine, config, id, dataset, TRIAL_STEPS));
    const steps = Math.max(LEAST_STEPS, Math.ceil((1000 * measureSeconds) / trial));
    const samples = await timeSteps(engine, config, id, dataset, steps);
    const millisecondsPerStep = median(samples);
    const seconds = (trainingSteps(configured) * millisecondsPerStep) / 1000;
    const { batch, images } = configured;
    timings.push({ model: id, batch, millisecondsPerStep, steps: samples.length, images, seconds });
  }
  return timings;
}

type Timing = Awaited<ReturnType<typeof timeModels>>[number];

/** Milliseconds of each step after the first, in time order. */
async function timeSteps(
  engine: Engine,
  config: SuiteConfig,
  id: string,
  dataset: Dataset,
  steps: number,
): Promise<number[]> {
  const { names } = targetsOf(dataset, dataset.train);
  const { batch } = modelConfig(config, id);
  const model = createModel(config, id, names.length);
  const ends: number[] = [];
  await trainModel({
    context: { engine, progress: () => ends.push(performance.now()) },
    id,
    model,
    configured: { batch, images: steps * batch },
    seed: config.seed,
    dataset,
  });
  return ends.slice(1).map((end, i) => end - ends[i]!);
}
