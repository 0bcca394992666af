import type { Database } from "../src/database.ts";

/** What was run, where, and with which values. */
export type Sent = readonly ["read" | "write", text: string, values: readonly unknown[]];

/** A database that answers what it is told to, and remembers what it was asked. */
export function fakeDatabase(answer: (text: string) => readonly object[] = () => []) {
  const sent: Sent[] = [];
  const run =
    (where: Sent[0]): Database["read"] =>
    async (text, values) => {
      sent.push([where, text, values]);
      return answer(text) as never;
    };
  const database: Database = {
    read: run("read"),
    // begin: write
    write: run("write"),
    // end: write
    close: async () => undefined,
  };
  return { deps: { database }, sent };
}
