/** The text as a pattern that matches just it. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Whether a text has the name as a word of its own: `flux` is in `name: flux` and in `- flux.yaml`, not in `flux-system`. */
export function mentions(text: string, name: string): boolean {
  return text.includes(name) && new RegExp(`(?<![\\w-])${escapeRegExp(name)}(?![\\w-])`).test(text);
}
