/** Permission bits as people know them: `rw-r--r--`, with set-id and sticky bits where `ls` puts them. */
export function modeInWords(mode: number): string {
  const bits = "rwxrwxrwx".replace(/./g, (letter, at: number) => (mode & (0o400 >> at) ? letter : "-")).split("");
  const special = (bit: number, at: number, letter: string) => {
    if (mode & bit) bits[at] = bits[at] === "x" ? letter : letter.toUpperCase();
  };
  special(0o4000, 2, "s");
  special(0o2000, 5, "s");
  special(0o1000, 8, "t");
  return bits.join("");
}

/** `2026-11-20 09:45:03Z`; UTC, to the second. */
export function timeInWords(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "at an unknown time" : `${date.toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** "3.1 MB", in powers of ten. */
export function inBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = -1;
  do {
    value /= 1_000;
    unit++;
  } while (value >= 999.95 && unit < units.length - 1);
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`;
}
