/** An item of a list behind another one: a literal of any language, also one that a variable ends (`"--path=" + folder`). */
const ITEM = String.raw`\s*,\s*[bBfFrRuU]{0,2}(["'${"`"}])[^"'${"`"}\n]*\2(?:\s*\+\s*[\w.]+)?`;
/** `"flux", "config"` are the parts of a path. */
const LIST = new RegExp(
  String.raw`(["'${"`"}])flux\1(?=\s*,\s*["'${"`"}](?:bootstrap|create|delete|install|reconcile|resume|suspend|uninstall|-))(?:${ITEM})+`,
  "g",
);
/** The same without the CLI itself, for a function that runs it; `"bootstrap", "git"` alone may be the tags of a page. */
const BARE = new RegExp(
  String.raw`(["'${"`"}])bootstrap\1(?=\s*,\s*["'${"`"}](?:git|github|gitlab|gitea|bitbucket-server)["'${"`"}]\s*,\s*\w{0,2}["'${"`"}]--\w)(?:${ITEM})+`,
  "g",
);
const LITERAL = /["'`]([^"'`\n]*)["'`](\s*\+\s*[\w.]+)?/g;
const ITEMS = /(\b(?:argv|args|command):[ \t]*\n)([ \t]*)-[ \t]+["']?flux["']?[ \t]*\n(?:\2-[ \t]+[^\n]*(?:\n|$))+/g;
/** `run-external "flux" "bootstrap" $"--owner=($env.OWNER)"` of Nushell. */
const EXTERNAL = /\brun-external[ \t]+["'`]flux["'`](?:[ \t]+\$?["'`][^"'`\n]*["'`])+/g;
/** A list on a line of YAML, where nothing has to be quoted: `- [flux, bootstrap, github]` of cloud-init. Tags of a page are none. */
const FLOW =
  /\[(?<=(?:^[ \t]{0,80}-[ \t]{1,4}|\b(?:argv|args|command|cmd|entrypoint)["']?[ \t]{0,4}[:=]?[ \t]{0,4})\[)[ \t]*["']?flux["']?[ \t]*,[ \t]*["']?(?:bootstrap|create|delete|install|reconcile|resume|suspend|uninstall)\b["']?(?:[ \t]*,[^\]\n]{0,2000})?\]/gim;

/**
 * A text with the arguments that programs and playbooks hand to the flux CLI one by one as one command, on the line where they
 * begin: `"flux", "bootstrap", "git"`, `[flux, install]` and the lists of `argv`. Every other line stays where it is.
 */
export function joinArguments(text: string): string {
  const words = (list: string) =>
    [...list.matchAll(LITERAL)].map(([, word = "", more]) => (more ? `${word}$` : word)).join(" ");
  const lines = (part: string) => "\n".repeat(part.split("\n").length - 1);
  const isOfFlux = /\bflux/i.test(text);
  return text
    .replace(FLOW, (list) => list.slice(1, -1).split(",").map(bareWord).join(" "))
    .replace(LIST, (list) => words(list) + lines(list))
    .replace(EXTERNAL, words)
    .replace(BARE, (list) => (isOfFlux ? `flux ${words(list)}${lines(list)}` : list))
    .replace(ITEMS, (all, head: string) => {
      const list = all.slice(head.length);
      const args = [...list.matchAll(/^[ \t]*-[ \t]+(.*)$/gm)].map(([, word = ""]) => bareWord(word));
      return `${head}- ${args.join(" ")}${lines(list)}`;
    });
}

function bareWord(item: string): string {
  return item.trim().replace(/^["']/, "").replace(/["']$/, "");
}
