import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { Options, ServerDefinition } from "@mooring/core";
import { DocumentError, type PackageManifest, readPackageManifest } from "@mooring/core/docs";

/** A folder that holds the source of one server. */
export interface Project {
  readonly folder: string;
  readonly manifest: PackageManifest;
  readonly definition: ServerDefinition<object>;
  readonly options: Options;
  /** Its own information flags: `answers` of src/options.ts, where there are any. */
  readonly answers: Readonly<Record<string, { readonly description: string }>>;
}

/**
 * Reads a server project: package.json, the definition that src/server.ts exports, `options` and `answers` of src/options.ts.
 * @throws DocumentError saying what is missing
 */
export async function loadProject(folder: string): Promise<Project> {
  const manifestFile = join(folder, "package.json");
  if (!existsSync(manifestFile))
    throw new DocumentError("There is no package.json here: run this in the folder of a server.");
  const manifest = readPackageManifest(readFileSync(manifestFile, "utf8"));
  for (const file of ["src/server.ts", "src/options.ts"])
    if (!existsSync(join(folder, file)))
      throw new DocumentError(`There is no ${file} here: run this in the folder of a server.`);
  if (!process.features.typescript)
    throw new DocumentError(
      `The server is read from its TypeScript, which needs Node.js 22.18 or newer; this is ${process.versions.node}.`,
    );
  const [server, { options, answers = {} }] = [
    await load(folder, "src/server.ts"),
    await load(folder, "src/options.ts"),
  ];
  const definitions = [...new Set(Object.values(server).filter(isDefinition))];
  const [definition] = definitions;
  if (!definition) throw new DocumentError("src/server.ts exports no server: export what defineServer returns.");
  if (definitions.length > 1)
    throw new DocumentError(
      `src/server.ts exports ${definitions.length} servers (${definitions.map(({ name }) => name).join(", ")}): export one.`,
    );
  if (!isOptions(options))
    throw new DocumentError("src/options.ts exports no options: export what defineOptions returns as `options`.");
  if (!isAnswers(answers))
    throw new DocumentError("src/options.ts exports `answers` that are none: each has a description.");
  return { folder, manifest, definition, options, answers };
}

async function load(folder: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    throw new DocumentError(`${file} cannot be loaded: ${reason.replace(/[.:]?$/, ".")}`, { cause: error });
  }
}

function isDefinition(value: unknown): value is ServerDefinition<object> {
  return (
    isRecord(value) &&
    [value["name"], value["title"], value["version"]].every((part) => typeof part === "string") &&
    Array.isArray(value["tools"])
  );
}

function isOptions(value: unknown): value is Options {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (option) => isRecord(option) && isRecord(option["schema"]) && typeof option["description"] === "string",
    )
  );
}

function isAnswers(value: unknown): value is Project["answers"] {
  return (
    isRecord(value) && Object.values(value).every((each) => isRecord(each) && typeof each["description"] === "string")
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
