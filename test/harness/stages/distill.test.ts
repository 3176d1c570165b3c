import { describe, expect, it } from "vitest";
import type { DiversityRecord } from "../../../src/harness/record/index.ts";
import { distillStage, fewestOf, floorOf } from "../../../src/harness/stages/distill/run.ts";
import { resolveSuite, type SuiteConfig } from "../../../src/harness/suite/index.ts";

const config = (distill: object, stages: object = { diversity: {} }): SuiteConfig =>
  resolveSuite(
    {
      name: "x",
      models: { ddpm: { type: "ddpm", images: 100 } },
      stages: { ...stages, distill: { teacher: "ddpm", ...distill } },
    },
    [],
    "x",
  ).config;

const teacher = (
  values: Record<string, number>[],
  direction: "lower" | "higher" = "lower",
): DiversityRecord => ({
  kind: "diversity",
  model: "ddpm",
  seed: 0,
  settings: values.map((metrics, i) => ({
    sampler: "ddim",
    steps: 10 * (i + 1),
    networkEvaluations: 10 * (i + 1),
    n: 100,
    metrics: Object.entries(metrics).map(([metric, value]) => ({ metric, value, direction, protocol: "" })),
    undefinedMetrics: [],
    modeCounts: [],
  })),
});

describe("the floor", () => {
  it("is a factor on the teacher's best, in the metric's direction", () => {
    const record = teacher([{ fid: 8 }, { fid: 4 }, { fid: 5 }]);
    expect(floorOf(config({ floor: { ofTeachersBest: 1.5 } }).stages.distill!, record)).toEqual({
      metric: "fid",
      direction: "lower",
      value: 6,
      rule: "the best of ddpm times 1.5",
    });
    const coverage = teacher([{ coverage: 0.5 }, { coverage: 0.9 }], "higher");
    expect(
      floorOf(config({ metric: "coverage", floor: { ofTeachersBest: 1.5 } }).stages.distill!, coverage).value,
    ).toBeCloseTo(0.6);
  });

  it("is a value where the suite gives one", () => {
    expect(floorOf(config({ floor: { value: 7 } }).stages.distill!, teacher([{ fid: 8 }])).value).toBe(7);
  });

  it("is refused on a metric that is not measured", () => {
    expect(() => floorOf(config({ metric: "fidd" }).stages.distill!, teacher([{ fid: 8 }]))).toThrow(
      /fidd.*does not measure/,
    );
  });
});

it("the fewest steps are the fewest evaluations that meet the floor, or none", () => {
  const arm = (model: string, networkEvaluations: number, meets: boolean) => ({
    model,
    sampler: "ddim",
    steps: networkEvaluations,
    networkEvaluations,
    value: 1,
    meets,
  });
  const arms = [arm("a", 20, true), arm("a", 5, true), arm("a", 2, false), arm("b", 1, false)];
  expect(fewestOf("a", arms)).toEqual({ model: "a", steps: 5, sampler: "ddim" });
  expect(fewestOf("b", arms)).toEqual({ model: "b" });
});

describe("the suite is refused", () => {
  const facts = {} as Parameters<NonNullable<typeof distillStage.check>>[1];
  it("where nothing has that teacher", () => {
    expect(() => distillStage.check!(config({}), facts)).toThrow(
      /no model of the suite has it as its teacher/,
    );
  });
  it("where diversity is not measured", () => {
    expect(() => distillStage.check!(config({}, {}), facts)).toThrow(/add stages.diversity/);
  });
});
