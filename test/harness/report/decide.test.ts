import { describe, expect, it } from "vitest";
import { decisionData } from "../../../src/harness/report/analysis/index.ts";
import {
  answered,
  breakEvenSteps,
  budgetTurns,
  candidateTable,
  certaintyOf,
  choicesByBudget,
  choose,
  type DecisionData,
  defaultRequirements,
  floorTurns,
  type Option,
  presetOf,
  type Requirements,
  readRequirements,
  volumeTurns,
  withPreset,
  writeRequirements,
} from "../../../src/harness/report/decide/index.ts";
import { tables } from "../../../src/harness/stages/readout/index.ts";
import { rowLinks, viewOf } from "../../../src/harness/tables/index.ts";
import { type Asked, cases, deploymentRun, FIFTY, GAN, STUDENT, TEN } from "./deployments.ts";

const { run, cells } = deploymentRun();
const view = viewOf(run, cells);
const data = decisionData(view, rowLinks(view, tables));
const initial = defaultRequirements(data);
/** With the conditional models let in. */
const open = { ...initial, labels: "any" } as const;

/** The requirements that the controls stand for, as a link states them. */
function asked({ preset, ...set }: Asked): Requirements {
  const from = preset ? withPreset(data, preset, initial) : initial;
  const fields = new URLSearchParams(writeRequirements(from).slice("decide?".length));
  if (set.metric) fields.delete("floor");
  for (const [name, value] of Object.entries(set)) fields.set(name, value);
  return readRequirements(data, `#decide?${fields}`)!;
}

