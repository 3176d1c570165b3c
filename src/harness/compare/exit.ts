/** The exit codes that a comparison earns; which of them wins is the command's table. */
import { type Comparison, countOf } from "./result.ts";

/** 3: a regression. 4: something cannot be compared or, where strict, told. 5: something is lost. */
export function exitCodesOf(comparison: Comparison): (3 | 4 | 5)[] {
  const { losses, mismatchAllowed, strict } = comparison;
  const codes: (3 | 4 | 5)[] = [];
  if (losses.length > 0 || countOf(comparison, "vanished") > 0) codes.push(5);
  if (countOf(comparison, "regressed") > 0) codes.push(3);
  if (!mismatchAllowed && countOf(comparison, "not comparable") > 0) codes.push(4);
  if (strict && countOf(comparison, "inconclusive") > 0) codes.push(4);
  return codes;
}
