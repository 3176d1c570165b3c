/** The position of a training as a file, from which a killed cell continues. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { badCheckpoint } from "../../../core/errors.ts";
import type { Signature } from "../../../engine/contract.ts";
import type { State, Trainable } from "../../../models/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../checkpoints/safetensors.ts";
import { type Curve, curveSchema, type TrainRecord, trainRecordSchema } from "../../record/index.ts";
import type { Position } from "../shared/training-loop.ts";

interface SavedTraining {
  readonly position: Position;
  /** Snapshots published so far. */
  readonly snapshots: TrainRecord["snapshots"];
}

const metadataSchema = z.strictObject({
  /** Of the cell that trains: another configuration cannot continue here. */
  configHash: z.string(),
  step: z.int(),
  seconds: z.number(),
  curves: z.array(curveSchema),
  snapshots: trainRecordSchema.shape.snapshots,
});

const prefixes = { state: "state/", memory: "memory/" } as const;

/** sha256 over the metadata and over every tensor's name, shape, type and values, in their order. */
function digestOf(tensors: State, position: string): string {
  const hash = createHash("sha256").update(position);
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const type = data instanceof Int32Array ? "int32" : "float32";
    hash.update(JSON.stringify([name, shape, type]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

export function encodePosition({ position, snapshots }: SavedTraining, configHash: string): Uint8Array {
  const { step, seconds, state, memory, curves } = position;
  const prefixed = (prefix: string, tensors: State) =>
    Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor] as const);
  const tensors = Object.fromEntries([
    ...prefixed(prefixes.state, state),
    ...prefixed(prefixes.memory, memory),
  ]);
  const text = JSON.stringify({ step, seconds, curves, configHash, snapshots });
  return encodeSafetensors({ tensors, metadata: { position: text, sha256: digestOf(tensors, text) } });
}

/** The training that a position must be one of. */
export interface ExpectedTraining {
  /** Of the cell. */
  readonly configHash: string;
  readonly model: Pick<Trainable, "state" | "memory" | "quantities">;
  readonly steps: number;
  /** Steps at which snapshots are published. */
  readonly snapshotsAt: readonly number[];
}

/**
 * The training in a file, from which it goes on to the same result as one that never stopped.
 * @throws BAD_CHECKPOINT for a file that is damaged, or not a position of this training
 */
export function decodePosition(bytes: Uint8Array, file: string, expected: ExpectedTraining): SavedTraining {
  const { configHash, model, steps, snapshotsAt } = expected;
  const check = (holds: boolean, what: string) => {
    if (!holds) throw badCheckpoint(`${file} ${what}`);
  };
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const { position: text = "", sha256 } = metadata;
  check(sha256 === digestOf(tensors, text), "is damaged: its sha256 is not the one that was written with it");
  const parsed = metadataSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw badCheckpoint(`${file} does not say where its training had got to`);
  const { step, seconds, curves, snapshots } = parsed.data;
  check(parsed.data.configHash === configHash, "is of a training with another configuration");
  check(0 < step && step < steps, `is at step ${step} of a training of ${steps}`);
  const below = (prefix: string): State =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  const [state, memory] = [below(prefixes.state), below(prefixes.memory)];
  const shapes = (signature: Signature | State) =>
    JSON.stringify(
      Object.entries(signature)
        .map(([name, { shape }]) => [name, shape])
        .sort(),
    );
  check(shapes(state) === shapes(model.state), "holds other tensors than the model's state");
  check(shapes(memory) === shapes(model.memory?.initial ?? {}), "holds another memory than the model's");
  const whole = ({ steps, values }: Curve) =>
    steps.length === step && values.length === step && steps.every((at, i) => at === i + 1);
  const quantities = curves.map(({ quantity }) => quantity);
  check(
    String(quantities) === String(model.quantities) && curves.every(whole),
    "holds other curves than its steps have left",
  );
  check(
    String(snapshots.map((snapshot) => snapshot.step)) === String(snapshotsAt.filter((at) => at <= step)),
    "does not hold the snapshots that its steps have left",
  );
  return { position: { step, seconds, curves, state, memory }, snapshots };
}
