import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agreement, relativeDifferences, toldApart } from "../../benchmarks/parity/agreement.ts";
import {
  type Case,
  caseNames,
  cases,
  quickSuite,
  recordedCase,
  recordedDcgan,
  recordedDdpm,
} from "../../benchmarks/parity/cases.ts";
import { joined, type Layout, named } from "../../benchmarks/parity/layout.ts";
import { type PeerResult, trainInPyTorch } from "../../benchmarks/parity/peer.ts";
import { fedAt, type Recorded, recordTraining, startOf } from "../../benchmarks/parity/record.ts";
import { resultsSchema } from "../../benchmarks/parity/results.ts";
import { filled } from "../../benchmarks/parity/tables.ts";
import { pythonWith } from "../../benchmarks/python.ts";
import { rng } from "../../src/core/rng.ts";
import type { Engine } from "../../src/engine/contract.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type TensorFile,
} from "../../src/harness/checkpoints/safetensors.ts";
import type { Dataset } from "../../src/harness/datasets/contract.ts";
import { loadDataset } from "../../src/harness/datasets/index.ts";
import type { Trained } from "../../src/harness/stages/shared/training-loop.ts";
import type { State } from "../../src/models/index.ts";
import { compiledEngine, compileFor, nextState } from "../models/evaluate.ts";

const small = { size: 8, channels: 1 };
const unet = {
  ...small,
  base: 8,
  multipliers: [1, 2],
  blocks: 1,
  attention: [4],
  schedule: { name: "cosine" },
};
/** Warm-up, clipping, averages and batch statistics are all at work within 5 steps. */
const recordings: Readonly<Record<string, Recorded>> = {
  "U-Net, target epsilon": recordedDdpm({ ...unet, learningRate: 1e-3, warmup: 3, ema: 0.5, clip: 0.3 }),
  "U-Net, target v": recordedDdpm({ ...unet, target: "v", learningRate: 1e-3, warmup: 0, ema: 0, clip: 0 }),
  DCGAN: recordedDcgan({ ...small, latent: 6, generatorWidth: 8, discriminatorWidth: 8 }),
};
const [BATCH, STEPS] = [4, 5];

let engine: Engine;
let dataset: Dataset;
beforeAll(async () => {
  engine = await compiledEngine();
  // 15 images: the second epoch begins within the fourth batch
  dataset = await loadDataset("shapes", { ...small, channels: 1, seed: 3, train: 15, test: 3 });
});
afterAll(() => engine.dispose());

type Recording = Awaited<ReturnType<typeof recordTraining>>;
const made = new Map<Recorded, Promise<Recording>>();

/** Of each model once. */
function record(recorded: Recorded): Promise<Recording> {
  const request = { engine, recorded, batch: BATCH, images: STEPS * BATCH, seed: 7, dataset };
  const recording = made.get(recorded) ?? recordTraining(request);
  made.set(recorded, recording);
  return recording;
}

/** As a finished training's: batch statistics of the weights that are sampled. */
const settled = async (model: Recorded["model"], state: State): Promise<State> =>
  (await model.settled?.(engine, state, [])) ?? state;

const curvesOf = ({ curves }: Trained): Record<string, number[]> =>
  Object.fromEntries(curves.map(({ quantity, values }) => [quantity, values]));

