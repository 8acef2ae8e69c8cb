import { withBrowser } from "../browser/chromium.ts";
import type { SeenComment } from "./checks.ts";
import type { Gitea } from "./gitea.ts";

const STYLE = `
body { margin: 0; padding: 20px; background: #f6f8fa; font: 14px/1.5 "DejaVu Sans", sans-serif; color: #1f2328 }
article { width: 880px; background: #fff; border: 1px solid #d1d9e0; border-radius: 6px }
header, footer { padding: 8px 16px; background: #f6f8fa; border-radius: 6px }
header { border-bottom: 1px solid #d1d9e0 } footer { border-top: 1px solid #d1d9e0 }
b.red { color: #d1242f }
main { padding: 4px 16px 12px } h1 { font-size: 20px } h2 { font-size: 16px }
code { font: 12px "DejaVu Sans Mono", monospace; background: #eff1f3; border-radius: 4px; padding: 1px 4px }
table { border-collapse: collapse } td, th { border: 1px solid #d1d9e0; padding: 4px 10px; text-align: left; vertical-align: top }
hr { border: 0; border-top: 1px solid #d1d9e0 }
`;

/** A picture of a comment with its Markdown rendered by the forge; frame and colours are of this bench. */
export async function takePicture(
  gitea: Gitea,
  token: string,
  { author, body }: SeenComment,
  { file, log }: { file: string; log: (line: string) => void },
): Promise<void> {
  const answer = await fetch(`${gitea.url}/api/v1/markdown`, {
    method: "POST",
    headers: { authorization: `token ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ Text: body, Mode: "comment", Context: "acme/fleet" }),
  });
  if (!answer.ok) throw new Error(`POST /markdown: ${answer.status}`);
  const page = `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><article><header><b>${author}</b> commented</header>
<main>${await answer.text()}</main><footer><b class="red">✗</b> <b>fluxlift verify</b> · Required</footer></article>`;
  await withBrowser(log, async (context) => {
    const tab = await context.newPage();
    await tab.setViewportSize({ width: 922, height: 400 });
    await tab.setContent(page);
    await tab.screenshot({ path: file, fullPage: true });
  });
}
