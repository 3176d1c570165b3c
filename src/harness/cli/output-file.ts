/** One file as a command's result: refused before any work where it cannot be, and written whole or not at all. */
import { lstat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { checkCreatable, unwritable } from "../../core/disk.ts";
import { outputExists, usageError } from "../../core/errors.ts";
import { publish } from "../checkpoints/files.ts";
import type { Io } from "./command.ts";

/**
 * Absolute path of the file that `flag` names. @throws USAGE for another ending, OUTPUT_EXISTS where the file exists and
 * `force` is false, OUTPUT_UNWRITABLE where its folder cannot be created or takes no files.
 */
export async function checkOutputFile(
  file: string,
  ending: string,
  flag: string,
  force: boolean,
  { cwd }: Io,
): Promise<string> {
  if (!file.endsWith(ending)) throw usageError(`${flag} ${file}: the name must end in ${ending}`);
  const path = resolve(cwd, file);
  const there = await lstat(path).catch(() => undefined);
  if (there && !(force && there.isFile()))
    throw outputExists(
      `${file} exists already. ${there.isFile() ? "Replace it with --force, or choose" : "Choose"} another ${flag}.`,
    );
  await checkCreatable(dirname(path), `Choose another ${flag}.`);
  return path;
}

/** Writes the file that `flag` names whole or not at all. @throws OUTPUT_UNWRITABLE */
export async function writeOutputFile(
  path: string,
  content: Uint8Array | string,
  flag: string,
): Promise<void> {
  await publish(dirname(path), basename(path), Buffer.from(content)).catch((cause: unknown) => {
    throw unwritable(path, cause, `Choose another ${flag}.`);
  });
}
