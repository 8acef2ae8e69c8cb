export { renderDiff } from "./diff.ts";
export { viewDiff } from "./diff-view.ts";
export { renderJson } from "./json.ts";
export { renderMarkdown, renderScanMarkdown } from "./markdown.ts";
export { renderPreflight } from "./preflight.ts";
export { renderSarif } from "./sarif.ts";
export { renderScan, renderText } from "./text.ts";
