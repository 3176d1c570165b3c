import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { mean } from "../../../src/core/statistics/index.ts";
import { chosenWeight } from "../../../src/harness/stages/control/choice.ts";

const weights = [0, 1, 2, 4];
const points = (accuracies: readonly number[], coverages: readonly (number | undefined)[]) =>
  weights.map((guidance, i) => ({ guidance, accuracy: accuracies[i]!, coverage: coverages[i] }));

describe("the chosen weight", () => {
  it("has the highest accuracy among those that cover at most 0.05 less than the lowest weight", () => {
    expect(chosenWeight(points([0.5, 0.7, 0.8, 0.9], [0.6, 0.58, 0.55, 0.5]))).toBe(2);
    expect(chosenWeight(points([0.5, 0.7, 0.8, 0.9], [0.6, 0.5, 0.4, 0.3]))).toBe(0);
    expect(chosenWeight(points([0.5, 0.7, 0.8, 0.9], [0.6, 0.7, 0.7, 0.7]))).toBe(4);
  });

  it("is the lower of equals, in whatever order they stand, and none without coverage", () => {
    const equal = points([0.5, 0.9, 0.9, 0.9], [0.6, 0.6, 0.6, 0.6]);
    expect(chosenWeight(equal.toReversed())).toBe(1);
    expect(chosenWeight(points([0.5, 0.7, 0.8, 0.9], [0.6, undefined, 0.6, undefined]))).toBe(2);
    expect(chosenWeight(points([0.5, 0.7, 0.8, 0.9], [undefined, 0.6, 0.6, 0.6]))).toBeUndefined();
    expect(chosenWeight(equal.slice(0, 1))).toBeUndefined();
  });

  it("is not reported with a bias, as it is where the samples that are reported choose", () => {
    // every weight is as good as the others: the true accuracy of what is reported is 0.8
    const draw = (stream: ReturnType<typeof rng>) =>
      points(
        weights.map(() => 0.8 + 0.02 * stream.normal()),
        weights.map(() => 0.6),
      );
    const trials = Array.from({ length: 400 }, (_, i) => {
      const reported = draw(rng(i).fold("reported"));
      const at = (chosen: number | undefined) =>
        reported.find(({ guidance }) => guidance === chosen)!.accuracy;
      return [at(chosenWeight(draw(rng(i).fold("validation")))), at(chosenWeight(reported))] as const;
    });
    expect(mean(trials.map(([apart]) => apart))).toBeCloseTo(0.8, 2);
    expect(mean(trials.map(([, same]) => same))).toBeGreaterThan(0.815);
  });
});
