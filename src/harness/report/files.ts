/** Files of a run folder: pictures that the page carries inside itself, and documents written whole. */
import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { makeFolder, unwritable } from "../../core/disk.ts";
import { messageOf } from "../../core/errors.ts";
import type { FileEntry } from "../record/index.ts";

/** Data URIs of the pictures; a file that is absent, elsewhere or other than recorded is a warning. */
export async function readPictures(runDir: string, files: readonly FileEntry[]) {
  const images = new Map<string, string>();
  const warnings: string[] = [];
  for (const { path, sha256 } of files) {
    const inside = posix.normalize(path);
    if (posix.isAbsolute(inside) || inside.startsWith("..")) {
      warnings.push(`${path} lies outside the run folder and is not shown.`);
      continue;
    }
    try {
      const bytes = await readFile(join(runDir, inside));
      if (createHash("sha256").update(bytes).digest("hex") === sha256)
        images.set(path, `data:image/png;base64,${bytes.toString("base64")}`);
      else warnings.push(`${path} differs from its recorded sha256 and is not shown.`);
    } catch (cause) {
      warnings.push(`${path} cannot be read and is not shown: ${messageOf(cause)}`);
    }
  }
  return { images, warnings };
}

/** Writes beside the target and renames, so that a reader sees the old file or the new one. */
export async function writeWhole(path: string, text: string): Promise<string> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one to report
    throw unwritable(path, cause, "Free the place or choose another --out.");
  }
  return path;
}
