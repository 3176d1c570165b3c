/** One file as a command's result: refused before any work where it cannot be, and written whole or not at all. */
import { lstat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { checkCreatable, unwritable } from "../../core/disk.ts";
import { BenchError } from "../../core/errors.ts";
import { publish } from "../checkpoints/files.ts";

/**
 * Absolute path of FILE. @throws USAGE for another ending, OUTPUT_EXISTS where it is there and `force` is not given,
 * OUTPUT_UNWRITABLE where its folder cannot be, or takes no files.
 */
export async function checkOutputFile(
  file: string,
  ending: string,
  { cwd, force }: { cwd: string; force: boolean },
): Promise<string> {
  if (!file.endsWith(ending)) throw new BenchError("USAGE", `--out ${file}: the name ends in ${ending}`);
  const path = resolve(cwd, file);
  const found = await lstat(path).catch(() => undefined);
  if (found && !(force && found.isFile()))
    throw new BenchError(
      "OUTPUT_EXISTS",
      `${file} is there already. ${found.isFile() ? "Replace it with --force, or choose" : "Choose"} another --out.`,
    );
  await checkCreatable(dirname(path));
  return path;
}

/** @throws OUTPUT_UNWRITABLE */
export async function writeOutputFile(path: string, bytes: Uint8Array): Promise<void> {
  await publish(dirname(path), basename(path), bytes).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
}
