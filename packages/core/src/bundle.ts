import { fileURLToPath } from "node:url";

/** What `tsdown` is told; part of its options. */
export interface BundleOptions {
  readonly entry: Record<string, string>;
  readonly platform: "node";
  readonly target: string;
  readonly fixedExtension: boolean;
  readonly minify: boolean;
  readonly dts: boolean;
  readonly alias: Record<string, string>;
  readonly deps: { readonly alwaysBundle: RegExp[]; readonly onlyBundle: false };
}

/**
 * Options of `tsdown` for a published server: everything in one folder, so that `npx` installs one package and nothing
 * else, and nothing that a start does not need in what it loads.
 *
 * @param entry output name → source file; threads are entries of their own, since they are loaded by file name
 */
export function bundle(entry: Readonly<Record<string, string>>): BundleOptions {
  return {
    entry: { ...entry },
    platform: "node",
    target: "node22.12",
    fixedExtension: false,
    minify: true,
    dts: false,
    alias: { "@modelcontextprotocol/server/_shims": fileURLToPath(new URL("./sdk-shims.js", import.meta.url)) },
    deps: { alwaysBundle: [/.*/], onlyBundle: false },
  };
}
