/**
 * The decision: which of the measured settings to deploy under stated requirements. Pure arithmetic over a small table
 * of options, shared by Node (the first answer, Markdown, terminal, tests) and the page (answers while controls move).
 */

export type PercentileName = "p50" | "p95" | "p99";

/** Requests of one batch size. */
export interface Timing {
  /** Milliseconds per request, of those percentiles that the requests can carry; the median is always one. */
  readonly ms: Readonly<Partial<Record<PercentileName, number>>> & { readonly p50: number };
  /** Ends of their intervals over processes, where there are several of these. */
  readonly lowMs: Readonly<Partial<Record<PercentileName, number>>>;
  readonly highMs: Readonly<Partial<Record<PercentileName, number>>>;
  /** What the other percentiles lack, as `p95 needs 59 requests, not 15`. */
  readonly needs: Readonly<Partial<Record<PercentileName, string>>>;
  /** From throughput; what serving costs. */
  readonly secondsPerImage: number;
  /** The same in each process. */
  readonly byProcess: readonly { readonly process: number; readonly secondsPerImage: number }[];
  /** Link to the CSV row, as `csv/latency.csv#row=2`. */
  readonly row?: string;
}

export interface BySeed {
  readonly seed: number;
  readonly value: number;
}

/** One metric of one setting. */
export interface Value {
  /** Mean over the seeds that have a value. */
  readonly value: number;
  readonly interval?: { readonly low: number; readonly high: number; readonly of: "seeds" | "confidence" };
  readonly bySeed: readonly BySeed[];
  /** Seeds that were asked for. */
  readonly of: number;
  /** The same metric of the same images by other judges, which confirm a ranking or do not. */
  readonly confirmed?: readonly {
    readonly judge: string;
    readonly value: number;
    readonly bySeed: readonly BySeed[];
  }[];
  readonly row?: string;
}

/** One setting that could be deployed. */
export interface Option {
  /** As `DDPM U-Net, ddim, 10 steps`. */
  readonly name: string;
  readonly model: string;
  /** The model's title. */
  readonly title: string;
  readonly kind: "gan" | "diffusion" | "distilled";
  /** Makes an image in one network evaluation, and so has no step counts. */
  readonly onePass: boolean;
  readonly sampler: string;
  readonly steps: number;
  /** Whether the model is told labels, and so generates images for a given one. */
  readonly conditional: boolean;
  /** Trainings that gave usable weights, of those that ended; absent for a model that was not trained here. */
  readonly trainings?: { readonly usable: number; readonly of: number };
  /**
   * Of one usable model: failed trainings are paid for too. A distilled model's includes its teacher's. Absent where one
   * of them was not recorded.
   */
  readonly trainSeconds?: number;
  /** The same by training seed. */
  readonly trainBySeed?: readonly BySeed[];
  readonly trainRow?: string;
  /** By batch size. */
  readonly timings: Readonly<Record<string, Timing>>;
  /** By metric. */
  readonly quality: Readonly<Record<string, Value>>;
}

export interface Metric {
  readonly name: string;
  readonly title: string;
  /** The title within a sentence. */
  readonly word: string;
  /** Which direction is better. */
  readonly direction: "lower" | "higher";
  /** What real images score at the same number of images. */
  readonly real?: number;
  /** What noise images score at the same number of images. */
  readonly noise?: number;
  /** The default floor, and how it was set. */
  readonly floor?: number;
  readonly floorRule?: string;
}

/** Everything a decision is computed from. */
export interface DecisionData {
  readonly options: readonly Option[];
  /** Models of the run without any setting to choose, and why. */
  readonly missing: readonly { readonly title: string; readonly why: string }[];
  readonly metrics: readonly Metric[];
  /** Batch sizes that every model was timed at, ascending. */
  readonly batches: readonly number[];
  readonly price?: { readonly perHour: number; readonly currency: string };
}

/**
 * What is asked of labels. `none`: no image has a given label, and models that are told labels stand aside, because like
 * is compared with like. `any`: none has one, and those models compete too. `given`: each image has a given label.
 */
export type Labels = "none" | "any" | "given";

export interface Requirements {
  /** Images per request. */
  readonly batch: number;
  /** Milliseconds that a request may take; absent: any time. */
  readonly budgetMs?: number;
  /** The share of requests that must be within the budget. */
  readonly percentile: PercentileName;
  readonly metric: string;
  /** The worst value of the metric that still passes; absent: any value. */
  readonly floor?: number;
  /** Price of an hour of the machine; absent: cost is stated as machine time. */
  readonly perHour?: number;
  /** Images generated over the model's lifetime. */
  readonly volume: number;
  readonly labels: Labels;
  /** Which of the settings that qualify is chosen. */
  readonly prefer: "cheapest" | "best";
}

/** Least share of trainings that must give usable weights: a setting that fails more often is not chosen. */
export const LEAST_USABLE = 0.5;

