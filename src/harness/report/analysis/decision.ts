/** The written verdict. Every sentence is computed from the numbers and says what they cannot carry. */
import type { Cell, Run } from "../../record/index.ts";
import { type Answered, firstAnswer } from "./answer.ts";
import { records } from "./cells.ts";
import { type Certainty, certaintyOf } from "./certainty.ts";
import { engineWords } from "./engine.ts";
import { type Finding, findings } from "./findings.ts";
import { formatCount, formatList, formatMs, formatNumber, formatPercent, plural } from "./format.ts";
import { type BudgetChoice, choicesByBudget, paretoFront } from "./front.ts";
import { latencyRows } from "./latency.ts";
import { comparedBatches, optionsAt, RANKING, type SettingOption } from "./options.ts";
import { type QualityPoint, qualityPoints, readingNamed } from "./quality.ts";
import { familyOf, titleOf } from "./settings.ts";
import { type StageStatus, stagesOf } from "./status.ts";

export interface BatchChoices {
  readonly batch: number;
  readonly choices: readonly BudgetChoice<SettingOption>[];
}

export interface Decision {
  /** To what is asked unless a reader asks otherwise. */
  readonly answer: Answered;
  /** By time budget alone. */
  readonly headline: string;
  readonly certainty: Certainty;
  readonly findings: readonly Finding[];
  readonly choices: readonly BatchChoices[];
  readonly scope: string;
  /** What weakens the numbers, each a sentence. */
  readonly caveats: readonly string[];
  readonly stages: readonly StageStatus[];
}

export function decide(run: Run, cells: readonly Cell[]): Decision {
  const points = qualityPoints(run.models, cells);
  const gan = bestOf(run, points, "gan");
  const diffusion = bestOf(run, points, "diffusion");
  const choices = comparedBatches(run, cells).map((batch) => ({
    batch,
    choices: choicesByBudget(paretoFront(optionsAt(run, cells, batch))),
  }));
  return {
    answer: firstAnswer(run, cells),
    headline: headline(run, gan, diffusion, choices[0]),
    certainty: certaintyOf(fidBySeed(gan), fidBySeed(diffusion)),
    findings: findings(run, cells, { points, gan, diffusion }),
    choices,
    scope: scope(run, cells),
    caveats: caveats(run, cells, points),
    stages: stagesOf(run, cells),
  };
}

/** The family's setting with the lowest FID. */
export function bestOf(
  run: Run,
  points: readonly QualityPoint[],
  family: "gan" | "diffusion",
): QualityPoint | undefined {
  const rank = (point: QualityPoint) => readingNamed(point, RANKING)?.value ?? Number.POSITIVE_INFINITY;
  return points
    .filter((point) => familyOf(run, point.model) === family && readingNamed(point, RANKING))
    .toSorted((a, b) => rank(a) - rank(b))[0];
}

const fidBySeed = (point: QualityPoint | undefined): number[] =>
  readingNamed(point, RANKING)?.bySeed.map(({ value }) => value) ?? [];

/** One sentence: who wins at which time an image, from the front at the smallest batch. */
export function headline(
  run: Run,
  gan: QualityPoint | undefined,
  diffusion: QualityPoint | undefined,
  smallest: BatchChoices | undefined,
): string {
  if (!gan || !diffusion) {
    const absent = !gan && !diffusion ? "neither family" : gan ? "no diffusion model" : "no GAN";
    return `No verdict: ${absent} has an FID in this run.`;
  }
  const front = smallest?.choices ?? [];
  const [ganTitle, diffusionTitle] = [titleOf(run, gan.model), titleOf(run, diffusion.model)];
  const families = front.map(({ choose }) => familyOf(run, choose.model));
  if (!families.length) {
    const better = fidOf(gan) <= fidOf(diffusion) ? ganTitle : diffusionTitle;
    return `${better} has the better FID; time an image was not measured, so there is no choice by budget.`;
  }
  if (!families.includes("diffusion"))
    return `${ganTitle} at every time budget: no measured setting of ${diffusionTitle} has a better FID.`;
  if (!families.includes("gan"))
    return `${diffusionTitle} at every time budget: ${ganTitle} is neither faster nor better in FID.`;
  const turns = families.filter((family, i) => i > 0 && family !== families[i - 1]).length;
  if (turns > 1) return "It depends on the time budget: the families alternate along the front below.";
  const turn = formatMs(front.find((_, i) => i > 0 && families[i] !== families[i - 1])!.from);
  const [under, from] = families[0] === "gan" ? [ganTitle, diffusionTitle] : [diffusionTitle, ganTitle];
  return `${under} when an image must take less than ${turn}; ${from} when it may take that long or longer.`;
}

export const fidOf = (point: QualityPoint): number => readingNamed(point, RANKING)!.value;

function scope(run: Run, cells: readonly Cell[]): string {
  const { dataset, engine, models } = run;
  const seeds = [...new Set(records(cells, "train").map(({ seed }) => seed))];
  const pixels = `${dataset.size} × ${dataset.size} px, ${plural(dataset.channels, "channel")}`;
  const budgets = models.map(
    ({ title, imagesSeen, parameters }) =>
      `${title} ${formatCount(imagesSeen)} training images and ${formatCount(parameters)} parameters`,
  );
  return (
    `Holds for ${dataset.name} at ${pixels}; ${formatList(budgets)}; ` +
    `${engine.device.model} through ${engineWords(engine)}; ` +
    `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.length > 0 ? formatList(seeds.map(String)) : "none"}. ` +
    "A larger image, budget or model may turn it around."
  );
}

function caveats(run: Run, cells: readonly Cell[], points: readonly QualityPoint[]): string[] {
  const found: string[] = [];
  const classifier = records(cells, "classifier")[0];
  const n = points[0]?.n;
  if (n !== undefined) {
    const enough = classifier && n >= 10 * classifier.featureWidth;
    const width = classifier ? ` with features of width ${classifier.featureWidth}` : "";
    found.push(
      `Quality is estimated from ${plural(n, "image")} a setting${width}${
        classifier && !enough ? ", fewer than ten a feature, so FID is biased upwards" : ""
      }; FID compares only at equal n.`,
    );
  }
  if (classifier)
    found.push(
      `Features and ${classifier.target === "mode" ? "modes" : "classes"} come from a classifier that is right on ` +
        `${formatPercent(classifier.accuracy)} of held-out real images${
          classifier.channelAccuracy === undefined
            ? ""
            : ` (all channels at once; on ${formatPercent(classifier.channelAccuracy)} of single channels)`
        }.`,
    );
  const diffusionSettings = points.filter(({ model }) => familyOf(run, model) === "diffusion").length;
  if (diffusionSettings > 1)
    found.push(
      `The best of ${diffusionSettings} diffusion settings is the minimum of noisy values, and so a little flattering.`,
    );
  const rows = latencyRows(run.models, cells);
  const processes = Math.min(...rows.map((row) => row.processes));
  if (rows.length > 0 && processes < 5)
    found.push(
      `Timings come from ${plural(processes, "process", "processes")} a setting; five or more would show how far processes differ.`,
    );
  const spread = Math.max(0, ...rows.map(({ processP50: { low, high } }) => high / low - 1));
  if (spread > 0.1)
    found.push(
      `Medians of the same setting differ between processes by up to ${formatNumber(spread * 100, 2)}%.`,
    );
  return found;
}
