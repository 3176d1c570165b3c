/** The rules that decide a claim, on numbers worked out by hand. */
import { describe, expect, it } from "vitest";
import {
  controlClaim,
  controlFinding,
  deployedPoint,
  fillsOf,
  type Steering,
} from "../../../src/harness/stages/control/claim.ts";
import { blocksOf, dataClaim, dataFinding } from "../../../src/harness/stages/data/claim.ts";
import { lastThird } from "../../../src/harness/stages/data/tables.ts";
import { distillClaim, distillFinding, neededBy } from "../../../src/harness/stages/distill/claim.ts";
import {
  type DiversityReadings,
  diversityClaim,
  diversityFinding,
} from "../../../src/harness/stages/diversity/claim.ts";
import { factorsAtEqualQuality, latencyFinding } from "../../../src/harness/stages/latency/claim.ts";
import { judged } from "../../../src/harness/stages/readout/claim.ts";
import { sectionsOf } from "../../../src/harness/stages/readout/index.ts";
import {
  atLeast,
  pairedInterval,
  rangeInterval,
  type SeedReading,
  shiftInterval,
} from "../../../src/harness/stages/readout/intervals.ts";
import { stabilityFinding } from "../../../src/harness/stages/stability/claim.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { scoredSet } from "./fixture/quality.ts";
import { fixture } from "./fixture.ts";

describe("the shift interval", () => {
  it("of 4 against 4 runs from the least to the largest difference and holds with 1 - 2/70", () => {
    const shift = shiftInterval([1, 2, 3, 4], [11, 12, 13, 17]);
    expect(shift).toMatchObject({ defined: true, low: 7, high: 16 });
    expect(shift.defined && shift.confidence).toBeCloseTo(1 - 2 / 70, 12);
    expect(shift.defined && shift.estimate).toBe(10); // the 8th and 9th of the 16 differences
  });

  it("of 5 against 5 leaves out the two outermost differences at either end: U below 3 has 4 of 252 orders", () => {
    const a = [0, 1, 2, 3, 4];
    const shift = shiftInterval(
      a,
      a.map((x) => x + 10),
    );
    // counts 1, 1, 2, 3, 5: 2 (1 + 1 + 2) / 252 = 0.032, and with U = 3 it were 0.056; differences are 6, 7, 7, 8, …
    expect(shift).toMatchObject({ low: 7, high: 13, estimate: 10 });
    expect(shift.defined && shift.confidence).toBeCloseTo(1 - 8 / 252, 12);
  });

  it("is not to be had from 3 against 3, and says what can carry it", () => {
    expect(shiftInterval([1, 2, 3], [7, 8, 9])).toEqual({
      defined: false,
      why: "3 against 3 seeds cannot carry a 95% interval; 4 against 4 can",
    });
    expect(shiftInterval([], [1]).defined).toBe(false);
  });

  /** In how many of the 70 ways to divide 8 values into two groups, all equally likely without a shift, 0 is inside. */
  const coveredOf70 = (values: readonly number[]) => {
    let covered = 0;
    for (let mask = 0; mask < 256; mask++) {
      const a = values.filter((_, i) => mask & (1 << i));
      if (a.length !== 4) continue;
      const shift = shiftInterval(
        a,
        values.filter((_, i) => !(mask & (1 << i))),
      );
      if (shift.defined && shift.low <= 0 && shift.high >= 0) covered++;
    }
    return covered;
  };

  it("inverts the exact test: 0 is outside in the 2 of 70 orders that the test rejects", () => {
    expect(coveredOf70([0.3, 1.1, 2.7, 3.2, 4.9, 5.3, 7.1, 9.4])).toBe(68);
  });

  it.each([
    ["half of them 1", [1, 1, 1, 1, 1.1, 1.2, 1.3, 1.4], 68],
    ["more than half of them 1", [1, 1, 1, 1, 1, 1.2, 1.3, 1.4], 70],
    ["two values alone", [0, 0, 0, 0, 1, 1, 1, 1], 68],
    ["pairs", [0, 0, 1, 1, 2, 2, 3, 3], 68],
    ["a tie across the middle", [0, 1, 2, 3, 3, 4, 5, 6], 70],
    ["all equal", [1, 1, 1, 1, 1, 1, 1, 1], 70],
  ] as const)(
    "holds with ties (%s) at least as often as it says, and says at least",
    (_, values, covered) => {
      expect(coveredOf70(values)).toBe(covered);
      expect(shiftInterval(values.slice(0, 4), values.slice(4))).toMatchObject({ defined: true, tied: true });
    },
  );

  it("takes a bound as a number in its lower end alone", () => {
    const [a, b] = [
      [1, 2, 3, 4],
      [11, 12, 13, 17],
    ];
    expect(shiftInterval(a, [...b.slice(0, 3), atLeast(17)])).toMatchObject({
      low: 7,
      high: Number.POSITIVE_INFINITY,
    });
    expect(shiftInterval([...a.slice(0, 3), atLeast(4)], b)).toMatchObject({
      low: Number.NEGATIVE_INFINITY,
      high: 16,
    });
    expect(shiftInterval(a, [...b.slice(0, 3), atLeast(17)])).not.toHaveProperty("estimate");
  });
});

