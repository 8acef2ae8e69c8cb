import { describe, expect, test } from "vitest";
import { type Html, html, inlineElement, jsonElement, prose, type Value } from "../../../src/report/html/html.ts";

const print = (markup: Html) => markup.toString();

describe("html", () => {
  test("escapes every value, in text and in attributes", () => {
    const evil = `<b a="1" b='2'>&`;
    expect(print(html`<p title="${evil}">${evil}</p>`)).toBe(
      '<p title="&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;">&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;</p>',
    );
  });

  test("takes markup as it is, lists one after the other, and nothing for undefined and false", () => {
    const items: Value[] = ["<", html`<i>x</i>`, undefined, false, 0, ["a", "b"]];
    expect(print(html`<p>${items}</p>`)).toBe("<p>&lt;<i>x</i>0ab</p>");
    expect(print(html`<p${html` hidden`}${false}>`)).toBe("<p hidden>");
  });

  test("is the only way to markup", () => {
    const need = (markup: Html) => markup;
    // @ts-expect-error a plain string is no markup
    need("<b>");
    // @ts-expect-error nor is what looks like it
    need({ toString: () => "<b>" });
    expect(print(html`${{ toString: () => "<b>" } as unknown as string}`)).toBe("&lt;b&gt;");
  });

  test("refuses a value where escaping does not help", () => {
    expect(() => html`<p title=${"x"}>`).toThrow("without quotes");
    expect(() => html`<p onclick="${"x"}">`).toThrow("onclick");
    expect(() => html`<p style="${"x"}">`).toThrow("style");
    expect(() => html`<a href="${"javascript:x"}">`).toThrow("leads out");
    expect(() => html`<p ${"onclick=x"}>`).toThrow("no markup");
    expect(() => html`<p title="${html`<b>`}">`).toThrow("no text");
    expect(print(html`<a href="${"#x"}" id="${'"y'}">`)).toBe('<a href="#x" id="&quot;y">');
    expect(print(html`<a href="#f${"javascript:"}">`)).toBe('<a href="#fjavascript:">');
  });

  test("spells out what would not show or would turn text around; line breaks and tabs stay", () => {
    expect(print(html`${"a\u202eb\u001b[1m\u200b\ufeff\u0000\tc\nd\u2028"}`)).toBe(
      "a\\u202eb\\u001b[1m\\u200b\\ufeff\\u0000\tc\nd\\u2028",
    );
    expect(print(html`${"häß 日本 🙂"}`)).toBe("häß 日本 🙂");
  });

  test("never shows encrypted values and keys, and cuts what is longer than any text", () => {
    expect(print(html`${"x: ENC[AES256_GCM,data:abc,type:str] y"}`)).toBe("x: •••••• y");
    expect(print(html`${"https://me:token@host/x"}`)).toBe("https://••••••@host/x");
    const long = print(html`${"y".repeat(100_000)}`);
    expect(long.length).toBeLessThan(61_000);
    expect(long).toContain("(40,000 more characters)");
  });
});

test("data in a script cannot end it", () => {
  const element = print(jsonElement("data", { a: "</script><script>x</script><!--" }));
  expect(element.match(/<\/script/g)).toHaveLength(1);
  expect(JSON.parse(element.replace(/^<[^>]*>|<\/script>$/g, ""))).toEqual({ a: "</script><script>x</script><!--" });
});

test("a style or script that would end early is a mistake of ours", () => {
  expect(() => inlineElement("script", "x = '</script>'")).toThrow("end early");
});

test("prose has code in backticks, and lines to paste below", () => {
  expect(print(prose("Set `a<b` so:\nspec:\n  x: <y>"))).toBe(
    'Set <code>a&lt;b</code> so:<pre class="code">spec:\n  x: &lt;y&gt;</pre>',
  );
});
