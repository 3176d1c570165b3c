/**
 * Downloads of published files into a folder: from the first mirror that delivers, resumed by Range requests, and verified
 * before the file gets its name. A file under its name has therefore the published checksum; each use checks it again.
 */
import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { lstat, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { isRunning } from "../../core/child.ts";
import { makeFolder } from "../../core/disk.ts";
import { BenchError, dataUnavailable, messageOf } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";

export interface RemoteFile {
  readonly name: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface DownloadOptions {
  /** Milliseconds without any data after which a mirror is given up; default 30,000. */
  readonly stallMs?: number;
  readonly onProgress?: (message: string, done: number, total: number) => void;
}

/** Tries per mirror and file; each continues or restarts what the one before has left. */
const TRIES = 3;

/** A try that failed; `again` says whether the same mirror may still deliver. */
class TransferError extends Error {
  readonly again: boolean;
  constructor(message: string, again: boolean, cause?: unknown) {
    super(message, { cause });
    this.again = again;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** sha256 (hex) of a file, undefined if there is none. */
async function sha256Of(path: string): Promise<string | undefined> {
  if ((await sizeOf(path)) === undefined) return undefined;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

/** First byte and full size of a 206 answer, from `Content-Range: bytes FIRST-LAST/TOTAL`. */
function contentRange(response: Response): { first: number; total: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
  return match ? { first: Number(match[1]), total: Number(match[2]) } : undefined;
}

/** One file on its way into a folder. */
interface Job {
  readonly file: RemoteFile;
  /** The file under its final name, and the part of it that has arrived so far, which no other process writes to. */
  readonly path: string;
  readonly part: string;
  readonly options: DownloadOptions;
}

const dropPart = ({ part }: Job) => rm(part, { force: true });

/** Byte of the file at which the body of the answer starts. @throws TransferError for an answer that cannot be used */
async function bodyStart(response: Response, offset: number, job: Job): Promise<number> {
  const { bytes } = job.file;
  if (response.status === 416 && offset > 0) {
    await dropPart(job);
    throw new TransferError("HTTP 416, the kept part was dropped", true);
  }
  if (!response.ok)
    throw new TransferError(`HTTP ${response.status} ${response.statusText}`.trim(), response.status >= 500);
  let start = 0;
  if (response.status === 206) {
    const range = contentRange(response);
    if (range?.first !== offset || range.total !== bytes) {
      await dropPart(job);
      const answered = response.headers.get("content-range");
      throw new TransferError(`asked for bytes ${offset}- of ${bytes}, answered "${answered}"`, offset > 0);
    }
    start = offset;
  }
  const declared = response.headers.get("content-length");
  if (declared !== null && start + Number(declared) !== bytes)
    throw new TransferError(`serves ${start + Number(declared)} bytes, expected ${bytes}`, false);
  return start;
}

/** Never through a link that somebody left under the name. */
const WRITING = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);

/** One request: appends to the `offset` bytes in `part`, or starts anew where the server sends the whole file. */
async function transfer(url: string, job: Job, offset: number): Promise<void> {
  const { file, part } = job;
  const { stallMs = 30_000, onProgress } = job.options;
  if (offset === file.bytes) return;
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`nothing arrived for ${stallMs} ms`)), stallMs);
  const network = (error: unknown): TransferError => {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    const reason = cause ? `${messageOf(error)} (${cause.code ?? cause.message})` : messageOf(error);
    return new TransferError(reason, !stalled.signal.aborted, error);
  };
  try {
    const headers = {
      "accept-encoding": "identity", // the checksum is that of the .gz, so it must not be unpacked on the way
      ...(offset > 0 && { range: `bytes=${offset}-` }),
    };
    const response = await fetch(url, { headers, signal: stalled.signal }).catch((error: unknown) => {
      throw network(error);
    });
    let done = await bodyStart(response, offset, job);
    if (done === 0) await dropPart(job);
    const handle = await open(
      part,
      WRITING | (done > 0 ? constants.O_APPEND : constants.O_CREAT | constants.O_EXCL),
    );
    try {
      const body = response.body?.getReader();
      for (;;) {
        const chunk = await body?.read().catch((error: unknown) => {
          throw network(error);
        });
        if (!chunk || chunk.done) break;
        timer.refresh();
        done += chunk.value.length;
        if (done > file.bytes) throw new TransferError(`sent more than ${file.bytes} bytes`, false);
        await handle.writeFile(chunk.value);
        onProgress?.(`downloading ${file.name} from ${new URL(url).host}`, done, file.bytes);
      }
    } finally {
      await handle.close();
    }
    if (done < file.bytes) throw new TransferError(`ended after ${done} of ${file.bytes} bytes`, true);
  } finally {
    clearTimeout(timer);
    stalled.abort(); // closes a connection whose body was not read to its end
  }
}

/** Gets the file from one mirror, in a few tries. @throws TransferError */
async function fromMirror(url: string, job: Job): Promise<void> {
  const { file, path, part } = job;
  for (let attempt = 1; ; attempt++) {
    const kept = (await sizeOf(part)) ?? 0;
    try {
      await transfer(url, job, kept);
      const found = await sha256Of(part);
      if (found === file.sha256) return await rename(part, path);
      await dropPart(job);
      // Bytes kept from an earlier try may be the wrong ones: only a file that came in one piece rules out its mirror.
      throw new TransferError(`sha256 is ${found}, expected ${file.sha256}`, kept > 0);
    } catch (error) {
      if (!(error instanceof TransferError) || !error.again || attempt === TRIES) throw error;
    }
  }
}

/**
 * Path of `file` in `folder`, downloaded from the first of `mirrors` (URLs that end in a slash) that delivers it, unless
 * it is there already. An interrupted download continues where it stopped, at any mirror. Processes that download one file
 * at the same time write to a part of their own each, and the last to finish gives its copy the name.
 * @throws DATA_UNAVAILABLE listing what each mirror answered, or naming the folder that takes no downloads
 */
export async function fetchFile(
  file: RemoteFile,
  mirrors: readonly string[],
  folder: string,
  options: DownloadOptions = {},
): Promise<string> {
  const path = join(folder, file.name);
  const part = `${path}.${process.pid}-${randomBytes(4).toString("hex")}${PART}`;
  try {
    await fetchFrom(mirrors, folder, { file, path, part, options });
    return path;
  } catch (cause) {
    if (cause instanceof BenchError || (cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw dataUnavailable(
      `cannot keep downloads in ${folder}: ${messageOf(cause)}. Make room or access there, or set BENCH_CACHE.`,
      cause,
    );
  }
}

/** A failing disk fails every mirror alike, so its error ends the download at once. */
async function fetchFrom(mirrors: readonly string[], folder: string, job: Job): Promise<void> {
  const { file, path } = job;
  const present = await sha256Of(path);
  if (present === file.sha256) return;
  await makeFolder(folder);
  await takePart(folder, job);
  try {
    await fromMirrors(mirrors, folder, job, present);
  } finally {
    await rename(job.part, `${path}${PART}`).catch(() => undefined); // what has arrived is for the next try, of any process
  }
}

const PART = ".part";

/** A process that still downloads writes to its part, or gives up, within this time. */
const ABANDONED_MS = 120_000;
/** Where no process has the number on this machine. */
const ENDED_MS = 5_000;

/** Makes what an earlier download left this one's part: the larger of a part that was put down and one whose process has ended. */
async function takePart(folder: string, { path, part }: Job): Promise<void> {
  const left = new RegExp(`^${escaped(basename(path))}\\.(?:(\\d+)-[0-9a-f]{8}\\.)?part$`);
  const found: { path: string; size: number }[] = [];
  for (const name of await readdir(folder)) {
    const [, pid] = left.exec(name) ?? [name];
    const facts = left.test(name) ? await lstat(join(folder, name)).catch(() => undefined) : undefined;
    if (!facts) continue;
    const age = Date.now() - facts.mtimeMs;
    if (pid !== undefined && age < (isRunning(Number(pid)) ? ABANDONED_MS : ENDED_MS)) continue;
    if (facts.isFile()) found.push({ path: join(folder, name), size: facts.size });
    else if (facts.isSymbolicLink()) await rm(join(folder, name), { force: true });
  }
  for (const one of found.sort((a, b) => b.size - a.size)) if (await moved(one.path, part)) break; // another process may have taken it
  for (const one of found) await rm(one.path, { force: true });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const moved = (from: string, to: string): Promise<boolean> =>
  rename(from, to).then(
    () => true,
    () => false,
  );

/** @throws DATA_UNAVAILABLE listing what each mirror answered, unless another process has brought the file meanwhile */
async function fromMirrors(
  mirrors: readonly string[],
  folder: string,
  job: Job,
  present: string | undefined,
): Promise<void> {
  const { file, path } = job;
  const failures = present ? [`${path}: sha256 is ${present}, expected ${file.sha256}`] : [];
  for (const mirror of mirrors) {
    const url = `${mirror}${file.name}`;
    try {
      return await fromMirror(url, job);
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      failures.push(`${url}: ${error.message}`);
    }
  }
  if ((await sha256Of(path)) === file.sha256) return;
  throw dataUnavailable(
    `${file.name} could not be downloaded:\n  ${failures.join("\n  ")}\n` +
      `Without a network, put the published ${file.name} into ${folder}, ` +
      "or give a folder that has the data, e.g. as idx:DIR.",
  );
}

/**
 * The bytes of `file` in `folder`, downloaded where they are not there, and checked as they are given: nobody can change the
 * file between its check and its use. @throws DATA_UNAVAILABLE
 */
export async function fetchBytes(...given: Parameters<typeof fetchFile>): Promise<Uint8Array> {
  const [file, , folder] = given;
  const path = join(folder, file.name);
  const verified = async () => {
    const { size } = await stat(path);
    const bytes = size === file.bytes ? await readFile(path) : undefined;
    return bytes && sha256(bytes) === file.sha256 ? bytes : undefined;
  };
  const present = await verified().catch(() => undefined);
  if (present) return present;
  await fetchFile(...given);
  const fetched = await verified().catch((cause: unknown) => {
    throw dataUnavailable(`${path} cannot be read: ${messageOf(cause)}`, cause);
  });
  if (!fetched) throw dataUnavailable(`${path} was changed while it was read; try again`);
  return fetched;
}
