// Run as a process of its own: writes records until it is killed.
import { openAudit } from "../../src/audit.ts";
import { createLog } from "../../src/log.ts";
import { createRedactor } from "../../src/redact.ts";

const redactor = createRedactor("own");
const audit = openAudit({
  dir: process.argv[2] as string,
  server: "test",
  version: "1.0.0",
  redactor,
  onError: "block",
  log: createLog({ level: "error", redactor }),
});
function some(n: number): void {
  for (let i = n; i < n + 20; i++) {
    const record = { ref: `r${i}`, principal: "local", tool: "delete", access: "destructive", args: { i } } as const;
    if (i % 10 === 0) audit.write({ kind: "intent", ...record });
    audit.write({ kind: "outcome", ...record, outcome: "ok", ms: 1 });
    if (i % 3 === 0) audit.flush();
  }
  if (n === 0) process.stdout.write("started\n");
  setImmediate(some, n + 20);
}
some(0);
