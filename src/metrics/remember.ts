/** What is held under a key, made where nothing is yet. */
export function remembered<K, V>(
  store: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const held = store.get(key);
  if (held !== undefined) return held;
  const made = make();
  store.set(key, made);
  return made;
}
