/** Of operations that move values: they move dy back, and add up what went to several places. */
import * as tf from "@tensorflow/tfjs-core";
import { byIndex, flatIn, type Gradients, linearIn, ofInput } from "./define.ts";

const reshaped = (dy: tf.Tensor, input: tf.Tensor) => tf.reshape(dy, input.shape);

const inverse = (perm: readonly number[]) => perm.map((_, i) => perm.indexOf(i));

const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

export const arrangement: Gradients = {
  Reshape: ofInput("x", reshaped),
  ExpandDims: ofInput("input", reshaped),
  Transpose: linearIn("x", (dy, { perm }) => tf.transpose(dy, inverse(perm))),
  Reverse: linearIn("x", (dy, { dims }) => tf.reverse(dy, dims)),
  Concat: {
    saveAllInputs: true,
    gradFunc: (dy, parts, attributes) => {
      const axis = axisOf((attributes as { axis: number }).axis, parts[0]!.rank);
      const sizes = parts.map((part) => part.shape[axis]!);
      return byIndex(tf.split(dy as tf.Tensor, sizes, axis));
    },
  },
  SplitV: linearIn("x", (dy: tf.Tensor[], { axis }) => tf.concat(dy, axis)),
  Pack: {
    saveAllInputs: true,
    gradFunc: (dy, _, attributes) =>
      byIndex(tf.unstack(dy as tf.Tensor, (attributes as { axis: number }).axis)),
  },
  Unpack: linearIn("value", (dy: tf.Tensor[], { axis }) => tf.stack(dy, axis)),
  Slice: ofInput("x", (dy, x, { begin, size }) => {
    const [from] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
    return tf.pad(
      dy,
      from.map((start, i) => [start, x.shape[i]! - start - dy.shape[i]!]),
    );
  }),
  PadV2: ofInput("x", (dy, x, { paddings }) =>
    tf.slice(
      dy,
      (paddings as [number, number][]).map(([before]) => before),
      x.shape,
    ),
  ),
  Tile: ofInput("x", (dy, x, { reps }) => {
    // an axis that is repeated becomes two, [times, size], and the copies are added up
    const axes = x.shape.map((size, i) => (reps[i] === 1 ? [size] : [reps[i] as number, size]));
    const copies = axes.flatMap((axis, i) => (axis.length > 1 ? [axes.slice(0, i).flat().length] : []));
    const split = tf.reshape(dy, axes.flat());
    return tf.reshape(copies.length > 0 ? tf.sum(split, copies) : split, x.shape);
  }),
  GatherV2: {
    inputsToSave: ["x", "indices"],
    gradFunc: (dy, saved, attributes) => ({
      x: () => {
        const [x, indices] = saved as [tf.Tensor, tf.Tensor];
        const axis = axisOf((attributes as { axis: number }).axis, x.rank);
        const count = indices.size;
        const rows = tf.reshape(dy as tf.Tensor, x.shape.with(axis, count));
        const first = [axis, ...x.shape.map((_, i) => i).filter((i) => i !== axis)];
        const ids = tf.reshape(indices, [count]) as tf.Tensor1D;
        const sums = tf.unsortedSegmentSum(tf.transpose(rows, first), ids, x.shape[axis]!);
        return tf.transpose(sums, inverse(first));
      },
    }),
  },
  /** A negative segment is none, and its row has gone nowhere. */
  UnsortedSegmentSum: {
    inputsToSave: ["segmentIds"],
    gradFunc: (dy, [ids]) => ({
      x: () => {
        const rows = tf.gather(dy as tf.Tensor, tf.maximum(ids!, tf.scalar(0, "int32")) as tf.Tensor1D);
        const summed = tf.cast(tf.greaterEqual(ids!, tf.scalar(0, "int32")), "float32");
        return tf.mul(rows, tf.reshape(summed, [-1, ...rows.shape.slice(1).map(() => 1)]));
      },
    }),
  },
  OneHot: flatIn("indices"),
};
