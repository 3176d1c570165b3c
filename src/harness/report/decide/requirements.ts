/** The requirements of a deployment: presets, defaults, and how they are written into a link. */
import {
  type DecisionData,
  type Labels,
  metricOf,
  type PercentileName,
  type Requirements,
} from "./choose.ts";

export interface Preset {
  readonly title: string;
  readonly why: string;
  /** Whether it takes the largest batch size measured instead of the smallest. */
  readonly large: boolean;
  readonly budgetMs?: number;
  readonly percentile: PercentileName;
}

/** Presets of the time that a request may take. */
export const presets: Readonly<Record<string, Preset>> = {
  "frame-rate": {
    title: "Frame rate",
    why: "an image for every frame at 60 frames per second: 95% of requests within 16.7 ms",
    large: false,
    budgetMs: 16.7,
    percentile: "p95",
  },
  interactive: {
    title: "Interactive",
    why: "perceived as instantaneous: 95% of requests within 100 ms",
    large: false,
    budgetMs: 100,
    percentile: "p95",
  },
  batch: {
    title: "Batch",
    why: "nobody waits: no time budget, the largest batch size measured",
    large: true,
    percentile: "p50",
  },
};

/** Images over the model's lifetime, unless another number is given. */
const VOLUME = 1_000_000;

/** The requirements as a preset sets them; what a preset does not set is taken from `current`. */
export function withPreset(data: DecisionData, name: string, current: Requirements): Requirements {
  const preset = presets[name];
  if (!preset) return current;
  const { large, budgetMs } = preset;
  const batch = data.batches.at(large ? -1 : 0) ?? current.batch;
  return { ...current, batch, percentile: carried(data, batch, preset.percentile), budgetMs };
}

/** The percentile, or the median where no setting has the requests that it needs: nothing is decided by what is absent. */
function carried({ options }: DecisionData, batch: number, percentile: PercentileName): PercentileName {
  const timed = options.flatMap(({ timings }) => timings[batch] ?? []);
  return timed.length === 0 || timed.some(({ ms }) => ms[percentile] !== undefined) ? percentile : "p50";
}

/** Why a preset asks what it asks, and what it has to ask instead. */
export function presetReason(data: DecisionData, name: string, current: Requirements): string {
  const preset = presets[name];
  if (!preset) return "";
  const { batch, percentile } = withPreset(data, name, current);
  if (percentile === preset.percentile) return preset.why;
  const needs = data.options.flatMap(({ timings }) => timings[batch]?.needs[preset.percentile] ?? [])[0];
  return `${preset.why}; asked of the median, since ${needs}`;
}

/** The preset that these requirements agree with. */
export function presetOf(data: DecisionData, requirements: Requirements): string | undefined {
  const written = writeRequirements(requirements);
  return Object.keys(presets).find(
    (name) => writeRequirements(withPreset(data, name, requirements)) === written,
  );
}

/** What the report asks until a reader asks otherwise: interactive, the first metric's default floor, the run's price. */
export function defaultRequirements(data: DecisionData): Requirements {
  const metric = data.metrics[0];
  return withPreset(data, "interactive", {
    batch: 1,
    percentile: "p95",
    metric: metric?.name ?? "",
    floor: metric?.floor,
    perHour: data.price?.perHour,
    volume: VOLUME,
    // where every model is told labels, like is still compared with like
    labels: data.options.length > 0 && data.options.every(({ conditional }) => conditional) ? "any" : "none",
    prefer: "cheapest",
  });
}

/** How a link to a choice begins, after its `#`. */
const PREFIX = "decide?";

/**
 * The fragment of a link to these requirements, without the `#`. It holds every one of them, so that a link means the
 * same in a report with other defaults.
 */
export const writeRequirements = (requirements: Requirements): string =>
  `${PREFIX}${new URLSearchParams(fieldsOf(requirements))}`;

/** The requirements in a link's fragment, with or without its `#`; undefined where it is not such a link. */
export function readRequirements(data: DecisionData, fragment: string): Requirements | undefined {
  const text = fragment.replace(/^#/, "");
  return text.startsWith(PREFIX)
    ? requirementsOf(data, new URLSearchParams(text.slice(PREFIX.length)))
    : undefined;
}

/** The requirements as named texts, those of a link and of the form's fields. */
export function fieldsOf(requirements: Requirements): Record<string, string> {
  const { batch, budgetMs, percentile, metric, floor, perHour, volume, labels, prefer } = requirements;
  return {
    batch: String(batch),
    budget: String(budgetMs ?? ANY),
    at: percentile,
    metric,
    floor: String(floor ?? ANY),
    hour: String(perHour ?? ANY),
    volume: String(volume),
    labels,
    prefer,
  };
}

const labelsAsked: readonly Labels[] = ["none", "any", "given"];

/** The text of a requirement that any value meets. */
export const ANY = "any";

/** The requirements that named texts state; what is left out or wrong takes its default. */
export function requirementsOf(data: DecisionData, fields: URLSearchParams): Requirements {
  const initial = defaultRequirements(data);
  const oneOf = <T extends string>(name: string, known: readonly T[], otherwise: T): T =>
    known.find((value) => value === fields.get(name)) ?? otherwise;
  const finite = (name: string) => {
    const text = fields.get(name)?.trim();
    return text && Number.isFinite(Number(text)) ? Number(text) : undefined;
  };
  const positive = (name: string) => {
    const value = finite(name);
    return value !== undefined && value > 0 ? value : undefined;
  };
  const orAny = (name: string, value: number | undefined) => (fields.get(name) === ANY ? undefined : value);
  const metrics = data.metrics.map(({ name }) => name);
  const metric = oneOf("metric", metrics, initial.metric);
  const batch = positive("batch") ?? initial.batch;
  return {
    batch: data.batches.includes(batch) ? batch : initial.batch,
    budgetMs: orAny("budget", positive("budget") ?? initial.budgetMs),
    percentile: oneOf("at", ["p50", "p95", "p99"], initial.percentile),
    metric,
    floor: orAny("floor", finite("floor") ?? metricOf(data, metric)?.floor),
    perHour: orAny("hour", positive("hour") ?? initial.perHour),
    volume: positive("volume") ?? initial.volume,
    // an older link says steer=yes
    labels: oneOf("labels", labelsAsked, fields.get("steer") === "yes" ? "given" : initial.labels),
    prefer: oneOf("prefer", ["cheapest", "best"], initial.prefer),
  };
}
