/**
 * Operations that TF.js lacks or spells in a way that compiles badly. Each is a TF.js kernel of our own, run through
 * TF.js's dispatcher, so autodiff sees it: eager backends compose it from TF.js kernels (eager.ts), the tracing backend
 * lowers it to ONNX nodes. Activations are channels-first, [batch, channels, height, width], because ONNX Runtime's Conv is.
 */
export const kernelNames = {
  convolution: "ChannelsFirstConv2D",
  convolutionInputGradient: "ChannelsFirstConv2DInputGradient",
  convolutionFilterGradient: "ChannelsFirstConv2DFilterGradient",
  standardise: "Standardise",
  silu: "Silu",
  upsample: "UpsampleNearestByTwo",
  sumPool: "SumPoolByTwo",
} as const;
