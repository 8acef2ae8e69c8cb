import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { fill } from "../../e2e/world/job.ts";
import { digestOf, type Pushed, Uploads } from "../../e2e/world/uploads.ts";

describe("the registry of the live bench", () => {
  it("takes a blob in pieces and a manifest under a tag, and refuses what is not what it says", async () => {
    const kept: Pushed[] = [];
    const uploads = new Uploads((one) => kept.push(one));
    const server = createServer((incoming, outgoing) => {
      if (!uploads.take("host", incoming, outgoing)) outgoing.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = (method: string, path: string, body?: string) =>
      fetch(`${at}${path}`, { method, ...(body === undefined ? {} : { body }) });
    try {
      const begun = await send("POST", "/v2/acme/fleet/blobs/uploads/");
      expect(begun.status).toBe(202);
      const place = begun.headers.get("location")!;
      expect((await send("PATCH", place, "one")).status).toBe(202);
      const digest = digestOf(Buffer.from("onetwo"));
      expect((await send("PUT", `${place}?digest=${digest}`, "two")).status).toBe(201);
      expect((await send("PUT", `${place}?digest=${digest}`, "two")).status).toBe(404);
      expect((await send("PUT", "/v2/acme/fleet/manifests/latest", "{}")).status).toBe(201);
      expect((await send("PUT", `/v2/acme/fleet/manifests/${digest}`, "{}")).status).toBe(400);
      expect((await send("GET", "/v2/acme/fleet/manifests/latest")).status).toBe(404);
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    expect(kept.map(({ name, tag, body }) => [name, tag, body.toString()])).toEqual([
      ["host/acme/fleet", undefined, "onetwo"],
      ["host/acme/fleet", "latest", "{}"],
    ]);
  });

  it("gives a job the secrets it names, and stops where one was not set", () => {
    expect(fill("a ${{ secrets.TOKEN }} b", { TOKEN: "t" })).toBe("a t b");
    expect(() => fill("${{ secrets.OTHER }}", { TOKEN: "t" })).toThrow("OTHER");
  });
});
