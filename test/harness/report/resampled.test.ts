/**
 * What a certainty is worth: settings whose truth is known are measured again and again, with other seeds and other
 * processes. An answer that is called supported must be the true one; where answers vary it must not be called so.
 */
import { describe, expect, it } from "vitest";
import { type Rng, rng } from "../../../src/core/rng.ts";
import {
  certaintyOf,
  choose,
  type DecisionData,
  type Option,
  type Requirements,
} from "../../../src/harness/report/decide/index.ts";

/** A setting as it is: what the mean of endless seeds and processes would give. */
interface True {
  readonly name: string;
  readonly fid: number;
  /** Milliseconds of a request of one image, which is also what it costs. */
  readonly ms: number;
  readonly trainSeconds: number;
}

const SEEDS = 6;
const PROCESSES = 5;
/** Relative deviation of the FID between seeds, of training times, and of a setting's time between processes. */
const NOISE = { fid: 0.1, train: 0.1, ms: 0.04, machine: 0.1 };

const SETS = 100;
/** Where truths are all but equal, and rates are small. */
const MANY = 500;

const near = (stream: Rng, value: number, relative: number) => value * (1 + relative * stream.normal());
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** One measurement of the settings: seeds and processes drawn anew. */
function measured(truth: readonly True[], stream: Rng): DecisionData {
  // what slows a process slows every setting in it
  const machine = Array.from({ length: PROCESSES }, () => Math.exp(NOISE.machine * stream.normal()));
  const options = truth.map(({ name, fid, ms, trainSeconds }): Option => {
    const bySeed = Array.from({ length: SEEDS }, (_, seed) => ({
      seed,
      value: near(stream, fid, NOISE.fid),
    }));
    const trainBySeed = bySeed.map(({ seed }) => ({ seed, value: near(stream, trainSeconds, NOISE.train) }));
    const times = machine.map((factor) => ms * factor * Math.exp(NOISE.ms * stream.normal()));
    const logs = times.map(Math.log);
    const centre = meanOf(logs);
    const sd = Math.sqrt(logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (PROCESSES - 1));
    const half = (2.776 * sd) / Math.sqrt(PROCESSES); // Student's t of 4 degrees of freedom at 0.975
    const p50 = Math.exp(centre);
    return {
      name,
      model: name,
      title: name,
      kind: "gan",
      onePass: true,
      sampler: "none",
      steps: 1,
      conditional: false,
      trainSeconds: meanOf(trainBySeed.map(({ value }) => value)),
      trainBySeed,
      timings: {
        1: {
          ms: { p50 },
          lowMs: { p50: Math.exp(centre - half) },
          highMs: { p50: Math.exp(centre + half) },
          needs: {},
          secondsPerImage: meanOf(times) / 1000,
          byProcess: times.map((time, process) => ({ process, secondsPerImage: time / 1000 })),
        },
      },
      quality: { fid: { value: meanOf(bySeed.map(({ value }) => value)), bySeed, of: SEEDS } },
    };
  });
  return {
    options,
    missing: [],
    metrics: [{ name: "fid", title: "FID", word: "FID", direction: "lower" }],
    batches: [1],
  };
}

/** The table without noise. */
function exactly(truth: readonly True[]): DecisionData {
  const data = measured(truth, rng(0));
  const machine = Math.exp(NOISE.machine ** 2 / 2 + NOISE.ms ** 2 / 2); // mean of the log-normal factors
  return {
    ...data,
    options: data.options.map((option, i) => {
      const { fid, ms, trainSeconds } = truth[i]!;
      return {
        ...option,
        trainSeconds,
        timings: {
          1: { ...option.timings[1]!, ms: { p50: ms }, secondsPerImage: (ms * machine) / 1000 },
        },
        quality: { fid: { ...option.quality.fid!, value: fid } },
      };
    }),
  };
}

const asking = (more: Partial<Requirements> = {}): Requirements => ({
  batch: 1,
  budgetMs: 100,
  percentile: "p50",
  metric: "fid",
  floor: 4,
  volume: 100_000,
  labels: "none",
  prefer: "cheapest",
  ...more,
});

