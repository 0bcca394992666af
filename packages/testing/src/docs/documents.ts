import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DocumentError, fillSections, jsonText, mcpbManifest, readmeSections, serverJson } from "@mooring/core/docs";
import type { Project } from "./project.ts";

/** What a file is to hold. */
export interface Document {
  readonly path: string;
  /** What it holds; `undefined` where there is none. */
  readonly before: string | undefined;
  readonly after: string;
}

export interface Documents {
  readonly documents: readonly Document[];
  /** Documents that cannot be made yet, and what package.json lacks for them. */
  readonly notes: readonly string[];
}

/**
 * README.md, server.json and manifest.json of a server as they should be. Nothing is written.
 * @throws DocumentError for a section of the README that is unknown or not closed, and for a document that is there but can no
 * longer be made
 */
export function documentsOf(project: Project, countTokens: (text: string) => number): Documents {
  const { folder, definition, options, manifest, answers } = project;
  const notes: string[] = [];
  const documents: Document[] = [];
  const keep = (file: string, make: (before: string | undefined) => string) => {
    const document = readDocument(join(folder, file), make);
    documents.push(document);
  };
  const made = (file: string, make: () => unknown) => {
    try {
      keep(file, () => `${jsonText(make())}\n`);
    } catch (error) {
      // A new project has no repository yet, and one that is private is never published: neither is in the way of the rest.
      if (!(error instanceof DocumentError) || existsSync(join(folder, file))) throw error;
      if (!manifest.private) notes.push(`${file} was left out: ${error.message}`);
    }
  };
  if (existsSync(join(folder, "README.md")))
    keep("README.md", (page = "") => {
      try {
        return fillSections(page, readmeSections(definition, options, manifest, countTokens, answers));
      } catch (error) {
        throw error instanceof DocumentError ? new DocumentError(`README.md: ${error.message}`) : error;
      }
    });
  made("server.json", () => serverJson(definition, options, manifest));
  made("manifest.json", () => mcpbManifest(definition, options, manifest));
  return { documents, notes };
}

/** A file and what it is to hold, in the file's own line ends: on Windows git may have changed them. */
export function readDocument(path: string, make: (before: string | undefined) => string): Document {
  const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  const after = make(before?.replaceAll("\r\n", "\n"));
  return { path, before, after: before?.includes("\r\n") ? after.replaceAll("\n", "\r\n") : after };
}

/** Those that do not hold what they should. */
export function stale(documents: readonly Document[]): Document[] {
  return documents.filter(({ before, after }) => before !== after);
}
