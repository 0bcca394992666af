import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

type Source = () => Promise<string> | string;

const running = new Map<symbol, { readonly name: string; readonly source: Source }>();
let ended: { readonly name: string; readonly text: string }[] = [];

/**
 * Names something that explains a failing test: a log, a transcript. Call the returned function when it ends: its text is
 * taken once more and stays at hand until the next test begins, since a test's own resources are gone when its failure is known.
 */
export function keep(name: string, source: Source): () => Promise<void> {
  const key = Symbol(name);
  running.set(key, { name, source });
  return async () => {
    if (!running.delete(key)) return;
    ended.push({ name, text: await textOf(source) });
  };
}

/** The part of vitest's test context that is needed. */
interface TestContext {
  readonly task: {
    readonly name: string;
    readonly suite?: Named | undefined;
    readonly file: { readonly name: string };
  };
  onTestFailed(listener: () => Promise<void>): void;
}
interface Named {
  readonly name: string;
  readonly suite?: Named | undefined;
}

/**
 * `beforeEach(keepArtifacts)` in a vitest file: when a test fails, the logs of running services, the stderr and the protocol
 * transcript of its clients are written to `artifacts/<test name>/` (below `TEST_ARTIFACTS`, else the working directory).
 */
export function keepArtifacts({ task, onTestFailed }: TestContext): void {
  ended = [];
  onTestFailed(() => writeArtifacts(titleOf(task)));
}

/** Writes what is at hand now, for runners other than vitest; returns the folder. */
export async function writeArtifacts(title: string): Promise<void> {
  const folder = path.join(process.env["TEST_ARTIFACTS"] ?? "artifacts", fileName(title));
  const texts = [...ended];
  for (const { name, source } of running.values()) texts.push({ name, text: await textOf(source) });
  if (texts.length === 0) return;
  await mkdir(folder, { recursive: true });
  const taken = new Map<string, number>();
  for (const { name, text } of texts) {
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    await writeFile(path.join(folder, count === 1 ? fileName(name) : fileName(`${count}-${name}`)), text);
  }
  console.error(`artifacts: ${folder}`);
}

async function textOf(source: Source): Promise<string> {
  try {
    return await source();
  } catch (error) {
    return `(not available: ${String(error)})`;
  }
}

function titleOf({ name, suite, file }: TestContext["task"]): string {
  const names = [name];
  for (let outer = suite; outer; outer = outer.suite) if (outer.name) names.unshift(outer.name);
  if (!names[0]?.includes(file.name)) names.unshift(file.name);
  return names.join(" ");
}

/** A name every file system takes. */
function fileName(text: string): string {
  const plain = text.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^[-.]+|[-.]+$/g, "");
  return plain.slice(0, 150) || "unnamed";
}
