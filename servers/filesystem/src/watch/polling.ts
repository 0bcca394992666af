const EVERY_MS = 2000;

/** Runs checks every two seconds, for what the kernel cannot watch; holds no timer while there is none. */
export interface Polling {
  add(check: () => void): void;
  delete(check: () => void): void;
}

export function createPolling(everyMs = EVERY_MS): Polling {
  const checks = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  return {
    add(check) {
      checks.add(check);
      timer ??= setInterval(() => {
        for (const each of checks) each();
      }, everyMs).unref();
    },
    delete(check) {
      checks.delete(check);
      if (checks.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}
