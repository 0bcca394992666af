/** Images and audio that the protocol carries as content of their own, known by their first bytes and never by the name. */
export interface Media {
  readonly kind: "image" | "audio";
  readonly mimeType: string;
  /** Hosts and models can be expected to show it; others are sent only when asked for. */
  readonly common: boolean;
}

interface Signature extends Media {
  readonly at: number;
  readonly magic: string;
}

const image = (mimeType: string, at: number, magic: string, common = true): Signature => ({
  kind: "image",
  mimeType,
  at,
  magic,
  common,
});
const audio = (mimeType: string, at: number, magic: string): Signature => ({
  kind: "audio",
  mimeType,
  at,
  magic,
  common: true,
});

const SIGNATURES: readonly Signature[] = [
  image("image/png", 0, "\x89PNG\r\n\x1a\n"),
  image("image/jpeg", 0, "\xff\xd8\xff"),
  image("image/gif", 0, "GIF87a"),
  image("image/gif", 0, "GIF89a"),
  image("image/webp", 8, "WEBPVP8"),
  image("image/avif", 4, "ftypavif", false),
  image("image/heic", 4, "ftypheic", false),
  image("image/tiff", 0, "II*\0", false),
  image("image/tiff", 0, "MM\0*", false),
  image("image/vnd.microsoft.icon", 0, "\0\0\x01\0", false),
  audio("audio/wav", 8, "WAVEfmt "),
  audio("audio/mpeg", 0, "ID3"),
  audio("audio/mpeg", 0, "\xff\xfb"),
  audio("audio/mpeg", 0, "\xff\xf3"),
  audio("audio/ogg", 0, "OggS"),
  audio("audio/flac", 0, "fLaC"),
  audio("audio/mp4", 4, "ftypM4A "),
];

/** `undefined` when the first bytes are of nothing that is sent as media. */
export function mediaOf(head: Uint8Array): Media | undefined {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 32)).toString("latin1");
  return SIGNATURES.find(({ at, magic }) => start.startsWith(magic, at)) ?? bitmap(start);
}

// "BM" alone begins many texts: the size field and the reserved zeros must fit too.
function bitmap(start: string): Media | undefined {
  const known = start.startsWith("BM") && start.slice(6, 10) === "\0\0\0\0";
  return known ? { kind: "image", mimeType: "image/bmp", common: false } : undefined;
}
