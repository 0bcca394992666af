import type { Attachment } from "./attachments.ts";
import type { Masks } from "./masks.ts";

/** What one proof gathers on its way through views and expressions. */
export interface Proving {
  readonly signal: AbortSignal;
  readonly writing: boolean;
  readonly depth: number;
  /** OIDs of views that were gone through. */
  readonly seen: Set<string>;
  /** OIDs of types that are written in a text, and what they are made of. */
  readonly named: Set<string>;
  /** OIDs of types that values may have. */
  readonly inPlay: Set<string>;
  /** Whether values are compared anywhere. */
  readonly compared: { yes: boolean };
  /** What runs unnamed in this database and is not vouched for. */
  readonly hazards: readonly Attachment[];
  readonly masks: Masks;
  /** The server reads as calls what the parser takes for SQL/JSON. */
  readonly older: boolean;
  /** Within a view or a policy: its relations were reached already, by OID. */
  readonly inside: boolean;
  /** Within a policy: functions that say of themselves that they only read may do so. */
  readonly lenient: boolean;
}
