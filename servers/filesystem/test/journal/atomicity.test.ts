import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ToolError } from "@mooring/core";
import type { Step } from "../../src/journal/plan.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { type Fixture, fixture } from "./fixture.ts";

/** A sandbox whose changing calls fail where `fails` says so; `calls` counts them. */
function failing(
  sandbox: Sandbox,
  fails: (call: number, method: string) => Error | undefined,
): { sandbox: Sandbox; calls: () => number } {
  let calls = 0;
  const guarded = ["writeFile", "appendFile", "makeDirectories", "move", "remove", "setMetadata", "makeLink"] as const;
  const wrapped = { ...sandbox } as Record<string, unknown>;
  for (const method of guarded) {
    const original = sandbox[method] as (...args: unknown[]) => unknown;
    wrapped[method] = (...args: unknown[]) => {
      const error = fails(calls++, method);
      if (error) throw error;
      return original(...args);
    };
  }
  return { sandbox: wrapped as unknown as Sandbox, calls: () => calls };
}

const full = () => new ToolError("unavailable", "There is no space left.", { retryable: false });
const NAMES = ["a", "b", "c"];

function three(f: Fixture): Step[] {
  for (const name of NAMES) writeFileSync(join(f.root, name), `old ${name}`);
  return NAMES.map((name) => {
    const place = f.sandbox.parse(name);
    const current = { bytes: Buffer.from(`old ${name}`), found: f.sandbox.stat(place) };
    return { do: "put", place, content: Buffer.from(`new ${name}`), expect: "present", current };
  });
}

function contents(f: Fixture): string[] {
  return readdirSync(f.root)
    .toSorted()
    .map((name) => readFileSync(join(f.root, name), "utf8"));
}

const OLD = ["old a", "old b", "old c"];

describe("several files: all or nothing", () => {
  test.for([0, 1, 2].flatMap((step) => [true, false].map((enabled) => ({ step, enabled }))))(
    "the change number $step fails (journal: $enabled)",
    async ({ step, enabled }) => {
      using f = fixture({ enabled });
      const steps = three(f);
      const { sandbox } = failing(f.sandbox, (call) => (call === step ? full() : undefined));
      const { journal } = f.restart({ sandbox, enabled });
      const error = await journal.change("edit", steps, { mustKeep: false }).catch((e: unknown) => e);
      expect(error).toMatchObject({ kind: "unavailable" });
      expect((error as Error).message).toBe(
        `There is no space left.${step > 0 ? " What was changed before that was taken back." : ""}`,
      );
      expect(contents(f)).toEqual(OLD);
      expect(f.journal.list(10).entries).toEqual([]);
    },
  );

  test("taking back fails too: each path's state is named, and undo can finish it", async () => {
    using f = fixture();
    const steps = three(f);
    // The third write fails, and so does taking back the second one.
    const { sandbox } = failing(f.sandbox, (call) => (call === 2 || call === 3 ? full() : undefined));
    const { journal } = f.restart({ sandbox });
    const error = (await journal.change("edit", steps, { mustKeep: false }).catch((e: unknown) => e)) as ToolError;
    expect(error.kind).toBe("outcome_unknown");
    for (const [name, state] of [
      ["a", "as before"],
      ["b", "changed"],
      ["c", "as before"],
    ] as const)
      expect(error.message).toContain(`${join(f.root, name)}: ${state}\n`);
    const id = f.journal.list(1).entries[0]?.id as string;
    expect(error.hint).toContain(`id ${id}`);
    expect(contents(f)).toEqual(["old a", "new b", "old c"]);
    await f.journal.revert(id, { force: false });
    expect(contents(f)).toEqual(OLD);
  });

  test("a call cancelled between two files changes nothing", async () => {
    using f = fixture();
    const steps = three(f);
    const controller = new AbortController();
    const { sandbox } = failing(f.sandbox, (call) => {
      if (call === 1) controller.abort(new ToolError("cancelled", "The call was cancelled."));
      return undefined;
    });
    const change = f.restart({ sandbox }).journal.change("edit", steps, { mustKeep: false, signal: controller.signal });
    await expect(change).rejects.toMatchObject({ kind: "cancelled" });
    expect(contents(f)).toEqual(OLD);
  });

  test("directories made for a write that fails go again", async () => {
    using f = fixture();
    const { sandbox } = failing(f.sandbox, (_, method) => (method === "writeFile" ? full() : undefined));
    const step: Step = { do: "put", place: f.sandbox.parse("x/y/z"), content: Buffer.from("1"), expect: "absent" };
    await expect(f.restart({ sandbox }).journal.change("write", [step], { mustKeep: false })).rejects.toThrow(
      /^There is no space left\.$/,
    );
    expect(readdirSync(f.root)).toEqual([]);
  });

  test("a file replaced by somebody else after it was read is not replaced", async () => {
    using f = fixture();
    const steps = three(f);
    const { sandbox } = failing(f.sandbox, (call) => {
      if (call === 1) writeFileSync(join(f.root, "b"), "theirs!");
      return undefined;
    });
    await expect(f.restart({ sandbox }).journal.change("edit", steps, { mustKeep: false })).rejects.toMatchObject({
      kind: "conflict",
    });
    expect(contents(f)).toEqual(["old a", "theirs!", "old c"]);
  });
});

