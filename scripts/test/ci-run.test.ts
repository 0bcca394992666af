import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../workspace.mjs";

// A repository where each helper script and npm itself only say that they ran.
let repository: string;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), "mooring-ci-"));
  cpSync(join(root, ".ci/run"), join(repository, ".ci/run"));
  script("scripts/ensure-tools.sh", "echo tools ready >&2");
  script("scripts/ensure-docker.sh", "echo engine ready >&2");
  script(
    "scripts/ensure-images.sh",
    "echo progress >&2; echo TEST_IMAGE_POSTGRES=some/image:1; echo RYUK_CONTAINER_IMAGE=some/ryuk:2",
  );
  script("scripts/sweep-test-containers.sh", 'echo "sweep $1" >> log');
  script(
    "bin/npm",
    'echo "npm $* $TEST_SERVICES $TEST_IMAGE_POSTGRES $RYUK_CONTAINER_IMAGE" >> log; cat; echo "100 passed, 0 failed"',
  );
  write(
    "scripts/test.mjs",
    `
    import { appendFileSync } from "node:fs";
    appendFileSync("log", "test.mjs " + process.argv.slice(2).join(" ") + " " + process.env.TEST_SERVICES + "\\n");
    console.log("some step\\n20 passed, 0 failed");`,
  );
});
afterEach(() => rmSync(repository, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(repository, file)), { recursive: true });
  writeFileSync(join(repository, file), text);
}

function script(file: string, body: string): void {
  write(file, `#!/bin/sh\n${body}\n`);
  chmodSync(join(repository, file), 0o755);
}

function run() {
  const { stdout, status } = spawnSync(join(repository, ".ci/run"), {
    encoding: "utf8",
    // What npm's stand-in would print if stdin were not closed.
    input: "left on stdin\n",
    env: { ...process.env, PATH: `${join(repository, "bin")}:${process.env["PATH"]}`, TEST_SERVICES: "" },
  });
  return { stdout, last: stdout.trimEnd().split("\n").at(-1), status };
}

describe.skipIf(process.platform === "win32")(".ci/run (POSIX shells only)", () => {
  it("runs everything with containers, integration again with processes, and adds both", () => {
    const { stdout, last, status } = run();
    expect(last).toBe("120 passed, 0 failed");
    expect(status).toBe(0);
    expect(stdout).not.toContain("left on stdin");
    expect(readFileSync(join(repository, "log"), "utf8").split("\n")).toEqual([
      "sweep 60",
      "npm test containers some/image:1 some/ryuk:2",
      "test.mjs --only integration process",
      "sweep 60",
      "",
    ]);
  });

  it("fails when either run fails, and still runs both", () => {
    script("bin/npm", 'echo "98 passed, 2 failed"; exit 1');
    const { last, status } = run();
    expect(last).toBe("118 passed, 2 failed");
    expect(status).toBe(1);
  });

  it("counts a run that ended without its line as a failure", () => {
    script("bin/npm", "echo 100 passed, 0 failed; echo Killed");
    expect(run()).toMatchObject({ last: "20 passed, 1 failed", status: 1 });
  });

  it.each(["ensure-tools", "ensure-docker", "ensure-images"])(
    "stops with one failure when %s cannot do its work",
    (name) => {
      script(`scripts/${name}.sh`, "exit 3");
      expect(run()).toMatchObject({ last: "0 passed, 1 failed", status: 1 });
    },
  );
});
