export { generateTools, type GeneratedTool, type GeneratedTools, type OpenApiSource } from "./generate.ts";
export { OpenApiError } from "./openapi-error.ts";
export type { Auth } from "./service.ts";
export type { ToolAccess } from "./tool-file.ts";
