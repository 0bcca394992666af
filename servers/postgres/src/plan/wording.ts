/** `1,234,567`; three digits below 10. */
export function count(value: number): string {
  const digits = value !== 0 && Math.abs(value) < 10 && !Number.isInteger(value) ? 2 : 0;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** Milliseconds as people say them. */
export function time(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toLocaleString("en-US", { maximumFractionDigits: 1 })} s`;
  return `${ms.toLocaleString("en-US", { maximumFractionDigits: ms < 10 ? 2 : ms < 100 ? 1 : 0 })} ms`;
}

/** Of a size in kB, as PostgreSQL counts memory. */
export function size(kilobytes: number): string {
  if (kilobytes >= 1024 * 1024) return `${(kilobytes / 1024 / 1024).toFixed(1)} GB`;
  return kilobytes >= 1024
    ? `${(kilobytes / 1024).toFixed(kilobytes < 10 * 1024 ? 1 : 0)} MB`
    : `${Math.ceil(kilobytes)} kB`;
}

/** `7%`; `<1%` for what is there all the same. */
export function percent(share: number): string {
  return share > 0 && share < 0.005 ? "<1%" : `${Math.round(share * 100)}%`;
}
