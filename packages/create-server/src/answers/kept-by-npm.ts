import { Problem } from "../problem.ts";

// Those that are no options of npm itself.
const OURS = ["kind", "licence", "openapi", "operations", "upgrade", "apply"];

/**
 * Without `--` before them npm keeps options for itself and tells the program of them in variables only.
 * @throws Problem rather than making something else than what was asked for
 */
export function refuseKeptByNpm(env: Readonly<Record<string, string | undefined>>): void {
  const kept = OURS.find((name) => env[`npm_config_${name}`] !== undefined);
  if (kept !== undefined)
    throw new Problem(
      `npm has kept --${kept} for itself: put "--" before the options, as in npm create @mooring/server weather -- --${kept} …`,
    );
}
