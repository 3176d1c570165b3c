import { expect, it } from "vitest";
import { evaluateFlags } from "../../../src/harness/cli/commands/evaluate.ts";
import { pixelRanges, resizers } from "../../../src/harness/features/index.ts";

it.each([
  ["onnx-resize", resizers],
  ["onnx-range", pixelRanges],
] as const)("--%s takes what the registry has, and nothing else", (flag, registry) => {
  const { parse } = evaluateFlags[flag];
  for (const name of Object.keys(registry)) expect(parse(name, flag)).toBe(name);
  expect(() => parse("none-such", flag)).toThrow(`known: ${Object.keys(registry).join(", ")}`);
});
