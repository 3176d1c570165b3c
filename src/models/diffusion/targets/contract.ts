/** What the network's output estimates. All linear in x_t and the output, so one program serves every target. */
export interface Target {
  readonly title: string;
  readonly paper: string;
  /** What the output should be: target = clean x_0 + epsilon epsilon. Float64 on the host, alphaBar in (0, 1). */
  wanted(alphaBar: number): { readonly clean: number; readonly epsilon: number };
  /** The clean image that an output means: x_0-hat = x x_t + output output. */
  clean(alphaBar: number): { readonly x: number; readonly output: number };
}
