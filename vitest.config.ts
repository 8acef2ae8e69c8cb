import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Its ESM imports JSON in a way that node itself does not take.
    server: { deps: { inline: [/@actions\/(?:workflow-parser|expressions)/] } },
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
