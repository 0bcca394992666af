import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import process from "node:process";
import { getMcpConfigForManifest, v0_3 } from "@anthropic-ai/mcpb";
import { mcpbManifest, serverJson } from "@mooring/core/docs";
import { beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { loadProject } from "../../packages/testing/src/docs/project.ts";
import { productServers, type StartedSample } from "../product-servers.ts";
import { serverJsonSchema } from "./server-json.ts";

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly mcpName?: string;
  readonly engines: { readonly node: string };
}

type Manifest = ReturnType<typeof v0_3.McpbManifestSchema.parse>;

/** A server's documents: those in its folder, which the docs check holds to the code; a template is never published and has none. */
async function documentsOf({ folder, isTemplate }: { folder: string; isTemplate: boolean }) {
  if (!isTemplate) return { server: read(folder, "server.json"), manifest: read(folder, "manifest.json") };
  const { definition, options, manifest } = await loadProject(folder);
  const published = { ...manifest, mcpName: "io.github.owner/example", author: nobody };
  return {
    server: serverJson(definition, options, published),
    manifest: mcpbManifest(definition, options, published),
  };
}

const nobody = { name: "Nobody", email: undefined, url: undefined };

function read(folder: string, file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}

const projects = productServers.map((server) => ({ ...server, folder: dirname(dirname(server.bin)) }));

describe.each(projects)("$name", (project) => {
  const { name, version, engines, mcpName } = read(project.folder, "package.json") as PackageJson;
  let server: z.output<typeof serverJsonSchema>;
  let manifest: Manifest;
  beforeAll(async () => {
    const documents = await documentsOf(project);
    server = serverJsonSchema.parse(documents.server);
    manifest = v0_3.McpbManifestSchema.parse(documents.manifest);
  });

  it("has a server.json that names the package which is published", () => {
    expect(server.version).toBe(version);
    expect(server.packages[0]).toMatchObject({ identifier: name, version });
    expect(server.name).toBe(mcpName ?? server.name);
  });

  it("has defaults in server.json that can be chosen", () => {
    for (const { choices, default: standard } of server.packages[0]?.environmentVariables ?? [])
      expect(choices ?? [standard]).toContain(standard);
  });

  it("has a manifest.json that says what package.json says", () => {
    expect(manifest).toMatchObject({ manifest_version: "0.3", version, compatibility: { runtimes: engines } });
    expect(manifest.tools?.length).toBeGreaterThan(0);
  });

  it("gets every answer of the bundle's form, and no other", () => {
    const used = JSON.stringify(manifest.server.mcp_config).match(/(?<=\$\{user_config\.)\w+/g) ?? [];
    expect(used.toSorted()).toEqual(Object.keys(manifest.user_config ?? {}).toSorted());
  });

  it("starts from a bundle as it starts by itself, where only what is required is filled in", async () => {
    await using running = await project.sample();
    const config = await getMcpConfigForManifest({
      manifest,
      extensionPath: project.folder,
      systemDirs: {},
      userConfig: required(manifest, running),
      pathSeparator: sep,
    });
    const { args = [], env = {} } = config ?? {};
    const [entry = "", ...words] = args;
    const { PATH, HOME, XDG_STATE_HOME } = running.env;
    const base = { PATH, HOME, XDG_STATE_HOME };
    const needed = Object.fromEntries(Object.entries(env).filter(([variable]) => isRequired(manifest, variable)));
    expect(entry).toBe(`${project.folder}/${manifest.server.entry_point}`);
    expect(printed(entry, words, { ...base, ...env })).toEqual(printed(entry, words, { ...base, ...needed }));
  });
});

/** What a person who installs the bundle cannot leave out, as the sample has it. */
function required({ user_config: form = {}, server }: Manifest, { folder, env }: StartedSample) {
  const asked = Object.entries(form).filter(([, field]) => field.required);
  return Object.fromEntries(
    asked.map(([key, { type, multiple }]) => {
      const variable = Object.entries(server.mcp_config.env ?? {}).find(([, text]) => text === reference(key))?.[0];
      const value = variable === undefined ? folder : (env[variable] ?? "");
      return [key, type === "directory" && multiple ? [value] : value];
    }),
  );
}

function isRequired({ user_config: form = {}, server }: Manifest, variable: string): boolean {
  const text = server.mcp_config.env?.[variable];
  return Object.entries(form).some(([key, field]) => field.required && text === reference(key));
}

function reference(key: string): string {
  return `\${user_config.${key}}`;
}

function printed(entry: string, args: readonly string[], env: NodeJS.ProcessEnv): unknown {
  // A credential that was left blank is warned of, as it should be.
  const flags = ["--print-config", "--log-level", "error"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args, ...flags], {
    env,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}
