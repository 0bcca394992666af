/** Bytes that may be on their way before the database has to wait, like a socket's buffer. */
const WINDOW = 4_194_304;

/** A counter that both threads share. */
export const createInFlight = (): SharedArrayBuffer => new SharedArrayBuffer(4);

/** Database side: counts bytes as sent, and blocks while too many are on their way. */
export function sent(inFlight: SharedArrayBuffer, bytes: number): void {
  const words = new Int32Array(inFlight);
  Atomics.add(words, 0, bytes);
  for (let held = Atomics.load(words, 0); held > WINDOW; held = Atomics.load(words, 0)) Atomics.wait(words, 0, held);
}

/** Client side: they were read. */
export function received(inFlight: SharedArrayBuffer, bytes: number): void {
  const words = new Int32Array(inFlight);
  Atomics.sub(words, 0, bytes);
  Atomics.notify(words, 0);
}
