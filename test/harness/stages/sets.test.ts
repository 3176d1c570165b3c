/** The sets of a run: disjoint, i.i.d. whatever order the source has, and so a floor that i.i.d. samplers can reach. */
import { describe, expect, it } from "vitest";
import { type ByteImages, toFloat } from "../../../src/core/images.ts";
import { mean } from "../../../src/core/statistics/index.ts";
import { type Dataset, loadDataset, mostCompared, type Split } from "../../../src/harness/datasets/index.ts";
import { pixelFeatures } from "../../../src/harness/features/pixels.ts";
import {
  checkJudgeImages,
  floorSet,
  judgeSets,
  referenceSet,
  validationSet,
} from "../../../src/harness/stages/shared/sets.ts";
import { evaluateMetrics } from "../../../src/metrics/index.ts";
import { encodeIdx, temporaryFolders, writeFiles } from "../datasets/fixtures.ts";

const temporary = temporaryFolders();
const MODES = 20;

const drawn = (seed: number, test: number) =>
  loadDataset("shapes", { size: 8, channels: 1, seed, train: 20, test });

function keysOf({ data, count }: ByteImages): string[] {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(data.subarray(i * size, (i + 1) * size)).toString("base64"),
  );
}

const countsOf = (values: ArrayLike<number>, classes: number): number[] => {
  const counts = Array<number>(classes).fill(0);
  for (const value of Array.from(values)) counts[value]!++;
  return counts;
};

describe("reference, floor and validation", () => {
  it("share no image, with each other or with training, whatever the stages' n", async () => {
    const dataset = await loadDataset("shapes", { size: 16, channels: 1, seed: 0, train: 200, test: 150 });
    const parts = [
      referenceSet(dataset, 50),
      floorSet(dataset, 20),
      validationSet(dataset, 50),
      dataset.train,
    ];
    const keys = parts.flatMap(({ images }) => keysOf(images));
    expect(keys).toHaveLength(320);
    expect(new Set(keys).size).toBe(320);
    expect(keysOf(floorSet(dataset, 50).images).slice(0, 20)).toEqual(keysOf(parts[1]!.images));
    expect(mostCompared(150)).toBe(50);
    expect(() => referenceSet(dataset, 51)).toThrow(/holds 50/);
  });

  /** Sorted by class, as a folder of class folders is read and as many published sets stand. */
  async function sorted(seed: number): Promise<Dataset> {
    const layout = (count: number) => {
      const labels = Uint8Array.from({ length: count }, (_, i) => Math.floor((10 * i) / count));
      const pixels = Uint8Array.from({ length: count * 144 }, (_, i) => (i * 7919 + (i >> 7)) % 256);
      return [encodeIdx([count, 12, 12], pixels), encodeIdx([count], labels)] as const;
    };
    const [train, test] = [layout(100), layout(900)];
    const folder = writeFiles(temporary(), {
      "train-images-idx3-ubyte": train[0],
      "train-labels-idx1-ubyte": train[1],
      "t10k-images-idx3-ubyte": test[0],
      "t10k-labels-idx1-ubyte": test[1],
    });
    return loadDataset(`idx:${folder}`, { size: 12, channels: 1, seed });
  }

  it("hold every class of class-ordered data as often as chance has it", async () => {
    for (const seed of [0, 1, 2]) {
      const dataset = await sorted(seed);
      const [reference, floor, validation] = [referenceSet, floorSet, validationSet].map((take) =>
        countsOf(take(dataset, 300).labels, 10),
      );
      // homogeneity of two samples, 9 degrees of freedom: 0.1 % lie above 27.9; the source's order would give 600
      for (const other of [floor!, validation!]) {
        const chiSquared = reference!.reduce((sum, n, i) => sum + (n - other[i]!) ** 2 / (n + other[i]!), 0);
        expect(chiSquared).toBeLessThan(27.9);
      }
    }
  });
});

describe("real images against real ones", () => {
  it("have 0 in KID's interval in at least 90 of 100 seeds", { timeout: 60_000 }, async () => {
    let holds = 0;
    for (let seed = 0; seed < 100; seed++) {
      const dataset = await drawn(seed, 600);
      const sample = async ({ images }: Split) => ({ features: pixelFeatures(toFloat(images)) });
      const { values } = evaluateMetrics(
        await sample(floorSet(dataset, 200)),
        await sample(referenceSet(dataset, 200)),
        { metrics: ["kid"] },
      );
      const { low, high } = values[0]!.estimate.interval!;
      if (low <= 0 && high >= 0) holds++;
    }
    expect(holds).toBeGreaterThanOrEqual(90);
  });

  it("have the reverse KL of an i.i.d. sample: (M - 1) / 2n from the truth, (M - 1) / n from each other", async () => {
    const [n, seeds] = [400, 30];
    const fromTruth: number[] = [];
    const fromReference: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const dataset = await drawn(100 + seed, 3 * n);
      const assigned = ({ modes }: Split) => ({
        features: { data: new Float64Array(n), count: n, width: 1 },
        assignments: modes!,
      });
      const even = { modes: Uint16Array.from({ length: n }, (_, i) => i % MODES) };
      const against = (real: Pick<Split, "modes">) =>
        evaluateMetrics(assigned(floorSet(dataset, n)), assigned({ ...floorSet(dataset, n), ...real }), {
          metrics: ["reverseKl"],
          modes: MODES,
        }).values[0]!.estimate.value;
      fromTruth.push(against(even));
      fromReference.push(against(referenceSet(dataset, n)));
    }
    // 2n KL is about chi-squared with M - 1 degrees of freedom, of standard deviation sqrt(2 (M - 1))
    const expected = (MODES - 1) / (2 * n);
    const error = (4 * Math.sqrt(2 * (MODES - 1))) / (2 * n) / Math.sqrt(seeds);
    expect(Math.abs(mean(fromTruth) - expected)).toBeLessThan(error);
    expect(Math.abs(mean(fromReference) - 2 * expected)).toBeLessThan(2 * error);
  });
});

describe("a judge's images", () => {
  it("are all training images but the last tenth, on which it is scored", async () => {
    const dataset = await drawn(0, 30);
    const { learned, heldOut } = judgeSets(dataset);
    expect([learned.images.count, heldOut.images.count]).toEqual([18, 2]);
    expect([...keysOf(learned.images), ...keysOf(heldOut.images)]).toEqual(keysOf(dataset.train.images));
  });

  it("of stacks are scored on stacks of test images, for it has learned the images that training stacks hold", async () => {
    const stacked = await loadDataset("stacked:shapes", {
      size: 8,
      channels: 3,
      seed: 0,
      train: 50,
      test: 30,
    });
    expect(keysOf(judgeSets(stacked).heldOut.images)).toEqual(keysOf(validationSet(stacked, 10).images));
  });

  it("are two at least", () => {
    expect(() => checkJudgeImages({ name: "x", train: 1 })).toThrow(/x has 1 training image.*at least 2/);
    expect(() => checkJudgeImages({ name: "x", train: 2 })).not.toThrow();
  });
});
