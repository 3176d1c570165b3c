/** What would change the answer, in words. */
import { formatMs, formatNumber, plural } from "../../../core/format.ts";
import { type Choice, type DecisionData, isSuited, metricOf, type Requirements, tells } from "./choose.ts";
import { breakEvenSteps, budgetTurns, floorTurns, type SamplerSteps, volumeTurns } from "./turns.ts";
import { amount } from "./words.ts";

export interface Change {
  /** The requirement, or the quantity, that the text is about. */
  readonly claim: string;
  readonly text: string;
}

/** What would change the answer, a sentence or two for each requirement: whoever enters a number that it names gets what it says. */
export function changesOf(data: DecisionData, requirements: Requirements, choice: Choice): Change[] {
  if (choice.candidates.length < 2 || !tells(metricOf(data, requirements.metric))) return [];
  return [
    { claim: "Budget", text: budgetText(data, requirements, choice) },
    { claim: "Floor", text: floorText(data, requirements, choice) },
    { claim: "Steps", text: breakEvenSteps(choice).flatMap(stepsText(requirements)).join(" ") },
    { claim: "Volume", text: volumeText(requirements, choice) },
    { claim: "Per 1,000 images", text: costText(data, requirements, choice) },
  ].filter(({ text }) => text !== "");
}

const named = ({ chosen }: Choice): string => chosen?.option.name ?? "no setting qualifies";

function budgetText(data: DecisionData, requirements: Requirements, { chosen }: Choice): string {
  const { tighter, looser } = budgetTurns(data, requirements);
  const longer =
    looser &&
    (Number.isFinite(looser.from)
      ? `From ${formatMs(looser.from, "up")} per request on: ${named(looser.choice)}.`
      : `Without a budget: ${named(looser.choice)}.`);
  if (!chosen) return longer ?? "No budget is long enough, since no setting meets the other requirements.";
  const shorter =
    tighter &&
    (Number.isFinite(tighter.from)
      ? `Below ${formatMs(tighter.from, "down")} per request: ${named(tighter.choice)}.`
      : `With any budget: ${named(tighter.choice)}.`);
  return `${shorter ?? "No tighter budget changes the answer."} ${longer ?? "No longer budget changes the answer."}`;
}

function floorText(data: DecisionData, requirements: Requirements, { chosen }: Choice): string {
  const metric = metricOf(data, requirements.metric);
  if (!metric) return "";
  const { tighter, looser } = floorTurns(data, requirements);
  const isHigher = metric.direction === "higher";
  const [beyond, upTo] = isHigher ? ["above", "down to"] : ["below", "up to"];
  const [strict, loose] = isHigher ? (["up", "down"] as const) : (["down", "up"] as const);
  const wider =
    looser &&
    `If ${metric.word} may be ${upTo} ${formatNumber(looser.from, 3, loose)}: ${named(looser.choice)}.`;
  if (!chosen) return wider ?? "No floor is low enough, since no setting meets the other requirements.";
  const stricter =
    tighter &&
    `If ${metric.word} must be ${beyond} ${formatNumber(tighter.from, 3, strict)}: ${named(tighter.choice)}.`;
  return `${stricter ?? "No stricter floor changes the answer."} ${wider ?? "No looser floor changes the answer."}`;
}

/** Whether one sampler's step counts meet the floor and the budget, where there are any. */
const stepsText =
  ({ floor, budgetMs }: Requirements) =>
  ({ name, measured, enough, allowed }: SamplerSteps): string[] => {
    const most = measured.at(-1) ?? 0;
    const needs =
      enough === undefined
        ? `does not meet the floor with ${plural(most, "step")}`
        : `meets the floor from ${plural(enough, "step")} on`;
    const fits =
      allowed === undefined
        ? `exceeds the budget even with ${plural(measured[0] ?? 0, "step")}`
        : `meets the budget with up to ${plural(allowed, "step")}`;
    const said = [...(floor === undefined ? [] : [needs]), ...(budgetMs === undefined ? [] : [fits])];
    return said.length > 0 ? [`${name} ${said.join(" and ")}.`] : [];
  };

function volumeText(requirements: Requirements, choice: Choice): string {
  if (!choice.chosen) return "";
  if (requirements.prefer === "best") return "Volume plays no part while the best setting is preferred.";
  const { above, below } = volumeTurns(choice, requirements);
  if (!above && !below) return "At any volume it stays the cheapest setting that qualifies.";
  return [
    ...(above
      ? [`From ${formatNumber(above.volume, 3, "up")} images on, ${above.to.option.name} is cheaper.`]
      : []),
    ...(below
      ? [`Below ${formatNumber(below.volume, 3, "down")} images, ${below.to.option.name} is cheaper.`]
      : []),
  ].join(" ");
}

function costText(data: DecisionData, requirements: Requirements, { candidates }: Choice): string {
  const cheapest = ["gan", "diffusion", "distilled"].flatMap((kind) => {
    const good = candidates.filter((one) => one.option.kind === kind && one.meetsFloor && isSuited(one));
    return good.sort((a, b) => a.servingSeconds - b.servingSeconds)[0] ?? [];
  });
  if (cheapest.length === 0) return "No setting is good enough at any cost.";
  const unit = requirements.perHour === undefined ? ", in machine time" : "";
  const listed = cheapest.map(
    ({ option, servingSeconds }) => `${option.name} ${amount(servingSeconds, requirements, data)}`,
  );
  return `The cheapest of each kind that is good enough${unit}: ${listed.join("; ")}.`;
}
