import { Duplex } from "node:stream";
import type { Engine } from "./engine.ts";
import { errorResponse } from "./error-response.ts";
import { createFrames, type Frame, type Frames } from "./frames.ts";
import { startFailure } from "./start-failure.ts";
import { type End, type Thread, ThreadEnded } from "./thread.ts";

/** What a server would say; codes: https://www.postgresql.org/docs/18/errcodes-appendix.html */
const lastWords: Record<End, readonly [code: string, message: string]> = {
  cancelled: ["57014", "canceling statement due to user request"],
  late: ["57014", "canceling statement due to statement timeout"],
  crashed: ["57P02", "the embedded database has crashed; it starts again with the next call"],
  closed: ["57P01", "terminating connection due to administrator command"],
};

/** Refusal of TLS and GSSAPI: https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-SSL */
const NO = Uint8Array.of(0x4e);

/**
 * One connection to the embedded database: what a driver expects of a socket. The first bytes start the database. A cancel
 * request ends the thread, as nothing else stops a statement there; the connection that it ran on ends with an error.
 * Destroyed with a `ToolError` where the database does not start.
 */
export class DemoStream extends Duplex {
  readonly #engine: Engine;
  readonly #limitMs: number;
  readonly #frames: Frames = createFrames();
  #work = Promise.resolve();
  #leave: (() => void) | undefined;
  #thread: Thread | undefined;
  /** Called when the reader wants more. */
  #unread: (() => void)[] = [];

  /** @param limitMs how long a message may take */
  constructor(engine: Engine, limitMs: number) {
    // Like a socket: when one side is closed, so is the other.
    super({ allowHalfOpen: false });
    this.#engine = engine;
    this.#limitMs = limitMs;
  }

  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    for (const read of this.#unread.splice(0)) read();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    try {
      for (const frame of this.#frames.add(chunk)) this.#take(frame);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _final(done: () => void): void {
    this.#take({ type: "terminate" });
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Nobody waits for it any more, and the next client needs the session.
    if (this.#leave && this.#thread?.busy === true) void this.#thread.end("cancelled");
    for (const read of this.#unread.splice(0)) read();
    this.#leave?.();
    this.#leave = undefined;
    done(error);
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case "encrypt":
        this.push(NO);
        break;
      case "cancel":
        this.#engine.cancel();
        this.#hangUp();
        break;
      case "startup":
        this.#then(() => this.#enter(frame.bytes));
        break;
      case "messages":
        this.#then(() => this.#run("run", frame.bytes));
        break;
      case "terminate":
        this.#then(async () => this.#hangUp());
        break;
    }
  }

  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.destroyed) return;
      try {
        await step();
      } catch (error) {
        if (error instanceof ThreadEnded) this.#sayGoodbye(error.end);
        else this.destroy(startFailure(error));
      }
    });
  }

  async #enter(packet: Uint8Array): Promise<void> {
    const leave = await this.#engine.enter();
    if (this.destroyed) {
      leave();
      return;
    }
    this.#leave = leave;
    const thread = await this.#engine.start();
    if (this.destroyed) return;
    this.#thread = thread;
    void thread.ended.then((end) => this.#sayGoodbye(end));
    await this.#run("connect", packet);
  }

  async #run(type: "connect" | "run", bytes: Uint8Array): Promise<void> {
    const goesOn = await this.#thread?.run(type, bytes, (answer, read) => this.#answer(answer, read), this.#limitMs);
    if (goesOn === false) this.#hangUp();
  }

  #answer(bytes: Uint8Array, read: () => void): void {
    if (this.destroyed || this.push(bytes)) read();
    else this.#unread.push(read);
  }

  #sayGoodbye(end: End): void {
    if (this.destroyed || !this.#thread) return;
    this.#thread = undefined;
    this.push(errorResponse(...lastWords[end]));
    this.#hangUp();
  }

  // As a server closes its side: what was sent before is still read.
  #hangUp(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.#thread = undefined;
    if (!this.destroyed) this.push(null);
  }
}
