import type { MessageErrorCode } from "../error-code.ts";
import type { UpdateOutcome } from "./attribute-codec.ts";

/** One fault of an UPDATE. */
export interface UpdateIssue {
  readonly code: MessageErrorCode;
  /** The Attribute Type Code concerned, or null when it is the UPDATE as a whole. */
  readonly attribute: number | null;
  readonly outcome: UpdateOutcome;
}
