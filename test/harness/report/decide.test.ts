import { describe, expect, it } from "vitest";
import { decisionData, lenient } from "../../../src/harness/report/analysis/index.ts";
import { howSure } from "../../../src/harness/report/assets/certainty.js";
import {
  choose,
  type DecisionData,
  type Option,
  type Requirements,
} from "../../../src/harness/report/assets/decide.js";
import {
  defaultRequirements,
  presetOf,
  readRequirements,
  withPreset,
  writeRequirements,
} from "../../../src/harness/report/assets/requirements.js";
import {
  breakEvenSteps,
  budgetTurns,
  floorTurns,
  volumeTurns,
} from "../../../src/harness/report/assets/turns.js";
import { answerOf, changesOf } from "../../../src/harness/report/assets/words.js";
import { rowLinks } from "../../../src/harness/report/csv/rows.ts";
import { type Asked, cases, deploymentRun, FIFTY, GAN, STUDENT, TEN } from "./deployments.ts";

const { run, cells } = deploymentRun();
const data = decisionData(run, cells, rowLinks(run, cells));
const initial = defaultRequirements(data);

/** The requirements that the controls stand for, as a link states them. */
function asked({ preset, steer, ...set }: Asked): Requirements {
  const from = preset ? withPreset(data, preset, initial) : initial;
  const fields = new URLSearchParams(writeRequirements(from).slice("decide?".length));
  if (set.metric) fields.delete("floor");
  for (const [name, value] of Object.entries(set)) fields.set(name, value);
  if (steer) fields.set("steer", "yes");
  return readRequirements(data, `#decide?${fields}`)!;
}

const named = (choice: ReturnType<typeof choose> | undefined) => choice?.chosen?.option.name;
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("a floor", () => {
  it("is rounded to three digits towards the lenient side: hand-computed", () => {
    expect([34.824565756, 34.8, 0.07, 9.991, -0.01234, 0].map((value) => lenient(value, "lower"))).toEqual([
      34.9, 34.8, 0.07, 10, -0.0123, 0,
    ]);
    expect([34.824565756, 0.8599, 0.95, -0.01234].map((value) => lenient(value, "higher"))).toEqual([
      34.8, 0.859, 0.95, -0.0124,
    ]);
  });
});

