import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { checkEngine, checkSampling, expected, runCheck } from "../../src/engine/choice/check.ts";
import { classifyAdapter } from "../../src/engine/choice/hardware.ts";
import {
  chooseEngine,
  type EngineRequest,
  examineLadder,
  formatProbe,
  openEngine,
  type Probe,
  probeHere,
  probeInChild,
} from "../../src/engine/choice/index.ts";
import { ladder } from "../../src/engine/choice/rungs.ts";
import type { DeviceDescription, Engine } from "../../src/engine/contract.ts";
import { explainLoadFailure, restoreNodeUtil } from "../../src/engine/eager/tensorflow.ts";
import { allEngines } from "./engines.ts";

const cpu: DeviceDescription = { kind: "cpu", model: "a processor", software: false };
const gpu: DeviceDescription = { kind: "gpu", model: "a GPU", software: false };
const emulated: DeviceDescription = { kind: "gpu", model: "SwiftShader", software: true };
const request: EngineRequest = { device: "auto", engine: "auto", allowSoftwareGpu: false };

/** A probe that finds these providers, and nothing else. */
const finding =
  (found: Record<string, DeviceDescription>): Probe =>
  async ({ provider }) => {
    const device = found[provider];
    return device ? { ok: true, device, runtime: {} } : { ok: false, reason: `no ${provider} here` };
  };

/** The ladder as on a machine where CUDA's library is installed. */
const openLadder = ladder.map(({ refuse: _, ...rung }) => rung);
const choose = (asked: Partial<EngineRequest>, found: Record<string, DeviceDescription>) =>
  chooseEngine({ ...request, ...asked }, finding(found), openLadder);

