import type { Client } from "pg";
import { expect, it } from "vitest";
import type { Session } from "../../src/connection/login.ts";
import { type Target, targets } from "../../src/connection/settings.ts";
import { suits } from "../../src/connection/target.ts";

/** A session whose server says of itself what it does from PostgreSQL 14 on, or only answers questions. */
function session(standby: boolean, readOnly: boolean, says: boolean): Session & { readonly asked: string[] } {
  const asked: string[] = [];
  const onOff = (value: boolean) => (value ? "on" : "off");
  const query = ({ text }: { text: string }) => {
    asked.push(text);
    return Promise.resolve({ rows: [[text.startsWith("SHOW") ? onOff(readOnly || standby) : String(standby)]] });
  };
  const said = [
    ["in_hot_standby", onOff(standby)],
    ["default_transaction_read_only", onOff(readOnly)],
  ] as const;
  return { client: { query } as unknown as Client, parameters: new Map(says ? said : []), asked };
}

// The table of libpq's manual, by hand: standby and read-only, standby, read-only primary, primary.
const servers = [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
] as const;
const expected: Record<Target, readonly boolean[]> = {
  any: [true, true, true, true],
  "read-write": [false, false, false, true],
  "read-only": [true, true, true, false],
  primary: [false, false, true, true],
  standby: [true, true, false, false],
  "prefer-standby": [true, true, false, false],
};

it.each(targets)("%s, by what the server says and by asking it", async (target) => {
  for (const says of [true, false]) {
    const all = servers.map(([standby, readOnly]) => session(standby, readOnly, says));
    expect(await Promise.all(all.map((each) => suits(each, target)))).toEqual(expected[target]);
    expect(all.every(({ asked }) => asked.length === (says || target === "any" ? 0 : 1))).toBe(true);
  }
});
