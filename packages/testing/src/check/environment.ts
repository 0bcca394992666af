import { homedir } from "node:os";
import { basename, join } from "node:path";

/**
 * What hosts pass on to a server by themselves (the SDK's list), and what the author of the run added. A launcher that
 * downloads the server first also has how this machine reaches the network.
 */
export async function hostEnvironment(
  own: Readonly<Record<string, string>>,
  command = "",
): Promise<Record<string, string>> {
  const { getDefaultEnvironment } = await import("@modelcontextprotocol/client/stdio");
  return { ...getDefaultEnvironment(), ...networkOf(command), ...own };
}

/** Nothing but where programs are and an empty home; a launcher keeps its cache and its way to the network. */
export function emptyEnvironment(command: string, home: string): Record<string, string> {
  const names = ["PATH", ...(process.platform === "win32" ? ["SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP"] : [])];
  const kept = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    ...networkOf(command),
    ...launcherCache(command),
  };
}

const LAUNCHERS = new Set(["npx", "npm", "pnpm", "bunx", "uvx", "uv", "pipx"]);
const NETWORK = /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|https?_proxy|all_proxy|no_proxy)$/i;

function networkOf(command: string): Record<string, string> {
  if (!LAUNCHERS.has(launcherName(command))) return {};
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => {
      return NETWORK.test(entry[0]) && entry[1] !== undefined;
    }),
  );
}

function launcherName(command: string): string {
  return basename(command).replace(/\.(?:cmd|exe)$/i, "");
}

function launcherCache(command: string): Record<string, string> {
  const launcher = launcherName(command);
  if (launcher === "npx" || launcher === "npm")
    return {
      npm_config_cache:
        process.env["npm_config_cache"] ??
        (process.platform === "win32"
          ? join(process.env["LOCALAPPDATA"] ?? homedir(), "npm-cache")
          : join(homedir(), ".npm")),
      npm_config_userconfig: process.env["npm_config_userconfig"] ?? join(homedir(), ".npmrc"),
    };
  if (launcher === "uvx" || launcher === "uv")
    return {
      UV_CACHE_DIR: process.env["UV_CACHE_DIR"] ?? join(homedir(), ".cache", "uv"),
      UV_PYTHON_INSTALL_DIR: process.env["UV_PYTHON_INSTALL_DIR"] ?? join(homedir(), ".local", "share", "uv", "python"),
    };
  return {};
}
