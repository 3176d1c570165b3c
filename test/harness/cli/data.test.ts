import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Io } from "../../../src/harness/cli/command.ts";
import data from "../../../src/harness/cli/data.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "bench-data-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

async function clear(given: object = {}): Promise<string> {
  const lines: string[] = [];
  const io = { stdout: { write: (text: string) => lines.push(text) } } as unknown as Io;
  await data.run({ action: "clear", cache, ...given } as never, io, {} as never);
  return lines.join("");
}

it("clears kept features and says how much that frees, downloads untouched", async () => {
  mkdirSync(join(cache, "features"));
  mkdirSync(join(cache, "mnist"));
  writeFileSync(join(cache, "features", "a.safetensors"), Buffer.alloc(1500));
  expect(await clear()).toBe("kept features removed: 1,500 bytes freed\n");
  expect([existsSync(join(cache, "features")), existsSync(join(cache, "mnist"))]).toEqual([false, true]);
  expect(await clear()).toBe("no features are kept\n");
  expect(JSON.parse(await clear({ json: true }))).toEqual({ freed: 0 });
});

it("takes no dataset", async () => {
  await expect(clear({ dataset: ["mnist"] })).rejects.toThrow("data clear takes no dataset");
});
