import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { root } from "../workspace.mjs";

/** Relative links of a page that lead nowhere, and anchors that no heading has. */
export function linkProblems(page: string, text: string): string[] {
  return linksOf(text).flatMap((link) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return [];
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : normalize(join(dirname(page), decodeURIComponent(path)));
    if (target.startsWith("..")) return [`${page}: ${link} leads out of the repository`];
    if (target !== page && !existsSync(join(root, target))) return [`${page}: ${link} does not exist`];
    if (anchor === undefined || !target.endsWith(".md")) return [];
    const headings = target === page ? text : readFileSync(join(root, target), "utf8");
    return anchorsOf(headings).has(anchor) ? [] : [`${page}: ${link} names no heading of ${target}`];
  });
}

function linksOf(text: string): string[] {
  const prose = withoutCode(text);
  const markdown = [...prose.matchAll(/\[[^\]]*\]\(\s*<?([^)>\s]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const html = [...prose.matchAll(/<(?:img|a)\s[^>]*?(?:src|href)="([^"]+)"/g)];
  return [...markdown, ...html].map(([, link]) => link as string);
}

// As GitHub makes them.
function anchorsOf(text: string): Set<string> {
  const headings = [...withoutFences(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading]) => heading as string);
  const seen = new Map<string, number>();
  return new Set(
    headings.map((heading) => {
      const anchor = heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-");
      const times = seen.get(anchor) ?? 0;
      seen.set(anchor, times + 1);
      return times === 0 ? anchor : `${anchor}-${times}`;
    }),
  );
}

function withoutFences(text: string): string {
  return text.replace(/^(```+|~~~+)[\s\S]*?^\1\s*$/gm, "");
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, "");
}
