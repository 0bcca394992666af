/** Shorter values are words of ordinary text; masking them would tell where they stand. */
const SHORTEST = 6;

/**
 * Every form in which a credential shows up in text, longest first: as it is, in JSON, percent-encoded, and in base64 and
 * base64url alone or inside a longer value (`user:secret` of a Basic header).
 */
export function formsOf(secret: string): string[] {
  if (secret.length < SHORTEST) return [];
  const bytes = Buffer.from(secret, "utf8");
  const percent = encodeURIComponent(secret.toWellFormed());
  const forms = new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    percent,
    percent.replace(/%../g, (escape) => escape.toLowerCase()),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    ...[0, 1, 2].flatMap((offset) => inBase64(bytes, offset)),
  ]);
  return [...forms].sort((a, b) => b.length - a.length);
}

/** The characters that depend on `bytes` alone where they stand `offset` bytes (modulo 3) into base64 text. */
function inBase64(bytes: Buffer, offset: number): string[] {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
  const inner = whole.toString("base64url").slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6));
  // Six characters are 36 bits, about as many as the shortest credential.
  return inner.length < SHORTEST ? [] : [inner, inner.replaceAll("-", "+").replaceAll("_", "/")];
}
