/**
 * Progress on stderr: on a terminal one line that is rewritten, elsewhere a plain line at most every ten seconds. Lines of
 * finished cells stay above it. The line names every cell that runs.
 */
import { limited } from "../../core/escape.ts";
import type { Cell } from "../record/index.ts";
import type { RunObserver } from "../run/schedule.ts";
import type { Progress } from "../stages/contract.ts";
import { control, type Io } from "./command.ts";
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
  const running = new Map<string, Running>();
  let download = { label: "", startedAt: now() };
  let lastShown = Number.NEGATIVE_INFINITY;

  const clear = () => {
    if (live) control(stderr, "\r\x1b[K");
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
  const begin = (label: string) => {
    show(label);
    if (live) lastShown = Number.NEGATIVE_INFINITY;
    return { label, startedAt: now() };
  };
  const update = (text: () => string) => {
    if (now() - lastShown >= (live ? LIVE_MS : PLAIN_MS)) show(text());
  };
  const colors = { done: 32, failed: 31, skipped: 33 };

  return {
    started(id, position, total) {
      running.set(id, begin(`[${position}/${total}] ${id}`));
    },
    progress(id, progress) {
      const cell = running.get(id);
      if (!cell) return;
      cell.progress = progress;
      update(() => runningText([...running.values()], now()));
    },
    noted: (id, message) => line(`note: ${id}: ${message}`),
    finished(cell: Cell) {
      const { id, state, seconds } = cell;
      running.delete(id);
      clear();
      if (color) control(stderr, `\x1b[${colors[state]}m${state}\x1b[0m`);
      else stderr.write(state);
      stderr.write(` ${id} in ${formatDuration(seconds)}${limited(reasonOf(cell))}\n`);
    },
    note: line,
    onDownload(message, done, total) {
      if (message !== download.label) download = begin(message);
      const { label, startedAt } = download;
      update(() => `${label}  ${progressText({ done, total }, now() - startedAt)}`);
    },
    close: clear,
  };
}

function reasonOf(cell: Cell): string {
  if (cell.state === "failed") return `: ${cell.code} ${cell.message}`;
  return cell.state === "skipped" ? `: ${cell.why}` : "";
}

/** A cell that runs: its place in the plan and its id, and how far it is. */
interface Running {
  readonly label: string;
  /** In milliseconds. */
  readonly startedAt: number;
  progress?: Progress;
}

/**
 * The whole progress of one cell; of several `[3/9] train/ddpm/seed-0  25%  [4/9] train/dcgan/seed-0  80%  ETA 1 min 12 s`,
 * where the time left is that of the cell that ends last.
 */
function runningText(cells: readonly Running[], now: number): string {
  const [first] = cells;
  if (cells.length === 1 && first?.progress)
    return `${first.label}  ${progressText(first.progress, now - first.startedAt)}`;
  const parts = cells.map(({ label, progress }) => `${label}  ${percent(progress ? shareOf(progress) : 0)}`);
  const left = cells.flatMap(({ progress, startedAt }) => {
    const seconds = progress && secondsLeft(shareOf(progress), now - startedAt);
    return seconds === undefined ? [] : [seconds];
  });
  return [...parts, ...(left.length > 0 ? [`ETA ${formatDuration(Math.max(...left))}`] : [])].join("  ");
}

const shareOf = ({ done, total }: Pick<Progress, "done" | "total">): number =>
  total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;

const percent = (share: number): string => `${Math.floor(share * 100)}%`;

/** Undefined before anything is done. */
const secondsLeft = (share: number, elapsedMs: number): number | undefined =>
  share > 0 ? (elapsedMs / 1000) * (1 / share - 1) : undefined;

/** `[#####---------------]  25%  ETA 1 min 12 s  loss 0.0312  1,234 images/s`. */
export function progressText(
  { done, total, loss, imagesPerSecond, note }: Progress,
  elapsedMs: number,
): string {
  const share = shareOf({ done, total });
  const filled = Math.round(share * BAR);
  const remaining = secondsLeft(share, elapsedMs);
  const parts = [
    `[${"#".repeat(filled)}${"-".repeat(BAR - filled)}] ${percent(share).padStart(4)}`,
    remaining !== undefined && `ETA ${formatDuration(remaining)}`,
    loss !== undefined && `loss ${loss.toPrecision(3)}`,
    imagesPerSecond !== undefined && `${Math.round(imagesPerSecond).toLocaleString("en-US")} images/s`,
    note,
  ];
  return parts.filter(Boolean).join("  ");
}
