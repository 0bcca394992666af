import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hosts } from "@mooring/core/docs";
import { root } from "../workspace.mjs";

// On the built servers, as `npm start` runs it.
let shown: { stdout: string; stderr: string; status: number | null };
beforeAll(() => {
  shown = spawnSync(process.execPath, [join(root, "scripts/tour.ts")], { encoding: "utf8" });
});

const { mcpServers } = JSON.parse(readFileSync(join(root, "docs/examples/mcp.json"), "utf8")) as { mcpServers: object };

describe("the tour", () => {
  it("ends well", () => {
    expect(shown.stderr.replace(/^.*ExperimentalWarning.*\n.*\n/m, "")).toBe("");
    expect(shown.status).toBe(0);
  });

  it.each(Object.keys(mcpServers))("lists the tools of %s and shows what each call answers", (name) => {
    const { calls } = JSON.parse(readFileSync(join(root, "servers", name, "tour.json"), "utf8")) as {
      calls: { say: string; tool: string; arguments: object }[];
    };
    expect(shown.stdout).toMatch(new RegExp(`^${name}$`, "m"));
    for (const { say, tool, arguments: input } of calls) {
      expect(shown.stdout).toMatch(new RegExp(`^  ${tool} +(reads|changes|destroys) `, "m"));
      const [, answer = ""] = shown.stdout.split(`${say}\n> ${tool} ${JSON.stringify(input)}\n`);
      expect(answer.split("\n")[0]).toMatch(/^ {2}\S/);
    }
  });

  it("changes nothing", () => {
    expect(shown.stdout).toContain("The sample folder is as it was: nothing was changed.");
  });

  it("prints the lines for each host, which allow reading only", () => {
    const [, lines = ""] = shown.stdout.split("Paste into your host");
    for (const { name } of hosts) expect(lines).toContain(`${name}: `);
    expect(lines.split("Once the packages")[0]).not.toContain("--access");
  });

  it("has no colours when nobody looks", () => {
    expect(shown.stdout).not.toContain("\u001b");
  });
});
