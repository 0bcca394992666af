import type { Answers } from "../answers/answers.ts";
import { holderOf } from "./licence.ts";

type Manifest = Readonly<Record<string, unknown>>;
type Dependencies = Readonly<Record<string, string>>;

/** package.json of a project of its own: the template's, with published versions and the tools that the workspace has at its root. */
export function standaloneManifest(
  template: Manifest,
  added: Manifest,
  { names, licence, author }: Answers,
  ranges: Dependencies,
): Manifest {
  const own = Object.entries(template["devDependencies"] as Dependencies).map(([name, range]): [string, string] => [
    name,
    range.startsWith("workspace:") ? (ranges[name] ?? range) : range,
  ]);
  const all = [...own, ...Object.entries(added["devDependencies"] as Dependencies)];
  const isPublic = licence !== "UNLICENSED";
  return {
    name: names.package,
    version: "0.0.0",
    // Nobody publishes by accident what they keep to themselves.
    ...(isPublic ? {} : { private: true }),
    description: template["description"],
    keywords: template["keywords"],
    license: licence,
    author: holderOf(author, names),
    bin: template["bin"],
    files: template["files"],
    type: template["type"],
    exports: template["exports"],
    ...(isPublic ? { publishConfig: { access: "public" } } : {}),
    scripts: added["scripts"],
    devDependencies: Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    overrides: added["overrides"],
    engines: template["engines"],
    mcpName: mcpNameOf(names),
  };
}

/** package.json of a folder of servers/, as its neighbours have it. */
export function workspaceManifest(template: Manifest, { names }: Answers): Manifest {
  const { dev: _dev, docs: _docs, ...scripts } = template["scripts"] as Dependencies;
  return {
    name: names.package,
    version: "0.0.0",
    description: template["description"],
    keywords: template["keywords"],
    license: "MIT",
    author: "The Mooring authors",
    repository: {
      type: "git",
      url: "git+https://github.com/mooring-mcp/mooring.git",
      directory: `servers/${names.server}`,
    },
    bin: template["bin"],
    files: template["files"],
    type: template["type"],
    exports: template["exports"],
    scripts,
    devDependencies: template["devDependencies"],
    engines: template["engines"],
    mcpName: `io.github.mooring-mcp/${names.server}`,
  };
}

/** The name in the MCP registry; its first part is an account that the publisher proves to own. */
function mcpNameOf({ package: name, server }: Answers["names"]): string {
  const owner = name.startsWith("@") ? name.slice(1, name.indexOf("/")) : "your-account";
  return `io.github.${owner}/${server}`;
}
