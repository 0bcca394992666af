/** What every corpus says of a case; the rest is the business of the attack that runs it. */
export interface CorpusCase {
  readonly id: string;
  readonly category: string;
  /** Values of `process.platform`; every platform when left out. */
  readonly platforms?: readonly string[];
  readonly needsRoot?: boolean;
  readonly needsNonRoot?: boolean;
  /** The intention in words. */
  readonly expect?: string;
}

/** Where the corpus runs. */
export interface CorpusHost {
  readonly platform: string;
  /** `undefined` where there are no user ids. */
  readonly uid: number | undefined;
}

export const thisHost: CorpusHost = { platform: process.platform, uid: process.getuid?.() };

/** Why a case says nothing about this run; counted, never hidden. Throw it from an attack. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}

/** The reason why a case cannot run here, by its own words; `undefined` when it can. */
export function whyNotHere({ platforms, needsRoot, needsNonRoot }: CorpusCase, host = thisHost): string | undefined {
  if (platforms && !platforms.includes(host.platform)) return `only on ${platforms.join(", ")}`;
  if (needsRoot && host.uid !== 0) return "needs uid 0";
  if (needsNonRoot && host.uid === 0) return "needs a uid other than 0";
  return undefined;
}

export type Variables = Readonly<Record<string, string>>;

/** Replaces `$NAME` and `${NAME}` of the given variables; every other `$` stays as it is. */
export function expandVariables(text: string, variables: Variables): string {
  return text.replace(/\$(?:(\w+)|\{(\w+)\})/g, (all, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? "";
    return Object.hasOwn(variables, name) ? (variables[name] as string) : all;
  });
}

/** Replaces `{{name}}` of the given variables; an unknown name throws, since the case would test something else. */
export function fillPlaceholders(text: string, variables: Variables): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    if (!Object.hasOwn(variables, name)) throw new Error(`No value for the placeholder {{${name}}}.`);
    return variables[name] as string;
  });
}
