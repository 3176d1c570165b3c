/** Makes onnxruntime-node loadable from the package at `root`, a file URL; false, with a message, where that cannot be done. */
export function fetchOnnxRuntime(root: URL): boolean;
