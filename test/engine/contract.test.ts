import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, HostTensor, Program } from "../../src/engine/contract.ts";
import { createReferenceEngine } from "../../src/engine/eager/reference.ts";
import { blockOf } from "../../src/engine/onnx/kernels/blocked.ts";
import { lowerings } from "../../src/engine/onnx/kernels/index.ts";
import { decodeModel } from "../../src/engine/onnx/schema.ts";
import { traceProgram } from "../../src/engine/onnx/trace.ts";
import { conv2d, silu } from "../../src/engine/ops/index.ts";
import { allEngines, compiledEngines } from "./engines.ts";
import { numbers, relativeError } from "./numbers.ts";
import { operations } from "./operations.ts";

async function evaluate(engine: Engine, name: string, program: Program, inputs: Record<string, HostTensor>) {
  const signature = Object.fromEntries(
    Object.entries(inputs).map(([key, { shape, data }]) => [
      key,
      { shape, dtype: data instanceof Int32Array ? ("int32" as const) : ("float32" as const) },
    ]),
  );
  const compiled = await engine.compile(name, program, signature);
  const outputs = await compiled.run(inputs);
  const read = await Promise.all(
    Object.entries(outputs).map(
      async ([key, value]) => [key, { shape: value.shape, data: await value.read() }] as const,
    ),
  );
  compiled.dispose();
  return Object.fromEntries(read) as Record<string, HostTensor>;
}

let reference: Engine;
beforeAll(async () => {
  reference = await createReferenceEngine();
});

/** Vulkan promises sin and cos to 2^-11 only, which is why no program takes them of large numbers. */
const tolerance = (engine: string, operation: string) =>
  engine === "onnx/webgpu" && /^(sin|cos)$/.test(operation) ? 2 ** -11 : 2e-5;

describe.each(Object.entries(compiledEngines))("%s against the reference engine", (engineName, make) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await make();
  });
  afterAll(() => engine.dispose());

  it.each(Object.entries(operations))("%s: values and gradient", async (name, operation) => {
    const { run, x = numbers([3, 4]), y = numbers([1, 4], 0.7, 2), differentiable = true } = operation;
    const program: Program = (inputs): Record<string, tf.Tensor> => {
      const result = run(inputs.x!, inputs.y!);
      if (!differentiable) return { result };
      // a weighted sum, so that every element of the gradient is exercised
      const weights = tf.reshape(
        tf.cos(tf.tensor1d(Array.from({ length: result.size }, (_, i) => i))),
        result.shape,
      );
      const dx = tf.grad((x) => tf.sum(tf.mul(run(x, inputs.y!), weights)))(inputs.x!);
      return { result, dx };
    };
    const expected = await evaluate(reference, name, program, { x, y });
    const actual = await evaluate(engine, name, program, { x, y });
    for (const key of Object.keys(expected)) {
      expect(actual[key]!.shape, key).toEqual(expected[key]!.shape);
      expect(relativeError(actual[key]!.data, expected[key]!.data), `${name} ${key}`).toBeLessThan(
        tolerance(engineName, name),
      );
    }
  });
});

it("every lowering is exercised by an operation of the suite or by the golden tests of our own kernels", () => {
  const used = new Set<string>();
  const seen = tf.engine().runKernel;
  const spy = ((name: string, ...rest: unknown[]) => {
    used.add(name);
    return (seen as (...args: unknown[]) => unknown).call(tf.engine(), name, ...rest);
  }) as typeof seen;
  tf.engine().runKernel = spy;
  try {
    for (const { run, x = numbers([3, 4]), y = numbers([1, 4]), differentiable = true } of Object.values(
      operations,
    ))
      tf.tidy(() => {
        const [a, b] = [x, y].map(({ data, shape }) =>
          tf.tensor(data, [...shape], data instanceof Int32Array ? "int32" : "float32"),
        ) as [tf.Tensor, tf.Tensor];
        if (differentiable) tf.grad((a) => tf.sum(run(a, b)))(a);
        run(a, b);
      });
  } finally {
    tf.engine().runKernel = seen;
  }
  const missing = Object.keys(lowerings).filter(
    (name) => !used.has(name) && !/^ChannelsFirst|^Standardise/.test(name),
  );
  expect(missing).toEqual([]);
});

