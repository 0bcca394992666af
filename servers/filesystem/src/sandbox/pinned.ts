import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { toSystem } from "./names.ts";
import { at, O_PATH, type Pin, type Pins } from "./pin.ts";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * Race-free on Linux: an object is opened without any effect on it (`O_PATH`), the kernel is asked where that object is, and
 * everything further acts through `/proc/self/fd/N`, which leads to the object and not to its name.
 */
export const pinned: Pins = {
  mode: "pinned",
  separator: "/",

  openRoot(root) {
    const fd = openSync(root.path, O_PATH | O_DIRECTORY);
    try {
      const real = readlinkSync(`/proc/self/fd/${fd}`, "latin1");
      const { dev, ino } = fstatSync(fd);
      const prefix = real === "/" ? "/" : `${real}/`;
      return { root, fd, base: `/proc/self/fd/${fd}`, real, prefix, dev, ino, mount: mountOf(fd) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  },

  open(root, components, { follow, directory = false }) {
    // The final slash makes the kernel enter the descriptor when there is no component.
    const path = toSystem(`${root.base}/${components.join("/")}`);
    return pin(openSync(path, O_PATH | (follow ? 0 : O_NOFOLLOW) | (directory ? O_DIRECTORY : 0)));
  },

  child(directory, name) {
    return pin(openSync(at(directory, name), O_PATH | O_NOFOLLOW));
  },

  reopen(object, flags) {
    return openSync(object.path, flags | O_NONBLOCK | O_NOCTTY);
  },

  holds(object) {
    return readlinkSync(object.path, "latin1") === object.real;
  },

  rootHolds(root) {
    return readlinkSync(root.base, "latin1") === root.real;
  },

  isHere(object, roots) {
    if (object.real.endsWith(" (deleted)") && !isNamed(object)) return false;
    const mount = mountOf(object.fd);
    if (mount === undefined || roots.some((root) => root.mount === mount)) return true;
    // A mount inside a root. Looked up anew, since numbers of mounts are given again.
    return readFileSync("/proc/self/mountinfo", "latin1")
      .split("\n")
      .some((line) => line.startsWith(`${mount} `));
  },
};

// Names may end like the kernel's remark.
function isNamed(object: Pin): boolean {
  const there = lstatSync(Buffer.from(object.real, "latin1"), { throwIfNoEntry: false });
  const { dev, ino } = object.stats();
  return there?.dev === dev && there.ino === ino;
}

const info = Buffer.alloc(512);

/** From `/proc/self/fdinfo/N` (proc_pid_fdinfo(5)). */
function mountOf(fd: number): string | undefined {
  try {
    const file = openSync(`/proc/self/fdinfo/${fd}`, O_RDONLY);
    try {
      return /^mnt_id:\s*(\d+)$/m.exec(info.toString("latin1", 0, readSync(file, info)))?.[1];
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function pin(fd: number): Pin {
  try {
    return new Descriptor(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class Descriptor implements Pin {
  readonly fd: number;
  readonly path: string;
  readonly real: string;
  #stats: Stats | undefined;

  constructor(fd: number) {
    this.fd = fd;
    this.path = `/proc/self/fd/${fd}`;
    this.real = readlinkSync(this.path, "latin1");
  }

  stats(): Stats {
    return (this.#stats ??= fstatSync(this.fd));
  }

  close(): void {
    closeSync(this.fd);
  }
}