describe("the paired interval", () => {
  it("needs 6 differences, and runs from the least to the largest", () => {
    expect(pairedInterval([1, 2, 3, 4, 5])).toMatchObject({
      defined: false,
      why: expect.stringMatching(/; 6 can$/),
    });
    expect(pairedInterval([])).toMatchObject({ defined: false, why: "no seed has both" });
    expect(pairedInterval([1, 2, 3, 4, 5, 7])).toEqual({
      defined: true,
      low: 1,
      high: 7,
      confidence: 1 - 2 / 64,
    });
    expect(pairedInterval([1, 2, 3, 4, 5, atLeast(7)])).toMatchObject({
      low: 1,
      high: Number.POSITIVE_INFINITY,
    });
    expect(pairedInterval([1, 1, 1, 1, 1, 1])).toMatchObject({ low: 1, high: 1, tied: true });
  });
});

describe("the range interval", () => {
  it("needs 6 values and holds with 1 - 2/64", () => {
    expect(rangeInterval([1, 2, 3, 4, 5]).defined).toBe(false);
    expect(rangeInterval([6, 1, 2, 3, 4, 9])).toEqual({
      defined: true,
      low: 1,
      high: 9,
      confidence: 1 - 2 / 64,
    });
  });
});

describe("diversity", () => {
  const readings = (
    coverage: readonly number[],
    recall: readonly number[],
    reverseKl: readonly number[],
    more: Readonly<Record<string, readonly number[]>> = {},
  ): DiversityReadings => ({
    setting: "x",
    chance: 0.019, // 20 modes, 1,000 images
    measures: Object.fromEntries(
      Object.entries({ coverage, recall, reverse_kl: reverseKl, ...more }).map(([metric, values]) => [
        metric,
        { values, missing: 0 },
      ]),
    ),
  });
  const shares = [0.8, 0.82, 0.84, 0.86];
  const less = [0.5, 0.52, 0.55, 0.6];
  const [near, far] = [
    [0.01, 0.02, 0.03, 0.04],
    [0.2, 0.3, 0.31, 0.4],
  ];
  const diffusion = readings(shares, shares, near);

  it.each([
    ["holds", less, less, far],
    ["does not hold here", [0.85, 0.86, 0.87, 0.9], [0.86, 0.87, 0.88, 0.9], [0.001, 0.002, 0.003, 0.004]],
    ["inconclusive", less, [0.78, 0.8, 0.83, 0.9], far], // coverage and KL alone, recall says nothing
    ["inconclusive", less, [0.9, 0.92, 0.94, 0.96], far], // recall says the contrary
    ["inconclusive", less, less, near.map((kl) => kl + 0.0001)], // modes are mixed as well as diffusion mixes them
    ["inconclusive", less.slice(1), less.slice(1), far.slice(1)], // 3 against 4: the least tail is 1 of 35
  ] as const)(
    "%s where the GAN has coverage %j, recall %j and reverse KL %j",
    (outcome, coverage, recall, kl) => {
      expect(diversityFinding(readings(coverage, recall, kl), diffusion).outcome).toBe(outcome);
    },
  );

  it("is not decided by coverage alone, whatever it is", () => {
    const low = readings([0.01, 0.01, 0.02, 0.02], shares, near); // noise covers nothing, and mixes modes well
    expect(diversityFinding(low, diffusion).outcome).toBe("inconclusive");
    expect(diversityFinding(low, diffusion).text).toContain("they do not agree");
  });

  it("takes clipped coverage into account where it was measured", () => {
    const gan = readings(less, less, far, { clipped_coverage: shares });
    const other = readings(shares, shares, near, { clipped_coverage: shares });
    expect(diversityFinding(gan, other).outcome).toBe("inconclusive");
    expect(diversityFinding(gan, diffusion).outcome).toBe("holds"); // of one model alone it says nothing
  });

  it("asks of the GAN more reverse KL than chance gives", () => {
    const perfect = readings(shares, shares, [0.001, 0.001, 0.002, 0.002]);
    const within = readings(less, less, [0.003, 0.004, 0.005, 0.018]); // above diffusion's, below 0.019
    expect(diversityFinding(within, perfect).outcome).toBe("inconclusive");
    expect(diversityFinding(within, perfect).text).toContain("within the 0.019 of chance");
  });

  it("has no verdict without all seeds of a measure, or without the measure", () => {
    const some = { ...readings(less, less, far), measures: { ...readings(less, less, far).measures } };
    some.measures.reverse_kl = { values: far, missing: 1 };
    const { outcome, text } = diversityFinding(some, diffusion);
    expect(outcome).toBe("inconclusive");
    expect(text).toContain("(4 of 5 seeds)");
    const { reverse_kl: _, ...others } = diffusion.measures;
    expect(diversityFinding(readings(less, less, far), { ...diffusion, measures: others }).text).toMatch(
      /without reverse_kl no verdict\.$/,
    );
  });

  it("says the differences with their intervals", () => {
    expect(diversityFinding(readings(less, less, far), diffusion).text).toContain(
      "coverage: diffusion 0.83, GAN 0.542 (diffusion ahead by 0.2 to 0.36, 97.1% confidence)",
    );
  });
});

