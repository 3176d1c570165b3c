import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { watchGpu } from "../../../src/harness/stages/latency/nvidia.ts";
import { raplMeter } from "../../../src/harness/stages/latency/rapl.ts";
import { timedReads } from "../../../src/harness/stages/latency/read-back.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";

const temporary = temporaryFolders();

describe("RAPL", () => {
  const zone = (root: string, name: string, files: Record<string, string | number>) => {
    mkdirSync(join(root, name), { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), `${text}\n`);
  };

  it("adds packages up, once each, and survives a counter's wrap", () => {
    const root = temporary();
    const range = { max_energy_range_uj: 1e9 };
    zone(root, "intel-rapl:0", { name: "package-0", energy_uj: 999e6, ...range });
    zone(root, "intel-rapl:0:0", { name: "core", energy_uj: 5e6, ...range });
    zone(root, "intel-rapl:1", { name: "package-1", energy_uj: 10e6, ...range });
    zone(root, "intel-rapl:2", { name: "psys", energy_uj: 1e6, ...range });
    const meter = raplMeter(root)!;
    expect(meter.joules()).toBe(0);
    zone(root, "intel-rapl:0", { energy_uj: 2e6 }); // 1 J to the end of its range, 2 J from its start
    zone(root, "intel-rapl:1", { energy_uj: 14e6 });
    expect(meter.joules()).toBeCloseTo(7, 9);
    expect(meter.joules()).toBeCloseTo(7, 9);
  });

  it("is absent where there is no counter", () => {
    expect(raplMeter(join(temporary(), "nowhere"))).toBeUndefined();
    expect(raplMeter(temporary())).toBeUndefined();
  });
});

describe("nvidia-smi", () => {
  it("is read over time: power integrated, memory at its peak", async () => {
    const script = join(temporary(), "smi.mjs");
    writeFileSync(
      script,
      `if (!process.argv.includes("--query-gpu=power.draw,memory.used")) process.exit(1);
      const lines = ["100.0, 500", "200.0, 900", "[N/A], 700", "100.0, 600"];
      for (const line of lines) console.log(line);
      setInterval(() => {}, 1000);`,
    );
    let clock = 0;
    const gpu = (await watchGpu([process.execPath, script], () => 1000 * clock++))!;
    while (gpu.readings < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    gpu.stop();
    expect(gpu.joules()).toBeCloseTo(150 * 1 + 150 * 2, 9); // trapezoids over 1 s, and 2 s over the gap
    expect(gpu.peakMiB).toBe(900);
  });

  it("is absent where it is not installed, and where it finds no GPU", async () => {
    expect(await watchGpu(["no-such-nvidia-smi"])).toBeUndefined();
    expect(await watchGpu([process.execPath, "-e", "process.exit(9)"])).toBeUndefined();
  });
});

describe("an engine with timed reads", () => {
  it("gives the same numbers, and the time of what is read since it was asked last", async () => {
    const engine = await createReferenceEngine();
    const { engine: timed, take } = timedReads(engine);
    const compiled = await timed.compile("double", ({ x }) => ({ y: tf.mul(x!, 2) }), { x: { shape: [3] } });
    const { y } = await compiled.run({ x: { shape: [3], data: Float32Array.of(1, 2, 3) } });
    expect(take()).toBe(0);
    expect([...(await y!.read())]).toEqual([2, 4, 6]);
    expect(take()).toBeGreaterThan(0);
    expect(take()).toBe(0);
    const { y: again } = await compiled.run({ x: y! }); // a value whose reads are timed is still the engine's
    expect([...(await again!.read())]).toEqual([4, 8, 12]);
    expect(timed.traces).toBe(engine.traces);
    await timed.dispose();
  });
});
