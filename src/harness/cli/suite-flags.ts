/** Flags that choose a suite and replace its options. */

import { colourNames, fits } from "../datasets/index.ts";
import { type Override, parseOverride } from "../suite/index.ts";
import {
  choice,
  type FlagValues,
  positiveNumber,
  repeated,
  text,
  toggle,
  value,
  wholeNumber,
} from "./flags.ts";

export const suiteFlags = {
  suite: value("NAME|FILE", "suite to run: quick (default), … or a YAML file", text, "quick"),
  dataset: value("NAME", "shapes, idx:DIR, mnist, … (`bench list datasets`)", text),
  size: value("PX", "edge of the images, a multiple of 4", positiveNumber),
  fit: choice(
    fits,
    "of folder:DIR: middle of an oblong picture, or all of it between margins; cover by default",
  ),
  background: value(
    "COLOUR",
    `of folder:DIR, behind alpha and beside pictures: ${colourNames.join(", ")} or #rrggbb; white by default`,
    text,
  ),
  "skip-broken": toggle("of folder:DIR: leave out files that cannot be read, and count them"),
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
  const { dataset, size, fit, background, seeds, seed, set = [] } = flags;
  const skipBroken = flags["skip-broken"] || undefined;
  const data = { source: dataset, size, fit, background, skipBroken };
  const ofData = Object.entries(data).map(([name, value]) => [`dataset.${name}`, value] as const);
  const named = [...ofData, ...Object.entries({ seeds, seed })]
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => ({ path: path.split("."), value }));
  return [...named, ...set.map(parseOverride)];
}