describe("stability", () => {
  const failures = (count: number, seeds: number, low: number, high: number) => ({
    defined: true as const,
    count,
    seeds,
    low,
    high,
  });
  const calm = { ratios: [1, 1, 1.02, 1.01], failed: 0, failures: failures(0, 4, 0, 0.49) };
  it("holds where final over best of the GAN is higher by an interval above 1, ties or not", () => {
    const gan = { ratios: [1.3, 1.5, 2, 3], failed: 0, failures: failures(2, 4, 0.15, 0.85) };
    const finding = stabilityFinding(gan, calm);
    expect(finding.outcome).toBe("holds");
    expect(finding.text).toContain("ratio 1.27 to 3, at least 97.1% confidence"); // 1.3 / 1.02 and 3 / 1; 1 is there twice
    expect(finding.text).toContain("2 of 4 (15% to 85%)");
    expect(finding.text).toContain("fewer than 10 judged seeds carry no verdict");
  });

  it("holds where failures lie apart with ten seeds each, though final over best says nothing", () => {
    const gan = { ratios: [1], failed: 9, failures: failures(9, 10, 0.6, 0.98) };
    const diffusion = { ratios: [1, 1.01], failed: 0, failures: failures(0, 10, 0, 0.28) };
    expect(stabilityFinding(gan, diffusion).outcome).toBe("holds");
    expect(stabilityFinding({ ...gan, failures: failures(9, 9, 0.7, 1) }, diffusion).outcome).toBe(
      "inconclusive",
    );
  });

  const ten = {
    ratios: [1, 1, 1.01, 1.02, 1, 1, 1, 1, 1, 1],
    failed: 0,
    failures: failures(0, 10, 0, 0.28),
  };
  it("does not hold only with ten seeds, an interval below the margin and failures together", () => {
    expect(stabilityFinding(ten, ten).outcome).toBe("does not hold here");
    expect(stabilityFinding(calm, calm).outcome).toBe("inconclusive");
  });

  it("counts the failed among the seeds: four of ten lost leave no upper end, whatever the six others say", () => {
    const survivors = { ratios: ten.ratios.slice(4), failed: 4, failures: failures(4, 10, 0.17, 0.69) };
    const { outcome, text } = stabilityFinding(survivors, ten);
    expect(outcome).toBe("inconclusive");
    expect(text).toContain("GAN 1 (6 of 10 seeds), diffusion 1 (10 of 10 seeds); ratio at least ");
    const lost = { ratios: [], failed: 4, failures: failures(4, 4, 0.51, 1) };
    expect(stabilityFinding(lost, calm).text).toContain("GAN without a usable seed of 4");
    expect(stabilityFinding(calm, lost).outcome).toBe("inconclusive");
  });

  it("says nothing of failures that an older protocol recorded, under which noise passed", () => {
    const old = { ...ten, failures: { defined: false as const, why: "of old" } };
    const { outcome, text } = stabilityFinding(old, ten);
    expect(outcome).toBe("inconclusive");
    expect(text).toContain("GAN not judged (of old)");
  });
});

