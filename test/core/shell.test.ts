import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { shellQuote } from "../../src/core/escape.ts";

it.runIf(process.platform !== "win32")("quotes a word so that a shell reads it back", () => {
  const words = ["plain", "a b", "it's", "$HOME", "`x`", "models.a={ b: [1] }", "", "*", "\\", "é"];
  const read = execFileSync("sh", ["-c", `printf '%s\\n' ${words.map(shellQuote).join(" ")}`], {
    encoding: "utf8",
  });
  expect(read).toBe(`${words.join("\n")}\n`);
  expect(shellQuote("idx:data/mnist-10k")).toBe("idx:data/mnist-10k");
});
