/**
 * `stacked:BASE`: three images of a base set as the channels of one (Metz et al. 2017, arXiv:1611.02163, section 3.3.1), so
 * that ten classes make 1,000 modes, known for every image. In a stack of `shapes` the classes are the figures, filled or
 * outlined. The label is the first channel's class.
 */
import { badConfig, badData } from "../../core/errors.ts";
import { type Rng, rng } from "../../core/rng.ts";
import { STACKED_CHANNELS, STACKED_SAMPLES } from "../record/index.ts";
import { assemble, type SplitName } from "./assemble.ts";
import type { Dataset, DatasetRequest, DatasetSource, Split } from "./contract.ts";

const CLASSES = 10;
const DEFAULT_COUNTS = { train: 20_000, test: 10_000 };

/**
 * Image i depends on seed, split, i and the base only. Each channel runs through all images of the base in a shuffled order,
 * again and again, so that every image is used about equally often and modes are about equally frequent.
 */
function stack(base: Split, count: number, stream: Rng): Split {
  const { images, labels } = base;
  const pixels = images.height * images.width;
  const data = new Uint8Array(count * pixels * STACKED_CHANNELS);
  const modes = new Uint16Array(count);
  const first = new Uint8Array(count);
  for (let channel = 0; channel < STACKED_CHANNELS; channel++) {
    const shuffles = stream.fold(channel);
    let order: Uint32Array = new Uint32Array();
    for (let i = 0; i < count; i++) {
      if (i % images.count === 0) order = shuffles.fold(i / images.count).permutation(images.count);
      const from = order[i % images.count]!;
      for (let p = 0; p < pixels; p++)
        data[(i * pixels + p) * STACKED_CHANNELS + channel] = images.data[from * pixels + p]!;
      modes[i] = modes[i]! * CLASSES + labels[from]!;
      if (channel === 0) first[i] = labels[from]!;
    }
  }
  return { images: { ...images, data, count, channels: STACKED_CHANNELS }, labels: first, modes };
}

/** `loadBase` loads the base set by its spec. */
export function stackedSource(
  loadBase: (spec: string, request: DatasetRequest) => Promise<Dataset>,
): DatasetSource {
  return {
    describe:
      "three images of a ten-class set as RGB: 1,000 modes (20,000 train, 10,000 test by default; " +
      `published counts are on ${STACKED_SAMPLES.toLocaleString("en")} samples)`,
    argument: "BASE",
    async load(argument, request) {
      const { channels = STACKED_CHANNELS } = request;
      if (channels !== STACKED_CHANNELS)
        throw badConfig(
          `stacked:${argument} has a base image in each of 3 channels; set dataset.channels to 3, not ${channels}`,
        );
      const { train: _, test: __, ...whole } = request;
      const loaded = await loadBase(argument, { ...whole, channels: 1 });
      if (loaded.classes.length !== CLASSES)
        throw badData(
          `stacked:${argument}: ${loaded.name} has ${loaded.classes.length} classes, and stacking takes a set of ${CLASSES}`,
        );
      const stream = rng(request.seed).fold("stacked");
      const make = (split: SplitName) =>
        stack(loaded[split], request[split] ?? DEFAULT_COUNTS[split], stream.fold(split));
      const { classes } = loaded;
      const modes = classes.flatMap((a) => classes.flatMap((b) => classes.map((c) => `${a} ${b} ${c}`)));
      const raw = {
        name: `stacked:${loaded.name}`,
        classes,
        modes,
        train: make("train"),
        test: make("test"),
        shuffled: true,
      };
      return { ...assemble(raw, request), channelwise: classesAlone(loaded) };
    },
  };
}

/** Without modes finer than the classes. */
function classesAlone({ modes: _, train, test, ...rest }: Dataset): Dataset {
  const split = ({ images, labels }: Split): Split => ({ images, labels });
  return { ...rest, train: split(train), test: split(test) };
}
