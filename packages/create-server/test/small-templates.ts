import type { Templates } from "../src/project/template.ts";

const manifest = { description: "Example", bin: { "mooring-example": "./dist/bin.js" }, devDependencies: {} };

/** A template of a few files, for what does not depend on what is in them. */
export function smallTemplates(version: string, files: Readonly<Record<string, string>>): Templates {
  const template = { files: { "package.json": JSON.stringify(manifest), ...files }, tools: [] };
  return {
    version,
    ranges: {},
    kinds: { "http-api": template, database: template, local: template },
    server: {},
    standalone: { "package.json": JSON.stringify({ scripts: {}, devDependencies: {} }) },
    licences: {},
  };
}
