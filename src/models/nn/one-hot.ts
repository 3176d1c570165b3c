import { assert } from "../../core/errors.ts";
import type { HostTensor } from "../../engine/contract.ts";

/** One-hot rows [labels, classes]; labels 0..classes-1. */
export function oneHot(labels: ArrayLike<number>, classes: number): HostTensor {
  const data = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    assert(Number.isInteger(label) && label >= 0 && label < classes, `label ${label} of ${classes} classes`);
    data[i * classes + label] = 1;
  }
  return { shape: [labels.length, classes], data };
}
