/**
 * Progress on stderr: on a terminal one line that is rewritten, elsewhere a plain line at most every ten seconds. Lines of
 * finished cells stay above it.
 */
import type { Cell } from "../record/index.ts";
import type { RunObserver } from "../run/schedule.ts";
import type { Progress } from "../stages/contract.ts";
import type { Io } from "./command.ts";
import { formatDuration } from "./output.ts";

const LIVE_MS = 100;
const PLAIN_MS = 10_000;
const BAR = 20;

export interface ProgressView extends RunObserver {
  /** A line of its own. */
  note(message: string): void;
  /** Progress of something that is no cell, e.g. a download. */
  onDownload(message: string, done: number, total: number): void;
  /** Leaves the terminal as a shell expects it. */
  close(): void;
}

/** Result of `work` with a view of its progress on stderr, which is left clean afterwards. */
export async function withProgress<T>(
  io: Io,
  quiet: boolean,
  work: (view: ProgressView) => Promise<T>,
): Promise<T> {
  const view = progressView(quiet ? { ...io, stderr: { write() {} } } : io);
  try {
    return await work(view);
  } finally {
    view.close();
  }
}

/** `now` gives milliseconds. */
export function progressView(
  io: Pick<Io, "stderr" | "env">,
  now: () => number = () => performance.now(),
): ProgressView {
  const { stderr, env } = io;
  const live = stderr.isTTY === true && env.TERM !== "dumb";
  const color = live && !env.NO_COLOR;
  let label = "";
  let startedAt = now();
  let lastShown = Number.NEGATIVE_INFINITY;

  const clear = () => {
    if (live) stderr.write("\r\x1b[K");
  };
  const line = (text: string) => {
    clear();
    stderr.write(`${text}\n`);
  };
  const show = (text: string) => {
    lastShown = now();
    if (!live) return line(text);
    clear();
    stderr.write(text.slice(0, Math.max(20, (stderr.columns ?? 80) - 1)));
  };
  const begin = (text: string) => {
    label = text;
    startedAt = now();
    show(label);
    if (live) lastShown = Number.NEGATIVE_INFINITY;
  };
  const update = (progress: Progress) => {
    if (now() - lastShown < (live ? LIVE_MS : PLAIN_MS)) return;
    show(`${label}  ${progressText(progress, now() - startedAt)}`);
  };
  const mark = (text: string, code: number) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
  const marks = { done: mark("done", 32), failed: mark("failed", 31), skipped: mark("skipped", 33) };

  return {
    started: (id, position, total) => begin(`[${position}/${total}] ${id}`),
    progress: update,
    finished(cell: Cell) {
      const { id, state, seconds } = cell;
      line(`${marks[state]} ${id} in ${formatDuration(seconds)}${reasonOf(cell)}`);
    },
    note: line,
    onDownload(message, done, total) {
      if (message !== label) begin(message);
      update({ done, total });
    },
    close: clear,
  };
}

function reasonOf(cell: Cell): string {
  if (cell.state === "failed") return `: ${cell.code} ${cell.message}`;
  return cell.state === "skipped" ? `: ${cell.why}` : "";
}

/** `[#####---------------]  25%  ETA 1 min 12 s  loss 0.0312  1,234 images/s`. */
export function progressText(
  { done, total, loss, imagesPerSecond, note }: Progress,
  elapsedMs: number,
): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.round(share * BAR);
  const remaining = share > 0 ? (elapsedMs / 1000) * (1 / share - 1) : undefined;
  const parts = [
    `[${"#".repeat(filled)}${"-".repeat(BAR - filled)}] ${String(Math.floor(share * 100)).padStart(3)}%`,
    remaining !== undefined && `ETA ${formatDuration(remaining)}`,
    loss !== undefined && `loss ${loss.toPrecision(3)}`,
    imagesPerSecond !== undefined && `${Math.round(imagesPerSecond).toLocaleString("en-US")} images/s`,
    note,
  ];
  return parts.filter(Boolean).join("  ");
}
