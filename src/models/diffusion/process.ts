/** What a diffusion model shows of itself besides samples: its forward process, its encoding of steps, its bound. */
import { type FloatImages, imageSize } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { Diffusion } from "../contract.ts";
import { timeEmbeddingOf, timeEncodings } from "../nn/index.ts";
import type { DdpmConfig } from "./config.ts";
import type { Denoiser } from "./denoiser.ts";
import { variationalBound } from "./likelihood.ts";
import { forwardProcess } from "./posterior.ts";
import { goneShare, logSnr, scheduleLabel, snr } from "./schedules/index.ts";

export function processOf(denoiser: Denoiser, config: DdpmConfig): Diffusion {
  const { alphaBar, inputScale } = denoiser;
  const { timesteps, base: width, timeEncoding: encoding, timePeriod: period } = config;
  return {
    schedule: scheduleLabel(config.schedule),
    timesteps,
    inputScale,
    alphaBar,
    logSnr: alphaBar.map((level) => logSnr(level, inputScale)),
    terminalSnr: snr(alphaBar.at(-1)!, inputScale),
    goneShare: (below) => goneShare(alphaBar, below, inputScale),
    noised: (images, step, stream) => noised(denoiser, images, step, stream),
    encoding: {
      title: `${timeEncodings[encoding].title}, period ${period}`,
      width,
      of: (step) => timeEmbeddingOf(step - 1, { width, encoding, period }),
    },
    bound: (engine, { weights }, request) =>
      variationalBound(engine, { ...request, denoiser, weights: weights! }),
  };
}

/** x_t of each image; step 0 is b x_0 itself. Image i's noise is the same at every step. */
function noised(
  { alphaBar, inputScale }: Denoiser,
  images: FloatImages,
  step: number,
  stream: Rng,
): FloatImages {
  const { signal, spread } = forwardProcess(step === 0 ? 1 : alphaBar[step - 1]!);
  const size = imageSize(images);
  const data = new Float32Array(images.data.length);
  for (let i = 0; i < images.count; i++) {
    const own = stream.fold(i);
    for (let k = i * size; k < (i + 1) * size; k++)
      data[k] = signal * inputScale * images.data[k]! + spread * own.normal();
  }
  return { ...images, data };
}
