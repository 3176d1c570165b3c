import { convolutionKernel, filterGradientKernel, inputGradientKernel } from "../ops/convolution.ts";
import { registerEagerKernel } from "../ops/kernel.ts";
import { standardiseKernel } from "../ops/normalisation.ts";
import { sumPoolKernel, upsampleKernel } from "../ops/resampling.ts";
import { siluKernel } from "../ops/silu.ts";

/** Registers our kernels' compositions for `backendName`, a TF.js backend. Idempotent. */
export function registerEagerKernels(backendName: string): void {
  registerEagerKernel(convolutionKernel, backendName);
  registerEagerKernel(inputGradientKernel, backendName);
  registerEagerKernel(filterGradientKernel, backendName);
  registerEagerKernel(standardiseKernel, backendName);
  registerEagerKernel(siluKernel, backendName);
  registerEagerKernel(upsampleKernel, backendName);
  registerEagerKernel(sumPoolKernel, backendName);
}