describe.each(Object.entries(allEngines))("%s keeps the contract", (_, make) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await make();
  });
  afterAll(() => engine.dispose());

  const counter: Program<"state" | "rate", "state"> = ({ state, rate }) => ({ state: tf.add(state, rate) });

  it("feeds outputs back as inputs without a new trace", async () => {
    const compiled = await engine.compile("counter", counter, { state: { shape: [3] }, rate: { shape: [] } });
    let state = await engine.upload({ shape: [3], data: Float32Array.of(0, 1, 2) });
    await state.read();
    const traces = engine.traces; // a resident engine has traced its own upload and download by now
    for (let step = 1; step <= 10; step++) {
      const next = await compiled.run({ state, rate: { shape: [], data: Float32Array.of(step) } });
      state.dispose();
      state = next.state;
    }
    expect([...(await state.read())]).toEqual([55, 56, 57]);
    expect(engine.traces).toBe(traces);
    await engine.drain();
    compiled.dispose();
  });

  it("gives what it reads to the caller", async () => {
    const value = await engine.upload({ shape: [2], data: Float32Array.of(1, 2) });
    (await value.read())[0] = 99;
    expect([...(await value.read())]).toEqual([1, 2]);
  });

  it("binds constants", async () => {
    const compiled = await engine.compile(
      "constant",
      counter,
      { state: { shape: [2] }, rate: { shape: [] } },
      { constants: { rate: { shape: [], data: Float32Array.of(2.5) } } },
    );
    const { state } = await compiled.run({ state: { shape: [2], data: Float32Array.of(1, 2) } });
    expect([...(await state.read())]).toEqual([3.5, 4.5]);
  });

  it("refuses a missing input by name", async () => {
    const compiled = await engine.compile("counter", counter, { state: { shape: [3] }, rate: { shape: [] } });
    await expect(compiled.run({ rate: { shape: [], data: Float32Array.of(1) } })).rejects.toThrow(
      /input state is missing/,
    );
  });

  it("gives gradients of gradients", async () => {
    // f = mean(conv(x, w)^2); penalty = |df/dx|^2, differentiated in w: central differences are the judge
    const filterShape = [2, 1, 3, 3];
    const penalty = (x: tf.Tensor, w: tf.Tensor) => {
      const inner = tf.grad((x: tf.Tensor) => {
        const h = conv2d(x as tf.Tensor4D, w as tf.Tensor4D, undefined, { stride: 2, padding: 1 });
        return tf.sum(tf.square(tf.tanh(h)));
      })(x);
      return tf.sum(tf.square(inner)) as tf.Scalar;
    };
    const program: Program = ({ x, w }) => ({
      value: penalty(x!, w!),
      dw: tf.grad((w: tf.Tensor) => penalty(x!, w))(w!),
    });
    const x = numbers([1, 1, 4, 4]);
    const w = numbers(filterShape, 0.5, 1);
    const { dw } = await evaluate(engine, "penalty", program, { x, w });
    const at = async (index: number, delta: number) => {
      const moved = { shape: filterShape, data: Float32Array.from(w.data) };
      moved.data[index]! += delta;
      const { value } = await evaluate(engine, "penalty", ({ x, w }) => ({ value: penalty(x!, w!) }), {
        x,
        w: moved,
      });
      return value!.data[0]!;
    };
    for (const index of [0, 7, 13]) {
      const h = 2e-2;
      const odd = async (h: number) => (await at(index, h)) - (await at(index, -h));
      const numeric = (8 * (await odd(h)) - (await odd(2 * h))) / (12 * h); // error O(h^4)
      expect(Math.abs(dw!.data[index]! - numeric)).toBeLessThan(2e-3 * Math.max(1, Math.abs(numeric)));
    }
  });

  it("writes an ONNX model with pinned versions and the program's own names", async () => {
    const compiled = await engine.compile("counter", counter, { state: { shape: [3] }, rate: { shape: [] } });
    const model = decodeModel(compiled.onnx()) as {
      irVersion: number;
      opsetImport: { version: number }[];
      graph: {
        name: string;
        node: { opType: string }[];
        input: { name: string }[];
        output: { name: string }[];
      };
    };
    expect(model.irVersion).toBe(9);
    expect(model.opsetImport[0]!.version).toBe(18);
    expect(model.graph.input.map((input) => input.name)).toEqual(["state", "rate"]);
    expect(model.graph.output.map((output) => output.name)).toEqual(["out:state"]);
    expect(model.graph.node.map((node) => node.opType)).toEqual(["Add", "Identity"]);
  });

  it("writes a model of plain ONNX operators, whatever it runs itself", async () => {
    const { run, x, y } = operations.convolution!;
    const program: Program = (inputs) => ({ y: silu(run(inputs.x!, inputs.y!)) });
    const compiled = await engine.compile("convolve", program, { x: x!, y: y! });
    const model = decodeModel(compiled.onnx()) as { graph: { node: { opType: string; domain?: string }[] } };
    expect(model.graph.node.map(({ domain = "", opType }) => domain + opType)).toEqual([
      "Conv",
      "Sigmoid",
      "Mul",
      "Identity",
    ]);
  });
});

