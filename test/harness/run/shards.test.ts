import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inOrder, planCells, workOf } from "../../../src/harness/run/plan.ts";
import { divide } from "../../../src/harness/run/shards/divide.ts";
import { modelFacts, stages } from "../../../src/harness/stages/index.ts";
import { resolveSuite } from "../../../src/harness/suite/index.ts";

const { config } = resolveSuite(
  {
    name: "x",
    dataset: { size: 16 },
    seeds: 4,
    models: {
      ddpm: {
        type: "ddpm",
        batch: 30,
        images: 3000,
        options: { base: 8, multipliers: [1, 2], blocks: 1 },
        sampling: [{ sampler: "ddim", steps: [2, 10] }],
      },
      dcgan: {
        type: "dcgan",
        batch: 50,
        images: 9000,
        options: { generatorWidth: 8, discriminatorWidth: 8 },
      },
    },
    stages: { stability: {}, latency: { processes: 3 }, diversity: { n: 700 }, data: { sizes: [10, 20] } },
  },
  [],
  "x",
);
const models = modelFacts(config, 20);
const plan = planCells(stages, config);
const common = new Set<string>(stages.filter((stage) => stage.common).map(({ kind }) => kind));
const cost = (cell: (typeof plan)[number]) => workOf(cell, stages, config, models).flops;
const shards = (count: number) => divide(plan, count, common, cost);
const ids = (cells: readonly { id: string }[]) => cells.map(({ id }) => id);

describe("a plan divided", () => {
  it.each([1, 2, 3, 5, 8, 40])("into %i shards is whole, and only common cells are in several", (count) => {
    const parts = shards(count);
    expect(parts).toHaveLength(count);
    for (const { id, kind } of plan) {
      const holders = parts.filter((cells) => ids(cells).includes(id)).length;
      if (common.has(kind)) expect(holders, id).toBeGreaterThanOrEqual(1);
      else expect(holders, id).toBe(1);
    }
  });

  it("has in every shard what its cells need, in plan order", () => {
    for (const cells of shards(5)) {
      expect(inOrder(cells)).toEqual(cells);
      expect(ids(plan).filter((id) => ids(cells).includes(id))).toEqual(ids(cells));
    }
  });

  it("keeps compared latencies in one shard, with the models they time", () => {
    const timing = shards(5).filter((cells) => cells.some(({ kind }) => kind === "latency"));
    expect(timing).toHaveLength(1);
    expect(ids(timing[0]!)).toEqual(
      expect.arrayContaining(["train/ddpm/seed-0", "train/dcgan/seed-0", "latency/process-2"]),
    );
  });

  it("has no shard with more than the mean and the largest group, which no division can cut", () => {
    const load = (cells: typeof plan) => cells.reduce((sum, cell) => sum + cost(cell), 0);
    const total = load(plan);
    const largest = Math.max(...shards(1000).map(load));
    for (const count of [2, 3, 5])
      for (const cells of shards(count)) expect(load(cells)).toBeLessThanOrEqual(total / count + largest);
    expect(Math.min(...shards(2).map(load))).toBeGreaterThan(0.3 * total);
  });

  it("is one shard, the plan itself, where nothing is divided", () => {
    expect(shards(1)).toEqual([plan]);
  });

  it("is whole for any graph", () => {
    const graph = fc.array(fc.tuple(fc.boolean(), fc.array(fc.nat(30), { maxLength: 3 })), { maxLength: 30 });
    fc.assert(
      fc.property(graph, fc.integer({ min: 1, max: 6 }), (nodes, count) => {
        const isCommon = nodes.map(([wanted], i) => wanted && i < 5);
        const cells = nodes.map(([, needs], i) => ({
          id: `c${i}`,
          kind: isCommon[i] ? ("anchors" as const) : ("stability" as const),
          // a common cell reads common cells alone, as a judge does
          needs: [...new Set(needs)]
            .filter((need) => need < i && (!isCommon[i] || isCommon[need]))
            .map((n) => `c${n}`),
          settings: {},
        }));
        const parts = divide(cells, count, new Set(["anchors"]), ({ id }) => Number(id.slice(1)));
        for (const part of parts)
          for (const { needs } of part) for (const need of needs) expect(ids(part)).toContain(need);
        for (const [i, { id }] of cells.entries()) {
          const holders = parts.filter((part) => ids(part).includes(id)).length;
          expect(holders).toBeGreaterThanOrEqual(1);
          if (!isCommon[i]) expect(holders).toBe(1);
        }
      }),
    );
  });
});
