import type { Value } from "../row-set.ts";

/** A number of PostgreSQL's text; 0 for NULL. */
export function number(value: Value | undefined): number {
  return value === null || value === undefined ? 0 : Number(value);
}

/** Bytes as people read them: `12 MB`. Units of 1024, as PostgreSQL's own. */
export function bytes(count: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  let at = 0;
  let rest = count;
  while (Math.abs(rest) >= 1024 && at < units.length - 1) {
    rest /= 1024;
    at++;
  }
  return `${rest >= 10 || at === 0 ? Math.round(rest) : Math.round(rest * 10) / 10} ${units[at]}`;
}

/**
 * Seconds as people read them: `45 s`, `12 min`, `3 h`, `5 days`. What began between the start of our look and its end has taken
 * less than nothing by the server's `now()`.
 */
export function span(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** `1,234,567` */
export function count(amount: number): string {
  return Math.round(amount).toLocaleString("en");
}

/** `1 row`, `2 rows`. */
export function counted(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${Math.round(amount) === 1 ? one : many}`;
}

/** `12 %`, rounded down, so that 100 % is only said of all. */
export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

export const MB = 1_048_576;
export const GB = 1_073_741_824;