describe("time at equal FID", () => {
  const settings = [3, 30, 300];
  const above = atLeast(300);
  it.each([
    ["inconclusive", [120, 150, 300]], // 3 seeds carry no interval
    ["holds", [120, 150, 300, 130, 110, 140]],
    ["holds", [120, 150, 300, 130, 110, above]], // at least 300: the bound decides
    ["holds", [above, above, above, above, above, above]],
    ["does not hold here", [30, 30, 40, 30, 35, 99]],
    ["inconclusive", [30, 30, 40, 30, 35, above]],
    ["inconclusive", [30, 30, 40, 30, 35, 120]],
    ["inconclusive", []],
  ] as const)("%s for seeds %j", (outcome, bySeed) => {
    expect(latencyFinding(bySeed, settings).outcome).toBe(outcome);
  });

  it("is open where no seed reaches the FID and the largest factor is ten: that is undertrained, not slow", () => {
    const six = Array.from({ length: 6 }, () => atLeast(10));
    const { outcome, text } = latencyFinding(six, [3, 10]);
    expect(outcome).toBe("inconclusive");
    expect(text).toBe(
      "The measured settings take 3 to 10 times the GAN's time per image; none of them reaches its FID, so the factor at its FID is at least the largest of them (at least 10, at least 96.9% confidence).",
    );
  });

  it("needs no seeds where every measured setting takes hundreds, and six where none does", () => {
    expect(latencyFinding([150], [100, 300]).outcome).toBe("holds");
    expect(latencyFinding([3], [3, 99]).outcome).toBe("inconclusive"); // another seed may not reach the FID
    expect(latencyFinding([3, 3, 3, 3, 3, 99], [3, 99]).outcome).toBe("does not hold here");
  });

  it("is measured seed by seed, so that the spread of the GAN's seeds is in it", () => {
    const bySeed = (...values: number[]) => values.map((value, seed) => ({ seed, value }));
    const gan = { ms: 0.1, fid: bySeed(1, 2, 4, 8) };
    const quick = { ms: 1, fid: bySeed(3, 3, 3) };
    const slow = { ms: 10, fid: bySeed(1.5, 1.5, 1.5, 9) };
    // seed 0 reaches 1 with neither; seed 1 reaches 2 slowly, seed 2 reaches 4 quickly; seed 3 has no score at 8 or below
    expect(factorsAtEqualQuality(gan, [quick, slow])).toEqual([atLeast(100), 100, 10, atLeast(100)]);
    expect(factorsAtEqualQuality(gan, [{ ms: 1, fid: [] }])).toEqual([]);
    expect(factorsAtEqualQuality({ ms: 1, fid: [] }, [quick])).toEqual([]);
  });
});

