// Imported first by the two commands. Old syntax only: an old Node must be able to read this far.
import process from "node:process";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 20)) {
  console.error(
    `Mooring's commands need Node 20.20 or newer, and this is ${process.versions.node}: install Node 24 from https://nodejs.org and run the command again.`,
  );
  process.exit(1);
}
