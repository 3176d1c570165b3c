/** The switch of light and dark. The choice is kept where the browser allows it; a page opened from a file may not be allowed to. */
import { one } from "./elements.ts";

const KEY = "bench-theme";

export function startThemes(): void {
  const switches = one(document, ".theme", HTMLFieldSetElement);
  const inputs = [...switches.querySelectorAll("input")];
  const chosen = inputs.find(({ value }) => value === remembered()) ?? inputs[0]!;
  chosen.checked = true;
  apply(chosen.value);
  switches.hidden = false;
  switches.addEventListener("change", ({ target }) => {
    const { value } = target as HTMLInputElement;
    apply(value);
    remember(value);
  });
}

function apply(theme: string): void {
  document.documentElement.style.colorScheme = theme === "auto" ? "" : theme;
}

function remember(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {}
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