describe("the ladder", () => {
  const everything = {
    "tensorflow-gpu": gpu,
    cuda: gpu,
    webgpu: gpu,
    cpu,
    "tensorflow-cpu": cpu,
    "tfjs-cpu": cpu,
  };

  it.each([
    [{}, everything, "tensorflow-gpu"],
    [{}, { cuda: gpu, webgpu: gpu, cpu }, "cuda"],
    [{}, { webgpu: gpu, cpu }, "webgpu"],
    [{}, { cpu }, "cpu"],
    [{ device: "cpu" }, everything, "cpu"],
    [{ engine: "onnx" }, everything, "cuda"],
    [{ engine: "onnx", device: "cpu" }, everything, "cpu"],
    [{ engine: "tensorflow", device: "cpu" }, everything, "tensorflow-cpu"],
    [{ engine: "reference" }, everything, "tfjs-cpu"],
    [{}, { webgpu: emulated, cpu }, "cpu"],
    [{ allowSoftwareGpu: true }, { webgpu: emulated, cpu }, "webgpu"],
  ] as const)("%j takes the first usable rung", async (asked, found, provider) => {
    expect((await choose(asked, found)).provider).toBe(provider);
  });

  it("records why each rung above was refused", async () => {
    const { refused } = await choose({}, { webgpu: emulated, cpu });
    expect(refused.map(({ provider, reason }) => [provider, reason])).toEqual([
      ["tensorflow-gpu", "no tensorflow-gpu here"],
      ["cuda", "no cuda here"],
      ["webgpu", "SwiftShader is a GPU emulated on the CPU; --allow-software-gpu takes it all the same"],
    ]);
  });

  it("never runs on the CPU when a GPU was asked for", async () => {
    const failure = await choose({ device: "gpu" }, { webgpu: emulated, cpu }).catch((error) => error);
    expect(failure).toMatchObject({ code: "NO_DEVICE" });
    expect(failure.message).toMatch(
      /no GPU is usable:\n {2}tensorflow\/tensorflow-gpu: no tensorflow-gpu here/,
    );
    expect(failure.message).not.toMatch(/not asked for/);
  });

  it("does not take the reference engine unless it is named", async () => {
    await expect(choose({}, { "tfjs-cpu": cpu })).rejects.toMatchObject({ code: "NO_ENGINE" });
  });

  it("takes the best rung that samples in float16, where that is asked for, and says what was passed over", async () => {
    const { provider, precision, refused } = await choose({ precision: "float16" }, everything);
    expect({ provider, precision }).toEqual({ provider: "cuda", precision: "float16" });
    expect(refused).toEqual([
      {
        engine: "tensorflow",
        provider: "tensorflow-gpu",
        reason: expect.stringContaining("tensorflow samples in float32, not in the float16 asked for"),
      },
    ]);
    expect((await choose({}, everything)).precision).toBeUndefined();
    expect((await choose({ precision: "float32" }, everything)).precision).toBeUndefined();
  });

  it.each(["reference", "tensorflow"] as const)(
    "refuses float16 of %s, and says what can",
    async (engine) => {
      const failure = await choose({ engine, precision: "float16" }, everything).catch((error) => error);
      expect(failure).toMatchObject({ code: "NO_ENGINE" });
      expect(failure.message).toContain(`${engine} samples in float32, not in the float16 asked for`);
      expect(failure.message).toContain("--engine onnx can, or leave out --precision");
      expect(failure.message).not.toMatch(/onnx\/cpu/); // it was not asked for
    },
  );

  it("probes a rung in the precision asked for, and passes over one that only should be able to", async () => {
    const probe: Probe = async ({ provider }, { precision }) =>
      provider === "webgpu" && precision === "float16"
        ? { ok: false, reason: "the device does not support it" }
        : finding({ webgpu: gpu, cpu })({ engine: "onnx", provider }, {});
    const chosen = await chooseEngine({ ...request, precision: "float16" }, probe, openLadder);
    expect(chosen.provider).toBe("cpu");
    expect(chosen.refused.at(-1)).toMatchObject({
      provider: "webgpu",
      reason: "the device does not support it",
    });
    const reports = await examineLadder(request, probe, openLadder);
    expect(
      reports.flatMap(({ provider, samplesIn, cannotSample }) =>
        samplesIn ? [[provider, samplesIn, cannotSample]] : [],
      ),
    ).toEqual([
      ["webgpu", ["float32"], "float16: the device does not support it"],
      ["cpu", ["float32", "float16"], undefined],
    ]);
  });

  it("is examined rung by rung, with what enables each", async () => {
    const reports = await examineLadder(request, finding({ cpu }), openLadder);
    expect(reports.map(({ provider, usable }) => [provider, usable])).toEqual([
      ["tensorflow-gpu", false],
      ["cuda", false],
      ["webgpu", false],
      ["cpu", true],
      ["tensorflow-cpu", false],
      ["tfjs-cpu", false],
    ]);
    expect(reports[0]!.enable).toMatch(/setup:cuda/);
  });
});

describe("probes", () => {
  const inChild = (script: string, timeout?: number) =>
    probeInChild(process.execPath, ["-e", script], timeout)({ engine: "onnx", provider: "webgpu" }, {});

  it("bring back what the child found", async () => {
    const line = formatProbe({ ok: true, device: gpu, runtime: { a: "1" } });
    expect(await inChild(`console.log("noise"); process.stdout.write(${JSON.stringify(line)})`)).toEqual({
      ok: true,
      device: gpu,
      runtime: { a: "1" },
    });
  });

  it.each([
    ["a crash", "process.kill(process.pid, 'SIGSEGV')", /ended with SIGSEGV/],
    ["an exit", "console.error('driver lost'); process.exit(3)", /ended with code 3: driver lost/],
    ["garbage", "console.log('hello')", /ended with code 0/],
  ])("turn %s into a reason", async (_, script, reason) => {
    expect(await inChild(script)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });

  it("give up on a child that hangs", async () => {
    expect(await inChild("setInterval(() => {}, 1000)", 300)).toEqual({
      ok: false,
      reason: "its probe did not answer within 0.3 s",
    });
  });

  it("try what samples, in the precision it is to be in", async () => {
    const probed = (engine: "onnx" | "reference", provider: "cpu" | "tfjs-cpu") =>
      probeHere({ engine, provider }, { precision: "float16", threads: 1 });
    expect(await probed("onnx", "cpu")).toMatchObject({ ok: true });
    expect(await probed("reference", "tfjs-cpu")).toMatchObject({
      ok: false,
      reason: expect.stringContaining("reference samples in float32"),
    });
  });

  it("refuse an engine whose samples are wrong", async () => {
    const engine = await openEngine(
      { engine: "onnx", provider: "cpu" },
      { threads: 1, precision: "float16" },
    );
    await checkSampling(engine);
    const liar: Engine = {
      ...engine,
      compile: (name, program, signature, options) =>
        engine.compile(
          name,
          options?.sampling
            ? (inputs) => {
                const outputs = program(inputs);
                return { ...outputs, y: tf.mul((outputs as { y: tf.Tensor }).y, 1.02) };
              }
            : program,
          signature,
          options,
        ),
    };
    await expect(checkSampling(liar)).rejects.toThrow(/wrong numbers: a program that samples is off by/);
  });

  it("say what is wrong with a rung that cannot be opened here", async () => {
    expect(await probeHere({ engine: "tensorflow", provider: "tensorflow-gpu" }, {})).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/tfjs-node-gpu/),
    });
  });

  it("refuse an engine with wrong numbers", async () => {
    const engine = await openEngine({ engine: "onnx", provider: "cpu" }, { threads: 1 });
    const liar = {
      ...engine,
      compile: async (...args: Parameters<typeof engine.compile>) => {
        const compiled = await engine.compile(...args);
        const run = async (inputs: never) => {
          const outputs = (await compiled.run(inputs)) as Record<string, { read(): Promise<Float32Array> }>;
          return { ...outputs, loss: { read: async () => Float32Array.of(0.75) } };
        };
        return { ...compiled, run };
      },
    };
    await expect(checkEngine(liar as never)).rejects.toThrow(/wrong numbers: the check's loss is 0.75,/);
  });
});