/** What so many measurements say of one truth. */
function resampled(truth: readonly True[], requirements: Requirements, stream: Rng, sets = SETS) {
  const right = choose(exactly(truth), requirements).chosen?.option.name;
  const answers = Array.from({ length: sets }, (_, i) => {
    const data = measured(truth, stream.fold(i));
    const choice = choose(data, requirements);
    const name = choice.chosen?.option.name;
    return { name, level: certaintyOf(data, requirements, choice).level };
  });
  const supported = answers.filter(({ level }) => level === "supported");
  const counts = new Map<string | undefined, number>();
  for (const { name } of answers) counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    supported: supported.length,
    wrong: supported.filter(({ name }) => name !== right).length,
    /** How many measurements give the commonest answer. */
    agree: Math.max(...counts.values()),
  };
}

/** Four settings drawn at random, as far apart as those of a run. */
const drawn = (stream: Rng): True[] =>
  ["a", "b", "c", "d"].map((name) => ({
    name,
    fid: 2 * 4 ** stream.uniform(),
    ms: 4 * 40 ** stream.uniform(),
    trainSeconds: 20 + 20 * stream.uniform(),
  }));

const setting = (name: string, fid: number, ms: number): True => ({ name, fid, ms, trainSeconds: 30 });

describe("the certainty of 100 resampled sets of seeds and processes", () => {
  it.each(["cheapest", "best"] as const)("of random settings: a supported %s is the true one", (prefer) => {
    const worlds = Array.from({ length: 40 }, (_, world) => {
      const stream = rng(11).fold(prefer).fold(world);
      const floor = prefer === "best" ? undefined : 4;
      return resampled(drawn(stream.fold("truth")), asking({ prefer, floor }), stream);
    });
    const total = (read: (world: (typeof worlds)[number]) => number) =>
      worlds.reduce((sum, world) => sum + read(world), 0);
    const supported = total((world) => world.supported);
    expect(supported).toBeGreaterThan(0.3 * SETS * worlds.length); // it does say something
    expect(total((world) => world.wrong)).toBeLessThan(0.05 * supported);
    for (const { agree, supported, wrong } of worlds) {
      if (agree < 80) expect(supported).toBeLessThan(20); // where answers vary
      expect(wrong).toBeLessThanOrEqual(5);
    }
  });

  it.each([
    [
      "qualities that are equal",
      { prefer: "best", floor: undefined },
      [setting("a", 2, 10), setting("b", 2.01, 10)],
    ],
    [
      "five that are nearly equal",
      { prefer: "best", floor: undefined },
      ["a", "b", "c", "d", "e"].map((name, i) => setting(name, 2 + i / 50, 10)),
    ],
    ["a cheap one at the floor", {}, [setting("a", 3.98, 10), setting("b", 2, 20)]],
    ["a cheap one just beyond the floor", {}, [setting("a", 4.02, 10), setting("b", 2, 20)]],
    ["costs that are equal", {}, [setting("a", 2, 10), setting("b", 2, 10.05)]],
    [
      "a cheap one at the budget",
      { budgetMs: 10.05 },
      [setting("a", 2, 10), { ...setting("b", 2, 5), trainSeconds: 9e4 }],
    ],
    [
      "a cheap one just beyond the budget",
      { budgetMs: 9.95 },
      [setting("a", 2, 10), { ...setting("b", 2, 5), trainSeconds: 9e4 }],
    ],
  ] as const)("of %s: rarely supported, and rarer still wrongly", (_, more, truth) => {
    const stream = rng(12).fold(JSON.stringify(truth));
    const { supported, wrong } = resampled(truth, asking(more), stream, MANY);
    expect(supported).toBeLessThan(0.1 * MANY);
    expect(wrong).toBeLessThan(0.05 * MANY);
  });

  it("of settings far apart: supported nearly always, and rightly", () => {
    const truth = [setting("a", 2, 10), setting("b", 8, 5), setting("c", 2.5, 40)];
    const { supported, wrong, agree } = resampled(truth, asking(), rng(13));
    expect(agree).toBe(SETS);
    expect(supported).toBeGreaterThan(90);
    expect(wrong).toBe(0);
  });
});
