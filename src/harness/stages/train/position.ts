/** Where training has got to, as a file: a killed cell goes on from it. */
import * as z from "zod";
import type { State } from "../../../models/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../checkpoints/safetensors.ts";
import { type TrainRecord, trainRecordSchema } from "../../record/index.ts";
import { curveSchema } from "../../record/parts.ts";
import type { Position } from "../shared/training-loop.ts";

interface Belongs {
  /** Of the cell: another configuration's position is none. */
  readonly configHash: string;
  /** Snapshots published so far. */
  readonly snapshots: TrainRecord["snapshots"];
}

const metadataSchema = z.strictObject({
  configHash: z.string(),
  step: z.number(),
  seconds: z.number(),
  curves: z.array(curveSchema),
  snapshots: trainRecordSchema.shape.snapshots,
});

const parts = { state: "state/", memory: "memory/" } as const;

export function encodePosition(
  { step, seconds, state, memory, curves }: Position,
  belongs: Belongs,
): Uint8Array {
  const prefixed = (prefix: string, tensors: State) =>
    Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor] as const);
  return encodeSafetensors({
    tensors: Object.fromEntries([...prefixed(parts.state, state), ...prefixed(parts.memory, memory)]),
    metadata: { position: JSON.stringify({ step, seconds, curves, ...belongs }) },
  });
}

/** The position in a file of this cell; undefined where there is no file, or it is another configuration's or damaged. */
export function decodePosition(
  bytes: Uint8Array | undefined,
  configHash: string,
): { position: Position; snapshots: TrainRecord["snapshots"] } | undefined {
  if (!bytes) return undefined;
  let decoded: ReturnType<typeof decodeSafetensors>;
  let metadata: z.infer<typeof metadataSchema>;
  try {
    decoded = decodeSafetensors(bytes, "position");
    metadata = metadataSchema.parse(JSON.parse(decoded.metadata.position ?? ""));
  } catch {
    return undefined; // then training starts again, which costs time and no result
  }
  if (metadata.configHash !== configHash) return undefined;
  const { step, seconds, curves, snapshots } = metadata;
  const under = (prefix: string): State =>
    Object.fromEntries(
      Object.entries(decoded.tensors).flatMap(([name, tensor]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
      ),
    );
  return {
    position: { step, seconds, curves, state: under(parts.state), memory: under(parts.memory) },
    snapshots,
  };
}