it.each(Object.entries(allEngines))("%s passes the check", async (_, make) => {
  const engine = await make();
  const { loss, gradientNorm } = await runCheck(engine);
  expect(loss).toBeCloseTo(expected.loss, 5);
  expect(gradientNorm).toBeCloseTo(expected.gradientNorm, 4);
  await engine.dispose();
});

describe("adapters", () => {
  const nvidia = "7f /usr/lib/libGLX_nvidia.so.550\n";
  const software = "7f /usr/lib/chromium/libvk_swiftshader.so\n";
  it.each([
    [nvidia, true, { name: "NVIDIA", software: false }],
    [software, false, { name: "SwiftShader", software: true }],
    [software + nvidia, true, { name: "NVIDIA", software: false }],
    [software + nvidia, false, { name: "SwiftShader", software: true }],
    ["7f /usr/lib/libvulkan_lvp.so\n", true, { name: "llvmpipe", software: true }],
    ["7f /usr/lib/libc.so\n", true, undefined],
  ])("are told from the memory map (case %#)", (map, node, adapter) => {
    const found = classifyAdapter(map, node);
    expect(found && { name: found.name, software: found.software }).toEqual(adapter);
  });
});

describe("TensorFlow", () => {
  it("has its missing pieces explained", () => {
    const missing = "The Node.js native addon module (tfjs_binding.node) can not be found at path: x";
    const gpu = "@tensorflow/tfjs-node-gpu";
    expect(explainLoadFailure(gpu, missing, 20)).toMatch(/npm run setup:cuda/);
    expect(explainLoadFailure(gpu, "Cannot find module 'x'", 20)).toMatch(
      /is not installed \(`npm run setup:cuda -- tensorflow` installs it\)/,
    );
    expect(explainLoadFailure("@tensorflow/tfjs-node", "Cannot find module 'x'", 20)).toMatch(
      /npm install @tensorflow\/tfjs-node /,
    );
    expect(explainLoadFailure(gpu, "util_1.isNullOrUndefined is not a function", 24)).toMatch(
      /Node 24 lacks/,
    );
    expect(explainLoadFailure(gpu, "something else\nat x", 20)).toMatch(/does not load: something else$/);
  });

  it("gets back the function that Node 23 removed", () => {
    const util: { isNullOrUndefined?: (value: unknown) => boolean } = {};
    expect(restoreNodeUtil(util)).toBe(true);
    expect([null, undefined, 0, ""].map((value) => util.isNullOrUndefined!(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(restoreNodeUtil(Object.freeze({}))).toBe(false);
  });
});
