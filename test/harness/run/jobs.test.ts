import { expect, it } from "vitest";
import { companyOf, jobsFor } from "../../../src/harness/run/jobs.ts";

it("as many cells run at once as there are cores and GiB of free memory, and one where there is less", () => {
  expect(jobsFor(16, 64 * 2 ** 30)).toBe(16);
  expect(jobsFor(16, 5.9 * 2 ** 30)).toBe(5);
  expect(jobsFor(2, 2 ** 29)).toBe(1);
  expect(jobsFor()).toBeGreaterThanOrEqual(1);
});

it("a cell's company is the mean number of others over its time", async () => {
  let time = 0;
  const ends: (() => void)[] = [];
  const { during } = companyOf(() => time);
  const work = () => during(() => new Promise<void>((resolve) => ends.push(resolve)));
  const first = work();
  time = 10;
  const second = work(); // beside the first from 10 to 40
  time = 40;
  ends[0]!();
  expect((await first).beside).toBe(0.75);
  time = 70;
  ends[1]!();
  expect((await second).beside).toBe(0.5);
  const third = work();
  ends[2]!();
  expect((await third).beside).toBe(0); // no time passed
});
