import { existsSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DocumentError } from "@mooring/core/docs";
import { loadProject, type Project } from "../../packages/testing/src/docs/project.ts";
import { root } from "../workspace.mjs";

/** A folder of servers/ or of the generator's templates, by its path in the repository. */
export interface DocumentedServer extends Project {
  readonly path: string;
  /** The folder's own name, and the name in `npm start`. */
  readonly name: string;
}

/** Every folder of servers/. */
export async function loadServers(): Promise<DocumentedServer[]> {
  return await loadAll(folders("servers/*/package.json"));
}

/** Every template of the generator that has a server already. */
export async function loadTemplates(): Promise<DocumentedServer[]> {
  const begun = folders("packages/create-server/templates/*/package.json").filter((path) =>
    ["server.ts", "options.ts"].every((file) => existsSync(join(root, path, "src", file))),
  );
  return await loadAll(begun);
}

function folders(pattern: string): string[] {
  return globSync(pattern, { cwd: root })
    .map((file) => dirname(file))
    .sort();
}

async function loadAll(paths: readonly string[]): Promise<DocumentedServer[]> {
  return await Promise.all(
    paths.map(async (path) => {
      try {
        return { path, name: basename(path), ...(await loadProject(join(root, path))) };
      } catch (error) {
        throw named(path, error);
      }
    }),
  );
}

/** A problem says which folder it is about. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw named(path, error);
  }
}

function named(path: string, error: unknown): unknown {
  return error instanceof DocumentError ? new DocumentError(`${path}: ${error.message}`, { cause: error }) : error;
}
