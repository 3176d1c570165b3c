/** The decision's answer in words, as page, Markdown and terminal give it. */
import type { Cell, Run } from "../../record/index.ts";
import { howSure } from "../assets/certainty.js";
import { choose, type DecisionData, type Requirements } from "../assets/decide.js";
import { defaultRequirements } from "../assets/requirements.js";
import { answerOf, changesOf, questionOf } from "../assets/words.js";
import { decisionData } from "./decision-data.ts";

export interface Answered {
  readonly asked: string;
  readonly verdict: string;
  readonly reason: string;
  readonly certainty: { readonly level: string; readonly text: string };
  readonly changes: readonly { readonly claim: string; readonly text: string }[];
}

export function answered(data: DecisionData, asked: Requirements): Answered {
  const choice = choose(data, asked);
  const [verdict, reason] = answerOf(data, asked, choice);
  return {
    asked: questionOf(data, asked),
    verdict,
    reason,
    certainty: howSure(data, asked, choice),
    changes: changesOf(data, asked, choice),
  };
}

/** The answer to what a report asks until a reader asks otherwise. */
export function firstAnswer(run: Run, cells: readonly Cell[]): Answered {
  const data = decisionData(run, cells);
  return answered(data, defaultRequirements(data));
}
