// owner/name@<commit> # v1.2.3
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/;

/** What actionlint does not look at: actions pinned to commits, no token left on the disk, rights said at the top. */
export function pinProblems(file: string, text: string): string[] {
  const lines = text.split("\n");
  const found = lines.flatMap((line, index) => {
    const [, used] = /^\s*(?:- )?uses:\s*(.+?)\s*$/.exec(line) ?? [];
    if (used === undefined || used.startsWith("./")) return [];
    const place = `${file}:${index + 1}`;
    if (!PINNED.test(used))
      return [`${place}: pin the action to a full commit with its version: owner/name@<40 hex> # v1.2.3`];
    const leavesToken =
      used.startsWith("actions/checkout@") &&
      !lines
        .slice(index, index + 5)
        .join("\n")
        .includes("persist-credentials: false");
    return leavesToken ? [`${place}: checkout leaves its token on the disk; add persist-credentials: false`] : [];
  });
  if (!lines.some((line) => line.startsWith("permissions:"))) found.push(`${file}: say the permissions at the top`);
  return found;
}
