import { describe, expect, it } from "vitest";
import {
  answered,
  candidateTable,
  certaintyOf,
  choose,
  type DecisionData,
  type Option,
  type Requirements,
} from "../../../src/harness/report/decide/index.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

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
      text: expect.stringContaining("It stands on 6 of 8 seeds: 2 of 8 trainings failed."),
    });
    const { verdict, notes } = answered(table([survivors, other]), asking(9));
    expect(verdict).toContain("mean of 6 of 8 seeds");
    expect(notes).toContain("Means of survivors, since not every seed has a value: a (6 of 8 seeds).");
    const rows = candidateTable(table([survivors, other]), asking(9)).rows;
    expect(rows[0]!.cells.map(({ text }) => text)).toContain("only 6 of 8");
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
