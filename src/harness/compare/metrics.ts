/** How much each metric must change to matter. To weigh a metric otherwise: its line here. */

export interface MetricRule {
  /** `ratio`: changes are shares of the value; `difference`: they are in the metric's own unit. */
  readonly scale: "ratio" | "difference";
  /** Changes up to this do not matter, however sure. */
  readonly floor: number;
  /** A change of this size must be found with the power asked for, else nothing is called unchanged. */
  readonly detect: number;
}

const share: MetricRule = { scale: "difference", floor: 0.02, detect: 0.05 };

/** By name, without the neighbours in `precision_k5`. */
const rules: Readonly<Record<string, MetricRule>> = {
  precision: share,
  recall: share,
  coverage: share,
  accuracy: share,
  second_accuracy: share,
  memorisation: share,
  ms_ssim: share,
  density: { scale: "difference", floor: 0.05, detect: 0.1 },
  authpct: { scale: "difference", floor: 2, detect: 5 },
  mode_count: { scale: "difference", floor: 0.5, detect: 1 },
  reverse_kl: { scale: "difference", floor: 0.02, detect: 0.05 },
  kid: { scale: "difference", floor: 0.05, detect: 0.1 },
  kid_blocks: { scale: "difference", floor: 0.05, detect: 0.1 },
  diverged: { scale: "difference", floor: 0, detect: 0.5 },
  collapsed: { scale: "difference", floor: 0, detect: 0.5 },
  bits_per_dimension: { scale: "ratio", floor: 0.01, detect: 0.02 },
};

/** Metrics whose difference is judged by its size next to the baseline's, because their own unit says little. */
const relative = new Set(["kid", "kid_blocks"]);

const baseName = (metric: string): string => metric.replace(/_k\d+$/, "");

/** What the command line says about ratios: times, FID and all else without an entry of its own. */
export interface Ratios {
  readonly floor: number;
  readonly detect: number;
}

/**
 * The rule for one metric. `centre` is the baseline's value; where a value is not above 0, a ratio would mean nothing and
 * the change is judged as a difference, its floor a share of the centre.
 */
export function ruleOf(metric: string, ratios: Ratios, centre: number, allPositive: boolean): MetricRule {
  const base = baseName(metric);
  const known = Object.hasOwn(rules, base) ? rules[base] : undefined;
  const rule: MetricRule = known ?? { scale: "ratio", ...ratios };
  const size = Math.abs(centre);
  if (relative.has(base))
    return { scale: "difference", floor: rule.floor * size, detect: rule.detect * size };
  if (rule.scale === "difference" || allPositive) return rule;
  return { scale: "difference", floor: rule.floor * size, detect: rule.detect * size };
}
