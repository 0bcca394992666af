/** https://www.postgresql.org/docs/18/protocol-message-formats.html: what may stand where a startup packet is expected. */
const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const TERMINATE = 0x58;
/** PostgreSQL takes no longer message (`PQ_LARGE_MESSAGE_LIMIT`, 1 GiB less one). */
const LONGEST = 0x3f_ff_ff_ff;

/** What a client has sent: whole messages only. */
export type Frame =
  | { readonly type: "startup"; readonly bytes: Uint8Array }
  /** It asks for TLS or GSSAPI first. */
  | { readonly type: "encrypt" }
  | { readonly type: "cancel" }
  /** Messages of a session, one after the other. */
  | { readonly type: "messages"; readonly bytes: Uint8Array }
  | { readonly type: "terminate" };

/** Cuts a client's bytes into messages. */
export interface Frames {
  /** Throws a `RangeError` for a length that no message has. */
  add(chunk: Uint8Array): Frame[];
}

export function createFrames(): Frames {
  let held = Buffer.alloc(0);
  let started = false;

  function add(chunk: Uint8Array): Frame[] {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    const frames: Frame[] = [];
    while (!started) {
      const length = lengthAt(0);
      if (length === undefined) return frames;
      frames.push(first(held.subarray(0, length)));
      held = held.subarray(length);
    }
    let end = 0;
    for (let length = lengthAt(0); length !== undefined; length = lengthAt(end)) {
      if (held[end] === TERMINATE) {
        if (end > 0) frames.push({ type: "messages", bytes: copy(end) });
        held = Buffer.alloc(0);
        return [...frames, { type: "terminate" }];
      }
      end += length;
    }
    if (end > 0) {
      frames.push({ type: "messages", bytes: copy(end) });
      held = held.subarray(end);
    }
    return frames;
  }

  function first(packet: Buffer): Frame {
    const code = packet.length < 8 ? 0 : packet.readInt32BE(4);
    if (code === CANCEL_REQUEST) return { type: "cancel" };
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { type: "encrypt" };
    started = true;
    return { type: "startup", bytes: Uint8Array.from(packet) };
  }

  // Without the type's byte while no session is open; `undefined`: not all of it is here.
  function lengthAt(at: number): number | undefined {
    const skip = started ? 1 : 0;
    if (held.length < at + skip + 4) return undefined;
    const length = held.readInt32BE(at + skip);
    if (length < 4 || length > LONGEST) throw new RangeError("This is no message of PostgreSQL's protocol.");
    return held.length < at + skip + length ? undefined : skip + length;
  }

  // Posting to a thread copies a whole buffer, and the pool's is shared.
  const copy = (end: number) => Uint8Array.from(held.subarray(0, end));

  return { add };
}
