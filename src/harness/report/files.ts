/** Files of a run folder: its records, pictures that the page carries inside itself, and documents written whole. */
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { unwritable } from "../../core/disk.ts";
import { messageOf } from "../../core/errors.ts";
import { sha256 as sha256Of } from "../../core/hash.ts";
import { readRun } from "../record/index.ts";
import { writeAtomic } from "../store/index.ts";
import { type View, viewOf } from "../tables/index.ts";
import { picturesOf, type Section } from "./section.ts";

/** The records of a run folder. Throws BAD_RUN_FOLDER where they cannot be read. */
export async function viewRun(runDir: string): Promise<View> {
  const { run, cells, notices } = await readRun(runDir);
  return viewOf(run, cells, notices);
}

/** Data URIs of the sections' pictures, by path; a file that is missing, elsewhere or not as recorded is a warning. */
export async function readPictures(runDir: string, sections: readonly Section[]) {
  const images = new Map<string, string>();
  const warnings: string[] = [];
  const files = new Map(picturesOf(sections).map(({ file }) => [file.path, file]));
  for (const { path, sha256 } of files.values()) {
    const inside = posix.normalize(path);
    if (posix.isAbsolute(inside) || inside.startsWith("..")) {
      warnings.push(`${path} lies outside the run folder and is not shown.`);
      continue;
    }
    try {
      const bytes = await readFile(join(runDir, inside));
      if (sha256Of(bytes) === sha256) images.set(path, `data:image/png;base64,${bytes.toString("base64")}`);
      else warnings.push(`${path} differs from its recorded sha256 and is not shown.`);
    } catch (cause) {
      warnings.push(`${path} cannot be read and is not shown: ${messageOf(cause)}`);
    }
  }
  return { images, warnings };
}

/** Writes the document whole or not at all. @throws OUTPUT_UNWRITABLE */
export async function writeWhole(path: string, text: string): Promise<string> {
  await writeAtomic(path, text).catch((cause: unknown) => {
    throw unwritable(path, cause, "Free the place or choose another --out.");
  });
  return path;
}
