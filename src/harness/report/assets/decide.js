// @ts-check
/**
 * The decision: which of the measured settings to deploy under stated requirements. Pure arithmetic over a small table
 * of options, one module for Node (the first answer, Markdown, tests) and for the page (answers while controls move).
 *
 * @typedef {"p50" | "p95" | "p99"} PercentileName
 * @typedef {"gan" | "diffusion" | "distilled"} Family
 *
 * @typedef {object} Timing Requests of one batch size.
 * @property {Partial<Record<PercentileName, number>>} ms Milliseconds a request.
 * @property {Partial<Record<PercentileName, number>>} highMs Upper bounds of those, where there are requests enough.
 * @property {number} secondsPerImage Of throughput: serving costs this.
 * @property {number} requests Timed requests of all processes.
 * @property {string} [row] Where the numbers stand, as `csv/latency.csv#row=2`.
 *
 * @typedef {object} Value
 * @property {number} value Mean over seeds.
 * @property {{ low: number, high: number, of: "seeds" | "confidence" }} [interval]
 * @property {readonly { seed: number, value: number }[]} bySeed
 * @property {string} [row]
 *
 * @typedef {object} Option One setting that could be deployed.
 * @property {string} name e.g. `DDPM U-Net, ddim, 10 steps`.
 * @property {string} model Its id.
 * @property {string} title The model's title.
 * @property {Family} family
 * @property {string} sampler
 * @property {number} steps
 * @property {boolean} conditional Takes the label of what it is to make.
 * @property {number} [trainSeconds] Of one training, a distilled model's with its teacher's; absent where not recorded.
 * @property {string} [trainRow]
 * @property {Readonly<Record<string, Timing>>} timings By batch size.
 * @property {Readonly<Record<string, Value>>} quality By metric.
 *
 * @typedef {object} Metric
 * @property {string} name
 * @property {string} title
 * @property {string} word The title within a sentence.
 * @property {"lower" | "higher"} direction Which way is better.
 * @property {number} [real] What real images score at the same n, and noise.
 * @property {number} [noise]
 * @property {number} [floor] The floor that is asked for unless another is given.
 * @property {string} [rule] How that floor was set.
 *
 * @typedef {object} DecisionData Everything a decision is computed from.
 * @property {string} run Words for the run.
 * @property {readonly Option[]} options
 * @property {readonly Metric[]} metrics
 * @property {readonly number[]} batches Ascending.
 * @property {{ perHour: number, currency: string }} [price]
 *
 * @typedef {object} Requirements
 * @property {number} batch Images a request.
 * @property {number} [budgetMs] Milliseconds that a request may take; absent: any.
 * @property {PercentileName} percentile Of the requests, that many must be in time.
 * @property {string} metric
 * @property {number} [floor] The metric's worst value that passes; absent: any.
 * @property {number} [perHour] Price of an hour; absent: cost is stated as machine time.
 * @property {number} volume Images that will be made over the model's life.
 * @property {boolean} steer Only models that can be told what to make.
 * @property {"cheapest" | "best"} prefer What to take of those that meet all.
 *
 * @typedef {object} Candidate An option under the requirements.
 * @property {Option} option
 * @property {number} ms A request, at the percentile.
 * @property {number} [value] Of the metric; absent where it was not measured.
 * @property {boolean} meetsBudget
 * @property {boolean} meetsFloor
 * @property {boolean} meetsSteering
 * @property {number} servingSeconds Machine time of 1,000 images.
 * @property {number} [trainSeconds]
 * @property {number} totalSeconds Training, where recorded, and the whole volume.
 *
 * @typedef {object} Choice
 * @property {Candidate} [chosen] Absent where none meets all requirements.
 * @property {readonly Candidate[]} meeting All that do, the preferred first.
 * @property {readonly Candidate[]} candidates All that were timed at the batch size, as recorded.
 * @property {Candidate} [fastest] Of those good enough, where none is also fast enough.
 * @property {Candidate} [best] Of those fast enough, where none is also good enough.
 */

/**
 * The choice under `requirements`. Where none meets them all, `fastest` and `best` say by how much each is missed.
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @returns {Choice}
 */
export function choose(data, requirements) {
  const metric = metricOf(data, requirements.metric);
  const candidates = data.options.flatMap((option) => candidateOf(option, requirements, metric) ?? []);
  const order = preference(requirements, metric);
  const meeting = candidates.filter(meetsAll).sort(order);
  if (meeting[0]) return { chosen: meeting[0], meeting, candidates };
  const steerable = candidates.filter(({ meetsSteering }) => meetsSteering);
  const good = steerable.filter(({ meetsFloor }) => meetsFloor).sort((a, b) => a.ms - b.ms);
  const fast = steerable.filter(({ meetsBudget, value }) => meetsBudget && value !== undefined);
  const best = fast.sort((a, b) => better(metric, a.value, b.value) || a.ms - b.ms)[0];
  // where nothing is good enough at any speed, the fastest of all still tells by how much the budget is missed
  const fastest = good[0] ?? (best ? undefined : [...steerable].sort((a, b) => a.ms - b.ms)[0]);
  return { meeting, candidates, fastest, best };
}

/** @param {Candidate} candidate */
const meetsAll = ({ meetsBudget, meetsFloor, meetsSteering }) => meetsBudget && meetsFloor && meetsSteering;

/**
 * @param {DecisionData} data
 * @param {string} name
 */
export const metricOf = (data, name) => data.metrics.find((metric) => metric.name === name);

/**
 * @param {Option} option
 * @param {Requirements} requirements
 * @param {Metric | undefined} metric
 * @returns {Candidate | undefined} Undefined where the option was not timed at this batch size.
 */
function candidateOf(option, { batch, budgetMs, percentile, floor, steer, volume }, metric) {
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

/**
 * @param {Metric | undefined} metric
 * @param {number} value
 * @param {number} floor
 */
export const passes = (metric, value, floor) =>
  metric?.direction === "higher" ? value >= floor : value <= floor;

/**
 * Negative where `a` is the better value; one that was not measured is worse than any.
 * @param {Metric | undefined} metric
 * @param {number | undefined} a
 * @param {number | undefined} b
 */
function better(metric, a, b) {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return metric?.direction === "higher" ? b - a : a - b;
}

/**
 * @param {Requirements} requirements
 * @param {Metric | undefined} metric
 * @returns {(a: Candidate, b: Candidate) => number}
 */
function preference({ prefer }, metric) {
  return prefer === "best"
    ? (a, b) => better(metric, a.value, b.value) || a.totalSeconds - b.totalSeconds
    : (a, b) => a.totalSeconds - b.totalSeconds || better(metric, a.value, b.value);
}

/**
 * What tells one answer from another.
 * @param {Choice} choice
 */
export const keyOf = ({ chosen }) => chosen?.option.name ?? "";
