import { describe, expect, it } from "vitest";
import { serverJson } from "../src/docs.ts";
import { drop, look, manifest, options, reader } from "./support/documented-server.ts";

const made = (fields?: Readonly<Record<string, unknown>>) => serverJson(reader, options, manifest(fields));
const named = (variable: string) => made().packages[0]?.environmentVariables?.find(({ name }) => name === variable);

describe("serverJson", () => {
  it("says what the package is and where it comes from", () => {
    const { packages, ...server } = made({ homepage: "https://acme.test/demo" });
    expect(server).toEqual({
      $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
      name: "io.github.acme/demo",
      title: "Demo",
      description: "Shows things.",
      version: "1.2.3",
      websiteUrl: "https://acme.test/demo",
      repository: { url: "https://github.com/acme/demo", source: "github" },
    });
    expect(packages).toHaveLength(1);
    expect(packages[0]).toMatchObject({
      registryType: "npm",
      identifier: "@acme/demo",
      version: "1.2.3",
      runtimeHint: "npx",
      transport: { type: "stdio" },
    });
  });

  it("asks for what stands on the command line", () => {
    expect(made().packages[0]?.packageArguments).toEqual([
      {
        type: "positional",
        valueHint: "folders",
        isRepeated: true,
        description: "Where.",
        isRequired: true,
        format: "filepath",
      },
    ]);
    expect(serverJson(reader, {}, manifest()).packages[0]).not.toHaveProperty("packageArguments");
    expect(serverJson(reader, {}, manifest()).packages[0]).not.toHaveProperty("environmentVariables");
  });

  it("asks for variables with all that is known of them", () => {
    expect(named("DEMO_TOKEN")).toEqual({ name: "DEMO_TOKEN", description: "The key.", isSecret: true });
    expect(named("MOORING_DEMO_API_URL")).toEqual({
      name: "MOORING_DEMO_API_URL",
      description: 'The "service".',
      isRequired: true,
    });
    expect(named("MOORING_DEMO_COLOUR")).toMatchObject({ default: "red", choices: ["red", "blue"] });
    expect(named("MOORING_DEMO_NAMES")).toMatchObject({ description: "Whose. Separated by commas." });
    expect(named("MOORING_DEMO_WAIT")).toMatchObject({ default: "30s" });
    expect(named("MOORING_DEMO_PAGE_SIZE")).toMatchObject({ default: "20", format: "number" });
    expect(named("MOORING_DEMO_QUIET")).toMatchObject({ default: "false", format: "boolean" });
    expect(named("MOORING_DEMO_KEY")).toMatchObject({ format: "filepath" });
    expect(named("MOORING_DEMO_KEY")).not.toHaveProperty("default");
    // Objects belong in the configuration file.
    expect(named("MOORING_DEMO_ACCOUNTS")).toBeUndefined();
  });

  it("asks how far the server may go only where it can do more than read", () => {
    const variables = (definition: typeof reader) =>
      serverJson(definition, {}, manifest()).packages[0]?.environmentVariables?.map(({ name }) => name);
    expect(variables(reader)).toBeUndefined();
    expect(variables({ ...reader, tools: [look, drop] })).toEqual(["MOORING_DEMO_ACCESS", "MOORING_DEMO_CONFIRM"]);
    // A guard may raise what a call counts as.
    expect(variables({ ...reader, tools: [{ ...look, guard: () => "allow" }] })).toHaveLength(2);
  });

  it("takes its name from mcpName, else from the repository", () => {
    expect(made({ mcpName: "test.acme/things" }).name).toBe("test.acme/things");
    const within = made({ repository: { url: "github:acme/many", directory: "servers/first" } });
    expect(within.name).toBe("io.github.acme/demo");
    expect(within.repository).toMatchObject({ subfolder: "servers/first" });
  });

  it.each(["acme", "a/b/c", "io.github.acme/", "io.github.acme/with space"])("refuses the name %j", (mcpName) => {
    expect(() => made({ mcpName })).toThrow(`"mcpName" is "${mcpName}", but the registry takes`);
  });

  it.each([undefined, "https://git.acme.test/acme/demo", "gitlab:acme/demo"])(
    "says what to add where nothing gives a name: %s",
    (repository) => {
      expect(() => made({ repository })).toThrow(
        'package.json has neither "mcpName" nor a "repository" on GitHub, so the registry has no name for the server: add "mcpName": "io.github.<owner>/demo".',
      );
    },
  );

  it("leaves out a repository that the registry cannot check", () => {
    expect(made({ mcpName: "test.acme/demo", repository: "https://git.acme.test/x" })).not.toHaveProperty("repository");
    expect(made({ mcpName: "test.acme/demo", repository: "gitlab:acme/demo" }).repository).toEqual({
      url: "https://gitlab.com/acme/demo",
      source: "gitlab",
    });
  });

  it("cuts a description at a sentence, and never within one", () => {
    const long = "x".repeat(60);
    expect(made({ description: `First of 1.5 kinds. Second. ${long} ${long}.` }).description).toBe(
      "First of 1.5 kinds. Second.",
    );
    expect(made({ description: "x".repeat(100) }).description).toHaveLength(100);
    expect(() => made({ description: "x".repeat(101) })).toThrow("no first sentence of at most 100 characters");
    expect(() => made({ description: `${"x ".repeat(60)}. More.` })).toThrow("at most 100 characters");
  });
});
