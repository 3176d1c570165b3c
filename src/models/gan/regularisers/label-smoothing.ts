import { badConfig } from "../../../core/errors.ts";
import type { GanLoss } from "../losses/index.ts";

/**
 * The target of real images under one-sided label smoothing: 1 - share; that of generated ones stays 0. Salimans et al.
 * 2016 (arXiv:1606.03498), section 3.4. BAD_CONFIG for a loss without targets.
 */
export function realTarget(loss: GanLoss, share: number): number {
  if (share > 0 && !loss.labelled)
    throw badConfig(
      `labelSmoothing lowers the target of real images, and the ${loss.title} loss has none; set it to 0`,
    );
  return 1 - share;
}
