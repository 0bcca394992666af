import { readFileSync } from "node:fs";
import type { Templates } from "./project/template.ts";

/** What the build has put beside the program. */
export function loadTemplates(): Templates {
  return JSON.parse(readFileSync(new URL("./templates.json", import.meta.url), "utf8")) as Templates;
}
