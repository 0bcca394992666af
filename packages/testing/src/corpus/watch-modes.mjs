// Polls the modes of all files in a directory until SIGTERM; prints the union of their group and other bits, octal.
import { lstatSync, readdirSync } from "node:fs";

const directory = process.argv[2];
let seen = 0;
let rounds = 0;
let stopped = false;
process.on("SIGTERM", () => (stopped = true));

function round() {
  const end = performance.now() + 20;
  while (performance.now() < end) {
    for (const name of readdirSync(directory)) {
      try {
        const entry = lstatSync(`${directory}/${name}`);
        if (entry.isFile()) seen |= entry.mode & 0o077;
      } catch {
        // renamed meanwhile
      }
    }
    rounds += 1;
  }
  if (!stopped) return setImmediate(round);
  process.stdout.write(`${seen.toString(8)} ${rounds}\n`);
}
process.stdout.write("started\n");
round();
