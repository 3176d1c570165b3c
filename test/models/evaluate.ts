import type { FloatImages } from "../../src/core/images.ts";
import type { Engine, HostTensor, Program, Signature } from "../../src/engine/contract.ts";
import { createOnnxEngine } from "../../src/engine/onnx/engine.ts";
import type { State, TrainingBatch } from "../../src/models/contract.ts";

/** For what takes many steps: the reference engine is a thousand times slower. */
export function compiledEngine(): Promise<Engine> {
  const device = { kind: "cpu", model: "test", software: false } as const;
  return createOnnxEngine({ provider: "cpu", device, threads: 1 });
}

export type Outputs = Record<string, Float32Array>;

/** Compiles a program for the shapes given; what it returns runs it and downloads every output. */
export async function compileFor(engine: Engine, program: Program, signature: Signature) {
  const compiled = await engine.compile("test", program, signature);
  return async (inputs: Readonly<Record<string, HostTensor>>): Promise<Outputs> => {
    const values = await compiled.run(inputs);
    const outputs: Outputs = {};
    for (const [name, value] of Object.entries(values)) {
      outputs[name] = (await value.read()) as Float32Array;
      value.dispose();
    }
    return outputs;
  };
}

export function signatureOf(inputs: Readonly<Record<string, HostTensor>>): Signature {
  return Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, { shape }]));
}

export async function evaluateOnce(
  engine: Engine,
  program: Program,
  inputs: Readonly<Record<string, HostTensor>>,
): Promise<Outputs> {
  return (await compileFor(engine, program, signatureOf(inputs)))(inputs);
}

/** The part of a step's outputs that is the next step's state. */
export function nextState(state: State, outputs: Outputs): State {
  return Object.fromEntries(
    Object.entries(state).map(([name, { shape }]) => [name, { shape, data: outputs[name]! }]),
  );
}

/** A batch for an unconditional model, which reads no labels. */
export function unlabelled(images: FloatImages): TrainingBatch {
  return { images, labels: new Uint16Array(images.count) };
}

/** Smooth grey or colour images of 8 x 8, each unlike the others. */
export const waves = (count: number, channels = 1): FloatImages => ({
  data: Float32Array.from(
    { length: count * 64 * channels },
    (_, i) => Math.sin(i * 0.7) * Math.cos(i * 0.05),
  ),
  count,
  height: 8,
  width: 8,
  channels,
});
