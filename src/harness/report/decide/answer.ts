/** The whole answer under stated requirements, as page, Markdown, terminal and --json give it. */
import { type Certainty, certaintyOf } from "./certainty.ts";
import { type Change, changesOf } from "./changes.ts";
import { choose, type DecisionData, type Requirements } from "./choose.ts";
import { notesOf } from "./notes.ts";
import { type AnswerWords, answerOf, questionOf } from "./words.ts";

export interface Answered extends AnswerWords {
  /** The question: the requirements in words. */
  readonly asked: string;
  readonly certainty: Certainty;
  /** What a reader must know beside the answer. */
  readonly notes: readonly string[];
  readonly changes: readonly Change[];
}

export function answered(data: DecisionData, requirements: Requirements): Answered {
  const choice = choose(data, requirements);
  return {
    asked: questionOf(data, requirements),
    ...answerOf(data, requirements, choice),
    certainty: certaintyOf(data, requirements, choice),
    notes: notesOf(data, requirements, choice),
    changes: changesOf(data, requirements, choice),
  };
}
