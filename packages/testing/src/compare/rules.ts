import type { Level } from "./level.ts";

interface Rule {
  readonly of: Part;
  readonly level: Level;
  /** As it stands in docs/versioning.md. */
  readonly when: string;
}

/** What the rules are about, in the order of docs/versioning.md. */
export const parts = [
  "Tools",
  "Arguments",
  "Results",
  "Aliases",
  "Options",
  "Resources",
  "Prompts",
  "Toolsets",
  "Exports",
] as const;
export type Part = (typeof parts)[number];

/** Every kind of change, and the level it has from 1.0.0 on. The table in docs/versioning.md is made of it. */
export const rules = {
  serverRenamed: { of: "Tools", level: "major", when: "the server's name changed" },
  toolRemoved: { of: "Tools", level: "major", when: "removed, or renamed without an alias" },
  accessRaised: { of: "Tools", level: "major", when: "a tool or a value of an argument needs a higher access level" },
  moreDangerous: { of: "Tools", level: "major", when: "an annotation says more danger" },
  toolsetLeft: { of: "Tools", level: "major", when: "moved out of its toolset" },
  scopeNeeded: { of: "Tools", level: "major", when: "needs another scope of the credential" },
  toolRenamed: { of: "Tools", level: "minor", when: "renamed, with an alias" },
  toolAdded: { of: "Tools", level: "minor", when: "added" },
  accessLowered: { of: "Tools", level: "minor", when: "needs a lower access level" },
  lessDangerous: { of: "Tools", level: "minor", when: "an annotation says less danger" },
  scopeDropped: { of: "Tools", level: "minor", when: "needs a scope less" },
  listedOtherwise: { of: "Tools", level: "minor", when: "anything else that is listed changed" },
  toolText: { of: "Tools", level: "patch", when: "title or description changed" },

  argumentRemoved: { of: "Arguments", level: "major", when: "removed, or renamed without an alias" },
  argumentRequired: { of: "Arguments", level: "major", when: "a required one added, or one became required" },
  argumentType: { of: "Arguments", level: "major", when: "type changed" },
  valueRemoved: { of: "Arguments", level: "major", when: "a value removed" },
  limitNarrowed: { of: "Arguments", level: "major", when: "a limit narrowed" },
  argumentRenamed: { of: "Arguments", level: "minor", when: "renamed, with an alias" },
  argumentAdded: { of: "Arguments", level: "minor", when: "an optional one added" },
  argumentOptional: { of: "Arguments", level: "minor", when: "became optional" },
  argumentTakesMore: { of: "Arguments", level: "minor", when: "takes more types" },
  valueAdded: { of: "Arguments", level: "minor", when: "a value added" },
  limitWidened: { of: "Arguments", level: "minor", when: "a limit widened" },
  defaultChanged: { of: "Arguments", level: "minor", when: "default changed" },
  argumentText: { of: "Arguments", level: "patch", when: "description changed" },

  fieldRemoved: { of: "Results", level: "major", when: "a field removed" },
  fieldOptional: { of: "Results", level: "major", when: "a field may now be missing" },
  fieldType: { of: "Results", level: "major", when: "a field's type changed, or has become wider" },
  schemaRemoved: { of: "Results", level: "major", when: "the output schema removed" },
  fieldAdded: { of: "Results", level: "minor", when: "a field added" },
  fieldExacter: { of: "Results", level: "minor", when: "a field's type narrower, its values or limits changed" },
  schemaAdded: { of: "Results", level: "minor", when: "an output schema added" },
  fieldText: { of: "Results", level: "patch", when: "description changed" },

  aliasDropped: { of: "Aliases", level: "major", when: "dropped, or stands for something else" },
  aliasAdded: { of: "Aliases", level: "minor", when: "added" },

  optionRemoved: { of: "Options", level: "major", when: "removed" },
  optionRenamed: { of: "Options", level: "major", when: "flag or variable renamed or gone" },
  optionKind: { of: "Options", level: "major", when: "takes another kind of value" },
  optionValueRemoved: { of: "Options", level: "major", when: "a value removed" },
  optionRequired: { of: "Options", level: "major", when: "a required one added, or one became required" },
  accessDefault: { of: "Options", level: "major", when: "the default of `--access` changed" },
  optionAdded: { of: "Options", level: "minor", when: "an optional one added" },
  optionOptional: { of: "Options", level: "minor", when: "became optional" },
  optionFlagAdded: { of: "Options", level: "minor", when: "got a flag" },
  optionValueAdded: { of: "Options", level: "minor", when: "a value added" },
  optionDefault: { of: "Options", level: "minor", when: "another default changed" },

  resourceRemoved: { of: "Resources", level: "major", when: "template removed or changed" },
  resourceUnfollowed: { of: "Resources", level: "major", when: "subscriptions gone" },
  resourceName: { of: "Resources", level: "major", when: "name or MIME type changed" },
  resourceAdded: { of: "Resources", level: "minor", when: "template added" },
  resourceFollowed: { of: "Resources", level: "minor", when: "subscriptions added" },
  resourceText: { of: "Resources", level: "patch", when: "title or description changed" },

  promptRemoved: { of: "Prompts", level: "major", when: "removed" },
  promptArgumentRemoved: { of: "Prompts", level: "major", when: "an argument removed" },
  promptArgumentRequired: { of: "Prompts", level: "major", when: "a required argument added, or one became required" },
  promptAdded: { of: "Prompts", level: "minor", when: "added" },
  promptArgumentAdded: { of: "Prompts", level: "minor", when: "an optional argument added" },
  promptArgumentOptional: { of: "Prompts", level: "minor", when: "an argument became optional" },
  promptText: { of: "Prompts", level: "patch", when: "a text changed" },

  toolsetRemoved: { of: "Toolsets", level: "major", when: "removed" },
  toolsetOff: { of: "Toolsets", level: "major", when: "no longer on by default" },
  toolsetAdded: { of: "Toolsets", level: "minor", when: "added" },
  toolsetOn: { of: "Toolsets", level: "minor", when: "on by default" },
  toolsetText: { of: "Toolsets", level: "patch", when: "description changed" },

  exportRemoved: { of: "Exports", level: "major", when: "a name or subpath removed, or now only a type" },
  exportAdded: { of: "Exports", level: "minor", when: "a name or subpath added" },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;

/** One difference between two surfaces. */
export interface Change {
  readonly rule: RuleName;
  readonly level: Level;
  /** What changed: `write, argument "mode"`. */
  readonly where: string;
  /** How: `the value "overwrite" is gone`. */
  readonly what: string;
}

export function change(rule: RuleName, where: string, what: string): Change {
  return { rule, level: rules[rule].level, where, what };
}

/** The rules as a Markdown table: a row for each part, a column for each level. */
export function rulesTable(): string {
  const all: readonly Rule[] = Object.values(rules);
  const cell = (of: Part, level: Level) =>
    all.flatMap((rule) => (rule.of === of && rule.level === level ? [rule.when] : [])).join("; ");
  const rows = parts.map(
    (part) => `| ${[part, cell(part, "major"), cell(part, "minor"), cell(part, "patch")].join(" | ")} |`,
  );
  return ["| | Major | Minor | Patch |", "|---|---|---|---|", ...rows].join("\n");
}
