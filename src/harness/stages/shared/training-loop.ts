/** The training loop, once for every model: batches in a seeded order, state resident on the engine, scalars recorded. */
import type { ByteImages } from "../../../core/images.ts";
import { mirror, takeImages, toFloat } from "../../../core/images.ts";
import type { Rng } from "../../../core/rng.ts";
import type { Compiled, Engine, Value } from "../../../engine/contract.ts";
import type { State, Trainable, TrainingBatch } from "../../../models/index.ts";
import type { Curve, DivergenceEntry } from "../../record/index.ts";

/** What the loop needs of a model or a classifier; `TrainingRun.feed` says what a step is fed. */
export type Steppable = Pick<Trainable, "state" | "trainStep" | "quantities" | "memory" | "feedSignature"> &
  Partial<Pick<Trainable, "parameterAt">>;

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
  readonly model: Steppable;
  readonly initial: State;
  readonly images: ByteImages;
  readonly labels: ArrayLike<number>;
  readonly batch: number;
  readonly steps: number;
  /** Stream of the data order. */
  readonly order: Rng;
  /** Stream of the coins by which each image of each step is mirrored left to right or not; without it none is. */
  readonly flips?: Rng;
  feed(batch: TrainingBatch, step: number, memory: State): State;
  onStep?(step: number, scalars: Readonly<Record<string, number>>, seconds: number): void;
  /** Called after these steps, in order; its time is not training time. */
  readonly snapshots?: { readonly at: readonly number[]; take(position: Position): Promise<void> };
  /** Called now and then with all that is needed to go on; its time is not training time. */
  readonly saving?: { readonly everySeconds: number; save(position: Position): Promise<void> };
  /** Where an earlier attempt had got to. The streams depend on the step alone, so going on gives what not stopping gives. */
  readonly from?: Position;
}

export type Trained = Awaited<ReturnType<typeof train>>;

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
export async function train(run: TrainingRun) {
  const { engine, model, batch, steps, snapshots, saving, from } = run;
  const compiled = await engine.compile(run.name, model.trainStep, {
    ...model.state,
    ...model.feedSignature(batch),
  });
  const { traceMs, compileMs } = compiled.statistics;
  const resident = await residentState(engine, compiled, model, from?.state ?? run.initial);
  let memory = from?.memory ?? model.memory?.initial ?? {};
  const curves = model.quantities.map(
    (quantity): Curve =>
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
    state: await resident.read(),
    memory,
    curves: structuredClone(curves),
  });
  const feedAt = (at: number) => {
    const indices = source.next().value;
    const labels = Uint16Array.from(indices, (index) => run.labels[index]!);
    const images = takeImages(run.images, indices);
    if (run.flips) {
      const coins = run.flips.fold(at);
      mirror(images, () => coins.integer(2) === 1);
    }
    return run.feed({ images: toFloat(images), labels }, at, memory);
  };
  let divergence: DivergenceEntry | undefined;
  let saved = clock.seconds();
  await engine.drain();
  clock.start();
  while (step < steps && !divergence) {
    step++;
    const fed = feedAt(step);
    const outputs = await resident.advance(fed);
    const scalars: Record<string, number> = {};
    for (const { quantity, steps, values } of curves) {
      const value = outputs[quantity]!.data[0]!;
      scalars[quantity] = value;
      if (Number.isFinite(value)) {
        steps.push(step);
        values.push(value);
      } else divergence ??= { step, quantity, reason: `${quantity} became ${value}` };
    }
    if (model.memory) memory = model.memory.next(memory, fed, outputs);
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
      await resident.advance(feedAt(at));
      next.push({ step: at, share: whereNotFinite(model, await resident.read())?.share ?? 0 });
    }
    divergence = { ...divergence, next };
  }
  compiled.dispose();
  resident.dispose();
  return {
    outcome: divergence ? ("diverged" as const) : ("trained" as const),
    divergence,
    /** Steps taken, the diverging one included. */
    steps: step,
    seconds: final.seconds,
    compileSeconds: (traceMs + compileMs) / 1000,
    curves,
    state: final.state,
  };
}

/** A model's state on the engine, and the step that moves it. */
async function residentState(engine: Engine, compiled: Compiled, model: Steppable, initial: State) {
  const names = Object.keys(model.state);
  let state: Record<string, Value> = {};
  for (const name of names) state[name] = await engine.upload(initial[name]!);
  const dispose = (values: Readonly<Record<string, Value>>) => {
    for (const value of Object.values(values)) value.dispose();
  };
  return {
    /** One step on what is fed. Gives the outputs that are not state, read. */
    async advance(fed: State): Promise<State> {
      const outputs = await compiled.run({ ...state, ...fed });
      const others = Object.fromEntries(Object.entries(outputs).filter(([name]) => !names.includes(name)));
      const read = await readValues(others);
      dispose(others);
      dispose(state);
      state = Object.fromEntries(names.map((name) => [name, outputs[name]!]));
      return read;
    },
    read: () => readValues(state),
    dispose: () => dispose(state),
  };
}

async function readValues(values: Readonly<Record<string, Value>>): Promise<State> {
  const read: Record<string, State[string]> = {};
  for (const [name, value] of Object.entries(values))
    read[name] = { shape: value.shape, data: await value.read() };
  return read;
}

/** The first value of the state that is no finite number, by the parameter it belongs to, and the share of such values. */
function whereNotFinite(model: Steppable, state: State) {
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