/** An option under the requirements. */
export interface Candidate {
  readonly option: Option;
  /** Time of a request at the required percentile; absent where the requests cannot carry it. */
  readonly ms?: number;
  /** Of its median request. */
  readonly medianMs: number;
  /** What the requests lack, where only the percentile decides whether they are within the budget. */
  readonly unjudged?: string;
  /** Of the required metric; absent where it was not measured. */
  readonly value?: number;
  readonly meetsBudget: boolean;
  /** Better than noise, and no worse than the floor. */
  readonly meetsFloor: boolean;
  /** False where the metric is no better than that of noise images: never chosen, whatever the floor. */
  readonly beatsNoise: boolean;
  readonly meetsLabels: boolean;
  /** Whether enough of its trainings are usable. */
  readonly trains: boolean;
  /** Machine time of 1,000 images. */
  readonly servingSeconds: number;
  /** Of one usable model. */
  readonly trainSeconds?: number;
  /** Training, where recorded, and serving the whole volume. */
  readonly totalSeconds: number;
}

export interface Choice {
  /** Absent where no setting qualifies. */
  readonly chosen?: Candidate;
  /** Every candidate that qualifies, the preferred first. */
  readonly meeting: readonly Candidate[];
  /** Every option timed at the required batch size, as recorded. */
  readonly candidates: readonly Candidate[];
  /** Where none qualifies: the fastest that is good enough; the fastest of all where none is. */
  readonly fastest?: Candidate;
  /** Where none qualifies: the best that is fast enough. */
  readonly best?: Candidate;
}

/** Whether a metric tells anything: real images are better than noise, where both were measured. */
export const tells = (metric: Metric | undefined): boolean =>
  metric?.real === undefined || metric.noise === undefined || better(metric, metric.real, metric.noise) < 0;

/** The choice under `requirements`. Where none qualifies, `fastest` and `best` say by how much each requirement is missed. */
export function choose(data: DecisionData, requirements: Requirements): Choice {
  const metric = metricOf(data, requirements.metric);
  const candidates = data.options.flatMap((option) => candidateOf(option, requirements, metric) ?? []);
  if (!tells(metric)) return { meeting: [], candidates };
  const meeting = candidates.filter(meetsAll).sort(preference(requirements, metric));
  if (meeting[0]) return { chosen: meeting[0], meeting, candidates };
  const suited = candidates.filter(isSuited);
  const best = suited
    .filter(({ meetsBudget, beatsNoise, value }) => meetsBudget && beatsNoise && value !== undefined)
    .sort((a, b) => better(metric, a.value, b.value))[0];
  // where no setting is good enough at any speed, the fastest of all still tells by how much the budget is missed
  const timed = suited.filter(({ ms }) => ms !== undefined).sort((a, b) => a.ms! - b.ms!);
  const fastest = timed.find(({ meetsFloor }) => meetsFloor) ?? (best ? undefined : timed[0]);
  return { meeting, candidates, fastest, best };
}

/** Whether it can be asked for at all: labels as required, and trainings that succeed. */
export const isSuited = ({ meetsLabels, trains }: Candidate): boolean => meetsLabels && trains;

const meetsAll = (candidate: Candidate): boolean =>
  candidate.meetsBudget && candidate.meetsFloor && isSuited(candidate);

export const metricOf = (data: DecisionData, name: string): Metric | undefined =>
  data.metrics.find((metric) => metric.name === name);

/** Undefined where the option was not timed at this batch size. */
function candidateOf(
  option: Option,
  { batch, budgetMs, percentile, floor, labels, volume }: Requirements,
  metric: Metric | undefined,
): Candidate | undefined {
  const timing = option.timings[batch];
  if (!timing) return undefined;
  const ms = timing.ms[percentile];
  const medianMs = timing.ms.p50;
  const value = metric && option.quality[metric.name]?.value;
  const beatsNoise =
    metric?.noise === undefined || value === undefined || better(metric, value, metric.noise) < 0;
  const { trainSeconds, trainings } = option;
  return {
    option,
    ms,
    medianMs,
    // a percentile beyond the median takes no less than the median
    unjudged:
      ms === undefined && budgetMs !== undefined && medianMs <= budgetMs
        ? timing.needs[percentile]
        : undefined,
    value,
    meetsBudget: budgetMs === undefined || (ms !== undefined && ms <= budgetMs),
    meetsFloor: beatsNoise && (floor === undefined || (value !== undefined && passes(metric, value, floor))),
    beatsNoise,
    meetsLabels: labels === "any" || option.conditional === (labels === "given"),
    trains: !trainings || trainings.usable >= LEAST_USABLE * trainings.of,
    servingSeconds: timing.secondsPerImage * 1000,
    trainSeconds,
    totalSeconds: (trainSeconds ?? 0) + volume * timing.secondsPerImage,
  };
}

export const passes = (metric: Metric | undefined, value: number, floor: number): boolean =>
  metric?.direction === "higher" ? value >= floor : value <= floor;

/** Negative where `a` is the better value; a value that was not measured is worse than any. */
export function better(metric: Metric | undefined, a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return metric?.direction === "higher" ? b - a : a - b;
}

/** Negative where `a` is preferred to `b`, both of which qualify. */
export const preference =
  ({ prefer }: Requirements, metric: Metric | undefined) =>
  (a: Candidate, b: Candidate): number => {
    const [quality, cost] = [better(metric, a.value, b.value), a.totalSeconds - b.totalSeconds];
    return prefer === "best" ? quality || cost : cost || quality;
  };

/** What tells one answer from another. */
export const keyOf = ({ chosen }: Choice): string => chosen?.option.name ?? "";
