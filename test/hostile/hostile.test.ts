/**
 * Everything that a stranger may give: each input of the table is refused by one clear line of ours with exit code 2, in
 * bounded time and memory. A mutant may instead be read as what it was made of.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BenchError, exitCodeOf } from "../../src/core/errors.ts";
import { bench } from "../e2e/entries.ts";
import { rows as arrays } from "./arrays.ts";
import { rows as images } from "./images.ts";
import { rows as onnx, running } from "./onnx.ts";
import { rows as records } from "./records.ts";
import { rows as safetensors } from "./safetensors.ts";
import { rows as suites } from "./suites.ts";
import type { Row } from "./table.ts";

const table: Readonly<Record<string, readonly Row[]>> = {
  safetensors,
  arrays,
  images,
  records,
  suites,
  onnx,
  networks: running(bench),
};

/** Of one input, reading it and refusing it; a busy machine is no reason to hang. */
const MOST_SECONDS = 10;
const MOST_BYTES = 2 ** 30;
/** Longer than any message needs. */
const MOST_CHARACTERS = 9000;

let [inputs, readAnyway, slowest] = [0, 0, { name: "", seconds: 0 }];
afterAll(() => {
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${inputs} hostile inputs, ${readAnyway} of them read as what they were made of; slowest: ${slowest.name}, ` +
      `${slowest.seconds.toFixed(1)} s; peak memory ${peak} MiB`,
  );
});

describe.each(Object.entries(table))("%s", (_, rows) => {
  it.each(rows)("$name", async ({ name, read, code, says, isSame }) => {
    const folder = mkdtempSync(join(tmpdir(), "bench-hostile-"));
    const start = process.cpuUsage();
    const clock = performance.now();
    let [content, error]: [unknown, unknown] = [undefined, undefined];
    try {
      content = await read(folder);
    } catch (thrown) {
      error = thrown;
    } finally {
      rmSync(folder, { recursive: true });
    }
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    if (seconds > slowest.seconds) slowest = { name, seconds };
    inputs++;
    expect(seconds, "processor time").toBeLessThan(MOST_SECONDS);
    expect((performance.now() - clock) / 1000, "time").toBeLessThan(120);
    if (error === undefined) {
      readAnyway++;
      expect(isSame?.(content), "what was read is what the mutant was made of").toBe(true);
      return;
    }
    if ((error as { refused?: true }).refused) return;
    expect(error).toBeInstanceOf(BenchError);
    const { code: found, message } = error as BenchError;
    expect({ code: found, message }).toEqual({ code, message: expect.stringMatching(says) });
    expect(exitCodeOf(error)).toBe(2);
    expect(message.length).toBeLessThan(MOST_CHARACTERS);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
    expect(message).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });
});

it("are at least 400, and were read and refused within a GiB", () => {
  expect(inputs).toBeGreaterThanOrEqual(400);
  expect(process.resourceUsage().maxRSS * 1024).toBeLessThan(MOST_BYTES);
});
