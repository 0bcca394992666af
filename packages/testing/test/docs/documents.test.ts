import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { documentsOf, stale } from "../../src/docs/documents.ts";
import { loadProject } from "../../src/docs/project.ts";
import { writeDocuments } from "../../src/docs/write-documents.ts";
import { manifestWith, projectFolder, standard } from "./project-folder.ts";

const documentsIn = async (folder: string) => documentsOf(await loadProject(folder), () => 0);
const names = (documents: readonly { path: string }[]) => documents.map(({ path }) => basename(path));

describe("documentsOf", () => {
  it("makes the README's sections and both manifests", async () => {
    using folder = projectFolder();
    const { documents, notes } = await documentsIn(folder.path);
    expect(notes).toEqual([]);
    expect(names(documents)).toEqual(["README.md", "server.json", "manifest.json"]);
    const [readme, server, manifest] = documents.map(({ after }) => after);
    expect(readme).toContain("| `--wait TIME` | `MOORING_DEMO_WAIT` | `30s` | How long. |");
    expect(JSON.parse(server ?? "")).toMatchObject({ name: "io.github.acme/demo", version: "1.2.3" });
    expect(JSON.parse(manifest ?? "")).toMatchObject({ name: "acme-demo", author: { name: "Ada" } });
  });

  it("finds nothing stale in what it has written", async () => {
    using folder = projectFolder();
    writeDocuments((await documentsIn(folder.path)).documents);
    expect(stale((await documentsIn(folder.path)).documents)).toEqual([]);
    writeFileSync(join(folder.path, "server.json"), "{}");
    expect(names(stale((await documentsIn(folder.path)).documents))).toEqual(["server.json"]);
  });

  it("keeps the line ends of a file", async () => {
    using folder = projectFolder();
    writeDocuments((await documentsIn(folder.path)).documents);
    for (const file of ["README.md", "server.json"]) {
      const text = readFileSync(join(folder.path, file), "utf8").replaceAll("\n", "\r\n");
      writeFileSync(join(folder.path, file), text);
    }
    expect(stale((await documentsIn(folder.path)).documents)).toEqual([]);
  });

  it("does without a README", async () => {
    using folder = projectFolder({ "README.md": undefined });
    expect(names((await documentsIn(folder.path)).documents)).toEqual(["server.json", "manifest.json"]);
  });

  it("names the page with a section that it does not know", async () => {
    using folder = projectFolder({ "README.md": "<!-- begin:tolls -->\n<!-- end:tolls -->\n" });
    await expect(documentsIn(folder.path)).rejects.toThrow(
      /^README\.md: There is no section "tolls": did you mean "tools"\?/,
    );
  });

  it("leaves out what package.json does not suffice for, and says so", async () => {
    using folder = projectFolder(manifestWith({ repository: undefined, author: undefined }));
    const { documents, notes } = await documentsIn(folder.path);
    expect(names(documents)).toEqual(["README.md"]);
    expect(notes[0]).toMatch(/^server\.json was left out: package\.json has neither "mcpName" nor /);
    expect(notes[1]).toMatch(/^manifest\.json was left out: package\.json has neither "author" nor /);
  });

  it("says nothing of it in a package that is never published", async () => {
    using folder = projectFolder(manifestWith({ repository: undefined, private: true }));
    expect((await documentsIn(folder.path)).notes).toEqual([]);
  });

  it("does not let a document that is there grow stale", async () => {
    using folder = projectFolder({ ...manifestWith({ repository: undefined }), "server.json": "{}" });
    await expect(documentsIn(folder.path)).rejects.toThrow('neither "mcpName"');
  });

  it("touches nothing by itself", async () => {
    using folder = projectFolder();
    await documentsIn(folder.path);
    expect(readFileSync(join(folder.path, "README.md"), "utf8")).toBe(standard["README.md"]);
  });
});
