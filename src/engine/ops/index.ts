export { conv2d, convolvedSize, convTranspose2d, type Window } from "./convolution.ts";
export { detached } from "./custom-gradient.ts";
export { silu } from "./elementwise.ts";
export { batchNorm, batchNormEval, channelMoments, groupNorm } from "./normalisation.ts";
export { flatten, type Shapes, type Tree, totalSize, unflatten, valueAndGradients } from "./parameters.ts";
export { reducible } from "./reducible.ts";
export { sumPool, upsampleNearest } from "./resampling.ts";
