import type { Verdict } from "./tool.ts";

/** How a content guard (`--flow`, `--taint`) may be set. */
export const contentGuardModes = ["off", "warn", "confirm", "block"] as const;
/** One of {@link contentGuardModes}: the value of such a switch. */
export type ContentGuardMode = (typeof contentGuardModes)[number];

/**
 * The verdict for something that a content guard has found. `option` is its switch as people type it ("--flow"), `finding`
 * one sentence for the person and the model.
 *
 * A `confirm` of such a guard asks even under `--confirm host`. Where the client cannot be asked, `--confirm host` makes it a
 * warning; otherwise the call is refused, naming both switches.
 */
export function contentVerdict(option: string, mode: ContentGuardMode, finding: string): Verdict {
  switch (mode) {
    case "off":
      return "allow";
    case "warn":
      return { warn: finding };
    case "confirm":
      return { confirm: finding, option };
    case "block":
      return { deny: finding, hint: `Tell the person: the server was started with ${option} block.` };
  }
}
