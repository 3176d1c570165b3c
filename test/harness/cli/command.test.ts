import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type ExitCode, gravest } from "../../../src/harness/cli/command.ts";

const order: ExitCode[] = [130, 1, 2, 5, 3, 4, 0];

it.each<[ExitCode[], ExitCode]>([
  [[], 0],
  [[0], 0],
  [[0, 4], 4],
  [[4, 3], 3],
  [[3, 5], 5],
  [[5, 2], 2],
  [[2, 1], 1],
  [[1, 130], 130],
  [[0, 3, 4, 5, 2, 130, 1], 130],
])("of %j the gravest is %i", (codes, code) => {
  expect(gravest(codes)).toBe(code);
});

it("depends neither on order nor on repeats, and joining is as good as all at once", () => {
  const codes = fc.array(fc.constantFrom(...order));
  fc.assert(
    fc.property(codes, codes, (a, b) => {
      expect(gravest([...a, ...b])).toBe(gravest([...b, ...b, ...a]));
      expect(gravest([gravest(a), gravest(b)])).toBe(gravest([...a, ...b]));
    }),
  );
});
