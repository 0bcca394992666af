export { jsonText } from "./docs-json.ts";
export { type McpbField, type McpbManifest, mcpbManifest } from "./docs-mcpb.ts";
export { DocumentError, type PackageManifest, readPackageManifest } from "./docs-package.ts";
export {
  fillSections,
  hostSnippets,
  publishedLaunch,
  readmeSections,
  sectionNames,
  type Sections,
} from "./docs-sections.ts";
export { type RegistryInput, type ServerJson, serverJson } from "./docs-server-json.ts";
export {
  type Budget,
  budgets,
  budgetTable,
  exitCodeTable,
  informationTable,
  optionTable,
  replaceSection,
  resourceTable,
  table,
  toolTable,
} from "./docs-tables.ts";
export { configurations, type Host, hosts, type Launch } from "./hosts.ts";
export { informationFlags } from "./information.ts";
export { commonOptions } from "./options.ts";
export { pipeline } from "./pipeline.ts";
