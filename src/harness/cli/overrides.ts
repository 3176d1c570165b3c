/** Flags of `run` that stand for options of the suite; --set comes last and so has the last word. */
import { type Override, parseOverride } from "../suite/index.ts";
import type { RunFlags } from "./commands/run.ts";

const paths = {
  dataset: ["dataset", "source"],
  size: ["dataset", "size"],
  seeds: ["seeds"],
  seed: ["seed"],
} as const;

export function overridesOf(
  flags: Pick<RunFlags, "dataset" | "size" | "seeds" | "seed" | "set">,
): Override[] {
  const named = (Object.keys(paths) as (keyof typeof paths)[]).flatMap((flag) =>
    flags[flag] === undefined ? [] : [{ path: paths[flag], value: flags[flag] }],
  );
  return [...named, ...flags.set.map(parseOverride)];
}
