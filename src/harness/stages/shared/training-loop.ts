/** The training loop, once for every model: batches in a seeded order, state resident on the engine, scalars recorded. */
import type { ByteImages } from "../../../core/images.ts";
import { takeImages, toFloat } from "../../../core/images.ts";
import type { Rng } from "../../../core/rng.ts";
import type { Engine, Program, Signature, TensorSpec, Value } from "../../../engine/contract.ts";
import type { HostMemory, State, TrainingBatch } from "../../../models/index.ts";
import type { Curve, DivergenceEntry } from "../../record/index.ts";

export interface Trainable {
  readonly state: Readonly<Record<string, TensorSpec>>;
  readonly trainStep: Program;
  readonly quantities: readonly string[];
  readonly memory?: HostMemory;
  feedSignature(batch: number): Signature;
  parameterAt?(tensor: string, index: number): string;
}

/** All that the steps so far have left: what training goes on from. */
export interface Position {
  /** Steps taken. */
  readonly step: number;
  /** Seconds of training, without compiling, snapshots and saving. */
  readonly seconds: number;
  readonly state: State;
  readonly memory: State;
  readonly curves: readonly Curve[];
}

export interface TrainingRun {
  readonly engine: Engine;
  readonly name: string;
  readonly model: Trainable;
  readonly initial: State;
  readonly images: ByteImages;
  readonly labels: ArrayLike<number>;
  readonly batch: number;
  readonly steps: number;
  /** Stream of the data order. */
  readonly order: Rng;
  feed(batch: TrainingBatch, step: number, memory: State): State;
  onStep?(step: number, scalars: Readonly<Record<string, number>>, seconds: number): void;
  /** Called after these steps, in order; its time is not training time. */
  readonly snapshots?: { readonly at: readonly number[]; take(position: Position): Promise<void> };
  /** Called now and then with all that is needed to go on; its time is not training time. */
  readonly saving?: { readonly everySeconds: number; save(position: Position): Promise<void> };
  /** Where an earlier attempt had got to. The streams depend on the step alone, so going on gives what not stopping gives. */
  readonly from?: Position;
}

export interface Trained {
  readonly outcome: "trained" | "diverged";
  readonly divergence?: DivergenceEntry;
  /** Steps taken, the diverging one included. */
  readonly steps: number;
  readonly seconds: number;
  readonly compileSeconds: number;
  readonly curves: Curve[];
  readonly state: State;
}

/**
 * Indices of the training images in the order they are seen: one permutation after another, each from its epoch's
 * stream. `taken` batches are left out from the start.
 */
