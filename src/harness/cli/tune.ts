/** `bench tune`: searches settings for every model of a suite with equal effort, and writes the suite with them. */
import { join } from "node:path";
import { formatNumber } from "../../core/format.ts";
import { ANYWHERE } from "../../core/package-root.ts";
import { publish } from "../checkpoints/files.ts";
import type { Cell, Run, Search } from "../record/index.ts";
import { searches } from "../stages/tune/tables.ts";
import { withTuning } from "../suite/index.ts";
import { viewOf } from "../tables/index.ts";
import { command, type ExitCode, type Io } from "./command.ts";
import { commaSeparated, type FlagValues, positiveNumber, text, value, wholeNumber } from "./flags.ts";
import { printJson, printLine, printTable, right, shownPath } from "./output.ts";
import { checkOutputFile, writeOutputFile } from "./output-file.ts";
import { type ProgressView, withProgress } from "./progress.ts";
import {
  commandLine,
  endOf,
  endText,
  laterReport,
  performed,
  reportUnlessStopped,
  requestOf,
  runFlags,
} from "./run.ts";
import { overridesOf } from "./suite-flags.ts";

const { seed: _, seeds: __, set, ...shared } = runFlags;

const tuneFlags = {
  trials: value(
    "N",
    "settings tried for each model, the suite's own among them; 16 by default",
    positiveNumber,
  ),
  eta: value("N", "a rung keeps the best 1/N, at N times the budget; 4 by default", positiveNumber),
  rungs: value("N", "rungs; the last has the model's whole budget; 2 by default", positiveNumber),
  seed: value(
    "S",
    "first training seed, none that the suite reports; 1000 after its own by default",
    wholeNumber,
  ),
  seeds: value("N", "training seeds of the last rung, whose mean decides; 1 by default", positiveNumber),
  metric: value("NAME", "what chooses, on validation images; fid by default", text),
  n: value("N", "images per measurement; 1000 by default", positiveNumber),
  models: value("A,B", "models that are tuned; all that are trained here by default", commaSeparated(text)),
};

/** A suite with this search's settings, in its run folder. */
const TUNED_SUITE = "tuned.yaml";

export default command({
  flags: {
    ...tuneFlags,
    write: value("FILE.yaml", `where the suite is written, besides ${TUNED_SUITE} in the run folder`, text),
    ...shared,
    set,
  },
  notes:
    "Options of the search stand in the suite under tune, spaces too. Its plan, --resume, --jobs, --shard and --queue " +
    "are those of run. --force also replaces the file of --write.",
  async run(flags, io, rooms) {
    const path = flags.write && (await checkOutputFile(flags.write, ".yaml", "--write", flags.force, io));
    const { suite, dataset, size, fit, background, set: changes } = flags;
    const skip = flags["skip-broken"];
    const own = ownOptions(flags);
    const request = requestOf(flags, io, {
      purpose: "tune",
      overrides: [
        ...Object.entries(own).map(([name, value]) => ({ path: ["tune", name], value })),
        ...overridesOf({ suite, dataset, size, fit, background, "skip-broken": skip, set: changes }),
      ],
      command: commandLine(flags, "tune", own),
    });
    return withProgress(io, flags.quiet, async (view) => {
      const done = await performed(request, flags, io, rooms, view);
      return done ? conclude(request.folder, done, { path, json: flags.json }, io, view) : 0;
    });
  },
});

/** The options of the search that flags give. */
function ownOptions(flags: Partial<FlagValues<typeof tuneFlags>>): Record<string, unknown> {
  const names = ["trials", "eta", "rungs", "seed", "seeds", "metric", "n", "models"] as const;
  return Object.fromEntries(
    names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  );
}

async function conclude(
  folder: string,
  { run, cells }: { readonly run: Run; readonly cells: readonly Cell[] },
  { path, json }: { path: string | undefined; json: boolean },
  io: Io,
  view: ProgressView,
): Promise<ExitCode> {
  const { counts, interrupted, exitCode: ended } = endOf(run, cells);
  const { state, shard, seconds, suiteText } = run;
  const shown = shownPath(io, folder);
  const found = searches(viewOf(run, cells)).filter(({ model }) =>
    cells.some((cell) => cell.state === "done" && cell.record.kind === "tune" && cell.record.model === model),
  );
  const whole = !interrupted && !shard;
  const report = whole ? await reportUnlessStopped(folder) : undefined;
  const exitCode = whole && !report ? 130 : ended;
  for (const warning of report?.warnings ?? []) view.note(`warning: ${warning}`);
  const written: string[] = [];
  if (whole && found.length > 0 && suiteText !== undefined) {
    const tuned = found.map(({ model, search }) => [
      model,
      { options: search.best?.options ?? {}, tuning: search },
    ]);
    const suite = withTuning(suiteText, Object.fromEntries(tuned));
    await publish(folder, TUNED_SUITE, Buffer.from(suite));
    written.push(join(folder, TUNED_SUITE));
    if (path !== undefined) {
      await writeOutputFile(path, suite, "--write");
      written.push(path);
    }
  }
  if (json) {
    const { html, csv } = report ?? {};
    const models = Object.fromEntries(found.map(({ model, search }) => [model, search]));
    printJson(io, {
      out: folder,
      state,
      exitCode,
      seconds,
      cells: counts,
      models,
      written,
      report: html,
      csv,
    });
    return exitCode;
  }
  if (whole) printFound(found, io);
  printLine(io, endText(counts, seconds));
  if (whole && !report) printLine(io, laterReport(shown));
  if (interrupted) printLine(io, `interrupted; continue with: ${ANYWHERE} tune --resume --out ${shown}`);
  else if (shard)
    printLine(
      io,
      `shard ${shard.index}/${shard.count} is in ${shown}; join all with bench merge, then write the suite with bench tune --resume`,
    );
  else printLine(io, `report: ${join(shown, "report.html")}`);
  for (const file of written) printLine(io, `suite: ${shownPath(io, file)}`);
  return exitCode;
}

/** What the search found for each model, beside what the suite had. */
function printFound(found: readonly { readonly model: string; readonly search: Search }[], io: Io): void {
  const number = (value: number | undefined) => (value === undefined ? "none" : formatNumber(value));
  printTable(
    io,
    [
      "model",
      "metric",
      right("suite's, first rung"),
      right("chosen, first"),
      right("chosen, last"),
      "options",
    ],
    found.map(({ model, search: { metric, rungs, best } }) => [
      model,
      metric.name,
      ...[0, best?.trial].map((wanted) =>
        number(rungs[0]!.values.find(({ trial }) => trial === wanted)?.value),
      ),
      number(best?.value),
      Object.entries(best?.options ?? {})
        .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
        .join(", "),
    ]),
  );
}
