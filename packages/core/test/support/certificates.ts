import { generate } from "selfsigned";

export interface Authority {
  readonly certificate: string;
  /** Key and certificate for a name (and 127.0.0.1), signed by this authority. */
  issue(name: string): Promise<{ key: string; cert: string }>;
}

/** An authority that no machine knows. */
export async function makeAuthority(): Promise<Authority> {
  const ca = await generate([{ name: "commonName", value: "Test interception" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return {
    certificate: ca.cert,
    async issue(name) {
      const leaf = await generate([{ name: "commonName", value: name }], {
        keyType: "ec",
        algorithm: "sha256",
        ca: { key: ca.private, cert: ca.cert },
        extensions: [
          { name: "basicConstraints", cA: false },
          { name: "extKeyUsage", serverAuth: true },
          {
            name: "subjectAltName",
            altNames: [
              { type: 2, value: name },
              { type: 7, ip: "127.0.0.1" },
            ],
          },
        ],
      });
      return { key: leaf.private, cert: leaf.cert };
    },
  };
}
