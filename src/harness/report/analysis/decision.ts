/** The answer of a run and what a reader must know beside it. Every sentence is computed from the numbers. */
import { formatCount, formatList, formatNumber, formatPercent, plural } from "../../../core/format.ts";
import type { Cell, Run } from "../../record/index.ts";
import { agreements } from "../../stages/diversity/judges.ts";
import { qualityPoints } from "../../stages/diversity/tables.ts";
import { latencyRows } from "../../stages/latency/tables.ts";
import { isOnePass, type View, viewOf } from "../../tables/index.ts";
import {
  type Answered,
  answered,
  choicesByBudget,
  type DecisionData,
  defaultRequirements,
  metricOf,
  type PercentileName,
  type Requirements,
  tells,
} from "../decide/index.ts";
import { decisionData } from "./decision-data.ts";
import { type Finding, findings } from "./findings.ts";
import { engineWords, type StageStatus, stagesOf } from "./status.ts";
import { tuningNotes } from "./tuning.ts";

export interface Decision {
  /** The answer to the default requirements. */
  readonly answer: Answered;
  readonly budgets: readonly BatchBudgets[];
  readonly findings: readonly Finding[];
  /** What the answer holds for. */
  readonly scope: string;
  /** What weakens the numbers, a sentence each. */
  readonly caveats: readonly string[];
  readonly stages: readonly StageStatus[];
}

export function decide(run: Run, cells: readonly Cell[]): Decision {
  const view = viewOf(run, cells);
  const data = decisionData(view);
  const asked = defaultRequirements(data);
  return {
    answer: answered(data, asked),
    budgets: budgetsOf(data, asked),
    findings: findings(view),
    scope: scopeText(view),
    caveats: [...tuningNotes(view), ...caveats(view)],
    stages: stagesOf(view),
  };
}

/** What time budgets buy at one batch size. */
export interface BatchBudgets {
  readonly batch: number;
  /** That of the question where every setting has it, else the median: none is left out for its few requests. */
  readonly percentile: PercentileName;
  readonly ranges: readonly {
    /** Budgets in [fromMs, toMs) milliseconds per request; the last range has no end. */
    readonly fromMs: number;
    readonly toMs?: number;
    /** Absent where no setting is fast enough. */
    readonly setting?: string;
    /** The metric of that setting. */
    readonly value?: number;
  }[];
}

/**
 * The best quality within each time budget, whatever its cost, at the smallest and the largest batch size; none where
 * there is nothing to choose from.
 */
export function budgetsOf(data: DecisionData, asked: Requirements): BatchBudgets[] {
  if (data.options.length < 2 || !tells(metricOf(data, asked.metric))) return [];
  const batches = new Set([data.batches.at(0), data.batches.at(-1)].flatMap((batch) => batch ?? []));
  return [...batches].map((batch) => {
    const timed = data.options.flatMap(({ timings }) => timings[batch] ?? []);
    const percentile = timed.every(({ ms }) => ms[asked.percentile] !== undefined) ? asked.percentile : "p50";
    const ranges = choicesByBudget(data, { ...asked, batch, percentile, floor: undefined, prefer: "best" });
    return {
      batch,
      percentile,
      ranges: ranges.map(({ from, choice: { chosen } }, i) => ({
        fromMs: from,
        toMs: ranges[i + 1]?.from,
        setting: chosen?.option.name,
        value: chosen?.value,
      })),
    };
  });
}

/** What the answer holds for, by name; several texts are one for each model. */
export function scopeOf({ run, records }: View): Readonly<Record<string, string | readonly string[]>> {
  const { dataset, engine, models } = run;
  const seeds = [...new Set(records("train").map(({ seed }) => seed))];
  return {
    Dataset: dataset.name,
    Image: `${dataset.size} × ${dataset.size} px, ${plural(dataset.channels, "channel")}`,
    Training: models.map(({ title, imagesSeen, parameters, samplingParameters }) => {
      const seen = imagesSeen === undefined ? "not trained here" : `${formatCount(imagesSeen)} images seen`;
      return `${title}: ${seen}, ${formatCount(parameters ?? samplingParameters)} parameters`;
    }),
    Tuning: models.map(
      ({ title, tuning }) =>
        `${title}: ${tuning ? `${plural(tuning.trials, "trial")}, ${tuning.how}` : "not stated"}`,
    ),
    Device: `${engine.device.model}, ${engineWords(engine)}${engine.device.software ? ", a software GPU" : ""}`,
    Seeds: seeds.length > 0 ? formatList(seeds.map(String)) : "none",
  };
}

