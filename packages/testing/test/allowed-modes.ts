import type { Mode } from "../src/services/mode.ts";

/** How services may run here. Under `auto` an engine without the images means processes, so either is right. */
export function allowedModes(): readonly Mode[] {
  const wanted = process.env["TEST_SERVICES"] || "auto";
  return wanted === "containers" || wanted === "process" ? [wanted] : ["containers", "process"];
}
