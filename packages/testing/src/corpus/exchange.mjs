// Exchanges two names by three renames, until SIGTERM: exchange.mjs A B MICROSECONDS. Has moments with neither name.
import { renameSync } from "node:fs";

const [, , a, b, microseconds] = process.argv;
const pause = new Int32Array(new SharedArrayBuffer(4));
const aside = `${a}.exchange`;
const parent = process.ppid;
let stopped = false;
let count = 0;

process.on("SIGTERM", () => (stopped = true));

function exchange() {
  renameSync(a, aside);
  renameSync(b, a);
  renameSync(aside, b);
  count += 1;
  if (count === 1) process.stdout.write("started\n");
}

function round() {
  const end = performance.now() + 5;
  while (performance.now() < end) {
    exchange();
    if (Number(microseconds) > 0) Atomics.wait(pause, 0, 0, Number(microseconds) / 1000);
  }
  if (!stopped && process.ppid === parent) return setImmediate(round);
  if (count % 2 === 1) exchange();
  process.stdout.write(`${count}\n`);
}
round();
