import { version_cpu } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { processorModel } from "../choice/hardware.ts";
import type { Engine } from "../contract.ts";
import { createEagerEngine } from "./engine.ts";

/** TF.js's own cpu backend: slow, plain JavaScript, and independent of everything that compiles. For tests. */
export function createReferenceEngine(): Promise<Engine> {
  return createEagerEngine({
    name: "reference",
    provider: "tfjs-cpu",
    backend: "cpu",
    device: { kind: "cpu", model: processorModel(), software: false, threads: 1 },
    runtime: { "@tensorflow/tfjs-core": tf.version_core, "@tensorflow/tfjs-backend-cpu": version_cpu },
  });
}
