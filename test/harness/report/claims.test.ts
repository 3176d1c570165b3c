/** The rules that decide a claim, on numbers worked out by hand. */
import { describe, expect, it } from "vitest";
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
import { atLeast, type SeedReading } from "../../../src/harness/stages/readout/intervals.ts";
import { stabilityFinding } from "../../../src/harness/stages/stability/claim.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { scoredSet } from "./fixture/quality.ts";
import { fixture } from "./fixture.ts";

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
      tune: "holds", // its unit is the trial
    });
    expect(outcomes({})).toMatchObject({
      stability: "not measured",
      control: "not measured",
      data: "not measured",
      tune: "not measured",
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
