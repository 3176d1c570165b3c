import { takeImages } from "../../core/images.ts";
import type { Sample } from "../../metrics/contract.ts";

/** The members of a sample at `indices`, in that order, copied. */
export function takeSample(sample: Sample, indices: ArrayLike<number>): Sample {
  const { features, assignments, probabilities, images } = sample;
  const count = indices.length;
  const rows = (data: Float64Array, width: number) => {
    const taken = new Float64Array(count * width);
    for (let i = 0; i < count; i++)
      taken.set(data.subarray(indices[i]! * width, (indices[i]! + 1) * width), i * width);
    return taken;
  };
  return {
    features: { ...features, data: rows(features.data, features.width), count },
    assignments: assignments ? Array.from(indices, (i) => assignments[i]!) : undefined,
    probabilities: probabilities
      ? { ...probabilities, data: rows(probabilities.data, probabilities.classes), count }
      : undefined,
    images: images ? takeImages(images, indices) : undefined,
  };
}
