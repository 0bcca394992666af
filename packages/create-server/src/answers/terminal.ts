import { createInterface } from "node:readline/promises";
import { Problem } from "../problem.ts";
import type { Questions } from "./answers.ts";

/** Questions on the terminal, one line each; Enter takes what stands in brackets. */
export function askInTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Questions & Disposable {
  const lines = createInterface({ input, output });
  // Ctrl-C and the end of input are an answer too: stop.
  const stopped = new Promise<never>((_, reject) => {
    lines.once("close", () => reject(new Problem("Stopped. Nothing was written.")));
  });
  stopped.catch(() => {});
  const ask = async (question: string, standard: string) =>
    (await Promise.race([lines.question(`${question} [${standard}] `), stopped])).trim() || standard;

  async function until<T>(question: string, standard: string, read: (answer: string) => T): Promise<T> {
    for (;;) {
      try {
        return read(await ask(question, standard));
      } catch (error) {
        if (!(error instanceof Problem) || error.message.startsWith("Stopped")) throw error;
        output.write(`${error.message}\n`);
      }
    }
  }

  return {
    text: (question, standard, check) =>
      until(question, standard, (answer) => {
        check(answer);
        return answer;
      }),
    choice<T extends string>(question: string, choices: Readonly<Record<T, string>>, standard: T) {
      const names = Object.keys(choices) as T[];
      const width = Math.max(...names.map((name) => name.length));
      output.write(`${question}\n`);
      for (const [i, name] of names.entries()) output.write(`  ${i + 1} ${name.padEnd(width)}  ${choices[name]}\n`);
      return until("Number or name", standard, (answer) => {
        const found = names[Number(answer) - 1] ?? names.find((name) => name.toLowerCase() === answer.toLowerCase());
        if (found === undefined) throw new Problem(`There is no ${JSON.stringify(answer)} in the list.`);
        return found;
      });
    },
    [Symbol.dispose]() {
      lines.close();
    },
  };
}
