import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Names } from "./answers/names.ts";
import { Problem } from "./problem.ts";
import { refuseTaken } from "./project/write-folder.ts";

/** Where a new server goes. */
export interface Place {
  /** The root of the Mooring workspace; `undefined` for a project of its own. */
  readonly workspace?: string;
  /** The name that the directory of the command line says. */
  readonly name: string | undefined;
  /** The whole name of the package that is called so. @throws Problem for a name that does not belong here */
  packageOf(name: string): string;
  /** The folder of the server. @throws Problem where it cannot be made */
  directoryOf(names: Names): string;
}

const SCOPE = "@mooring/";

/** In servers/ for a directory within the Mooring workspace, else in the directory itself. */
export function placeOf(directory: string | undefined, cwd: string): Place {
  // "@acme/weather" names a package; any other path ends in its name.
  const isPackage = directory !== undefined && /^@[^/]+\/[^/]+$/.test(directory);
  const path = directory === undefined || isPackage ? undefined : resolve(cwd, directory);
  const name = isPackage ? directory : path && basename(path);
  const root = workspaceRoot(path ?? cwd);
  return root === undefined ? standalone({ name, path, cwd }) : inWorkspace(root, { name, path, cwd });
}

interface Said {
  readonly name: string | undefined;
  readonly path: string | undefined;
  readonly cwd: string;
}

function standalone({ name, path, cwd }: Said): Place {
  return {
    name,
    packageOf: (called) => called,
    directoryOf({ server }) {
      const directory = path ?? join(cwd, server);
      refuseTaken(directory);
      return directory;
    },
  };
}

function inWorkspace(root: string, { name, path, cwd }: Said): Place {
  return {
    workspace: root,
    name,
    packageOf(called) {
      if (called.startsWith("@") && !called.startsWith(SCOPE))
        throw new Problem(`Packages of this workspace are in ${SCOPE.slice(0, -1)}: leave out the scope of ${called}.`);
      return called.startsWith(SCOPE) ? called : SCOPE + called;
    },
    directoryOf({ package: whole, server }) {
      const directory = join(root, "servers", server);
      if (path !== undefined && path !== directory && dirname(path) !== cwd)
        throw new Problem(
          `Servers of this workspace are in servers/, and not at ${relative(root, path)}: say ${server}.`,
        );
      refuseTaken(directory);
      const taken = packagesOf(root).get(whole);
      if (taken !== undefined) throw new Problem(`${whole} is the package in ${taken}. Choose another name.`);
      return directory;
    },
  };
}

/** The root of the Mooring workspace that a folder, which need not be there yet, is in; `undefined` elsewhere. */
export function workspaceRoot(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "pnpm-workspace.yaml")) && nameIn(join(folder, "package.json")) === "mooring")
      return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Folders by the name of their package. */
function packagesOf(root: string): ReadonlyMap<unknown, string> {
  const manifests = globSync("{.,test,{packages,servers,packages/create-server/templates}/*}/package.json", {
    cwd: root,
  });
  return new Map(manifests.map((manifest) => [nameIn(join(root, manifest)), dirname(manifest)]));
}

function nameIn(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, "utf8")) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}
