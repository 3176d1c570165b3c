/** Elements of the page, typed and certain to be there. */

/** The first element that `selector` matches below `root`; throws where there is none of that type. */
export function one<T extends Element>(root: ParentNode, selector: string, type: new () => T): T {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** The JSON of a data block below `root`; its writer is this package, so its type is taken on trust. */
export const json = <T>(root: ParentNode, selector: string): T =>
  JSON.parse(one(root, selector, HTMLScriptElement).text) as T;
