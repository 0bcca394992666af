import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GeneratedTools, generateTools } from "../../src/openapi/index.ts";
import { lint, type Project, project, unformatted } from "./project.ts";
import { randomSpec } from "./random-spec.ts";

/** The compiler, the linter and a run of tests, on a machine that does other things too. */
const LONG_MS = 240_000;

const file = fileURLToPath(new URL("specs/pets.json", import.meta.url));
const pets = ["listPets", "createPet", "getPet", "updatePet", "deletePet", "GET /shops/{shop}/toys", "hasToys"];

async function hostile(): Promise<GeneratedTools> {
  const spec = randomSpec(20, 30);
  const ids = Object.values(spec.paths).flatMap((item) =>
    Object.values(item as Record<string, { operationId: string }>).map(({ operationId }) => operationId),
  );
  return generateTools({ file: "hostile.json", text: JSON.stringify(spec) }, ids);
}

describe.for([
  ["a usual description", () => generateTools({ file }, pets)],
  ["a hostile one", hostile],
] as const)("tools of %s", ([, make]) => {
  let made: GeneratedTools;
  let folder: Project;
  beforeAll(async () => {
    made = await make();
    folder = project(made);
  });
  afterAll(() => folder[Symbol.dispose]());

  test("are formatted", async () => {
    expect(await unformatted(folder, made)).toBe("");
  });

  test("compile", { timeout: LONG_MS }, async () => {
    expect(await folder.run("tsc", "-p", ".")).toEqual({ code: 0, output: "" });
  });

  test("pass the linter", { timeout: LONG_MS }, async () => {
    expect(await lint(folder)).toMatchObject({ code: 0 });
  });

  test("are portable and pass their tests", { timeout: LONG_MS }, async () => {
    expect(await folder.run("vitest", "run", "--no-isolate", "--reporter=dot")).toMatchObject({ code: 0 });
  });
});

test("a tool's test fails when the tool is broken", { timeout: LONG_MS }, async () => {
  using folder = project(await generateTools({ file }, pets));
  const path = join(folder.folder, "src/tools/delete-pet.ts");
  const whole = readFileSync(path, "utf8");
  for (const [from, to] of [
    ["`/pets/", "`/pet/"],
    ['method: "DELETE"', 'method: "GET"'],
    ['access: "destructive"', 'access: "write"'],
    ["No such pet.", "It is there."],
    ["z.int()", "z.string()"],
  ] as const) {
    writeFileSync(path, whole.replace(from, to));
    const { code } = await folder.run("vitest", "run", "test/tools/delete-pet.test.ts");
    expect([from, code]).toEqual([from, 1]);
  }
});

test("what the scaffolder needs to know comes with them", async () => {
  const { files: _, ...made } = await generateTools({ file }, pets);
  expect(made).toMatchObject({
    title: "Pet shop",
    baseUrl: "https://eu.pets.test/v1",
    auth: { kind: "bearer" },
    checkPath: "/pets",
    notes: [],
  });
  expect(made.tools.map(({ name, access }) => [name, access])).toEqual([
    ["list_pets", "read"],
    ["create_pet", "write"],
    ["get_pet", "read"],
    ["update_pet", "write"],
    ["delete_pet", "destructive"],
    ["list_shop_toys", "read"],
    ["has_toys", "read"],
  ]);
});

test("simple tools stay small, and helpers come only where they are used", async () => {
  const { files } = await generateTools({ file }, ["getPet", "deletePet"]);
  for (const path of ["src/tools/get-pet.ts", "src/tools/delete-pet.ts"])
    expect(files.get(path)?.split("\n").length).toBeLessThanOrEqual(30);
  expect([...files.keys()].filter((path) => !path.includes("tools/"))).toEqual([
    "src/answer-text.ts",
    "test/answer-text.test.ts",
    "src/documented.ts",
    "test/documented.test.ts",
  ]);
});
