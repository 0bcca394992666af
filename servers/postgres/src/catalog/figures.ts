const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** `1.2M`, `340k`, `17`: an estimate, so two digits that count. */
export function shortCount(count: number): string {
  for (const [size, letter] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const)
    if (count >= size * 0.9995) return `${short(count / size)}${letter}`;
  return String(Math.round(count));
}

/** `310 MB`, with units of 1,024 as PostgreSQL's `pg_size_pretty` has them. */
export function shortBytes(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1023.5 && unit < UNITS.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${short(size)} ${UNITS[unit]}`;
}

function short(value: number): string {
  return value >= 9.95 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}
