/** `"flux", "config"` are the parts of a path. */
const LIST =
  /(["'`])flux\1(?=\s*,\s*["'`](?:bootstrap|create|delete|install|reconcile|resume|suspend|uninstall|-))(?:\s*,\s*(["'`])[^"'`\n]*\2)+/g;
const ITEMS = /(\b(?:argv|args|command):[ \t]*\n)([ \t]*)-[ \t]+["']?flux["']?[ \t]*\n(?:\2-[ \t]+[^\n]*(?:\n|$))+/g;

/**
 * A text with the arguments that programs and playbooks hand to the flux CLI one by one as one command, on the line where they
 * begin: `"flux", "bootstrap", "git"` and the lists of `argv`. Every other line stays where it is.
 */
export function joinArguments(text: string): string {
  const words = (list: string, each: RegExp) => [...list.matchAll(each)].map((match) => match[1] ?? match[2]).join(" ");
  const lines = (part: string) => "\n".repeat(part.split("\n").length - 1);
  return text
    .replace(LIST, (list) => words(list, /["'`]([^"'`\n]*)["'`]/g) + lines(list))
    .replace(ITEMS, (all, head: string) => {
      const list = all.slice(head.length);
      return `${head}- ${words(list, /^[ \t]*-[ \t]+["']?([^\n]*?)["']?[ \t]*$/gm)}${lines(list)}`;
    });
}