describe.each(Object.entries(recordings))("a recorded training of %s", (_, recorded) => {
  const { model, layout } = recorded;

  it("holds all that went in: from the file alone our step gives the same losses and weights, bit for bit", async () => {
    const { file, trained } = await record(recorded);
    const read = decodeSafetensors(encodeSafetensors(file), "recording");
    const weights = startOf(read, layout);
    // moments start at 0, averages as what they average
    let state = Object.fromEntries(
      Object.entries(model.state).map(([name, { shape }]) => [
        name,
        weights[name] ?? weights[name.replace(/_ema$/, "")] ?? { shape, data: new Float32Array(shape[0]!) },
      ]),
    );
    const step = await compileFor(engine, model.trainStep, {
      ...model.state,
      ...model.feedSignature(BATCH),
    });
    const curves = Object.fromEntries(model.quantities.map((name): [string, number[]] => [name, []]));
    for (let at = 0; at < STEPS; at++) {
      const outputs = await step({ ...state, ...fedAt(read, at) });
      for (const [name, values] of Object.entries(curves)) values.push(outputs[name]![0]!);
      state = nextState(state, outputs);
    }
    expect(curves).toEqual(curvesOf(trained));
    expect(await settled(model, state)).toEqual(trained.state);
    expect(read.tensors.indices!.shape).toEqual([STEPS, BATCH]);
  });

  it("names each of the weights once, in an order that puts them together again", () => {
    const start = model.initialState(rng(1));
    const cut = named(start, layout);
    const parts = Object.keys(layout).filter((part) => start[part]);
    expect(joined(cut, layout)).toEqual(Object.fromEntries(parts.map((part) => [part, start[part]])));
    for (const part of parts.filter((name) => name in model.state && name !== "statistics"))
      expect(model.parameterAt(part, 0)).toBe(`${part}.${Object.keys(layout[part]!)[0]}`);
    const [first, ...rest] = Object.entries(cut);
    expect(() => joined(Object.fromEntries(rest), layout)).toThrow(`${first![0]} is [missing]`);
  });
});

it("the cases are the quick suite's own models", async () => {
  const suite = await quickSuite();
  for (const wanted of Object.values<Case>(cases)) {
    const { model, options } = recordedCase(wanted, suite);
    const configured = suite.models[wanted.id]!;
    expect(options).toMatchObject({ ...configured.options, ...wanted.options, size: suite.dataset.size });
    expect(model.quantities).toEqual(expect.arrayContaining([...wanted.losses]));
  }
});

describe("docs/parity.md", () => {
  const read = (file: string) => readFile(new URL(`../../docs/${file}`, import.meta.url), "utf8");

  it("quotes docs/parity.json, case by case, and its bars are those of the cases", async () => {
    const [text, json] = [await read("parity.md"), await read("parity.json")];
    const results = resultsSchema.parse(JSON.parse(json));
    expect(Object.keys(results).sort()).toEqual([...caseNames].sort());
    expect(filled(text, results)).toBe(text);
    for (const name of caseNames) {
      const [result, { steps, tolerance, losses }] = [results[name]!, cases[name]];
      expect(result.bar).toEqual({ steps, tolerance, losses });
      for (const fact of [result.made.processor, result.made.node, result.made.torch])
        expect(text).toContain(fact);
    }
  });
});

const python = pythonWith(["torch", "numpy"]);
if (python === undefined)
  console.warn(
    "parity with PyTorch is not tested: python3 has no torch; apt-get install python3-torch brings it",
  );

