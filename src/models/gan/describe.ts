/** A GAN in a phrase: its networks, its loss, and what regularises it. */
import type { GanLoss } from "./losses/index.ts";
import type { GanConfig } from "./presets.ts";
import { penalties, penaltyNames } from "./regularisers/index.ts";

export function describeGan(config: GanConfig, loss: GanLoss): string {
  const { discriminatorSteps: turns } = config;
  const regularisers = [
    ...penaltyNames.flatMap((name) =>
      config[name] > 0 ? [`${penalties[name].title} of weight ${config[name]}`] : [],
    ),
    ...(config.spectralNorm ? ["spectral normalisation"] : []),
    ...(config.augment.length > 0 ? [`DiffAugment (${config.augment.join(", ")})`] : []),
    ...(config.labelSmoothing > 0 ? [`label smoothing of ${config.labelSmoothing}`] : []),
    ...(turns > 1 ? [`${turns} discriminator steps per generator step`] : []),
    ...(config.ema > 0 ? [`averaged generator (${config.ema})`] : []),
  ];
  const networks = `generator of width ${config.generatorWidth}, discriminator of width ${config.discriminatorWidth}`;
  return [`${networks}; ${loss.title} loss`, ...regularisers].join(", ");
}
