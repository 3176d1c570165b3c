import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type Rng, rng } from "../../src/core/rng.ts";
import type { Engine } from "../../src/engine/contract.ts";
import type { Features } from "../../src/metrics/contract.ts";
import { encloseDistances, squaredDistance } from "../../src/metrics/engine-distances.ts";
import { prepareNeighbours } from "../../src/metrics/engine-neighbours.ts";
import {
  nearDuplicateDistance,
  nearestReal,
  neighbourhoods,
  pointsWithin,
} from "../../src/metrics/neighbourhoods.ts";
import { selfCrowding } from "../../src/metrics/self-crowding.ts";
import { allEngines, compiledEngines } from "../engine/engines.ts";
import { features } from "./samples.ts";

const engine = await compiledEngines["onnx/cpu"]!();
afterAll(() => engine.dispose());

/** Rows of `base` again and again, each moved by the same tiny steps: near ties, true ties and duplicates. */
function planted(stream: Rng, count: number, width: number, offset: number): Features {
  const base = stream.fillNormal(new Float64Array(8 * width));
  const data = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    const from = stream.integer(8) * width;
    const step = stream.integer(4) * 2 ** -20;
    const moved = stream.integer(width);
    for (let d = 0; d < width; d++) data[i * width + d] = offset + base[from + d]! + (d === moved ? step : 0);
  }
  return { data, count, width };
}

const normal = (stream: Rng, count: number, width: number, scale = 1): Features => ({
  data: stream.fillNormal(new Float64Array(count * width)).map((x) => x * scale),
  count,
  width,
});

const copy = (f: Features): Features => ({ ...f, data: f.data.slice() });

/** All that the metrics ask of two sets. */
const found = (generated: Features, real: Features, ks: readonly number[]) => ({
  balls: ks.map((k) => neighbourhoods(generated, real, k)),
  crowding: ks.map((k) => selfCrowding(real, k)),
  nearest: nearestReal(generated, real),
  threshold: nearDuplicateDistance(real),
  within: pointsWithin(generated, nearDuplicateDistance(real)),
});

/** Prepared by the engine, and the data then made useless, so that nothing can be computed on the host. */
async function onEngine(on: Engine, generated: Features, real: Features, ks: readonly number[]) {
  const [g, r] = [copy(generated), copy(real)];
  await prepareNeighbours(on, g, r, ks);
  for (const { data } of [g, r]) data.fill(Number.NaN);
  return found(g, r, ks);
}

async function expectEqual(
  on: Engine,
  generated: Features,
  real: Features,
  ks: readonly number[] = [1, 3, 5],
) {
  expect(await onEngine(on, generated, real, ks)).toEqual(found(copy(generated), copy(real), ks));
}

describe.each(Object.keys(allEngines))("neighbours on %s", (name) => {
  let opened: Engine | undefined;
  afterAll(() => opened?.dispose());

  test("are those of the host where float32 cannot tell the distances apart", async () => {
    opened = await allEngines[name]!();
    await expectEqual(opened, planted(rng(1), 70, 12, 100), planted(rng(1), 90, 12, 100));
  });
});

describe("neighbours on the engine are the host's, bit by bit,", () => {
  test("on a lattice full of ties and duplicates, near the origin or far from it", async () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }));
    const set = fc.array(point, { minLength: 6, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(set, set, fc.constantFrom(0, 0.1, 1e4, -1e9), async (generated, real, offset) => {
        const far = (rows: number[][]) => features(rows.map((row) => row.map((x) => x / 3 + offset)));
        await expectEqual(engine, far(generated), far(real));
      }),
      { numRuns: 100 },
    );
  });

  test("on sets with planted near ties and duplicates, of any seed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(0, 3, 1e3), async (seed, offset) => {
        await expectEqual(engine, planted(rng(seed), 60, 9, offset), planted(rng(seed), 50, 9, offset));
      }),
      { numRuns: 40 },
    );
  });

  test("over several blocks, the last one not full", async () => {
    await expectEqual(engine, normal(rng(3), 1100, 16), normal(rng(4), 2050, 16));
  });

  test.each([
    ["1e-170, whose squares vanish", 1e-170],
    ["1e-160, whose squares are subnormal", 1e-160],
    ["1e-60, beneath float32", 1e-60],
    ["1e60, beyond float32", 1e60],
    ["1e150, near the end of float64", 1e150],
    ["1e153, some of whose distances are infinite", 1e153],
  ])("at a scale of %s", async (_, scale) => {
    await expectEqual(engine, normal(rng(5), 40, 6, scale), normal(rng(6), 40, 6, scale));
  });

  test("for a collapsed generator, and far outliers", async () => {
    const real = normal(rng(7), 120, 32);
    const data = new Float64Array(100 * 32);
    for (let i = 0; i < 100; i++)
      for (let d = 0; d < 32; d++)
        data[i * 32 + d] = real.data[(i % 2) * 32 + d]! + (i % 5 === d ? 1e-9 * i : 0);
    data.fill(1e6, 99 * 32);
    await expectEqual(engine, { data, count: 100, width: 32 }, real);
    await expectEqual(engine, real, { data, count: 100, width: 32 });
  });

  test("for one set as both, and for k's that a set is too small for", async () => {
    const set = planted(rng(9), 30, 5, 0);
    const [g, r] = [copy(set), copy(set)];
    await prepareNeighbours(engine, g, g, [3]);
    expect(neighbourhoods(g, g, 3)).toEqual(neighbourhoods(r, r, 3));
    const few = normal(rng(10), 4, 5);
    await prepareNeighbours(engine, few, g, [3, 5]);
    expect(neighbourhoods(few, g, 3)).toEqual(neighbourhoods(copy(few), r, 3));
  });
});

test.each([0, 10])("distances of points %d from the origin are enclosed, and closely", async (offset) => {
  const [a, b] = [normal(rng(1), 60, 300), normal(rng(2), 50, 300)];
  for (const { data } of [a, b]) for (let i = 0; i < data.length; i++) data[i]! += offset;
  const distances = await encloseDistances(engine, 60, 300, () => {});
  let pairs = 0;
  await distances.forEachRow(a, b, (i, lowest, highest) => {
    for (let j = 0; j < b.count; j++, pairs++) {
      const exact = squaredDistance(a, i, b, j);
      expect(lowest[j]! <= exact && exact <= highest[j]!).toBe(true);
      expect(highest[j]! - lowest[j]!).toBeLessThan(1e-4 * exact);
    }
  });
  distances.dispose();
  expect(pairs).toBe(3000);
});

describe("preparing neighbours", () => {
  test("takes one program, and counts its blocks; a real set's own are found once", async () => {
    const before = engine.traces;
    const [g, h, r] = [normal(rng(1), 1500, 7), normal(rng(2), 1500, 7), normal(rng(3), 2050, 7)];
    const progress: [number, number][] = [];
    const count = (done: number, total: number) => void progress.push([done, total]);
    await prepareNeighbours(engine, g, r, [2], count);
    // 2 x 2 + 2 x 3, and twice 3 x 3: the real set's neighbours, then who lies in their balls
    expect(progress).toEqual(Array.from({ length: 28 }, (_, i) => [i + 1, 28]));
    expect(engine.traces - before).toBe(1);
    await prepareNeighbours(engine, h, r, [2], count);
    expect(progress.slice(28)).toEqual(Array.from({ length: 10 }, (_, i) => [i + 1, 10]));
  });
});
