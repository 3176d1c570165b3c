/** The protocol of Stacked-MNIST, for whoever shows its numbers. */

/** Samples that published mode counts and reverse KLs are of (Metz et al. 2017, arXiv:1611.02163; Lin et al. 2018). */
export const STACKED_SAMPLES = 26_000;

/** Channels, each an image of its own. */
export const STACKED_CHANNELS = 3;

/**
 * What to say beside mode counts of a dataset of this name from n samples: undefined for other data, and where n is the
 * published number or more.
 */
export function stackedNote(dataset: string, n: number): string | undefined {
  if (!dataset.startsWith("stacked:") || n >= STACKED_SAMPLES) return undefined;
  return (
    `Modes of ${dataset} are counted on ${n} samples; published counts are on ${STACKED_SAMPLES}, ` +
    "and fewer samples reach fewer modes and raise the reverse KL."
  );
}
