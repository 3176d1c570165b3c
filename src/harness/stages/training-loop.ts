/** The training loop, once for every model: batches in a seeded order, state resident on the engine, scalars recorded. */
import type { ByteImages, FloatImages } from "../../core/images.ts";
import { takeImages, toFloat } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { Engine, HostTensor, Program, Signature, TensorSpec, Value } from "../../engine/contract.ts";
import type { State } from "../../models/index.ts";
import type { Curve } from "../record/schema.ts";

export interface Trainable {
  readonly state: Readonly<Record<string, TensorSpec>>;
  readonly trainStep: Program;
  readonly quantities: readonly string[];
  feedSignature(batch: number): Signature;
}

export interface TrainingRun {
  readonly engine: Engine;
  readonly name: string;
  readonly model: Trainable;
  readonly initial: State;
  readonly images: ByteImages;
  readonly batch: number;
  readonly steps: number;
  /** Stream of the data order. */
  readonly order: Rng;
  feed(images: FloatImages, indices: Uint32Array, step: number): Readonly<Record<string, HostTensor>>;
  onStep?(step: number, scalars: Readonly<Record<string, number>>, seconds: number): void;
}

export interface Trained {
  readonly outcome: "trained" | "diverged";
  readonly divergence?: { readonly step: number; readonly quantity: string; readonly reason: string };
  /** Steps taken, the diverging one included. */
  readonly steps: number;
  readonly seconds: number;
  readonly compileSeconds: number;
  readonly curves: Curve[];
  readonly state: State;
}

/** Indices of the training images in the order they are seen: one permutation after another, each from its epoch's stream. */
export function* batches(count: number, batch: number, order: Rng): Generator<Uint32Array, never> {
  let epoch = 0;
  let permutation = order.fold(epoch).permutation(count);
  let at = 0;
  for (;;) {
    const indices = new Uint32Array(batch);
    for (let i = 0; i < batch; i++) {
      if (at === count) {
        permutation = order.fold(++epoch).permutation(count);
        at = 0;
      }
      indices[i] = permutation[at++]!;
    }
    yield indices;
  }
}

/** Stops at the first recorded quantity that is not finite: divergence is a result, with its step and its quantity. */
export async function train(run: TrainingRun): Promise<Trained> {
  const { engine, model, batch, steps } = run;
  const compiled = await engine.compile(run.name, model.trainStep, {
    ...model.state,
    ...model.feedSignature(batch),
  });
  const { traceMs, compileMs } = compiled.statistics;
  let state: Record<string, Value> = {};
  for (const [name, tensor] of Object.entries(run.initial)) state[name] = await engine.upload(tensor);
  const curves: Curve[] = model.quantities.map((quantity) => ({ quantity, steps: [], values: [] }));
  const source = batches(run.images.count, batch, run.order);
  let divergence: Trained["divergence"];
  let step = 0;
  await engine.drain();
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  while (step < steps && !divergence) {
    step++;
    const indices = source.next().value;
    const feed = run.feed(toFloat(takeImages(run.images, indices)), indices, step);
    const outputs = await compiled.run({ ...state, ...feed });
    const scalars: Record<string, number> = {};
    for (const curve of curves) {
      const value = (await outputs[curve.quantity]!.read())[0]!;
      outputs[curve.quantity]!.dispose();
      scalars[curve.quantity] = value;
      if (Number.isFinite(value)) {
        curve.steps.push(step);
        curve.values.push(value);
      } else
        divergence ??= {
          step,
          quantity: curve.quantity,
          reason: `${curve.quantity} became ${value} at step ${step}; a lower learningRate or a clip may keep it finite`,
        };
    }
    for (const value of Object.values(state)) value.dispose();
    state = Object.fromEntries(Object.keys(model.state).map((name) => [name, outputs[name]!]));
    run.onStep?.(step, scalars, elapsed());
  }
  await engine.drain();
  const seconds = elapsed();
  const final: Record<string, HostTensor> = {};
  for (const [name, value] of Object.entries(state))
    final[name] = { shape: value.shape, data: await value.read() };
  compiled.dispose();
  return {
    outcome: divergence ? "diverged" : "trained",
    ...(divergence ? { divergence } : {}),
    steps: step,
    seconds,
    compileSeconds: (traceMs + compileMs) / 1000,
    curves,
    state: final,
  };
}
