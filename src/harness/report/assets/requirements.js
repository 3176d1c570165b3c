// @ts-check
/**
 * What is asked of a deployment: presets, what is asked unless someone says otherwise, and how a choice of requirements
 * is written into a link.
 *
 * @typedef {import("./decide.js").DecisionData} DecisionData
 * @typedef {import("./decide.js").Requirements} Requirements
 */

/**
 * Presets of the time that a request may take. `batch`: the largest batch size measured instead of the smallest.
 * @type {Readonly<Record<string, { title: string, why: string, large: boolean, budgetMs?: number, percentile: "p50" | "p95" }>>}
 */
export const presets = {
  "frame-rate": {
    title: "Frame rate",
    why: "an image for every frame of 60 a second: 95% of requests within 16.7 ms",
    large: false,
    budgetMs: 16.7,
    percentile: "p95",
  },
  interactive: {
    title: "Interactive",
    why: "felt as instantaneous: 95% of requests within 100 ms",
    large: false,
    budgetMs: 100,
    percentile: "p95",
  },
  batch: {
    title: "Batch",
    why: "nobody waits: no limit on a request, the largest batch measured",
    large: true,
    percentile: "p50",
  },
};

/** Images over the life of the model, unless another number is given. */
export const VOLUME = 1_000_000;

/**
 * The requirements as a preset sets them; what a preset does not set is taken from `current`.
 * @param {DecisionData} data
 * @param {string} name
 * @param {Requirements} current
 * @returns {Requirements}
 */
export function withPreset(data, name, current) {
  const preset = presets[name];
  if (!preset) return current;
  const { budgetMs: _, ...rest } = current;
  const batch = (preset.large ? data.batches.at(-1) : data.batches[0]) ?? current.batch;
  const { budgetMs, percentile } = preset;
  return { ...rest, batch, percentile, budgetMs };
}

/**
 * The preset that these requirements agree with.
 * @param {DecisionData} data
 * @param {Requirements} requirements
 */
export function presetOf(data, requirements) {
  const written = writeRequirements(requirements);
  return Object.keys(presets).find(
    (name) => writeRequirements(withPreset(data, name, requirements)) === written,
  );
}

/**
 * What the report asks until a reader asks otherwise: interactive, the first metric's own floor, the run's price.
 * @param {DecisionData} data
 * @returns {Requirements}
 */
export function defaultRequirements(data) {
  const metric = data.metrics[0];
  return withPreset(data, "interactive", {
    batch: data.batches[0] ?? 1,
    percentile: "p95",
    metric: metric?.name ?? "",
    floor: metric?.floor,
    perHour: data.price?.perHour,
    volume: VOLUME,
    steer: false,
    prefer: "cheapest",
  });
}

/** How a link to a choice begins, after its `#`. */
const PREFIX = "decide?";

/**
 * The fragment of a link to these requirements, without the `#`. Every one of them is written, so that a link means the
 * same in a report whose defaults are others.
 * @param {Requirements} requirements
 */
export function writeRequirements({
  batch,
  budgetMs,
  percentile,
  metric,
  floor,
  perHour,
  volume,
  steer,
  prefer,
}) {
  const fields = new URLSearchParams({
    batch: String(batch),
    budget: String(budgetMs ?? "any"),
    at: percentile,
    metric,
    floor: String(floor ?? "any"),
    hour: String(perHour ?? "any"),
    volume: String(volume),
    steer: steer ? "yes" : "no",
    prefer,
  });
  return `${PREFIX}${fields}`;
}

/**
 * The requirements that a fragment states; what it leaves out or states wrongly is as by default. Undefined where it is
 * no such fragment.
 * @param {DecisionData} data
 * @param {string} fragment With or without the `#`.
 * @returns {Requirements | undefined}
 */
export function readRequirements(data, fragment) {
  const text = fragment.replace(/^#/, "");
  if (!text.startsWith(PREFIX)) return undefined;
  const fields = new URLSearchParams(text.slice(PREFIX.length));
  const initial = defaultRequirements(data);
  /** @type {<T extends string>(name: string, known: readonly T[], otherwise: T) => T} */
  const oneOf = (name, known, otherwise) => known.find((value) => value === fields.get(name)) ?? otherwise;
  const positive = (/** @type {string} */ name) => positiveNumber(fields.get(name));
  const metric = oneOf(
    "metric",
    data.metrics.map(({ name }) => name),
    initial.metric,
  );
  const batch = positive("batch") ?? initial.batch;
  const budgetMs = fields.get("budget") === "any" ? undefined : (positive("budget") ?? initial.budgetMs);
  const perHour = fields.get("hour") === "any" ? undefined : (positive("hour") ?? initial.perHour);
  const floor =
    fields.get("floor") === "any"
      ? undefined
      : (finiteNumber(fields.get("floor")) ?? data.metrics.find(({ name }) => name === metric)?.floor);
  return {
    batch: data.batches.includes(batch) ? batch : initial.batch,
    budgetMs,
    percentile: oneOf("at", ["p50", "p95", "p99"], initial.percentile),
    metric,
    floor,
    perHour,
    volume: positive("volume") ?? initial.volume,
    steer: fields.get("steer") === "yes",
    prefer: oneOf("prefer", ["cheapest", "best"], initial.prefer),
  };
}

/**
 * The finite number that a text is, as it stands in a link or in a field.
 * @param {string | null | undefined} text
 * @returns {number | undefined}
 */
export function finiteNumber(text) {
  if (text === null || text === undefined || text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * @param {string | null | undefined} text
 * @returns {number | undefined}
 */
export function positiveNumber(text) {
  const value = finiteNumber(text);
  return value !== undefined && value > 0 ? value : undefined;
}
