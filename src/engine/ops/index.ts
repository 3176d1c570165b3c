export { conv2d, convolvedSize, convTranspose2d, type Window } from "./convolution.ts";
export { detached } from "./custom-gradient.ts";
export { batchNorm, batchNormEval, channelMoments, groupNorm } from "./normalisation.ts";
export { flatten, type Shapes, type Tree, totalSize, unflatten, valueAndGradients } from "./parameters.ts";
export { sumPool, upsampleNearest } from "./resampling.ts";
export { reducible } from "./scope.ts";
export { silu } from "./silu.ts";
