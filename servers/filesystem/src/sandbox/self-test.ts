import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pinned } from "./pinned.ts";
import { O_PATH, type PinnedRoot } from "./pin.ts";

/**
 * Whether pins hold on this system: an object is pinned, its name is given to another one, and what is read must still be the
 * first. Some containers and emulated kernels have a `/proc` whose links go by name. Costs well under a millisecond.
 */
export function pinsHold(): boolean {
  if (process.platform !== "linux") return false;
  const scratch = scratchFolder();
  if (scratch === undefined) return leadsToObject();
  try {
    return survivesExchange(scratch);
  } catch {
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

// A read-only container still has memory to write to.
function scratchFolder(): string | undefined {
  for (const folder of [tmpdir(), "/dev/shm"])
    try {
      return mkdtempSync(join(folder, "mooring-"));
    } catch {
      // The next one.
    }
  return undefined;
}

function survivesExchange(scratch: string): boolean {
  mkdirSync(join(scratch, "d"));
  writeFileSync(join(scratch, "d", "f"), "inside");
  writeFileSync(join(scratch, "outside"), "outside");
  const root: PinnedRoot = pinned.openRoot({ id: 0, path: scratch });
  const pin = pinned.open(root, ["d", "f"], { follow: true });
  let fd = -1;
  try {
    if (pin.real !== `${root.real}/d/f`) return false;
    renameSync(join(scratch, "d"), join(scratch, "moved"));
    mkdirSync(join(scratch, "d"));
    symlinkSync("../outside", join(scratch, "d", "f"));
    fd = pinned.reopen(pin, constants.O_RDONLY);
    const bytes = Buffer.alloc(16);
    const text = bytes.toString("latin1", 0, readSync(fd, bytes));
    // The kernel must also say where the object went.
    return text === "inside" && readlinkSync(pin.path, "latin1") === `${root.real}/moved/f` && !pinned.holds(pin);
  } finally {
    if (fd !== -1) closeSync(fd);
    pin.close();
    closeSync(root.fd);
  }
}

// Nothing can be written (a read-only container): standard input has a name like `pipe:[123]`, which leads nowhere by name.
function leadsToObject(): boolean {
  try {
    const fd = openSync("/proc/self/fd/0", O_PATH);
    const [a, b] = [fstatSync(fd), fstatSync(0)];
    closeSync(fd);
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}
