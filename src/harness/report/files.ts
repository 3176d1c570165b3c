/** Files of a run folder: its records, pictures that the page carries inside itself, and documents written whole. */
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkCreatable, unwritable } from "../../core/disk.ts";
import { messageOf, outputExists } from "../../core/errors.ts";
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

/** The sections' pictures and their data URIs, by path; a file that is missing or not as recorded is a warning. */
export async function readPictures(runDir: string, sections: readonly Section[]) {
  const images = new Map<string, string>();
  const files = new Map<string, Uint8Array>();
  const warnings: string[] = [];
  const named = new Map(picturesOf(sections).map(({ file }) => [file.path, file]));
  for (const { path, sha256 } of named.values()) {
    try {
      const bytes = await readFile(join(runDir, path));
      if (sha256Of(bytes) === sha256) {
        files.set(path, bytes);
        images.set(path, `data:image/png;base64,${bytes.toString("base64")}`);
      } else warnings.push(`${path} differs from its recorded sha256 and is not shown.`);
    } catch (cause) {
      warnings.push(`${path} cannot be read and is not shown: ${messageOf(cause)}`);
    }
  }
  return { images, bytes: files, warnings };
}

/** Folders of a report beside its documents. */
const REPORT_FOLDERS = ["csv", "samples", "figures", "specs"];

/** @throws OUTPUT_EXISTS where a folder that a report writes into is a link: what it leads to is not the run's */
export async function refuseLinks(out: string): Promise<void> {
  for (const name of REPORT_FOLDERS) {
    const there = await lstat(join(out, name)).catch(() => undefined);
    if (there?.isSymbolicLink())
      throw outputExists(
        `${join(out, name)} is a link, and a report is written into no other place than its own. Remove the link, or ` +
          "write the report elsewhere with --out.",
      );
  }
}

/** @throws OUTPUT_EXISTS, OUTPUT_UNWRITABLE for a place of a report that is not an absent or empty folder */
export async function checkReportFolder(out: string): Promise<void> {
  const entries = await readdir(out).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw unwritable(out, cause);
  });
  if (entries.length > 0)
    throw outputExists(
      `${out} is not empty, and a report replaces nothing there. Empty it, or choose another --out.`,
    );
  await checkCreatable(out);
}

/** Writes the document whole or not at all. @throws OUTPUT_UNWRITABLE */
export async function writeWhole(path: string, text: string | Uint8Array): Promise<string> {
  await writeAtomic(path, text).catch((cause: unknown) => {
    throw unwritable(path, cause, "Free the place or choose another --out.");
  });
  return path;
}
