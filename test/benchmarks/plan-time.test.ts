/** The simulated time of a plan, against what a hand or a bound gives. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { planSeconds, type TimedPlan } from "../../benchmarks/plan-time.ts";

const hash = "0".repeat(64);
const cell = (id: string, needs: string[] = [], kind: "train" | "latency" = "train") => ({
  id,
  kind,
  configHash: hash,
  needs,
});
const timed = (cells: readonly [ReturnType<typeof cell>, number][]): TimedPlan => ({
  plan: cells.map(([one]) => one),
  seconds: new Map(cells.map(([{ id }, seconds]) => [id, seconds])),
  alone: new Set(["latency"]),
});

it("is that of a schedule by hand: needs are waited for, timed cells run by themselves", async () => {
  const plan = timed([
    [cell("a"), 10],
    [cell("b"), 4],
    [cell("c", ["b"]), 5],
    [cell("t", ["a"], "latency"), 3],
    [cell("d", ["a"]), 2],
  ]);
  expect(await planSeconds(plan, 1)).toBe(24);
  // a beside b and c until 10; then t alone until 13; then d
  expect(await planSeconds(plan, 2)).toBe(15);
  expect(await planSeconds(plan, 8)).toBe(15);
});

it("lies between the longest chain, the total over the cores, and the total", async () => {
  const made = fc.array(fc.record({ seconds: fc.integer({ min: 1, max: 50 }), back: fc.nat(4) }), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(made, fc.integer({ min: 1, max: 6 }), async (cells, most) => {
      const needsOf = (i: number, back: number) => (back > 0 && i >= back ? [String(i - back)] : []);
      const plan = timed(cells.map(({ seconds, back }, i) => [cell(String(i), needsOf(i, back)), seconds]));
      const chain: number[] = [];
      cells.forEach(({ seconds, back }, i) => {
        chain.push(seconds + (back > 0 && i >= back ? chain[i - back]! : 0));
      });
      const total = cells.reduce((sum, { seconds }) => sum + seconds, 0);
      const taken = await planSeconds(plan, most);
      expect(taken).toBeGreaterThanOrEqual(Math.max(Math.max(...chain), total / most) - 1e-9);
      expect(taken).toBeLessThanOrEqual(total);
      expect(await planSeconds(plan, 1)).toBe(total);
    }),
    { numRuns: 50 },
  );
});
