/** The position of a training as a file, from which a killed cell continues. */
import * as z from "zod";
import type { State } from "../../../models/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../checkpoints/safetensors.ts";
import { curveSchema, type TrainRecord, trainRecordSchema } from "../../record/index.ts";
import type { Position } from "../shared/training-loop.ts";

interface SavedTraining {
  readonly position: Position;
  /** Snapshots published so far. */
  readonly snapshots: TrainRecord["snapshots"];
}

const metadataSchema = z.strictObject({
  /** Of the cell that trains: another configuration cannot continue here. */
  configHash: z.string(),
  step: z.number(),
  seconds: z.number(),
  curves: z.array(curveSchema),
  snapshots: trainRecordSchema.shape.snapshots,
});

const prefixes = { state: "state/", memory: "memory/" } as const;

export function encodePosition({ position, snapshots }: SavedTraining, configHash: string): Uint8Array {
  const { step, seconds, state, memory, curves } = position;
  const prefixed = (prefix: string, tensors: State) =>
    Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor] as const);
  const all = [...prefixed(prefixes.state, state), ...prefixed(prefixes.memory, memory)];
  return encodeSafetensors({
    tensors: Object.fromEntries(all),
    metadata: { position: JSON.stringify({ step, seconds, curves, configHash, snapshots }) },
  });
}

/** The training in a file of this cell; undefined for no file, a damaged one, or one of another configuration. */
export function decodePosition(bytes: Uint8Array | undefined, configHash: string): SavedTraining | undefined {
  if (!bytes) return undefined;
  try {
    const { tensors, metadata } = decodeSafetensors(bytes, "position");
    const saved = metadataSchema.parse(JSON.parse(metadata.position ?? ""));
    if (saved.configHash !== configHash) return undefined;
    const { step, seconds, curves, snapshots } = saved;
    const below = (prefix: string): State =>
      Object.fromEntries(
        Object.entries(tensors)
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
      );
    const [state, memory] = [below(prefixes.state), below(prefixes.memory)];
    return { position: { step, seconds, curves, state, memory }, snapshots };
  } catch {
    return undefined; // the training starts again, which costs time and changes no result
  }
}