describe.skipIf(python === undefined)("PyTorch, from a recording", () => {
  /** A recording with other options than it was made with. */
  const changed = async (recorded: Recorded, options: object) => {
    const { file, trained } = await record(recorded);
    const metadata = { ...file.metadata, options: JSON.stringify({ ...recorded.options, ...options }) };
    return { file: { ...file, metadata }, trained };
  };
  const repeat = async (all: readonly { file: TensorFile; layout: Layout }[]) => {
    const folder = await mkdtemp(join(tmpdir(), "parity-test-"));
    const written = all.map(async ({ file, layout }, i) => {
      const path = join(folder, `${i}.safetensors`);
      await writeFile(path, encodeSafetensors(file));
      return { path, layout };
    });
    return trainInPyTorch(python!, await Promise.all(written)).finally(() => rm(folder, { recursive: true }));
  };
  /** Largest relative difference of any quantity that PyTorch gives at any step. */
  const largest = (trained: Trained, { losses }: PeerResult) =>
    Math.max(
      ...Object.entries(losses).flatMap(([name, values]) =>
        relativeDifferences(curvesOf(trained)[name]!, values),
      ),
    );

  it("gives our losses, gradients and weights, and not where a setting differs, here Adam's beta1 by 0.1", async () => {
    const all = Object.values(recordings);
    const ours = await Promise.all(all.map(record));
    const gan = recordings.DCGAN!;
    const other = await changed(gan, { beta1: 0.6 });
    const theirs = await repeat(
      [...ours, other].map(({ file }, i) => ({ file, layout: (all[i] ?? gan).layout })),
    );
    for (const [i, { model }] of all.entries()) {
      const [{ trained }, peer] = [ours[i]!, theirs[i]!];
      expect(Object.values(peer.losses).map(({ length }) => length)).toEqual(
        Object.keys(peer.losses).map(() => STEPS),
      );
      expect(largest(trained, peer)).toBeLessThan(2e-5);
      const weights = model.samplingWeights(await settled(model, peer.state));
      for (const [part, { data }] of Object.entries(model.samplingWeights(trained.state))) {
        // a weight whose gradient is rounding alone may move either way: compare them together
        const off = Math.hypot(...data.map((value, k) => value - weights[part]!.data[k]!));
        expect(off / Math.hypot(...data)).toBeLessThan(1e-3);
      }
    }
    expect(largest(other.trained, theirs.at(-1)!)).toBeGreaterThan(1e-4);
  });

  it("refuses what it does not know", async () => {
    const recorded = recordings["U-Net, target v"]!;
    const { file } = await changed(recorded, { heads: 2 });
    await expect(repeat([{ file, layout: recorded.layout }])).rejects.toThrow(
      "option heads is 2; this peer knows only 1",
    );
  });
});

describe("agreement of two curves", () => {
  it("is the largest difference so far, relative to the second, and the first step beyond the tolerance", () => {
    const found = agreement([1, 2.02, 3, 4.4], [1, 2, 3, 4], [1, 2, 3, 4, 5], 0.05);
    expect(found.within.map(({ steps }) => steps)).toEqual([1, 2, 3, 4]);
    expect(found.within.map(({ largest }) => largest.toFixed(6))).toEqual([
      "0.000000",
      "0.010000",
      "0.010000",
      "0.100000",
    ]);
    expect(found.leaves).toBe(4);
    expect(agreement([1, 2], [1, 2], [2], 0).leaves).toBeUndefined();
  });

  it("counts a departure from 0 and a value that is not finite as infinitely far, and refuses other lengths", () => {
    expect(relativeDifferences([0, 1e-30, Number.NaN, -1], [0, 0, 1, 1])).toEqual([
      0,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      2,
    ]);
    expect(() => relativeDifferences([1], [1, 2])).toThrow("1 steps cannot be compared with 2");
  });
});

describe("results of two programs", () => {
  it("have Student's interval of the mean difference: t(2, 0.975) = 4.302653 of tables", () => {
    const { difference, half, spread, differences } = toldApart([3, 5, 10], [1, 4, 7]);
    expect(differences).toEqual([2, 1, 3]);
    expect(difference).toBe(2);
    expect(half).toBeCloseTo(4.302653 / Math.sqrt(3), 5);
    expect(spread.map((value) => value.toFixed(6))).toEqual([Math.sqrt(13), 3].map((x) => x.toFixed(6)));
  });

  it("are told apart where 0 is outside of it, and at most in one of twenty worlds where they are the same", () => {
    expect(toldApart([3, 5, 10], [1, 4, 7]).apart).toBe(false); // 2 ± 2.5
    expect(toldApart([13, 15, 20], [1, 4, 7]).apart).toBe(true);
    const [worlds, seeds] = [2000, 3];
    let apart = 0;
    for (let world = 0; world < worlds; world++) {
      const draw = rng(world);
      const of = () => Array.from({ length: seeds }, () => draw.normal());
      if (toldApart(of(), of()).apart) apart++;
    }
    expect(Math.abs(apart / worlds - 0.05)).toBeLessThan(3 * Math.sqrt((0.05 * 0.95) / worlds));
  });
});
