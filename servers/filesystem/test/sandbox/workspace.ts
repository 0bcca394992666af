import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "@mooring/core";
import { createSandbox, type SandboxOptions } from "../../src/sandbox/create.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";

export interface Workspace extends Disposable {
  readonly base: string;
  /** Shared; holds ok.txt. */
  readonly root: string;
  /** Not shared; holds secret.txt. */
  readonly outside: string;
  sandbox(options?: Partial<SandboxOptions>): Sandbox;
  at(...names: string[]): string;
}

export function workspace(): Workspace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "sandbox-")));
  const [root, outside] = [join(base, "root"), join(base, "outside")];
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(root, "ok.txt"), "ok-content\n");
  writeFileSync(join(outside, "secret.txt"), "TOPSECRET\n");
  const open: Sandbox[] = [];
  return {
    base,
    root,
    outside,
    sandbox: (options = {}) => {
      const sandbox = createSandbox({ directories: [root], ...options });
      open.push(sandbox);
      return sandbox;
    },
    at: (...names) => join(root, ...names),
    [Symbol.dispose]: () => {
      for (const sandbox of open) sandbox.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** The ToolError that `action` throws. */
export function refusal(action: () => unknown): ToolError {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error(`it was not refused: ${JSON.stringify(result)}`);
}

/** The ToolError that an action ends with. */
export async function rejection(action: () => Promise<unknown>): Promise<ToolError> {
  let result: unknown;
  try {
    result = await action();
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error(`it was not refused: ${JSON.stringify(result)}`);
}
