export { renderDiff as diff } from "./diff.ts";
export { renderJson as json } from "./json.ts";
export { renderMarkdown as markdown } from "./markdown.ts";
export { renderPreflight as preflight } from "./preflight.ts";
export { renderSarif as sarif } from "./sarif.ts";
export { renderScan as scan, renderText as text } from "./text.ts";
