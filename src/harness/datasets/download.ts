/**
 * Downloads of published files into a folder: resumed by Range request, from the first mirror that delivers,
 * verified before the file gets its name. What lies in the folder under its name has therefore the published
 * checksum, and it is checked again at each use.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../core/disk.ts";
import { BenchError, messageOf } from "../../core/errors.ts";

export interface RemoteFile {
  readonly name: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface DownloadOptions {
  /** Give a mirror up when nothing arrives for so many milliseconds; default 30,000. */
  readonly stallMs?: number;
  readonly onProgress?: (message: string, done: number, total: number) => void;
}

/** Tries per mirror and file; a try after the first continues or restarts what the one before left. */
const TRIES = 3;

/** Why one try failed. `again`: the same mirror may still deliver. */
class TransferError extends Error {
  readonly again: boolean;
  constructor(message: string, again: boolean, cause?: unknown) {
    super(message, { cause });
    this.again = again;
  }
}

/** A failing disk fails every mirror alike: it ends the download at once. */
async function onDisk<T>(folder: string, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (cause) {
    throw new BenchError(
      "DATA_UNAVAILABLE",
      `cannot keep downloads in ${folder}: ${messageOf(cause)}. Make room or access there, or set BENCH_CACHE.`,
      { cause },
    );
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
  readonly folder: string;
  /** The file under its own name, and what has arrived of it so far. */
  readonly path: string;
  readonly part: string;
  readonly options: DownloadOptions;
}

const dropPart = ({ folder, part }: Job) => onDisk(folder, rm(part, { force: true }));

/** Accepts the answer and says at which byte of the file its body starts. @throws TransferError */
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

/** One request; appends to what `part` holds, or starts it anew where the server sends the whole file. */
async function transfer(url: string, job: Job): Promise<void> {
  const { file, folder, part } = job;
  const { stallMs = 30_000, onProgress } = job.options;
  const offset = (await onDisk(folder, sizeOf(part))) ?? 0;
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
      "accept-encoding": "identity", // the checksum is of the .gz: nobody may unpack it on the way
      ...(offset > 0 && { range: `bytes=${offset}-` }),
    };
    const response = await fetch(url, { headers, signal: stalled.signal }).catch((error: unknown) => {
      throw network(error);
    });
    let done = await bodyStart(response, offset, job);
    const handle = await onDisk(folder, open(part, done > 0 ? "a" : "w"));
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
        await onDisk(folder, handle.writeFile(chunk.value));
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
  const { file, folder, path, part } = job;
  for (let attempt = 1; ; attempt++) {
    const kept = (await onDisk(folder, sizeOf(part))) ?? 0;
    try {
      await transfer(url, job);
      const found = await onDisk(folder, sha256Of(part));
      if (found === file.sha256) return await onDisk(folder, rename(part, path));
      await dropPart(job);
      // Bytes kept from an earlier try may be the wrong ones: only a file in one piece condemns its mirror.
      throw new TransferError(`sha256 is ${found}, expected ${file.sha256}`, kept > 0);
    } catch (error) {
      if (!(error instanceof TransferError) || !error.again || attempt === TRIES) throw error;
    }
  }
}

/**
 * Path of `file` in `folder`, downloaded from the first of `mirrors` (URLs that end in a slash) that delivers
 * it, unless it is there already. An interrupted download continues where it stopped, at whichever mirror.
 * @throws DATA_UNAVAILABLE listing what each mirror answered. Two processes that download the same file at
 * once may spoil each other's copy; a spoilt one fails its checksum and is fetched again.
 */
export async function fetchFile(
  file: RemoteFile,
  mirrors: readonly string[],
  folder: string,
  options: DownloadOptions = {},
): Promise<string> {
  const path = join(folder, file.name);
  const job = { file, folder, path, part: `${path}.part`, options };
  const present = await onDisk(folder, sha256Of(path));
  if (present === file.sha256) return path;
  await onDisk(folder, makeFolder(folder));

  const failures = present ? [`${path}: sha256 is ${present}, expected ${file.sha256}`] : [];
  for (const mirror of mirrors) {
    const url = `${mirror}${file.name}`;
    try {
      await fromMirror(url, job);
      return path;
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      failures.push(`${url}: ${error.message}`);
    }
  }
  throw new BenchError(
    "DATA_UNAVAILABLE",
    `${file.name} could not be had:\n  ${failures.join("\n  ")}\n` +
      `Without a network, put the published ${file.name} into ${folder}, ` +
      "or give a folder that has the data, e.g. as idx:DIR.",
  );
}
