import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { connectStdio, keepArtifacts, modeFor, type Sample } from "@mooring/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type } from "./author.ts";
import { type Registry, startRegistry } from "./registry.ts";

beforeEach(keepArtifacts);

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry(["packages/core", "packages/testing", "packages/create-server"]);
}, 120_000);
afterAll(() => registry[Symbol.asyncDispose]());

const { DOCKER_HOST } = process.env;
const dockerHost = DOCKER_HOST === undefined ? {} : { DOCKER_HOST };

/** A failure shows everything that the command said. */
const SUCCESS = { status: 0 };

const description = fileURLToPath(new URL("pets.yaml", import.meta.url));
const cases: readonly (readonly [kind: string, flags: readonly string[]])[] = [
  ["http-api", ["--kind", "http-api"]],
  ["database", ["--kind", "database"]],
  ["local", ["--kind", "local"]],
  ["openapi", ["--openapi", description, "--operations", "listPets,createPet,deletePet"]],
];

describe.for(cases)("a new server, %s, as a stranger makes it", ([kind, flags]) => {
  const project = () => join(registry.home, kind, "weather");
  const type_ = (command: string, more: NodeJS.ProcessEnv = {}) => type(registry, project(), command.split(" "), more);

  test("is created, installed and passes its own tests", { timeout: 300_000 }, async ({ annotate }) => {
    mkdirSync(join(registry.home, kind));
    const create = ["npm", "create", "--yes", "@mooring/server", "weather", "--", ...flags, "--yes"];
    const created = await type(registry, join(registry.home, kind), create);
    expect(created).toMatchObject(SUCCESS);
    const installed = await type_("npm install");
    expect(installed).toMatchObject(SUCCESS);
    const tested = await type_("npm test");
    expect(tested).toMatchObject(SUCCESS);
    expect(tested.said).not.toMatch(/skipped|todo/);
    const times = { create: created, install: installed, test: tested };
    await annotate(
      Object.entries(times)
        .map(([name, { seconds }]) => `${name} ${seconds.toFixed(1)} s`)
        .join(", "),
    );
  });

  test("needs nothing more to pass in CI", { timeout: 120_000 }, async () => {
    expect(await type_("npm test", { CI: "1" })).toMatchObject(SUCCESS);
  });

  test(
    "passes every check of any MCP server, the public conformance suite among them",
    { timeout: 120_000 },
    async () => {
      const { status, said } = await type_("npm run check");
      expect({ status, said }).toMatchObject(SUCCESS);
      // Tools of a description come without prompts: what is about those, here and in two scenarios, has nothing to look at.
      expect(said).toMatch(new RegExp(`\\n\\d+ passed, 0 failed, 0 warnings, ${kind === "openapi" ? 3 : 0} skipped`));
    },
  );

  test("passes its integration test", { timeout: 180_000 }, async () => {
    expect(await type_("npm run test:services")).toMatchObject(SUCCESS);
  });

  test(
    "starts from its tarball, alone in an empty folder, and answers a first call",
    { timeout: 120_000 },
    async () => {
      expect(await type_("npm pack")).toMatchObject(SUCCESS);
      const tarball = readdirSync(project()).find((name) => name.endsWith(".tgz")) ?? "";
      const elsewhere = join(registry.home, kind, "elsewhere");
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, "package.json"), "{}");
      expect(
        await type(registry, elsewhere, ["npm", "install", "--ignore-scripts", join(project(), tarball)]),
      ).toMatchObject(SUCCESS);
      expect(readdirSync(join(elsewhere, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["weather"]);
      const { sample } = (await import(pathToFileURL(join(project(), "test/sample.ts")).href)) as { sample: Sample };
      const folder = join(registry.home, kind, "sample");
      mkdirSync(folder);
      await using started = await sample.start(folder);
      const bin = join(elsewhere, "node_modules/.bin/mooring-weather");
      const env = { ...started.env, HOME: folder, PATH: registry.env["PATH"] ?? "" };
      await using session = await connectStdio(bin, started.args, { env });
      const { content } = await session.call(sample.call.tool, { ...sample.call.arguments });
      expect(JSON.stringify(content)).toContain(sample.call.contains);
    },
  );

  test("answers from its image, read-only and without rights", { timeout: 180_000 }, async ({ skip }) => {
    const image = process.env["TEST_IMAGE_NODE"] ?? "node:24-bookworm-slim";
    const { mode } = await modeFor(image);
    skip(mode !== "containers", "needs a container engine and an image with node");
    const built = `mooring-test/new-${kind}:built`;
    const build = ["docker", "build", "-q", "--build-arg", `RUNTIME=${image}`, "-t", built, "."];
    expect(await type(registry, project(), build)).toMatchObject(SUCCESS);
    const hardened =
      "--rm --init --read-only --cap-drop ALL --security-opt no-new-privileges --network none --tmpfs /tmp";
    const run = ["run", "-i", ...hardened.split(" "), built];
    await using session = await connectStdio("docker", run, { env: dockerHost });
    expect((await session.client.listTools()).tools).toHaveLength(1);
    const { contents } = await session.client.readResource({ uri: "skill://weather/SKILL.md" });
    expect(contents[0]).toMatchObject({ text: expect.stringContaining("name: weather") as string });
  });

  test("keeps its own code small enough to be seen whole", () => {
    const files = readdirSync(join(project(), "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const lines = files.flatMap((name) =>
      readFileSync(join(project(), "src", name), "utf8")
        .trimEnd()
        .split("\n"),
    );
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.length).toBeLessThanOrEqual(250);
  });

  afterAll(() => rmSync(join(registry.home, kind), { recursive: true, force: true }));
});
