/**
 * The decision: which of the measured settings to deploy under stated requirements. Pure arithmetic over a small table
 * of options, shared by Node (the first answer, Markdown, terminal, tests) and the page (answers while controls move).
 */

export type PercentileName = "p50" | "p95" | "p99";

/** Requests of one batch size. */
export interface Timing {
  /** Milliseconds per request. */
  readonly ms: Readonly<Partial<Record<PercentileName, number>>>;
  /** Upper confidence bounds of those, where there are enough requests to carry one. */
  readonly highMs: Readonly<Partial<Record<PercentileName, number>>>;
  /** From throughput; what serving costs. */
  readonly secondsPerImage: number;
  /** Timed requests of all processes together. */
  readonly requests: number;
  /** Link to the CSV row, as `csv/latency.csv#row=2`. */
  readonly row?: string;
}

/** One metric of one setting. */
export interface Value {
  /** Mean over seeds. */
  readonly value: number;
  readonly interval?: { readonly low: number; readonly high: number; readonly of: "seeds" | "confidence" };
  readonly bySeed: readonly { readonly seed: number; readonly value: number }[];
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
  /** Whether the model generates images for a given label. */
  readonly conditional: boolean;
  /** Of one training; a distilled model's includes its teacher's. Absent where one of them was not recorded. */
  readonly trainSeconds?: number;
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
  /** The default floor. */
  readonly floor?: number;
}

/** Everything a decision is computed from. */
export interface DecisionData {
  readonly options: readonly Option[];
  readonly metrics: readonly Metric[];
  /** Batch sizes that every model was timed at, ascending. */
  readonly batches: readonly number[];
  readonly price?: { readonly perHour: number; readonly currency: string };
}

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
  /** Only models that generate images for a given label. */
  readonly steer: boolean;
  /** Which of the settings that qualify is chosen. */
  readonly prefer: "cheapest" | "best";
}

/** An option under the requirements. */
export interface Candidate {
  readonly option: Option;
  /** Time of a request at the required percentile. */
  readonly ms: number;
  /** Of the required metric; absent where it was not measured. */
  readonly value?: number;
  readonly meetsBudget: boolean;
  readonly meetsFloor: boolean;
  readonly meetsSteering: boolean;
  /** Machine time of 1,000 images. */
  readonly servingSeconds: number;
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

/** The choice under `requirements`. Where none qualifies, `fastest` and `best` say by how much each requirement is missed. */
export function choose(data: DecisionData, requirements: Requirements): Choice {
  const metric = metricOf(data, requirements.metric);
  const candidates = data.options.flatMap((option) => candidateOf(option, requirements, metric) ?? []);
  const meeting = candidates.filter(meetsAll).sort(preference(requirements, metric));
  if (meeting[0]) return { chosen: meeting[0], meeting, candidates };
  const steerable = candidates.filter(({ meetsSteering }) => meetsSteering).sort((a, b) => a.ms - b.ms);
  const best = steerable
    .filter(({ meetsBudget, value }) => meetsBudget && value !== undefined)
    .sort((a, b) => better(metric, a.value, b.value))[0];
  // where no setting is good enough at any speed, the fastest of all still tells by how much the budget is missed
  const fastest = steerable.find(({ meetsFloor }) => meetsFloor) ?? (best ? undefined : steerable[0]);
  return { meeting, candidates, fastest, best };
}

const meetsAll = ({ meetsBudget, meetsFloor, meetsSteering }: Candidate): boolean =>
  meetsBudget && meetsFloor && meetsSteering;

export const metricOf = (data: DecisionData, name: string): Metric | undefined =>
  data.metrics.find((metric) => metric.name === name);

/** Undefined where the option was not timed at this batch size. */
function candidateOf(
  option: Option,
  { batch, budgetMs, percentile, floor, steer, volume }: Requirements,
  metric: Metric | undefined,
): Candidate | undefined {
  const timing = option.timings[batch];
  const ms = timing?.ms[percentile];
  if (!timing || ms === undefined) return undefined;
  const value = metric && option.quality[metric.name]?.value;
  const { trainSeconds } = option;
  return {
    option,
    ms,
    value,
    meetsBudget: budgetMs === undefined || ms <= budgetMs,
    meetsFloor: floor === undefined || (value !== undefined && passes(metric, value, floor)),
    meetsSteering: !steer || option.conditional,
    servingSeconds: timing.secondsPerImage * 1000,
    trainSeconds,
    totalSeconds: (trainSeconds ?? 0) + volume * timing.secondsPerImage,
  };
}

export const passes = (metric: Metric | undefined, value: number, floor: number): boolean =>
  metric?.direction === "higher" ? value >= floor : value <= floor;

/** Negative where `a` is the better value; a value that was not measured is worse than any. */
function better(metric: Metric | undefined, a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return metric?.direction === "higher" ? b - a : a - b;
}

const preference =
  ({ prefer }: Requirements, metric: Metric | undefined) =>
  (a: Candidate, b: Candidate): number => {
    const [quality, cost] = [better(metric, a.value, b.value), a.totalSeconds - b.totalSeconds];
    return prefer === "best" ? quality || cost : cost || quality;
  };

/** What tells one answer from another. */
export const keyOf = ({ chosen }: Choice): string => chosen?.option.name ?? "";