export const BEYOND_SCOPE = "Larger images, budgets or models may change the answer.";

const scopeText = (view: View): string => {
  const { Dataset, Image, Training, Device, Seeds } = scopeOf(view);
  const training = [Training!].flat().join("; ");
  return `Holds for ${Dataset} at ${Image}; ${training}; ${Device}; seeds ${Seeds}. ${BEYOND_SCOPE}`;
};

/** Networks of which one has more than this many times the parameters of another are of unlike size. */
export const LIKE_SIZE = 3;

/** A larger network may lead by its size alone. */
function sizeNote({ run: { models } }: View): string[] {
  const sizes = models.flatMap(({ title, parameters }) => (parameters ? [{ title, parameters }] : []));
  const [most, ...others] = sizes.toSorted((a, b) => b.parameters - a.parameters);
  const least = others.at(-1);
  if (!most || !least || most.parameters <= LIKE_SIZE * least.parameters) return [];
  const words = [most, least].map((one) => `${one.title} has ${formatCount(one.parameters)} parameters`);
  return [`The networks are of unlike size: ${words.join(", ")}; a lead may come from size alone.`];
}

export function caveats(view: View): string[] {
  const found: string[] = sizeNote(view);
  const points = qualityPoints(view);
  const classifier = view.records("classifier")[0];
  const n = points[0]?.n;
  if (n !== undefined) {
    const few = classifier && n < 10 * classifier.featureWidth;
    const width = classifier ? ` with features of width ${classifier.featureWidth}` : "";
    const bias = few ? ", fewer than ten per feature, so FID is biased upwards" : "";
    found.push(
      `Quality is estimated from ${plural(n, "image")} per setting${width}${bias}; FID values compare only at equal n.`,
    );
  }
  const judge = firstJudge(view);
  const modes = classifier?.target === "mode" ? "modes" : "classes";
  if (!judge.startsWith("classifier")) found.push(`Quality is judged by ${judge}.`);
  if (classifier)
    found.push(
      `${judge.startsWith("classifier") ? `Features and ${modes}` : modes.replace(/^./, (letter) => letter.toUpperCase())} come from a classifier. ${accuracyText(classifier)}`,
    );
  if (view.records("diversity").length > 0 && agreements(view).length === 0)
    found.push("One feature space judges alone: another might order the models otherwise.");
  const swept = points.filter(({ model }) => !isOnePass(view, model)).length;
  if (swept > 1)
    found.push(
      `The best of ${swept} settings with steps is the minimum of noisy values, so it looks slightly better than it is.`,
    );
  const rows = latencyRows(view);
  const processes = Math.min(...rows.map((row) => row.processes));
  if (rows.length > 0 && processes < 5)
    found.push(
      `Timings come from ${plural(processes, "process", "processes")} per setting; five or more would show how far processes differ.`,
    );
  const spread = Math.max(0, ...rows.map(({ processP50: { low, high } }) => high / low - 1));
  if (spread > 0.1)
    found.push(
      `Medians of the same setting differ between processes by up to ${formatNumber(spread * 100, 2)}%.`,
    );
  return found;
}

/** The feature space that ranks, as the suite's configuration names it. */
function firstJudge({ run: { config } }: View): string {
  const [first = "classifier"] = (config.judge ?? []) as readonly (string | { readonly features: string })[];
  return typeof first === "string" ? first : first.features;
}

interface Accuracy {
  readonly accuracy: number;
  readonly channelAccuracy?: number;
}

/** How often the classifier that stands behind features and modes is right. */
export function accuracyText({ accuracy, channelAccuracy }: Accuracy): string {
  const channels =
    channelAccuracy === undefined ? "" : `, and ${formatPercent(channelAccuracy)} of their single channels`;
  return `It classifies ${formatPercent(accuracy)} of held-out real images correctly${channels}.`;
}
