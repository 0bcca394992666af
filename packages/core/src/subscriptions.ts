import { ToolError } from "./errors.ts";

/** One watch per URI, however many clients follow it; it ends with the last of them. */
export interface Subscriptions {
  /**
   * Follows a URI. Events go to whoever listens on the bus.
   * @throws ToolError `not_found` for what may not be watched, `rate_limited` above the cap
   */
  acquire(uri: string, start: (changed: () => void) => Promise<() => void> | (() => void)): Promise<() => void>;
  /** Told of each change. Returns the way out. */
  onChange(listener: (uri: string) => void): () => void;
  close(): void;
  readonly size: number;
}

interface Watch {
  count: number;
  stop: Promise<() => void>;
}

export function createSubscriptions(max = 1_024): Subscriptions {
  const watches = new Map<string, Watch>();
  const listeners = new Set<(uri: string) => void>();
  const end = (uri: string, watch: Watch) => {
    if (--watch.count > 0) return;
    if (watches.get(uri) === watch) watches.delete(uri);
    watch.stop.then(
      (stop) => stop(),
      () => {},
    );
  };
  return {
    get size() {
      return watches.size;
    },
    async acquire(uri, start) {
      let watch = watches.get(uri);
      if (!watch) {
        if (watches.size >= max)
          throw new ToolError("rate_limited", `${max} resources are watched already.`, {
            hint: "End other subscriptions first.",
          });
        const changed = () => {
          for (const listener of listeners) listener(uri);
        };
        watch = { count: 0, stop: (async () => start(changed))() };
        watches.set(uri, watch);
      }
      watch.count++;
      const held = watch;
      try {
        await held.stop;
      } catch (error) {
        end(uri, held);
        throw error;
      }
      let released = false;
      return () => {
        if (released) return;
        released = true;
        end(uri, held);
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      for (const watch of watches.values())
        watch.stop.then(
          (stop) => stop(),
          () => {},
        );
      watches.clear();
      listeners.clear();
    },
  };
}
