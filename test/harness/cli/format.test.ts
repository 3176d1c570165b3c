import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { formatCount, formatDuration, shellQuote } from "../../../src/harness/cli/format.ts";

it.each([
  [0, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.6, "1 min 00 s"],
  [185, "3 min 05 s"],
  [3599.6, "1 h 00 min"],
  [7800, "2 h 10 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it("counts", () => {
  expect([0, 999, 1234567].map(formatCount)).toEqual(["", "999", "1,234,567"]);
});

it.runIf(process.platform !== "win32")("quotes a word so that a shell reads it back", () => {
  const words = ["plain", "a b", "it's", "$HOME", "`x`", "models.a={ b: [1] }", "", "*", "\\", "é"];
  const read = execFileSync("sh", ["-c", `printf '%s\\n' ${words.map(shellQuote).join(" ")}`], {
    encoding: "utf8",
  });
  expect(read).toBe(`${words.join("\n")}\n`);
  expect(shellQuote("idx:data/mnist-10k")).toBe("idx:data/mnist-10k");
});
