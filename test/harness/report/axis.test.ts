import { expect, it } from "vitest";
import { axisFor } from "../../../src/harness/report/charts/axis.ts";

it("has a tick at each measured count, and none at a value that only makes room", () => {
  const { title, domain, ticks } = axisFor(
    { title: "batch size", scale: "count", include: [36.7583473599] },
    [16, 1, 16],
  );
  expect(title).toBe("batch size, log scale");
  expect(ticks).toEqual([1, 16]);
  expect(domain[0]).toBeLessThan(1);
  expect(domain[1]).toBeGreaterThan(36.7);
});