test("a deletion that stops half way puts back what is gone", async () => {
  using f = fixture();
  mkdirSync(join(f.root, "d"));
  for (const name of NAMES) writeFileSync(join(f.root, "d", name), name);
  writeFileSync(join(f.root, "z"), "z");
  let removals = 0;
  const half: Sandbox = {
    ...f.sandbox,
    async remove(place, options) {
      if (++removals === 1) return f.sandbox.remove(place, options);
      await f.sandbox.remove(f.sandbox.child(place, "b"), { recursive: false });
      throw full();
    },
  };
  const steps = ["z", "d"].map((path): Step => ({ do: "remove", place: f.sandbox.parse(path) }));
  await expect(f.restart({ sandbox: half }).journal.change("delete", steps, { mustKeep: true })).rejects.toMatchObject({
    kind: "unavailable",
  });
  expect(readdirSync(join(f.root, "d")).toSorted()).toEqual(NAMES);
  expect(readFileSync(join(f.root, "d/b"), "utf8")).toBe("b");
  expect(existsSync(join(f.root, "z"))).toBe(true);
});

test("what was put in the place of a file meanwhile is not deleted: it was not kept", async () => {
  using f = fixture();
  for (const name of ["a", "b"]) writeFileSync(join(f.root, name), name);
  const { sandbox } = failing(f.sandbox, (call) => {
    if (call > 0) return undefined;
    rmSync(join(f.root, "b"));
    mkdirSync(join(f.root, "b"));
    writeFileSync(join(f.root, "b/theirs"), "theirs");
    return undefined;
  });
  const steps = ["a", "b"].map((path): Step => ({ do: "remove", place: f.sandbox.parse(path) }));
  const change = f.restart({ sandbox }).journal.change("delete", steps, { mustKeep: true });
  await expect(change).rejects.toMatchObject({ kind: "conflict" });
  expect(readFileSync(join(f.root, "b/theirs"), "utf8")).toBe("theirs");
  expect(readFileSync(join(f.root, "a"), "utf8")).toBe("a");
});

test("what came into a directory while it was being kept is not deleted: it was not kept", async () => {
  using f = fixture();
  for (const when of ["new", "changed"] as const) {
    mkdirSync(join(f.root, "d/e"), { recursive: true });
    for (const name of NAMES) writeFileSync(join(f.root, "d/e", name), name);
    const sandbox: Sandbox = {
      ...f.sandbox,
      remove(place, options) {
        writeFileSync(join(f.root, "d/e", when === "new" ? "theirs" : "c"), "theirs");
        return f.sandbox.remove(place, options);
      },
    };
    const change = f
      .restart({ sandbox })
      .journal.change("delete", [{ do: "remove", place: f.sandbox.parse("d") }], { mustKeep: true });
    await expect(change).rejects.toMatchObject({ kind: "conflict" });
    const theirs = when === "new" ? "theirs" : "c";
    expect(readFileSync(join(f.root, "d/e", theirs), "utf8")).toBe("theirs");
    for (const name of NAMES.filter((one) => one !== theirs))
      expect(readFileSync(join(f.root, "d/e", name), "utf8")).toBe(name);
    rmSync(join(f.root, "d"), { recursive: true });
  }
});

test("undo of several files is all or nothing as well, whichever step fails", async () => {
  using f = fixture();
  const id = (await f.journal.change("edit", three(f), { mustKeep: true })).id as string;
  const count = failing(f.sandbox, () => undefined);
  for (const step of [0, 1, 2]) {
    const { sandbox } = failing(f.sandbox, (call) => (call === step ? full() : undefined));
    await expect(f.restart({ sandbox }).journal.revert(id, { force: false })).rejects.toMatchObject({
      kind: "unavailable",
    });
    expect(contents(f)).toEqual(["new a", "new b", "new c"]);
  }
  await f.restart({ sandbox: count.sandbox }).journal.revert(id, { force: false });
  expect(count.calls()).toBe(3);
  expect(contents(f)).toEqual(OLD);
});
