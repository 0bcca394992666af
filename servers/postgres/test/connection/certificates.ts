import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** An authority of its own, made with `openssl`, and what it signs. */
export interface Authority extends Disposable {
  /** Its certificate. */
  readonly root: string;
  /** A certificate for `name` with these alternative names (`DNS:localhost,IP:127.0.0.1`): both files, and their texts. */
  sign(
    name: string,
    names?: string,
  ): { readonly crt: string; readonly key: string; readonly text: { crt: string; key: string } };
}

export function authority(): Authority {
  const folder = mkdtempSync(path.join(tmpdir(), "mooring-ca-"));
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-subj", "/CN=Test CA", "-days", "2", "-keyout", "ca.key", "-out", "ca.crt");
  let serial = 0;
  return {
    root: file("ca.crt"),
    sign(name, names = `DNS:${name}`) {
      const [crt, key] = [file(`${++serial}.crt`), file(`${serial}.key`)];
      writeFileSync(file("extensions"), `subjectAltName=${names}\n`);
      openssl("req", ...newKey, "-subj", `/CN=${name}`, "-keyout", key, "-out", "request");
      openssl(
        "x509",
        "-req",
        "-in",
        "request",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "extensions",
        "-out",
        crt,
      );
      chmodSync(key, 0o600);
      return { crt, key, text: { crt: readFileSync(crt, "utf8"), key: readFileSync(key, "utf8") } };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
