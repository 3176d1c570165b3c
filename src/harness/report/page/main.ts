/** The page's script: the controls of the decision, charts at the width there is, and the switch of light and dark. */
import { drawCharts } from "./charts.ts";
import { startControls } from "./controls.ts";
import { startPictures } from "./pictures.ts";
import { startThemes } from "./theme.ts";

startThemes();
startControls(); // before the charts, so that the controls answer at once
drawCharts();
startPictures();
