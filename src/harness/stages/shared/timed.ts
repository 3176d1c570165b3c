/** Time of repeated requests, with tinybench: docs/decisions/0019-timing-with-tinybench.md. */
import { Bench } from "tinybench";

/** Timed requests per measurement, however slow they are, unless the most allowed are fewer. */
const MINIMUM_REQUESTS = 3;

/**
 * Repeats a request for this many seconds, at least 3 times, and `most` times at most. Gives the milliseconds of the first
 * request, which warms up, and of each request after it, in time order. @throws whatever it throws
 */
export async function timed(
  request: () => Promise<void>,
  { seconds, most, onWarm }: { seconds: number; most?: number; onWarm?: () => void },
) {
  const inOrder: number[] = [];
  const enough = new AbortController();
  const bench = new Bench({
    iterations: MINIMUM_REQUESTS,
    time: 1000 * seconds,
    warmupIterations: 1,
    warmupTime: 0,
    throws: true,
  });
  const task = async () => {
    const started = bench.now();
    await request();
    const overriddenDuration = bench.now() - started;
    inOrder.push(overriddenDuration);
    if (inOrder.length - 1 === most) enough.abort();
    return { overriddenDuration };
  };
  bench.add("request", task, {
    async: true,
    signal: enough.signal,
    beforeAll: (mode) => (mode === "run" ? onWarm?.() : undefined),
  });
  await bench.run();
  const [firstMs, ...samplesMs] = inOrder;
  return { firstMs: firstMs!, samplesMs };
}