export function* batches(count: number, batch: number, order: Rng, taken = 0): Generator<Uint32Array, never> {
  let epoch = Math.floor((taken * batch) / count);
  let permutation = order.fold(epoch).permutation(count);
  let at = (taken * batch) % count;
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

/** Steps taken after a divergence, to see whether it spreads; they leave no other trace. */
const STEPS_AFTER = 3;

/**
 * Stops at the first recorded quantity that is not finite, and after the last step at a state that is not: divergence is
 * a result, with its step and its tensor.
 */
export async function train(run: TrainingRun): Promise<Trained> {
  const { engine, model, batch, steps, snapshots, saving, from } = run;
  const compiled = await engine.compile(run.name, model.trainStep, {
    ...model.state,
    ...model.feedSignature(batch),
  });
  const { traceMs, compileMs } = compiled.statistics;
  let state: Record<string, Value> = {};
  for (const [name, tensor] of Object.entries(from?.state ?? run.initial))
    state[name] = await engine.upload(tensor);
  let memory = from?.memory ?? model.memory?.initial ?? {};
  const curves: Curve[] = model.quantities.map(
    (quantity) =>
      structuredClone(from?.curves.find((curve) => curve.quantity === quantity)) ?? {
        quantity,
        steps: [],
        values: [],
      },
  );
  let step = from?.step ?? 0;
  const source = batches(run.images.count, batch, run.order, step);
  const clock = stopwatch(from?.seconds ?? 0);
  const position = async (): Promise<Position> => ({
    step,
    seconds: clock.seconds(),
    state: await readState(state),
    memory,
    curves: structuredClone(curves),
  });
  let divergence: DivergenceEntry | undefined;
  let saved = clock.seconds();
  await engine.drain();
  clock.start();
  const feedAt = (at: number) => {
    const indices = source.next().value;
    const labels = Uint16Array.from(indices, (index) => run.labels[index]!);
    return run.feed({ images: toFloat(takeImages(run.images, indices)), labels }, at, memory);
  };
  while (step < steps && !divergence) {
    step++;
    const fed = feedAt(step);
    const outputs = await compiled.run({ ...state, ...fed });
    const scalars: Record<string, number> = {};
    for (const curve of curves) {
      const value = (await outputs[curve.quantity]!.read())[0]!;
      outputs[curve.quantity]!.dispose();
      scalars[curve.quantity] = value;
      if (Number.isFinite(value)) {
        curve.steps.push(step);
        curve.values.push(value);
      } else divergence ??= { step, quantity: curve.quantity, reason: `${curve.quantity} became ${value}` };
    }
    if (model.memory) {
      const observed = Object.fromEntries(model.memory.observed.map((name) => [name, outputs[name]!]));
      memory = model.memory.next(memory, fed, await readState(observed));
      for (const value of Object.values(observed)) value.dispose();
    }
    for (const value of Object.values(state)) value.dispose();
    state = Object.fromEntries(Object.keys(model.state).map((name) => [name, outputs[name]!]));
    run.onStep?.(step, scalars, clock.seconds());
    if (divergence) break;
    const due = saving !== undefined && step < steps && clock.seconds() - saved >= saving.everySeconds;
    if (due || snapshots?.at.includes(step)) {
      await engine.drain();
      clock.stop();
      if (snapshots?.at.includes(step)) await snapshots.take(await position());
      if (due) await saving.save(await position());
      saved = clock.seconds();
      clock.start();
    }
  }
  await engine.drain();
  clock.stop();
  const final = await position();
  const found = whereNotFinite(model, final.state);
  if (found) divergence = { ...(divergence ?? { step, reason: "the state is not finite" }), ...found };
  if (divergence) {
    const next: NonNullable<DivergenceEntry["next"]> = [];
    for (let at = step + 1; at <= step + STEPS_AFTER; at++) {
      const outputs = await compiled.run({ ...state, ...feedAt(at) });
      for (const value of Object.values(state)) value.dispose();
      state = Object.fromEntries(Object.keys(model.state).map((name) => [name, outputs[name]!]));
      for (const name of Object.keys(outputs)) if (!(name in state)) outputs[name]!.dispose();
      next.push({ step: at, share: whereNotFinite(model, await readState(state))?.share ?? 0 });
    }
    divergence = { ...divergence, next };
  }
  compiled.dispose();
  for (const value of Object.values(state)) value.dispose();
  return {
    outcome: divergence ? "diverged" : "trained",
    divergence,
    steps: step,
    seconds: final.seconds,
    compileSeconds: (traceMs + compileMs) / 1000,
    curves,
    state: final.state,
  };
}

async function readState(values: Readonly<Record<string, Value>>): Promise<State> {
  const read: Record<string, State[string]> = {};
  for (const [name, value] of Object.entries(values))
    read[name] = { shape: value.shape, data: await value.read() };
  return read;
}

/** The first value of the state that is no finite number, by the parameter it belongs to, and the share of such values. */
function whereNotFinite(model: Trainable, state: State): { tensor: string; share: number } | undefined {
  let tensor: string | undefined;
  let [bad, all] = [0, 0];
  for (const [name, { data }] of Object.entries(state)) {
    all += data.length;
    for (let i = 0; i < data.length; i++) {
      if (Number.isFinite(data[i])) continue;
      bad++;
      tensor ??= model.parameterAt?.(name, i) ?? name;
    }
  }
  return tensor === undefined ? undefined : { tensor, share: bad / all };
}

/** Seconds between start and stop, added up. */
function stopwatch(before: number) {
  let total = before;
  let started: number | undefined;
  const running = () => (started === undefined ? 0 : (performance.now() - started) / 1000);
  return {
    start() {
      started = performance.now();
    },
    stop() {
      total += running();
      started = undefined;
    },
    seconds: () => total + running(),
  };
}
