import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import process from "node:process";
import { getMcpConfigForManifest, v0_3 } from "@anthropic-ai/mcpb";
import { describe, expect, it } from "vitest";
import { productServers, type StartedSample } from "../product-servers.ts";
import { serverJsonSchema } from "./server-json.ts";

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly mcpName?: string;
  readonly engines: { readonly node: string };
}

const projects = productServers.map(({ name, bin, sample }) => ({ name, sample, folder: dirname(dirname(bin)) }));
const having = (file: string) => projects.filter(({ folder }) => existsSync(join(folder, file)));
const read = <T>(folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as T;

it("the servers have both", () => {
  expect(having("server.json").map(({ name }) => name)).toContain("filesystem");
  expect(having("manifest.json").map(({ name }) => name)).toContain("filesystem");
});

describe.each(having("server.json"))("server.json of $name", ({ folder }) => {
  const { name, version, mcpName } = read<PackageJson>(folder, "package.json");
  const server = serverJsonSchema.parse(read(folder, "server.json"));
  const [published] = server.packages;

  it("is what the registry takes, and names the package that is published", () => {
    expect(server.version).toBe(version);
    expect(published).toMatchObject({ identifier: name, version });
    expect(server.name).toBe(mcpName ?? server.name);
  });

  it("has defaults that can be chosen", () => {
    for (const { choices, default: standard } of published?.environmentVariables ?? [])
      expect(choices ?? [standard]).toContain(standard);
  });
});

describe.each(having("manifest.json"))("manifest.json of $name", ({ folder, sample }) => {
  const { version, engines } = read<PackageJson>(folder, "package.json");
  const manifest = v0_3.McpbManifestSchema.parse(read(folder, "manifest.json"));

  it("is what mcpb takes, and says what package.json says", () => {
    expect(manifest).toMatchObject({ manifest_version: "0.3", version, compatibility: { runtimes: engines } });
    expect(manifest.tools?.length).toBeGreaterThan(0);
  });

  it("hands every answer of its form to the server, and asks for no other", () => {
    const used = JSON.stringify(manifest.server.mcp_config).match(/(?<=\$\{user_config\.)\w+/g) ?? [];
    expect(used.toSorted()).toEqual(Object.keys(manifest.user_config ?? {}).toSorted());
  });

  it("starts the server as it starts by itself, where only what is required is filled in", async () => {
    await using running = await sample();
    const config = await getMcpConfigForManifest({
      manifest,
      extensionPath: folder,
      systemDirs: {},
      userConfig: required(manifest, running),
      pathSeparator: sep,
    });
    const { args = [], env = {} } = config ?? {};
    const [entry = "", ...words] = args;
    const { PATH, HOME, XDG_STATE_HOME } = running.env;
    const base = { PATH, HOME, XDG_STATE_HOME };
    const needed = Object.fromEntries(Object.entries(env).filter(([name]) => isRequired(manifest, name)));
    expect(entry).toBe(`${folder}/${manifest.server.entry_point}`);
    expect(printed(entry, words, { ...base, ...env })).toEqual(printed(entry, words, { ...base, ...needed }));
  });
});

type Manifest = ReturnType<typeof v0_3.McpbManifestSchema.parse>;

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
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args, "--print-config"], {
    env,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}
