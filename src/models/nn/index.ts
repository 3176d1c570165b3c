/** Networks: layers, their parameters and losses, and how they are trained. */
export * from "./images.ts";
export * from "./layer.ts";
export * from "./layers.ts";
export * from "./losses.ts";
export * from "./one-hot.ts";
export * from "./optimiser.ts";
export * from "./parameters.ts";
export * from "./time-embedding.ts";
export * from "./trained.ts";
