/**
 * Features kept on disk by what decides them: the pixels, the extractor and its protocol, model file included. An entry
 * never goes stale and none is ever dropped: the folder grows until `clearFeatures`. A damaged entry is computed again.
 */
import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../core/disk.ts";
import { assert, BenchError, messageOf } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";
import type { Features } from "../../metrics/contract.ts";
import { sha256 } from "../checkpoints/files.ts";
import { decodeSafetensors, encodeSafetensors } from "../checkpoints/safetensors.ts";
import { defaultCacheDir } from "../datasets/published.ts";
import type { FeatureContext, FeatureExtractor } from "./contract.ts";

/** Changed when features of the same name come to mean something else. */
const VERSION = 1;

const folderOf = (cacheDir = defaultCacheDir()) => join(cacheDir, "features");

/** Removes every kept feature. */
export async function clearFeatures(cacheDir?: string): Promise<void> {
  await rm(folderOf(cacheDir), { recursive: true, force: true });
}

/** `extractor`, asking the disk first. What is wrong with the cache is a notice: it never fails a command. */
export function cached(extractor: FeatureExtractor, context: FeatureContext): FeatureExtractor {
  const folder = folderOf(context.cacheDir);
  const notice = context.onNotice ?? (() => {});
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
      await save(folder, path, encode(features, key)).catch((error: unknown) => {
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

/** undefined where nothing is kept. @throws for an entry that is not what was written. */
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
    throw new BenchError("BAD_DATA", `${path} does not hold the features of ${count} images`);
  if (metadata.key !== key || metadata.sha256 !== hashOf(data))
    throw new BenchError("BAD_DATA", `${path} is not what was written`);
  return { data: Float64Array.from(data), count, width };
}

async function save(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await makeFolder(folder);
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}
