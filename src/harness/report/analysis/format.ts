/** Numbers as people read them: one module, which the page's script shares. */
export * from "../assets/format.js";