describe("steering", () => {
  const labels = (...accuracies: number[]) =>
    accuracies.map((accuracy, i) => ({ accuracy, coverage: 0.5 + 0.01 * i }));
  const fills = (kept: readonly number[], kids: readonly number[]) =>
    kept.map((one, i) => ({ kept: one, kid: kids[i]!, spread: 0.8 }));
  const [low, high] = [
    [0.5, 0.52, 0.6, 0.62],
    [0.9, 0.92, 0.8, 0.82],
  ] as const;
  const [worse, better] = [fills(low, [4, 5, 6, 7]), fills(high, [-1, 2, 3, 3.5])]; // KID may lie below 0
  const model = (of: Partial<Steering>): Steering => ({
    conditional: true,
    labels: [],
    fills: { told: [], untold: [] },
    ...of,
  });
  const told = (own: Steering["fills"]["told"], asked: readonly number[] = []) =>
    model({ labels: labels(...asked), fills: { told: own, untold: [] } });

  it("holds where labels, fills and their KID all say so, and is open where they differ", () => {
    expect(controlFinding(told(worse, low), told(better, high))?.outcome).toBe("holds");
    expect(controlFinding(told(better, high), told(worse, low))?.outcome).toBe("does not hold here");
    expect(controlFinding(told(worse, high), told(better, low))?.outcome).toBe("inconclusive");
    const keepsAlone = fills(high, [4, 5, 6, 7]); // of a right label but as unlike real images
    expect(controlFinding(told(worse), told(keepsAlone))?.outcome).toBe("inconclusive");
  });

  it("pairs like with like: told with told, and a model without labels with one without", () => {
    const unconditional = (own: Steering["fills"]["untold"]) =>
      model({ conditional: false, fills: { told: [], untold: own } });
    expect(controlFinding(unconditional(worse), unconditional(better))?.outcome).toBe("holds");
    expect(controlFinding(unconditional(worse), told(better, high))).toBeUndefined();
    const untold = model({ fills: { told: [], untold: better } });
    expect(controlFinding(told(worse), untold)).toBeUndefined(); // nothing that both did
    const both = model({ fills: { told: better, untold: worse } });
    expect(controlFinding(told(worse), both)?.text).not.toContain("told no label");
  });

  it("is not bought with coverage", () => {
    const narrow = { ...told([], high), labels: high.map((accuracy) => ({ accuracy, coverage: 0.1 })) };
    const { outcome, text } = controlFinding(told([], low), narrow)!;
    expect(outcome).toBe("inconclusive");
    expect(text).toContain("of coverage there: -0.43 to -0.4, at least 97.1% confidence");
  });

  it("takes the weight that other samples chose, never the best on its own", () => {
    const point = (guidance: number | undefined, accuracy: number) => ({
      guidance,
      accuracy: { value: accuracy, low: accuracy, high: accuracy, confidence: 0.95 },
      secondAccuracy: { value: accuracy, low: accuracy, high: accuracy, confidence: 0.95 },
      perLabel: [],
      millisecondsPerImage: 1,
      networkEvaluations: 1,
      quality: scoredSet(12, { sampler: "ddim", steps: 20 }),
    });
    const points = [point(0, 0.7), point(1, 0.8), point(4, 0.95)];
    expect(deployedPoint({ points, chosenGuidance: 1 })?.accuracy.value).toBe(0.8);
    expect(deployedPoint({ points })).toBeUndefined(); // an older record: nothing chose
    expect(deployedPoint({ points: [point(undefined, 0.6)] })?.accuracy.value).toBe(0.6);
  });

  it("reads fills over masks, told and untold apart, and none of an older record", () => {
    const [record] = fixture({ everyStage: true }).cells.flatMap((cell) =>
      cell.state === "done" && cell.record.kind === "control" ? [cell.record] : [],
    );
    const { inpainting } = record!;
    const scored = inpainting.map(({ filled }) => filled!);
    const { told: isTold } = scored[0]!;
    const kids = scored.filter((filled) => filled.told === isTold).map(({ kid }) => kid);
    const found = fillsOf(inpainting, isTold)!;
    expect(found.kid).toBeCloseTo(kids.reduce((sum, kid) => sum + kid, 0) / kids.length, 12);
    expect(
      fillsOf(
        inpainting.map(({ filled: _, ...old }) => old),
        isTold,
      ),
    ).toBeUndefined();
  });

  it("is not measured by a run of the older protocol, which judged one fill by its error", () => {
    const { run, cells } = fixture({ everyStage: true, seeds: [1, 2, 3, 4] });
    const old = cells.map((cell) => {
      if (cell.state !== "done" || cell.record.kind !== "control") return cell;
      const { chosenGuidance: _, ...record } = cell.record;
      const points = record.points.slice(0, record.points.length > 1 ? undefined : 0);
      return {
        ...cell,
        record: { ...record, points, inpainting: record.inpainting.map(({ filled: __, ...hole }) => hole) },
      };
    });
    expect(judged(viewOf(run, old), controlClaim)).toMatchObject({
      outcome: "not measured",
      text: expect.stringContaining("older runs recorded neither"),
    });
  });
});