describe("the blocked layout", () => {
  /** ReorderInput as ONNX Runtime documents it: channels in blocks, pixels within a block. */
  const reordered = (block: number) =>
    Array.from({ length: 32 }, (_, i) => {
      const [pixel, channel] = [Math.floor(i / block) % 2, (i % block) + block * Math.floor(i / (2 * block))];
      return 2 * channel + pixel;
    });

  it.each([4, 8, 16])("is told from how 16 channels are laid out: %i", (block) => {
    expect(blockOf(reordered(block))).toBe(block);
  });

  it("is none where nothing moves, or not as documented", () => {
    expect(blockOf(reordered(1))).toBe(1);
    expect(blockOf(Array.from({ length: 32 }, (_, i) => i))).toBe(1);
    expect(blockOf(reordered(8).with(20, 0))).toBe(1);
  });

  const layers = (batch: number, channels: number, out: number) => {
    const program: Program<"filter" | "x", "d"> = ({ filter, x }) => ({
      d: tf.grad((filter) =>
        tf.sum(conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, undefined, { stride: 1, padding: 1 })),
      )(filter),
    });
    const signature = { filter: { shape: [out, channels, 3, 3] }, x: { shape: [batch, channels, 4, 4] } };
    const { model } = traceProgram("layers", program, signature, { block: 16 });
    const { graph } = decodeModel(model) as { graph: { node: { opType: string; domain?: string }[] } };
    return graph.node.flatMap(({ domain = "", opType }) => (domain.endsWith("nchwc") ? [opType] : []));
  };

  it.each([
    ["images and outputs fill blocks", 16, 3, 32],
    ["images and inputs do", 32, 16, 3],
  ])("holds the filter gradient where %s", (_, batch, channels, out) => {
    expect(layers(batch, channels, out)).toContain("Conv");
  });

  it.each([
    ["images", 15, 16, 16],
    ["channels", 16, 3, 5],
  ])("does not where no whole blocks of %s are there", (_, batch, channels, out) => {
    expect(layers(batch, channels, out)).toEqual([]);
  });
});

describe("tracing", () => {
  it("names an operation without a lowering and where it was called", async () => {
    const engine = await allEngines["onnx/cpu"]!();
    const program: Program = ({ x }) => ({ y: tf.cumsum(x!, 0) });
    const failure = await engine.compile("running", program, { x: { shape: [3] } }).catch((error) => error);
    expect(failure).toMatchObject({ code: "UNSUPPORTED_OP" });
    expect(failure.message).toMatch(/running: operation Cumsum has no ONNX lowering.*contract\.test\.ts/);
  });

  it("names an operation without a gradient, why, and where it was asked for", async () => {
    const engine = await allEngines["onnx/cpu"]!();
    const program: Program = ({ x }) => ({
      y: tf.grad((x: tf.Tensor) => tf.sum(tf.cast(tf.greater(x, 0), "float32")))(x!),
    });
    const failure = await engine.compile("count", program, { x: { shape: [3] } }).catch((error) => error);
    expect(failure).toMatchObject({ code: "UNSUPPORTED_OP" });
    expect(failure.message).toMatch(
      /count: operation Greater has no gradient: a comparison.*contract\.test\.ts.*src\/engine\/ops\/gradients/,
    );
  });

  it("leaves out what no output needs and shares what is written twice", async () => {
    const engine = await allEngines["onnx/cpu"]!();
    const compiled = await engine.compile(
      "shared",
      ({ x }) => {
        tf.exp(x!);
        return { y: tf.add(tf.sin(x!), tf.sin(x!)) };
      },
      { x: { shape: [3] } },
    );
    const model = decodeModel(compiled.onnx()) as { graph: { node: { opType: string }[] } };
    expect(model.graph.node.map((node) => node.opType)).toEqual(["Sin", "Add", "Identity"]);
  });

  it("refuses a program that reads a tensor", async () => {
    const engine = await allEngines["onnx/cpu"]!();
    const program: Program = ({ x }) => ({ y: tf.mul(x!, x!.dataSync()[0]!) });
    await expect(engine.compile("reader", program, { x: { shape: [1] } })).rejects.toThrow(
      /must not read tensors/,
    );
  });

  it("compiles a signature once and keeps what is shared until its last holder lets go", async () => {
    const engine = await allEngines["onnx/cpu"]!();
    const program: Program<"x", "y"> = ({ x }) => ({ y: tf.neg(x) });
    const first = await engine.compile("neg", program, { x: { shape: [2] } });
    const second = await engine.compile("neg", program, { x: { shape: [2] } });
    expect(engine.traces).toBe(1);
    first.dispose();
    first.dispose();
    const { y } = await second.run({ x: { shape: [2], data: Float32Array.of(1, 2) } });
    expect([...(await y.read())]).toEqual([-1, -2]);
    await engine.compile("neg", program, { x: { shape: [3] } });
    expect(engine.traces).toBe(2);
  });
});
