import type { Layers } from "./layers.ts";
import type { Keyword } from "./parameters.ts";
import { configurationProblem } from "./problem.ts";

/** One of the values that a parameter takes. Throws naming the setting and the values. */
export function choice<const T extends string>(given: Layers, keyword: Keyword, values: readonly T[], standard: T): T {
  const text = given.get(keyword);
  if (text === undefined) return standard;
  const value = values.find((each) => each === text);
  if (value !== undefined) return value;
  throw configurationProblem(given.where(keyword), `expected one of ${values.join(", ")}`);
}