describe("training-set size", () => {
  it("is judged by the seeds that have a score at every size", () => {
    const column = (...values: number[]) => values.map((value, seed) => ({ seed, value }));
    expect(blocksOf([column(20, 30), column(15, 18), column(10, 10)])).toEqual([
      [20, 15, 10],
      [30, 18, 10],
    ]);
    expect(blocksOf([column(20, 30), column(10)])).toEqual([[20, 10]]); // seed 1 diverged at the second size
    expect(blocksOf([])).toEqual([]);
  });

  const readings = (losses: readonly number[], others: Partial<Parameters<typeof dataFinding>[0]> = {}) => ({
    sizes: [250, 1000, 4000],
    blocks: losses.map((loss) => [loss, Math.sqrt(loss), 1]),
    lastGains: [0, 0.05],
    ...others,
  });
  const [steep, flat] = [readings([2, 2.2, 2.4, 3]), readings([1, 1.1, 1.2, 1.3])];

  it("is decided by the ratio of the two losses", () => {
    const finding = dataFinding(flat, steep);
    expect(finding.outcome).toBe("holds");
    expect(finding.text).toContain("ratio 1.54 to 3,"); // 2 / 1.3 and 3 / 1
    expect(finding.text).toContain("the fall of diffusion's FID with more images has p 0.000772"); // 6^-4
    expect(dataFinding(steep, flat).outcome).toBe("does not hold here");
    expect(dataFinding(flat, flat).outcome).toBe("inconclusive");
    expect(dataFinding(readings([1.1]), readings([3])).outcome).toBe("inconclusive");
  });

  it("has no verdict while FID still falls, or nobody knows", () => {
    for (const lastGains of [
      [0.3, 0],
      [0, 0.3],
    ]) {
      const { outcome, text } = dataFinding(flat, { ...steep, lastGains });
      expect(outcome).toBe("inconclusive");
      expect(text).toContain("the FID of diffusion still fell by 30% over the last third of training");
    }
    expect(dataFinding({ ...flat, lastGains: [undefined, 0] }, steep).text).toContain("is not known");
    expect(dataFinding({ ...flat, lastGains: [-0.4, 0] }, steep).outcome).toBe("holds"); // risen: learned by heart
  });

  it("has no verdict where the sizes do not separate: FID that rises with data needs none of it", () => {
    const rising = readings([0.5, 0.45, 0.4, 0.42]);
    const level = readings([0.9, 0.95, 1, 0.97]);
    const { outcome, text } = dataFinding(rising, level);
    expect(outcome).toBe("inconclusive");
    expect(text).toContain("the sizes do not separate");
    expect(dataFinding(rising, steep).outcome).toBe("holds");
  });

  it("reads the fall of the last third between the snapshots beside it", () => {
    const at = (imagesSeen: number, fid: number) => ({
      step: imagesSeen,
      imagesSeen,
      seconds: 1,
      quality: scoredSet(fid, { sampler: "ddim", steps: 20 }),
    });
    expect(lastThird([at(100, 9), at(200, 4), at(300, 2)])).toBeCloseTo(Math.log(2), 12);
    expect(lastThird([at(150, 8), at(300, 1)])).toBeCloseTo((2 / 3) * Math.log(8), 12);
    expect(lastThird([at(300, 1)])).toBeUndefined();
    expect(lastThird([])).toBeUndefined();
  });
});

