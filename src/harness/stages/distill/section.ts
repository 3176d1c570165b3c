/** Claim 6, the open question: how few steps? */
import { formatCount, formatNumber, formatSeconds } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import { baseName } from "../../record/index.ts";
import { bySeries, type Chart, colors, onePassLevels, plot } from "../../report/charts/index.ts";
import { charts, type Section, tablePart } from "../../report/section.ts";
import {
  describeSetting,
  inCsv,
  metricFacts,
  numbers,
  seedColumns,
  settingColumns,
  shown,
  type View,
} from "../../tables/index.ts";
import { qualityPoints, readingNamed } from "../diversity/tables.ts";
import { judged } from "../readout/claim.ts";
import { distillClaim } from "./claim.ts";
import { armsOverSeeds, costRows, distill, distillTraining } from "./tables.ts";

export function distillSection(view: View): Section {
  return {
    id: "distill",
    title: "Distillation",
    claim: distillClaim.text,
    verdict: judged(view, distillClaim),
    parts: [
      ...charts(distillChart(view)),
      ...tablePart(
        "Fewest steps that meet the floor, and what they cost to train",
        numbers(
          costRows(view),
          {
            ...shown(view, distillTraining, "model", "seed"),
            floor: ({ floor }) => floor,
            "fewest steps that meet it": ({ fewest }) =>
              fewest?.steps === undefined ? "none" : `${fewest.steps} (${fewest.sampler})`,
            "images seen": ({ imagesSeen }) => formatCount(imagesSeen),
            training: ({ seconds }) => formatSeconds(seconds),
            "training, the teacher's too": ({ withTeacherSeconds }) => formatSeconds(withTeacherSeconds),
            ...shown(view, distillTraining, "training_flops", "with_teacher_flops"),
          },
          inCsv(distillTraining, ({ seed, model }) => ({ seed, model })),
        ),
        distill.name,
      ),
    ],
    protocol: [
      "A student learns to do in one step what its teacher does in several; its own training is counted on top of its teacher's. The floor is the worst value that still passes, set for each seed by that seed's teacher where it is a factor on the teacher's best, and so the floor is no stricter for one student than for another. The decision's floor is one for all seeds and may differ. The fewest steps are those of the setting of fewest network evaluations that meets the floor.",
      "Students stand in the latency and diversity charts beside their teacher, measured the same way.",
    ],
  };
}

/** The floor's metric against network evaluations: teacher, students, and the lines of one-pass models. */
function distillChart(view: View): Chart | undefined {
  const [first] = view.records("distill");
  if (!first) return undefined;
  const { metric, direction, rule } = first.floor;
  const { title, domain } = metricFacts(view, metric);
  const floor = mean(view.records("distill").map((record) => record.floor.value));
  const onePass = qualityPoints(view).flatMap((point) => {
    const reading = readingNamed(point, baseName(metric));
    return reading ? [{ model: point.model, value: reading.value }] : [];
  });
  const rows = armsOverSeeds(view).toSorted((a, b) => a.networkEvaluations - b.networkEvaluations);
  return plot({
    id: "distill-steps",
    title: `${title} against network evaluations`,
    description: `Teacher and students, the mean of the seeds with their lowest and highest. Dashed: the floor that a setting must meet (${rule}); solid: the models of one evaluation.`,
    size: "full",
    height: 300,
    rows,
    columns: {
      setting: (arm) => describeSetting(view, arm),
      ...shown(view, distill, "network_evaluations"),
      ...seedColumns<(typeof rows)[number]>(title, ({ reading }) => reading),
    },
    source: inCsv(distill, settingColumns),
    x: {
      title: "network evaluations per image",
      scale: "count",
      of: ({ networkEvaluations }) => networkEvaluations,
    },
    y: {
      title,
      scale: direction === "lower" ? "log" : "linear",
      domain,
      over: ({ reading }) => reading,
    },
    levels: [
      ...onePassLevels(view, onePass, ({ value }) => value).map((level) => ({
        ...level,
        side: "right" as const,
      })),
      { value: floor, label: `floor ${formatNumber(floor)}`, color: colors.ink, side: "left", dashed: true },
    ],
    line: bySeries(view),
  });
}
