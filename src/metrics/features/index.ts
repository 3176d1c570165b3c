/** Extractors that need no network; the classifier's features come from whoever trained it. */
export { pixelFeatures } from "./pixels.ts";
