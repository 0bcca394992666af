/** Text files by path, as they are written. */
export type Files = ReadonlyMap<string, string>;

/** One tool of a template, and what goes when it is left out. */
export interface TemplateTool {
  readonly name: string;
  readonly access: "read" | "write" | "full";
  /** `src/tools/<file>.ts`. */
  readonly file: string;
  /** What `src/tools/index.ts` imports. */
  readonly constant: string;
}

/** One folder of templates/. */
export interface Template {
  readonly files: Readonly<Record<string, string>>;
  readonly tools: readonly TemplateTool[];
}

/** Everything that a project is made of: what `dist/templates.json` holds. */
export interface Templates {
  /** Of @mooring/create-server. */
  readonly version: string;
  /** What `workspace:^` stands for outside the workspace, by package. */
  readonly ranges: Readonly<Record<string, string>>;
  readonly kinds: Readonly<Record<string, Template>>;
  /** Files of every server. */
  readonly server: Readonly<Record<string, string>>;
  /** Files of a project of its own; its package.json has only what is added to the template's. */
  readonly standalone: Readonly<Record<string, string>>;
  /** Texts of licences, by name. */
  readonly licences: Readonly<Record<string, string>>;
}
