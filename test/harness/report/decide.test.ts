import { describe, expect, it } from "vitest";
import { decisionData } from "../../../src/harness/report/analysis/index.ts";
import {
  answered,
  breakEvenSteps,
  budgetTurns,
  choicesByBudget,
  choose,
  defaultRequirements,
  floorTurns,
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

  it("names numbers that do what it says of them when they are entered", () => {
    // values with more digits than are printed
    const odd = {
      ...data,
      options: data.options.map((option) => ({
        ...option,
        quality: Object.fromEntries(
          Object.entries(option.quality).map(([name, one]) => [name, { ...one, value: one.value * 1.00037 }]),
        ),
        timings: Object.fromEntries(
          Object.entries(option.timings).map(([batch, { ms, ...one }]) => {
            const { p50, ...others } = ms;
            const longer = Object.fromEntries(
              Object.entries(others).map(([at, time]) => [at, time * 1.00037]),
            );
            return [batch, { ...one, ms: { ...longer, p50: p50 * 1.00037 } }];
          }),
        ),
      })),
    };
    let entered = 0;
    for (const metric of ["fid", "coverage"])
      for (const floor of metric === "fid" ? [20, 22, 25, 32, 40] : [0.7, 0.8, 0.86, 0.9])
        for (const budgetMs of [5, 20, 100, 400]) {
          const requirements: Requirements = { ...open, metric, floor, budgetMs };
          const answer = (change: Partial<Requirements>) =>
            named(choose(odd, { ...requirements, ...change })) ?? "no setting qualifies";
          const text = answered(odd, requirements)
            .changes.map(({ claim, text }) => `${claim}: ${text}`)
            .join("\n");
          const ms = { µs: 1e-3, ms: 1, s: 1e3 };
          const number = (digits: string) => Number(digits.replaceAll(",", ""));
          for (const [, word, digits, unit, name] of text.matchAll(
            /(Below|From) ([\d.,]+)\u00a0(µs|ms|s) per request(?: on)?: (.+?)\./g,
          )) {
            const budget = number(digits!) * ms[unit as keyof typeof ms];
            expect(answer({ budgetMs: word === "From" ? budget : budget * (1 - 1e-9) }), text).toBe(name);
            entered++;
          }
          for (const [, how, digits, name] of text.matchAll(
            /If \S+ (?:may be|must be) (up to|down to|below|above) ([\d.,]*\d): (.+?)\./g,
          )) {
            const stricter = { below: 1 - 1e-9, above: 1 + 1e-9 }[how!] ?? 1;
            expect(answer({ floor: number(digits!) * stricter }), text).toBe(name);
            entered++;
          }
        }
    expect(entered).toBeGreaterThan(20);
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
