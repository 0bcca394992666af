import { isRefused, type Keyword, type Parameters, variables } from "./parameters.ts";
import { configurationProblem } from "./problem.ts";

/** What libpq's variables say, PGPASSWORD aside. Empty ones count as unset: hosts pass on settings that nobody filled in. */
export function environmentParameters(env: NodeJS.ProcessEnv): Parameters {
  const found = new Map<Keyword, string>();
  for (const [name, variable] of variables) {
    const value = env[variable];
    if (value === undefined || value === "") continue;
    if (/^\$\{[^{}]*\}$/.test(value.trim()))
      throw configurationProblem(variable, `it is literally ${value.trim()}: the host did not expand it`);
    if (isRefused(name)) throw configurationProblem(variable, "it is not supported here: leave it out");
    found.set(name, value);
  }
  return found;
}
