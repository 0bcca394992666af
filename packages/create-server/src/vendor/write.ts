// After the bundle is made: puts the templates beside it as one file, which needs no workspace.
import { writeFileSync } from "node:fs";
import { readTemplates } from "./read-templates.ts";

writeFileSync(new URL("../../dist/templates.json", import.meta.url), JSON.stringify(readTemplates()));
