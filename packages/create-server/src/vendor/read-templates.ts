import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { kinds } from "../kinds.ts";
import type { Template, Templates, TemplateTool } from "../project/template.ts";

const here = fileURLToPath(new URL("../..", import.meta.url));
const MADE = /(?:^|\/)(?:node_modules|dist|artifacts|\.turbo)(?:\/|$)/;

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/** The templates as they stand in the workspace. */
export function readTemplates(): Templates {
  const manifest = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  return {
    version: manifest(here).version,
    ranges: Object.fromEntries(
      ["core", "testing"].map((name) => {
        const { name: id, version } = manifest(join(here, "..", name));
        return [id, `^${version}`];
      }),
    ),
    kinds: Object.fromEntries(Object.keys(kinds).map((kind) => [kind, template(join(here, "templates", kind))])),
    server: filesOf(join(here, "common/server")),
    standalone: filesOf(join(here, "common/standalone")),
    licences: Object.fromEntries(
      Object.entries(filesOf(join(here, "common/licences"))).map(([file, text]) => [file.replace(/\.txt$/, ""), text]),
    ),
  };
}

function template(folder: string): Template {
  const files = filesOf(folder);
  const tools = Object.entries(files).flatMap(([path, text]) => {
    const [, file] = /^src\/tools\/(?!index\.)(.+)\.ts$/.exec(path) ?? [];
    return file === undefined ? [] : [toolOf(file, text)];
  });
  return { files, tools };
}

// By the text: the definitions themselves need core and the service's client, which the build must not wait for.
function toolOf(file: string, text: string): TemplateTool {
  const constant = /^export const (\w+) = tool\(/m.exec(text)?.[1];
  const name = /^ {2}name: "(\w+)",$/m.exec(text)?.[1];
  const access = /^ {2}access: "(read|write|destructive)",/m.exec(text)?.[1];
  if (constant === undefined || name === undefined || access === undefined)
    throw new Error(`${file}.ts has no name or access that can be read.`);
  return { file, constant, name, access: access === "destructive" ? "full" : (access as "read" | "write") };
}

function filesOf(folder: string): Record<string, string> {
  const paths = globSync("**/*", { cwd: folder, exclude: (path) => MADE.test(path) });
  const hidden = globSync("**/.*", { cwd: folder, exclude: (path) => MADE.test(path) });
  const within = globSync("**/.*/**", { cwd: folder, exclude: (path) => MADE.test(path) });
  return Object.fromEntries(
    [...new Set([...paths, ...hidden, ...within])]
      .map((path) => path.split(sep).join("/"))
      .filter((path) => !MADE.test(path))
      .sort()
      .flatMap((path) => {
        try {
          return [[path, readFileSync(join(folder, path), "utf8")]];
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === "EISDIR") return [];
          throw error;
        }
      }),
  );
}
