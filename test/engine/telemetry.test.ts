import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const probe = (env: Record<string, string>) => {
  const home = mkdtempSync(join(tmpdir(), "bench-home-"));
  try {
    const { stdout } = spawnSync(
      process.execPath,
      [resolve("bin/bench.js"), "__probe", "onnx", "cpu", "float32", "1"],
      {
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: home, ...env },
      },
    );
    return { stdout, left: readdirSync(home, { recursive: true }).map(String) };
  } finally {
    rmSync(home, { recursive: true });
  }
};

it("ONNX Runtime's telemetry is off: it leaves nothing in the user's home", () => {
  const { stdout, left } = probe({});
  expect(stdout).toContain('"ok":true');
  expect(left).toEqual([]);
});
