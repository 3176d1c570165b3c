import * as z from "zod";
import type { Rng } from "../../../src/core/rng.ts";

/** A kind of model that is not trained here. It draws uniform noise, image i from `stream.fold(i)`; it cannot inpaint. */
export const picture = {
  side: "gan",
  onePass: true,
  trained: false,
  describe: "noise",
  schema: z.strictObject({ size: z.int(), channels: z.int() }),
  create: (config: unknown) => {
    const { size, channels } = picture.schema.parse(config);
    return {
      side: "gan",
      onePass: true,
      title: "Picture",
      description: "noise",
      size,
      channels,
      classes: 0,
      samplingParameters: 0,
      flopsPerEvaluation: 1,
      checkSetting() {},
      generator: async (_engine: unknown, _weights: unknown, _setting: unknown, batch: number) => ({
        batch,
        networkEvaluations: 1,
        compileMs: 0,
        async generate(stream: Rng, first: number) {
          const values = size * size * channels;
          const data = new Float32Array(batch * values);
          for (let i = 0; i < batch; i++) {
            const image = stream.fold(first + i);
            for (let k = 0; k < values; k++) data[i * values + k] = 2 * image.uniform() - 1;
          }
          return { data, count: batch, height: size, width: size, channels };
        },
        dispose() {},
      }),
    };
  },
};
