import { homedir } from "node:os";
import { basename, join } from "node:path";

/** What hosts pass on to a server by themselves (the SDK's list), and what the author of the run added. */
export async function hostEnvironment(own: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const { getDefaultEnvironment } = await import("@modelcontextprotocol/client/stdio");
  return { ...getDefaultEnvironment(), ...own };
}

/** Nothing but where programs are and an empty home; a launcher keeps its cache, since that is not the server's. */
export function emptyEnvironment(command: string, home: string): Record<string, string> {
  const names = ["PATH", ...(process.platform === "win32" ? ["SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP"] : [])];
  const kept = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home, ...launcherCache(command) };
}

function launcherCache(command: string): Record<string, string> {
  const launcher = basename(command).replace(/\.(?:cmd|exe)$/i, "");
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
