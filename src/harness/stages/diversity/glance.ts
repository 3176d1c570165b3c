/** What each family draws at its best, beside real images: the first thing that a reader looks for. */
import { type Part, pictures } from "../../report/section.ts";
import { describeSetting, settingKey, type View } from "../../tables/index.ts";
import { picture } from "../readout/pictures.ts";
import { bestOfSide } from "./tables.ts";

/** Real images, and of each family the setting of the lowest FID; unselected samples of the first seed that has them. */
export function glance(view: View): Part[] {
  const real = view.records("anchors")[0]?.real.grid;
  const drawn = (["gan", "diffusion"] as const).flatMap((side) => {
    const best = bestOfSide(view, side);
    if (!best) return [];
    const { model } = best;
    const grid = view
      .records("diversity")
      .filter((record) => record.model === model)
      .flatMap(({ settings }) => settings)
      .find((one) => one.grid && settingKey({ ...one, model }) === settingKey(best))?.grid;
    const name = describeSetting(view, best);
    return grid ? [picture(name, grid, `samples of ${name}`)] : [];
  });
  if (drawn.length === 0) return [];
  const known = real ? [picture("real images", real, "real images")] : [];
  return pictures("Real images, and what each family draws at its best", [...known, ...drawn], "grid");
}
