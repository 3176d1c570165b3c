/** Judging images whose channels are images of their own, as stacked ones' are. */
import type { ByteImages } from "../../../core/images.ts";
import type { Features } from "../../../metrics/contract.ts";
import type { Judge } from "../classifier/run.ts";

/**
 * A judge of stacked images from one of their channels: the features end to end, and the channels' classes as the digits
 * of the mode. It gives no probabilities of modes.
 */
export function channelwiseJudge(judge: Judge, classes: number): Judge {
  return {
    async judge(images) {
      const { count, channels } = images;
      const assignments = new Uint16Array(count);
      const parts: Features[] = [];
      for (let channel = 0; channel < channels; channel++) {
        const judged = await judge.judge(channelOf(images, channel));
        for (let i = 0; i < count; i++) assignments[i] = assignments[i]! * classes + judged.assignments[i]!;
        parts.push(judged.features);
      }
      const { width } = parts[0]!;
      const data = new Float64Array(count * width * channels);
      for (let i = 0; i < count; i++)
        for (const [channel, part] of parts.entries())
          data.set(part.data.subarray(i * width, (i + 1) * width), (i * channels + channel) * width);
      return { features: { data, count, width: width * channels }, assignments };
    },
    dispose: () => judge.dispose(),
  };
}

/** One channel of images as grey ones. */
function channelOf(images: ByteImages, channel: number): ByteImages {
  const data = new Uint8Array(images.data.length / images.channels);
  for (let i = 0; i < data.length; i++) data[i] = images.data[i * images.channels + channel]!;
  return { ...images, data, channels: 1 };
}