describe("distillation", () => {
  const arm = (model: string, networkEvaluations: number, meets: boolean) => ({
    model,
    sampler: "ddim",
    steps: networkEvaluations,
    networkEvaluations,
    value: 1,
    meets,
  });
  it("needs the fewest evaluations that meet the floor, or more than any measured", () => {
    const arms = [
      arm("a", 20, true),
      arm("a", 5, true),
      arm("a", 2, false),
      arm("b", 1, false),
      arm("b", 4, false),
    ];
    expect(neededBy({ arms }, "a")).toEqual([5]);
    expect(neededBy({ arms }, "b")).toEqual([atLeast(5)]);
    expect(neededBy({ arms }, "c")).toEqual([]);
  });

  const bySeed = (...needed: readonly SeedReading[]) => needed.map((one, seed) => ({ seed, needed: one }));
  const teacher = bySeed(20, 20, 50, 20, 50, 20);
  it.each([
    ["holds", [1, 2, 2, 4, 4, 1]],
    ["inconclusive", [1, 2, 2, 4, 4, 8]], // one seed needs 8
    ["inconclusive", [1, 2, 2, 4, 4, atLeast(3)]], // measured up to 2, where it misses: at least 3 decides nothing
    ["does not hold here", [8, 8, 8, 16, 8, 8]],
    ["does not hold here", [8, 8, 8, atLeast(9), 8, atLeast(9)]], // the bound alone decides: more than 8 is not few
    ["inconclusive", [atLeast(3), atLeast(3), atLeast(3), atLeast(3), atLeast(3), atLeast(3)]],
    ["inconclusive", [1, 2, 2, 4]], // 4 seeds carry no interval
  ] as const)("%s for students that need %j", (outcome, needed) => {
    expect(distillFinding(teacher, bySeed(...needed), "the floor").outcome).toBe(outcome);
  });

  it("does not hold where the teacher needs as few: then distillation is not what makes it few", () => {
    const few = bySeed(2, 2, 4, 2, 2, 2);
    expect(distillFinding(few, few, "the floor").outcome).toBe("does not hold here");
    expect(distillFinding(bySeed(...teacher.map(() => atLeast(51))), few, "the floor").outcome).toBe("holds");
  });

  it("says the floor, the counts and both intervals", () => {
    expect(distillFinding(teacher, bySeed(1, 2, 2, 4, 4, 1), "FID 2 (set by the suite)").text).toBe(
      "To meet FID 2 (set by the suite) the student needs 1 to 4 evaluations, its teacher 20 to 50 evaluations, in 6 seeds; student 1 to 4, at least 96.9% confidence, teacher over student 5 to 25, at least 96.9% confidence.",
    );
    expect(distillFinding(teacher, bySeed(1, atLeast(9)), "x").text).toContain(
      "needs 1 evaluation and more than 8 in 1 of 2 seeds",
    );
  });

  it("is judged in a run by pairs of a teacher and its student, each seed at its own floor", () => {
    const { run, cells } = fixture({ everyStage: true, seeds: [1, 2, 3, 4, 5, 6] });
    const verdict = judged(viewOf(run, cells), distillClaim);
    expect(verdict).toMatchObject({ outcome: "holds", pairs: [] });
    expect(verdict.text).toContain("student 4 to 4, at least 96.9%");
    expect(judged(viewOf(run, []), distillClaim).outcome).toBe("not measured");
  });
});

describe("the verdicts of a run", () => {
  const outcomes = (options: Parameters<typeof fixture>[0]) => {
    const { run, cells } = fixture(options);
    return Object.fromEntries(
      sectionsOf(viewOf(run, cells)).flatMap(({ id, verdict }) => (verdict ? [[id, verdict.outcome]] : [])),
    );
  };

  it("are inconclusive with one seed and not measured without a stage", () => {
    expect(outcomes({ everyStage: true })).toEqual({
      stability: "inconclusive",
      latency: "inconclusive",
      diversity: "inconclusive",
      control: "inconclusive",
      data: "inconclusive",
      distill: "inconclusive",
    });
    expect(outcomes({})).toMatchObject({
      stability: "not measured",
      control: "not measured",
      data: "not measured",
    });
  });

  it("judge every pair of a GAN and a diffusion model, and no student", () => {
    const { run, cells } = fixture({ everyStage: true, seeds: [1, 2, 3, 4] });
    const view = viewOf(run, cells);
    const verdict = judged(view, diversityClaim);
    expect(verdict.outcome).toBe("holds");
    expect(verdict.pairs).toHaveLength(4);
    expect(verdict.pairs.join(" ")).not.toContain("Student");
    expect(judged(view, dataClaim)).toMatchObject({ outcome: "holds", pairs: [] });
  });
});
