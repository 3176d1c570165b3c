/** Places that the user names for results: made, refused before any work where they cannot be, and what failed told. */
import { lstat, mkdir, mkdtemp, rmdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { BenchError, messageOf } from "./errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "a file would be larger than is allowed here",
  EROFS: "the file system is read-only",
  EIO: "the disk reports an error",
};

/**
 * OUTPUT_UNWRITABLE for an error of the system's that says so, whatever it is wrapped in; undefined for any other. What
 * was finished before stays valid.
 */
export function diskError(error: unknown): BenchError | undefined {
  if (error instanceof BenchError) return undefined;
  const { code, path, errors, cause } = (error ?? {}) as {
    code?: unknown;
    path?: unknown;
    errors?: readonly unknown[];
    cause?: unknown;
  };
  const why = typeof code === "string" && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (why !== undefined)
    return new BenchError(
      "OUTPUT_UNWRITABLE",
      `${typeof path === "string" ? `${path} cannot be written: ` : ""}${why} (${code}). Make room or choose another ` +
        "place; a run that this stopped goes on with --resume.",
      { cause: error },
    );
  for (const inner of [...(error instanceof AggregateError ? (errors ?? []) : []), cause]) {
    const found = inner === undefined ? undefined : diskError(inner);
    if (found) return found;
  }
  return undefined;
}

/** A write that failed, as the user's to mend. */
export function unwritable(path: string, cause: unknown, wayOut = "Choose another --out."): BenchError {
  return new BenchError("OUTPUT_UNWRITABLE", `${path} cannot be written: ${messageOf(cause)}. ${wayOut}`, {
    cause,
  });
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code;

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false;

/** `path`, or the nearest above it that is there; a link that leads nowhere is. */
async function nearestThere(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at))
    try {
      await lstat(at);
      return at;
    } catch (error) {
      if (at === dirname(at) || !["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) throw error;
    }
}

/**
 * Creates a folder and what is missing above it, from the nearest that is there downwards. Node's own recursive mkdir
 * takes "no such entry" for a missing parent and never ends where a file system says it of every new entry, as /proc does.
 * @throws the system's error
 */
export async function makeFolder(folder: string): Promise<void> {
  const whole = resolve(folder);
  if (await isFolder(whole)) return;
  let at = await nearestThere(whole);
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
 * Refuses, before any work is done for it, a folder that cannot be created or that takes no entries: one is made in the
 * nearest folder that is there, and removed. @throws OUTPUT_UNWRITABLE
 */
export async function checkCreatable(folder: string, wayOut = "Choose another --out."): Promise<void> {
  const refuse = (why: string, cause?: unknown) =>
    new BenchError("OUTPUT_UNWRITABLE", `${folder} cannot be created: ${why}. ${wayOut}`, { cause });
  const nearest = await nearestThere(resolve(folder)).catch((cause: unknown) => {
    throw refuse(messageOf(cause), cause);
  });
  if (!(await isFolder(nearest))) throw refuse(`${nearest} is a file`);
  try {
    await rmdir(await mkdtemp(join(nearest, ".bench-")));
  } catch (cause) {
    throw refuse(`${nearest} takes no new entries (${messageOf(cause).split(",")[0]})`, cause);
  }
}
