/**
 * Features kept on disk under a key of everything that decides them: the pixels, the extractor and its protocol, model
 * file included. An entry never goes stale and none is ever dropped: the folder grows until `bench data clear`. A damaged
 * entry is computed again.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { assert, badData, messageOf } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import type { ByteImages } from "../../core/images.ts";
import type { Features } from "../../metrics/contract.ts";
import { decodeSafetensors, encodeSafetensors } from "../checkpoints/safetensors.ts";
import { defaultCacheDir } from "../datasets/index.ts";
import { writeAtomic } from "../store/index.ts";
import type { FeatureContext, FeatureExtractor } from "./contract.ts";

/** Increased when features of the same name get another meaning. */
const VERSION = 1;

const folderOf = (cacheDir = defaultCacheDir()) => join(cacheDir, "features");

/** Removes all kept features, and returns the bytes that this frees: 0 where none are kept. */
export async function clearFeatures(cacheDir?: string): Promise<number> {
  const folder = folderOf(cacheDir);
  const entries = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(entries.map((entry) => stat(join(folder, entry))));
  await rm(folder, { recursive: true, force: true });
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** `extractor` with its results kept on disk. A fault of the cache becomes a notice and never fails a command. */
export function cached(extractor: FeatureExtractor, context: FeatureContext): FeatureExtractor {
  const folder = folderOf(context.cacheDir);
  const { onNotice: notice = () => {} } = context;
  return {
    ...extractor,
    async extract(images, onProgress) {
      const key = keyOf(extractor, images);
      const path = join(folder, `${key}.safetensors`);
      const kept = await load(path, key, images.count).catch((error: unknown) => {
        notice(`kept features are not used: ${messageOf(error)}; they are computed again`);
        return undefined;
      });
      if (kept) {
        onProgress?.(images.count, images.count);
        return kept;
      }
      const features = await extractor.extract(images, onProgress);
      await writeAtomic(path, encode(features, key)).catch((error: unknown) => {
        notice(`features are not kept: ${messageOf(error)}`);
      });
      return features;
    },
  };
}

function keyOf({ name, protocol }: FeatureExtractor, images: ByteImages): string {
  const { data, count, height, width, channels } = images;
  const facts = { version: VERSION, name, protocol, shape: [count, height, width, channels] };
  return createHash("sha256").update(JSON.stringify(facts)).update(data).digest("hex");
}

function encode({ data, count, width }: Features, key: string): Uint8Array {
  const values = Float32Array.from(data);
  assert(
    data.every((value, i) => value === values[i]),
    "features to be kept are float32 values",
  );
  const tensors = { features: { shape: [count, width], data: values } };
  return encodeSafetensors({ tensors, metadata: { key, sha256: hashOf(values) } });
}

const hashOf = (values: Float32Array) =>
  sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

/** Kept features; undefined where there are none. @throws for an entry that differs from what was written */
async function load(path: string, key: string, count: number): Promise<Features | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const { shape = [], data } = tensors.features ?? {};
  const [rows, width] = shape;
  if (!(data instanceof Float32Array) || shape.length !== 2 || rows !== count || width === undefined)
    throw badData(`${path} does not hold the features of ${count} images`);
  if (metadata.key !== key || metadata.sha256 !== hashOf(data))
    throw badData(`${path} is not what was written`);
  return { data: Float64Array.from(data), count, width };
}