const named = (choice: ReturnType<typeof choose> | undefined) => choice?.chosen?.option.name;
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("the decision", () => {
  it("reads its table from the records", () => {
    expect(
      data.options.map(({ name, kind, trainSeconds, conditional }) => [
        name,
        kind,
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
      needs: { p99: "p99 needs 335 requests, not 200" },
    });
  });

  it.each(cases)("asked $asked is $answer", ({ asked: set, answer, says = [] }) => {
    const requirements = asked(set);
    const choice = choose(data, requirements);
    expect(named(choice)).toBe(answer);
    const { verdict, reason } = answered(data, requirements);
    const text = plain(`${verdict} ${reason}`);
    expect(text).toContain(answer === undefined ? "None of the 4 settings qualifies" : `Deploy ${answer}:`);
    for (const words of says) expect(text).toContain(words);
  });

  it("says where it turns, as counted by hand", () => {
    const at28 = { ...open, floor: 28 };
    expect(budgetTurns(data, at28).tighter).toMatchObject({ from: 4, choice: { meeting: [] } });
    expect(budgetTurns(data, at28).looser).toBeUndefined();
    const tight = { ...open, floor: 22, budgetMs: 16.7 };
    expect(named(budgetTurns(data, tight).looser?.choice)).toBe(TEN);
    expect(budgetTurns(data, tight).looser?.from).toBe(20);
    const { tighter, looser } = floorTurns(data, at28);
    expect([tighter?.from, named(tighter?.choice)]).toEqual([25, TEN]);
    expect([looser?.from, named(looser?.choice)]).toEqual([30, GAN]);
    const coverage = floorTurns(data, { ...open, metric: "coverage", floor: 0.65 });
    expect([coverage.tighter?.from, named(coverage.tighter?.choice)]).toEqual([0.7, FIFTY]);
    expect([coverage.looser?.from, named(coverage.looser?.choice)]).toEqual([0.6, STUDENT]);
    const turn = volumeTurns(choose(data, at28), at28);
    expect(turn.above).toBeUndefined();
    expect(turn.below?.volume).toBeCloseTo(9375, 6);
    expect(turn.below?.to.option.name).toBe(TEN);
    expect(breakEvenSteps(choose(data, { ...open, floor: 15, budgetMs: 50 }))).toEqual([
      { name: "DDPM U-Net with ddim", measured: [10, 50], enough: 50, allowed: 10 },
      { name: "Student with ddim", measured: [1], allowed: 1 },
    ]);
  });

  it("divides all budgets into ranges of one answer, as counted by hand", () => {
    const ranges = choicesByBudget(data, { ...open, floor: undefined, prefer: "best" });
    expect(ranges.map(({ from, choice }) => [from, named(choice)])).toEqual([
      [0, undefined],
      [2, GAN],
      [4, STUDENT],
      [20, TEN],
      [100, FIFTY],
    ]);
    for (const { asked: set } of cases) {
      const requirements = asked(set);
      const budgetMs = requirements.budgetMs ?? Number.MAX_VALUE;
      const range = choicesByBudget(data, requirements).findLast(({ from }) => from <= budgetMs);
      expect(named(range?.choice)).toBe(named(choose(data, requirements)));
    }
  });

  it("holds to its own turning points: no level between present and turn changes the answer", () => {
    for (const { asked: set } of cases) {
      const requirements = asked(set);
      const now = named(choose(data, requirements));
      const { tighter, looser } = budgetTurns(data, requirements);
      const levels = [2, 4, 16, 20, 48, 100, 240, 1200].flatMap((ms) => [ms, ms + 0.5]);
      const budget = requirements.budgetMs ?? Number.POSITIVE_INFINITY;
      for (const budgetMs of levels) {
        const within =
          budgetMs >= (tighter?.from ?? 0) && budgetMs < (looser?.from ?? Number.POSITIVE_INFINITY);
        const side = budgetMs <= budget ? budgetMs >= (tighter?.from ?? 0) : within;
        if (side) expect(named(choose(data, { ...requirements, budgetMs }))).toBe(now);
      }
      if (tighter)
        expect(named(choose(data, { ...requirements, budgetMs: tighter.from - 0.1 }))).not.toBe(now);
      if (looser) expect(named(choose(data, { ...requirements, budgetMs: looser.from }))).not.toBe(now);
    }
  });

  it("puts what would change it into words", () => {
    const requirements = { ...open, floor: 28 };
    const texts = answered(data, requirements).changes.map(({ claim, text }) => `${claim}: ${plain(text)}`);
    expect(texts).toEqual([
      "Budget: Below 4 ms per request: no setting qualifies. No longer budget changes the answer.",
      `Floor: If FID must be below 25: ${TEN}. If FID may be up to 30: ${GAN}.`,
      "Steps: DDPM U-Net with ddim meets the floor from 10 steps on and meets the budget with up to 50 steps. Student with ddim meets the floor from 1 step on and meets the budget with up to 1 step.",
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
  const option = (
    name: string,
    ms: number,
    values: number[],
    more: Partial<Option> = {},
    high = ms,
  ): Option => ({
    name,
    model: name,
    title: name,
    kind: "gan",
    onePass: true,
    sampler: "none",
    steps: 1,
    conditional: false,
    timings: {
      1: {
        ms: { p50: ms, p95: ms },
        lowMs: { p95: ms },
        highMs: { p95: high },
        needs: {},
        secondsPerImage: ms / 1000,
        byProcess: [1, 1.01].map((factor, process) => ({ process, secondsPerImage: (ms * factor) / 1000 })),
      },
    },
    quality: {
      fid: {
        value: values.reduce((sum, value) => sum + value, 0) / values.length,
        interval: { low: Math.min(...values), high: Math.max(...values), of: "seeds" },
        bySeed: values.map((value, seed) => ({ seed, value })),
        of: values.length,
      },
    },
    ...more,
  });
  const same = (value: number, n: number) => Array.from({ length: n }, (_, i) => value + i / 100);
  const asking = (floor: number | undefined, more: Partial<Requirements> = {}): Requirements => ({
    batch: 1,
    budgetMs: 10,
    percentile: "p95",
    metric: "fid",
    floor,
    volume: 1,
    labels: "none",
    prefer: "cheapest",
    ...more,
  });
  const table = (
    options: readonly Option[],
    metric: Partial<DecisionData["metrics"][number]> = {},
  ): DecisionData => ({
    options,
    missing: [],
    metrics: [{ name: "fid", title: "FID", word: "FID", direction: "lower", ...metric }],
    batches: [1],
  });
  const sure = (floor: number, ...options: Option[]) => {
    const data = table(options);
    return certaintyOf(data, asking(floor), choose(data, asking(floor)));
  };

  it("needs three seeds that agree, and six to be supported", () => {
    const versus = (n: number) => [option("a", 5, same(1, n)), option("b", 6, same(20, n))] as const;
    expect(sure(9, ...versus(1))).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("Only 1 training seed:"),
    });
    expect(sure(9, ...versus(3))).toMatchObject({
      level: "indicative",
      text: expect.stringContaining("p = 0.25, the least that so few seeds can show"),
    });
    expect(sure(9, ...versus(6)).level).toBe("supported");
  });

  it("counts seeds that disagree by the sign test: 8 of 9 support it, 7 of 8 do not", () => {
    const close = (n: number) => option("a", 5, [...same(1, n - 1), 10]);
    expect(sure(9, close(9), option("b", 6, same(1, 9)))).toMatchObject({
      level: "supported",
      text: expect.stringContaining(
        "8 of 9 seeds, each taken alone, give the same answer (sign test p = 0.039).",
      ),
    });
    expect(sure(9, close(8), option("b", 6, same(1, 8)))).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("7 of 8 seeds, each taken alone, give the same answer."),
    });
  });

  it("is none where seeds disagree or the bound of the time is beyond the budget", () => {
    expect(sure(4, option("a", 2, [1, 2, 8]), option("b", 5, [1, 1, 1]))).toEqual({
      level: "inconclusive",
      text: "2 of 3 seeds, each taken alone, give the same answer. The seeds of a, FID 1 to 8, lie on both sides of the floor.",
    });
    const late = sure(9, option("a", 5, same(1, 6), {}, 11), option("b", 6, same(20, 6)));
    expect(late).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("The upper bound of its p95, 11\u00a0ms, is beyond the budget."),
    });
  });

  it("is none where a setting that was refused for its time may be within the budget", () => {
    const slow = option("b", 11, same(1, 6));
    const timing = slow.timings[1]!;
    const cheaper = { ...timing, secondsPerImage: 0.001, byProcess: [] };
    const bounded = (lowMs: number) => ({ ...slow, timings: { 1: { ...cheaper, lowMs: { p95: lowMs } } } });
    const first = option("a", 5, same(1, 6));
    expect(sure(9, first, bounded(10.5)).level).toBe("supported");
    expect(sure(9, first, bounded(9))).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("b would be chosen if it were within the budget"),
    });
    const unknown = {
      ...slow,
      timings: { 1: { ...cheaper, ms: { p50: 9 }, needs: { p95: "p95 needs 59 requests, not 9" } } },
    };
    const choice = choose(table([first, unknown]), asking(9));
    expect(choice.chosen?.option.name).toBe("a");
    expect(sure(9, first, unknown)).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("but p95 needs 59 requests, not 9."),
    });
  });

  it("is none where costs cannot be told apart, and less where one process measured them", () => {
    const times = (name: string, seconds: readonly number[]): Option => {
      const base = option(name, 5, same(1, 6));
      const byProcess = seconds.map((secondsPerImage, process) => ({ process, secondsPerImage }));
      const secondsPerImage = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
      return { ...base, timings: { 1: { ...base.timings[1]!, secondsPerImage, byProcess } } };
    };
    expect(sure(9, times("a", [1, 2, 3]), times("b", [1.9, 1.7, 3.2]))).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("Its cost cannot be told from that of b"),
    });
    // the process is the unit: what all processes agree on is certain, however far they lie apart
    expect(sure(9, times("a", [1, 2, 3]), times("b", [1.2, 2.21, 3.19])).level).toBe("supported");
    expect(sure(9, times("a", [1]), times("b", [2]))).toMatchObject({
      level: "indicative",
      text: expect.stringContaining("fewer than two processes"),
    });
  });

  it("is less where a seed of the chosen setting is missing, and says what it stands on", () => {
    const six = option("a", 5, same(1, 6));
    const survivors = option("a", 5, same(1, 6), {
      trainings: { usable: 6, of: 8 },
      quality: { fid: { ...six.quality.fid!, of: 8 } },
    });
    const other = option("b", 6, same(20, 6));
    expect(sure(9, six, other).level).toBe("supported");
    expect(sure(9, survivors, other)).toMatchObject({
      level: "indicative",
      text: expect.stringContaining("It stands on 6 of 8 seeds: 2 trainings of 8 failed."),
    });
    const { verdict, notes } = answered(table([survivors, other]), asking(9));
    expect(verdict).toContain("mean of 6 of 8 seeds");
    expect(notes).toContain("Means of survivors, since not every seed has a value: a (6 of 8 seeds).");
    const rows = candidateTable(table([survivors, other]), asking(9)).rows;
    expect(rows[0]!.cells.map(({ text }) => text)).toContain("6 of 8: incomplete");
  });

  it("never chooses what fails more often than not", () => {
    const fails = option("a", 5, same(1, 1), { trainings: { usable: 1, of: 4 } });
    const other = option("b", 6, same(2, 4), { trainings: { usable: 4, of: 4 } });
    const data = table([fails, other]);
    expect(choose(data, asking(9)).chosen?.option.name).toBe("b");
    expect(answered(data, asking(9)).notes).toContain("Most trainings failed, and they are never chosen: a.");
    const half = { ...fails, trainings: { usable: 2, of: 4 } };
    expect(choose(table([half, other]), asking(9)).chosen?.option.name).toBe("a");
  });

  describe("with several judges", () => {
    const judgedBy = (name: string, ms: number, own: number, pixels: readonly number[]): Option => {
      const base = option(name, ms, same(own, 6));
      const value = pixels.reduce((sum, one) => sum + one, 0) / pixels.length;
      const confirmed = [
        { judge: "pixels", value, bySeed: pixels.map((one, seed) => ({ seed, value: one })) },
      ];
      return { ...base, quality: { fid: { ...base.quality.fid!, confirmed } } };
    };
    const ask = (prefer: Requirements["prefer"], ...options: Option[]) => {
      const requirements = asking(prefer === "best" ? undefined : 9, { prefer });
      return certaintyOf(table(options), requirements, choose(table(options), requirements));
    };

    it.each(["best", "cheapest"] as const)(
      "the %s is none where another ranks it the other way round",
      (prefer) => {
        const chosen = (pixels: readonly number[]) => judgedBy("a", 5, 1, pixels);
        const beaten = (pixels: readonly number[]) => judgedBy("b", 4, 20, pixels);
        expect(ask(prefer, chosen([1, 2, 3]), beaten([5, 6, 7])).level).toBe("supported");
        expect(ask(prefer, chosen([5, 6, 7]), beaten([1, 2, 3]))).toMatchObject({
          level: "inconclusive",
          text: expect.stringContaining(
            "The judges disagree: pixels ranks b before it, FID 2 against 6, and their seeds lie apart.",
          ),
        });
        expect(ask(prefer, chosen([5, 2, 7]), beaten([1, 6, 3]))).toMatchObject({
          level: "indicative",
          text: expect.stringContaining("Another judge does not confirm it: pixels ranks b before it"),
        });
      },
    );

    it("a judge plays no part where quality did not decide", () => {
      const [cheap, dear] = [judgedBy("a", 4, 2, [5, 6, 7]), judgedBy("b", 5, 1, [1, 2, 3])];
      expect(ask("cheapest", cheap, dear).level).toBe("supported");
    });
  });

  describe("of nonsense", () => {
    it("ranks nothing by a metric that cannot tell real images from noise, and says so", () => {
      const data = table([option("a", 5, same(1, 6)), option("b", 6, same(2, 6))], { real: 3, noise: 3 });
      const choice = choose(data, asking(9));
      expect(choice.chosen).toBeUndefined();
      expect(choice.meeting).toEqual([]);
      const { verdict, certainty, changes } = answered(data, asking(9));
      expect(verdict).toBe("No answer: by FID real images score 3, no better than noise with 3.");
      expect(certainty.level).toBe("inconclusive");
      expect(changes).toEqual([]);
    });

    it("never chooses a model that is no better than noise, whatever the floor", () => {
      const data = table([option("a", 5, same(8, 6)), option("b", 6, same(2, 6))], { real: 1, noise: 8 });
      for (const floor of [undefined, 9]) {
        expect(choose(data, asking(floor)).meeting.map(({ option }) => option.name)).toEqual(["b"]);
        expect(answered(data, asking(floor)).notes).toContain(
          "No better than noise in FID, and never chosen: a.",
        );
      }
      const noise = table([option("a", 5, same(8, 6)), option("b", 6, same(9, 6))], { real: 1, noise: 8 });
      expect(answered(noise, asking(undefined))).toMatchObject({
        verdict: "None of the 2 settings qualifies.",
        reason: "No setting is better than noise.",
      });
    });

    it("calls a single setting no choice", () => {
      const data = table([option("a", 5, same(1, 6))]);
      const { verdict, reason, certainty } = answered(data, asking(9));
      expect(verdict).toBe("Nothing to choose from: a is the only setting that was measured.");
      expect(plain(reason)).toContain(
        "It meets the requirements: a request of 1 image takes 5 ms (p95, 10 ms allowed)",
      );
      expect(certainty).toEqual({
        level: "inconclusive",
        text: "A single setting leaves nothing to compare it with.",
      });
      expect(candidateTable(data, asking(9)).rows[0]).toMatchObject({ state: "meets" });
    });

    it("says that several settings of one model are no choice between models", () => {
      const data = table([option("a", 5, same(1, 6)), { ...option("b", 6, same(2, 6)), title: "a" }]);
      expect(answered(data, asking(9)).notes).toEqual([
        "Only a was measured: this chooses among its settings, not between models.",
      ]);
    });
  });
});