describe("the decision", () => {
  it("reads its table from the records", () => {
    expect(
      data.options.map(({ name, family, trainSeconds, conditional }) => [
        name,
        family,
        trainSeconds,
        conditional,
      ]),
    ).toEqual([
      [TEN, "diffusion", 200, true],
      [FIFTY, "diffusion", 200, true],
      [STUDENT, "distilled", 350, false],
      [GAN, "gan", 100, false],
    ]);
    expect(data.metrics).toMatchObject([
      { name: "fid", direction: "lower", real: 2, noise: 302, floor: 32 },
      { name: "coverage", direction: "higher", real: 0.95, noise: 0.05, floor: 0.86 },
    ]);
    expect(data.options[0]!.timings[16]).toMatchObject({
      ms: { p95: 240 },
      secondsPerImage: 0.015,
      requests: 200,
    });
  });

  it.each(cases)("asked $asked is $answer", ({ asked: set, answer, says = [] }) => {
    const requirements = asked(set);
    const choice = choose(data, requirements);
    expect(named(choice)).toBe(answer);
    const text = plain(answerOf(data, requirements, choice).join(" "));
    expect(text).toContain(answer === undefined ? "None of the 4 settings meets" : `Deploy ${answer}:`);
    for (const words of says) expect(text).toContain(words);
  });

  it("says where it turns, as counted by hand", () => {
    const at28 = { ...initial, floor: 28 };
    expect(budgetTurns(data, at28).tighter).toMatchObject({ at: 4, choice: { meeting: [] } });
    expect(budgetTurns(data, at28).looser).toBeUndefined();
    const tight = { ...initial, floor: 22, budgetMs: 16.7 };
    expect(named(budgetTurns(data, tight).looser?.choice)).toBe(TEN);
    expect(budgetTurns(data, tight).looser?.at).toBe(20);
    const { tighter, looser } = floorTurns(data, at28);
    expect([tighter?.at, named(tighter?.choice)]).toEqual([25, TEN]);
    expect([looser?.at, named(looser?.choice)]).toEqual([30, GAN]);
    const coverage = floorTurns(data, { ...initial, metric: "coverage", floor: 0.65 });
    expect([coverage.tighter?.at, named(coverage.tighter?.choice)]).toEqual([0.7, FIFTY]);
    expect([coverage.looser?.at, named(coverage.looser?.choice)]).toEqual([0.6, STUDENT]);
    const turn = volumeTurns(choose(data, at28), at28);
    expect(turn.above).toBeUndefined();
    expect(turn.below?.volume).toBeCloseTo(9375, 6);
    expect(turn.below?.to.option.name).toBe(TEN);
    expect(breakEvenSteps(choose(data, { ...initial, floor: 15, budgetMs: 50 }))).toEqual([
      { name: "DDPM U-Net with ddim", measured: [10, 50], enough: 50, allowed: 10 },
      { name: "Student with ddim", measured: [1], allowed: 1 },
    ]);
  });

  it("holds to its own turning points: no level between present and turn changes the answer", () => {
    for (const { asked: set } of cases) {
      const requirements = asked(set);
      const now = named(choose(data, requirements));
      const { tighter, looser } = budgetTurns(data, requirements);
      const levels = [2, 4, 16, 20, 48, 100, 240, 1200].flatMap((ms) => [ms, ms + 0.5]);
      const budget = requirements.budgetMs ?? Number.POSITIVE_INFINITY;
      for (const budgetMs of levels) {
        const within = budgetMs >= (tighter?.at ?? 0) && budgetMs < (looser?.at ?? Number.POSITIVE_INFINITY);
        const side = budgetMs <= budget ? budgetMs >= (tighter?.at ?? 0) : within;
        if (side) expect(named(choose(data, { ...requirements, budgetMs }))).toBe(now);
      }
      if (tighter) expect(named(choose(data, { ...requirements, budgetMs: tighter.at - 0.1 }))).not.toBe(now);
      if (looser) expect(named(choose(data, { ...requirements, budgetMs: looser.at }))).not.toBe(now);
    }
  });

  it("puts what would change it into words", () => {
    const requirements = { ...initial, floor: 28 };
    const texts = changesOf(data, requirements, choose(data, requirements)).map(
      ({ claim, text }) => `${claim}: ${plain(text)}`,
    );
    expect(texts).toEqual([
      "Budget: Below 4 ms a request: none meets what is asked. No longer one does.",
      `Floor: If FID must be below 25: ${TEN}. If it may be up to 30: ${GAN}.`,
      "Steps: DDPM U-Net with ddim meets the floor from 10 steps on and has time for all 50 that were tried. Student with ddim meets the floor from 1 step on and has time for 1 step.",
      `Volume: Below 9,375 images, ${TEN} is cheaper.`,
      `Per 1,000 images: The cheapest of each kind that is good enough, in machine time: ${TEN} 20 s; ${STUDENT} 4 s.`,
    ]);
  });

  it("names the CSV row of every number", () => {
    const option = data.options.find(({ name }) => name === GAN)!;
    expect(option.timings[16]!.row).toMatch(/^csv\/latency\.csv#row=\d+$/);
    expect(option.quality.coverage!.row).toMatch(/^csv\/diversity\.csv#row=\d+$/);
    expect(option.trainRow).toMatch(/^csv\/training_time\.csv#row=\d+$/);
  });
});

describe("a link to a choice", () => {
  it("brings every case back", () => {
    for (const { asked: set } of cases) {
      const requirements = asked(set);
      expect(readRequirements(data, `#${writeRequirements(requirements)}`)).toEqual(requirements);
    }
  });

  it("that is wrong in a part keeps the default there, and is none where it is another anchor", () => {
    expect(readRequirements(data, "#front")).toBeUndefined();
    expect(
      readRequirements(data, "#decide?batch=7&budget=-3&at=p42&metric=<b>&floor=x&volume=0&prefer=all"),
    ).toEqual(initial);
  });

  it("knows the preset that it agrees with", () => {
    expect(presetOf(data, initial)).toBe("interactive");
    expect(presetOf(data, withPreset(data, "batch", initial))).toBe("batch");
    expect(presetOf(data, { ...initial, budgetMs: 99 })).toBeUndefined();
  });
});

describe("certainty", () => {
  const option = (name: string, ms: number, values: number[], high?: number): Option => ({
    name,
    model: name,
    title: name,
    family: "gan",
    sampler: "none",
    steps: 1,
    conditional: false,
    timings: {
      1: {
        ms: { p95: ms },
        highMs: { p95: high },
        secondsPerImage: ms / 1000,
        requests: 9,
      },
    },
    quality: {
      fid: {
        value: values.reduce((sum, value) => sum + value, 0) / values.length,
        interval: { low: Math.min(...values), high: Math.max(...values), of: "seeds" },
        bySeed: values.map((value, seed) => ({ seed, value })),
      },
    },
  });
  const sure = (floor: number, ...options: Option[]) => {
    const table: DecisionData = {
      run: "",
      options,
      metrics: [{ name: "fid", title: "FID", word: "FID", direction: "lower" }],
      batches: [1],
    };
    const requirements: Requirements = {
      batch: 1,
      budgetMs: 10,
      percentile: "p95",
      metric: "fid",
      floor,
      volume: 1,
      steer: false,
      prefer: "cheapest",
    };
    return howSure(table, requirements, choose(table, requirements));
  };

  it("needs three seeds that agree, and six to be supported", () => {
    expect(sure(9, option("a", 5, [1], 6))).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("1 training seed:"),
    });
    expect(sure(9, option("a", 5, [1, 2, 1], 6))).toMatchObject({
      level: "indicative",
      text: expect.stringContaining("p = 0.25, the least that so few can show"),
    });
    expect(sure(9, option("a", 5, [1, 2, 1, 2, 1, 1], 6)).level).toBe("supported");
  });

  it("is none where seeds disagree, the floor lies among them, or the bound of the time is beyond the budget", () => {
    expect(sure(4, option("a", 2, [1, 2, 8], 3), option("b", 5, [1, 1, 1], 6))).toEqual({
      level: "inconclusive",
      text: "2 of 3 seeds, each taken alone, give the same answer. The seeds of a, FID 1 to 8, lie on both sides of the floor.",
    });
    expect(sure(9, option("a", 5, [1, 2, 1], 11))).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("The upper bound of its p95, 11\u00a0ms, is beyond the budget."),
    });
    expect(sure(9, option("a", 5, [1, 2, 1])).text).toContain(
      "9 requests are too few for an upper bound of its p95.",
    );
  });
});
