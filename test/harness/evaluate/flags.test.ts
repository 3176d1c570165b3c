import { expect, it } from "vitest";
import { evaluateFlags } from "../../../src/harness/cli/evaluate.ts";
import { pixelRanges, resizers } from "../../../src/harness/features/index.ts";

it.each([
  ["onnx-resize", resizers],
  ["onnx-range", pixelRanges],
] as const)("--%s takes what the registry has, and nothing else", (flag, registry) => {
  const { coerce } = evaluateFlags[flag];
  for (const name of Object.keys(registry)) expect(coerce(name)).toBe(name);
  expect(() => coerce("none-such")).toThrow(`known: ${Object.keys(registry).join(", ")}`);
});
