export { channelsFirst, channelsLast } from "./images.ts";
export {
  define,
  evaluate,
  type Flops,
  type Layer,
  noFlops,
  pure,
  totalFlops,
  train,
  trainWithStatistics,
} from "./layer.ts";
export {
  batchNormalisation,
  convolution,
  dense,
  embedding,
  groupNormalisation,
  layerNormalisation,
  type Map4,
  transposedConvolution,
} from "./layers.ts";
export {
  crossEntropyAgainstOne,
  crossEntropyAgainstZero,
  softmaxCrossEntropy,
} from "./losses.ts";
export {
  type AdamSettings,
  adam,
  adamStep,
  averagingShare,
  clipByNorm,
  globalNorm,
  movingAverage,
} from "./optimiser.ts";
export {
  countOf,
  glorotUniform,
  type Initialiser,
  initialise,
  normal,
  ones,
  type ParameterSpecs,
  shapesOf,
  zeros,
} from "./parameters.ts";
export {
  type TimeEmbeddingOptions,
  type TimeEncodingName,
  timeEmbedding,
  timeEmbeddingOf,
  timeEncodings,
} from "./time-embedding.ts";
export { scalar, type Trained, type TrainingOptions, trained } from "./trained.ts";
