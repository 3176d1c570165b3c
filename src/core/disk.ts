/** Folders and files for results, at places that the user names: created, checked before any work, and errors explained. */
import { lstat, mkdir, mkdtemp, rmdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { BenchError, messageOf, outputUnwritable } from "./errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "a file would be larger than is allowed here",
  EROFS: "the file system is read-only",
  EIO: "the disk reports an error",
};

/**
 * OUTPUT_UNWRITABLE for a system error of a full or failing disk, however deep it is wrapped; undefined for any other
 * error. What was finished before stays valid.
 */
export function diskError(error: unknown): BenchError | undefined {
  if (error === undefined || error === null || error instanceof BenchError) return undefined;
  const { code = "", path, cause } = error as NodeJS.ErrnoException;
  const why = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (why !== undefined)
    return outputUnwritable(
      `${typeof path === "string" ? `${path} cannot be written: ` : ""}${why} (${code}). Make room or choose another ` +
        "place; a run that this stopped goes on with --resume.",
      error,
    );
  const inner: unknown[] = error instanceof AggregateError ? error.errors : [];
  return [...inner, cause].map(diskError).find((found) => found !== undefined);
}

/** OUTPUT_UNWRITABLE for a write that failed because of `cause`. */
export function unwritable(path: string, cause: unknown, wayOut = "Choose another --out."): BenchError {
  return new BenchError("OUTPUT_UNWRITABLE", `${path} cannot be written: ${messageOf(cause)}. ${wayOut}`, {
    cause,
  });
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code;

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false;

/** `path`, or the nearest folder above it that exists; a link that leads nowhere counts as existing. */
async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at))
    try {
      await lstat(at);
      return at;
    } catch (error) {
      if (at === dirname(at) || !["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) throw error;
    }
}

/**
 * Creates a folder and the missing ones above it, from the nearest that exists downwards. Node's own recursive mkdir takes
 * "no such entry" for a missing parent and never ends on a file system that gives this error for every new entry, such as
 * /proc. @throws the system's error
 */
export async function makeFolder(folder: string): Promise<void> {
  const whole = resolve(folder);
  if (await isFolder(whole)) return;
  let at = await nearestExisting(whole);
  const missing = relative(at, whole).split(sep);
  for (const name of missing) {
    at = join(at, name);
    await mkdir(at).catch(async (error: unknown) => {
      if (codeOf(error) === "EEXIST" && (await isFolder(at))) return; // another process was faster
      throw error;
    });
  }
}

/**
 * Checks before any work that a folder can be created or takes entries, by an entry in the nearest folder that exists,
 * which is removed at once. @throws OUTPUT_UNWRITABLE
 */
export async function checkCreatable(folder: string, wayOut = "Choose another --out."): Promise<void> {
  const refuse = (why: string, cause?: unknown) =>
    outputUnwritable(`${folder} cannot be created: ${why}. ${wayOut}`, cause);
  const nearest = await nearestExisting(resolve(folder)).catch((cause: unknown) => {
    throw refuse(messageOf(cause), cause);
  });
  if (!(await isFolder(nearest))) throw refuse(`${nearest} is a file`);
  try {
    await rmdir(await mkdtemp(join(nearest, ".bench-")));
  } catch (cause) {
    throw refuse(`${nearest} takes no new entries (${messageOf(cause).split(",")[0]})`, cause);
  }
}
