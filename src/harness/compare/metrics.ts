/** How much each reading must change to matter. */
import type { Change } from "../record/index.ts";
import type { SnapshotRow } from "./snapshot.ts";

/** How one change is judged: `ratio` as a share of the value, `difference` in the metric's own unit. */
export interface MetricRule extends Change {
  readonly scale: "ratio" | "difference";
}

/** What the command line says about ratios: times, FID and all else without limits of its own. */
export interface Ratios {
  readonly floor: number;
  readonly detect: number;
}

/**
 * The rule for one reading. `centre` is the baseline's value; where a value is not above 0, a ratio would mean nothing
 * and the change is judged as a difference, its limits shares of the centre.
 */
export function ruleOf(
  { change }: Pick<SnapshotRow, "change">,
  { floor, detect }: Ratios,
  centre: number,
  allPositive: boolean,
): MetricRule {
  const rule = change ?? { scale: "ratio", floor, detect };
  if (rule.scale === "difference" || (rule.scale === "ratio" && allPositive))
    return { ...rule, scale: rule.scale };
  const size = Math.abs(centre);
  return { scale: "difference", floor: rule.floor * size, detect: rule.detect * size };
}
