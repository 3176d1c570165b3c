import { expect, it } from "vitest";
import { interruptible } from "../../../src/harness/cli/command.ts";
import { laterReport, reportUnlessStopped } from "../../../src/harness/cli/run.ts";

it("a signal while the report is written ends the wait for it, and says how to write it later", async () => {
  const forever = reportUnlessStopped("run", () => new Promise(() => {}));
  process.emit("SIGHUP");
  expect(await forever).toBeUndefined();
  expect(laterReport("my run")).toMatch(/the run is whole.*bench report 'my run'$/);
  const report = { html: "", csv: [], warnings: [] };
  expect(await reportUnlessStopped("run", async () => report)).toBe(report);
});

it("a terminal that is closed asks to stop like Ctrl-C, and nothing listens any more afterwards", async () => {
  const before = process.listenerCount("SIGHUP");
  const stopped = interruptible(
    (signal) => new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve("stopped"))),
  );
  process.emit("SIGHUP");
  expect(await stopped).toBe("stopped");
  expect(process.listenerCount("SIGHUP")).toBe(before);
});
