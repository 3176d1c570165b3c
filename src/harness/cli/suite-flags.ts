/** Flags that choose a suite and replace its options. */
import { type Override, parseOverride } from "../suite/index.ts";
import { type FlagValues, positiveNumber, repeated, text, value, wholeNumber } from "./flags.ts";

export const suiteFlags = {
  suite: value("NAME|FILE", "suite to run: quick (default), … or a YAML file", text, "quick"),
  dataset: value("NAME", "shapes, idx:DIR, mnist, … (`bench list datasets`)", text),
  size: value("PX", "edge of the images, a multiple of 4", positiveNumber),
  set: repeated(
    "KEY=VALUE",
    "replace an option of the suite, e.g. models.ddpm.images=5000; null removes it",
    text,
  ),
};

export const seedFlags = {
  seeds: value("N", "number of seeds that each model is trained with", positiveNumber),
  seed: value("S", "first of these seeds", wholeNumber),
};

/** The options that the flags replace; --set comes last, so it decides. */
export function overridesOf(
  flags: FlagValues<typeof suiteFlags> & Partial<FlagValues<typeof seedFlags>>,
): Override[] {
  const { dataset, size, seeds, seed, set = [] } = flags;
  const named = Object.entries({ "dataset.source": dataset, "dataset.size": size, seeds, seed })
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => ({ path: path.split("."), value }));
  return [...named, ...set.map(parseOverride)];
}
