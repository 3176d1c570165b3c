/**
 * Downloads of published files into a folder: from the first mirror that delivers, resumed by Range requests, and verified
 * before the file gets its name. A file under its name has therefore the published checksum; each use checks it again.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../core/disk.ts";
import { BenchError, dataUnavailable, messageOf } from "../../core/errors.ts";

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
  /** The file under its final name, and the part of it that has arrived so far. */
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
    const handle = await open(part, done > 0 ? "a" : "w");
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
 * it is there already. An interrupted download continues where it stopped, at any mirror. Two processes that download one
 * file at the same time may spoil each other's copy; a spoilt copy fails its checksum and is fetched again.
 * @throws DATA_UNAVAILABLE listing what each mirror answered, or naming the folder that takes no downloads
 */
export async function fetchFile(
  file: RemoteFile,
  mirrors: readonly string[],
  folder: string,
  options: DownloadOptions = {},
): Promise<string> {
  const path = join(folder, file.name);
  try {
    await fetchFrom(mirrors, folder, { file, path, part: `${path}.part`, options });
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
  throw dataUnavailable(
    `${file.name} could not be downloaded:\n  ${failures.join("\n  ")}\n` +
      `Without a network, put the published ${file.name} into ${folder}, ` +
      "or give a folder that has the data, e.g. as idx:DIR.",
  );
}
