import { createInterface } from "node:readline";
import { nearest } from "@mooring/core";
import { asTyped } from "../as-typed.ts";
import { Problem } from "../problem.ts";
import type { Questions } from "./answers.ts";

/** Questions on the terminal, one line each; Enter takes what stands in brackets. */
export function askInTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Questions & Disposable {
  const lines = createInterface({ input, output });
  // Lines can come before they are asked for: pasted, or typed ahead.
  const typed: string[] = [];
  let waiting: { take(line: string): void; stop(): void } | undefined;
  let isClosed = false;
  lines.on("line", (line) => {
    if (waiting) waiting.take(line);
    else typed.push(line);
  });
  lines.once("close", () => {
    isClosed = true;
    waiting?.stop();
  });

  function nextLine(): Promise<string> {
    const line = typed.shift();
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve, reject) => {
      // Ctrl-C and the end of input are an answer too: stop.
      const stop = () => {
        output.write("\n");
        reject(new Problem("Stopped. Nothing was written."));
      };
      if (isClosed) return stop();
      waiting = { take: resolve, stop };
    });
  }

  async function ask(question: string, standard: string): Promise<string> {
    lines.setPrompt(`${question} [${standard}] `);
    if (!isClosed) lines.prompt();
    try {
      return (await nextLine()).trim() || standard;
    } finally {
      waiting = undefined;
    }
  }

  async function until<T>(question: string, standard: string, read: (answer: string) => T): Promise<T> {
    for (;;) {
      const answer = await ask(question, standard);
      try {
        return read(answer);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        output.write(`${error.message}\n`);
      }
    }
  }

  return {
    text: until,
    choice<T extends string>(question: string, choices: Readonly<Record<T, string>>, standard: T) {
      const names = Object.keys(choices) as T[];
      const width = Math.max(...names.map((name) => name.length));
      output.write(`${question}\n`);
      for (const [i, name] of names.entries()) output.write(`  ${i + 1} ${name.padEnd(width)}  ${choices[name]}\n`);
      return until("Number or name", standard, (answer) => {
        const found = names[Number(answer) - 1] ?? names.find((name) => name.toLowerCase() === answer.toLowerCase());
        if (found !== undefined) return found;
        const near = nearest(answer, names);
        throw new Problem(
          `There is no ${asTyped(answer)} in the list${near === undefined ? "." : `; did you mean ${near}?`}`,
        );
      });
    },
    [Symbol.dispose]() {
      lines.close();
    },
  };
}
