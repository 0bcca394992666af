import process from "node:process";
import { describe, expect, it, vi } from "vitest";
import { loadProject } from "../../src/docs/project.ts";
import { projectFolder, standard } from "./project-folder.ts";

const refused = async (files: Readonly<Record<string, string | undefined>>) => {
  using folder = projectFolder(files);
  return await loadProject(folder.path).then(
    () => "loaded",
    (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
  );
};

describe("loadProject", () => {
  it("reads package.json, the definition and the options", async () => {
    using folder = projectFolder();
    const { manifest, definition, options } = await loadProject(folder.path);
    expect(manifest.name).toBe("@acme/demo");
    expect(definition.title).toBe("Demo");
    expect(Object.keys(options)).toEqual(["wait"]);
  });

  it("reads the information flags of the server's own, where there are any", async () => {
    using plain = projectFolder();
    expect((await loadProject(plain.path)).answers).toEqual({});
    const answers = (text: string) => `${standard["src/options.ts"]}\nexport const answers = ${text};`;
    using folder = projectFolder({
      "src/options.ts": answers('{ "print-x": { description: "Print x.", run: () => "x" } }'),
    });
    expect((await loadProject(folder.path)).answers).toMatchObject({ "print-x": { description: "Print x." } });
    expect(await refused({ "src/options.ts": answers('{ "print-x": "Print x." }') })).toBe(
      "DocumentError: src/options.ts exports `answers` that are none: each has a description.",
    );
  });

  it.each(["package.json", "src/server.ts", "src/options.ts"])("says that there is no %s", async (file) => {
    expect(await refused({ [file]: undefined })).toBe(
      `DocumentError: There is no ${file} here: run this in the folder of a server.`,
    );
  });

  it("says what package.json lacks", async () => {
    expect(await refused({ "package.json": '{ "name": "x" }' })).toMatch(
      /package\.json: missing.*version, description/,
    );
    expect(await refused({ "package.json": "{" })).toMatch(/^DocumentError: package\.json is not valid JSON: /);
  });

  it("says that no server is exported, or several", async () => {
    expect(await refused({ "src/server.ts": 'export const name = "demo"; export const tools = [];' })).toBe(
      "DocumentError: src/server.ts exports no server: export what defineServer returns.",
    );
    const second = `${standard["src/server.ts"]}export const other = { ...demo, name: "other" };\nexport default demo;`;
    expect(await refused({ "src/server.ts": second })).toMatch(
      /exports 2 servers \((demo, other|other, demo)\): export one\.$/,
    );
  });

  it("says that no options are exported", async () => {
    for (const text of ["export const settings = {};", 'export const options = { wait: "30s" };'])
      expect(await refused({ "src/options.ts": text })).toBe(
        "DocumentError: src/options.ts exports no options: export what defineOptions returns as `options`.",
      );
  });

  it("says that this Node cannot read TypeScript", async () => {
    using _ = vi.spyOn(process.features, "typescript", "get").mockReturnValue(false);
    expect(await refused({})).toBe(
      `DocumentError: The server is read from its TypeScript, which needs Node.js 22.18 or newer; this is ${process.versions.node}.`,
    );
  });

  it("says in one line why a file cannot be loaded", async () => {
    const message = await refused({ "src/server.ts": 'throw new Error("no such thing\\n  at somewhere");' });
    expect(message).toBe("DocumentError: src/server.ts cannot be loaded: no such thing.");
  });
});
