import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { timed } from "../../../src/harness/stages/shared/timed.ts";

/** A request that takes at least `ms(i)` milliseconds the i-th time, 0 being the one that warms up. */
function requests(ms: (i: number) => number) {
  let count = 0;
  return async () => {
    await sleep(ms(count++));
  };
}

describe("timed requests", () => {
  it("are the first by itself, then as many as asked for, in time order", async () => {
    const planted = [40, 30, 5, 20, 10];
    const { firstMs, samplesMs } = await timed(
      requests((i) => planted[i]!),
      { seconds: 60, most: 4 },
    );
    expect(firstMs).toBeGreaterThanOrEqual(39);
    expect(samplesMs).toHaveLength(4);
    // sorted samples would break these bounds
    samplesMs.forEach((ms, i) => {
      expect(ms).toBeGreaterThanOrEqual(planted[i + 1]! - 1);
    });
  });

  it("stop when their time is over, the warm-up not counted, and are at least three", async () => {
    const many = await timed(
      requests((i) => (i === 0 ? 100 : 10)),
      { seconds: 0.06 },
    );
    expect(many.samplesMs.length).toBeGreaterThanOrEqual(3);
    expect(many.samplesMs.length).toBeLessThanOrEqual(7); // timers may be a millisecond early
    const slow = await timed(
      requests(() => 20),
      { seconds: 0.001, most: 20 },
    );
    expect(slow.samplesMs).toHaveLength(3);
  });

  it("are fewer than three only where fewer are asked for", async () => {
    expect(
      (
        await timed(
          requests(() => 0),
          { seconds: 1, most: 1 },
        )
      ).samplesMs,
    ).toHaveLength(1);
  });

  it("say when they are warm, once, after the first", async () => {
    const seen: string[] = [];
    await timed(async () => void seen.push("request"), {
      seconds: 1,
      most: 2,
      onWarm: () => seen.push("warm"),
    });
    expect(seen).toEqual(["request", "warm", "request", "request"]);
  });

  it.each([0, 1])("fail with the request's own error, be it request %i", async (failing) => {
    let count = 0;
    const request = async () => {
      if (count++ === failing) throw new Error("out of memory");
    };
    await expect(timed(request, { seconds: 1, most: 3 })).rejects.toThrow("out of memory");
  });
});
