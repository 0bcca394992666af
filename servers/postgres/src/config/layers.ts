import type { Keyword, Parameters } from "./parameters.ts";

/** Parameters from one place. */
export interface Layer {
  readonly parameters: Parameters;
  /** How a person finds the setting: `PGPORT`, `port in DATABASE_URL`. */
  where(keyword: Keyword): string;
}

/** Parameters from several places, of which the first that has one counts. */
export interface Layers {
  /** `undefined` where nobody gave it, or the one who counts left it empty. */
  get(keyword: Keyword): string | undefined;
  /** Where the first of them that was given stands. */
  where(...keywords: readonly [Keyword, ...Keyword[]]): string;
}

export function layers(...order: readonly Layer[]): Layers {
  const holder = (keyword: Keyword) => order.find(({ parameters }) => parameters.has(keyword));
  return {
    get: (keyword) => holder(keyword)?.parameters.get(keyword) || undefined,
    where(...keywords) {
      const given = keywords.find(holder) ?? keywords[0];
      return (holder(given) ?? order[0])?.where(given) ?? given;
    },
  };
}
