// Walks through pages in Chromium: signs in, opens each page in each look, and reports what axe-core and the page itself say.
// Standard input: {base, accounts: {name: password}, looks: [{name, width, height, scheme, language}], pages: [{path, as}],
// shots: folder or null}. Standard output: one JSON list of {path, as, look, status, title, lang, overflow, requests, violations}.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const { base, accounts, looks, pages, shots } = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
const found = [];
for (const look of looks) {
  for (const who of new Set(pages.map((page) => page.as))) {
    const context = await browser.newContext({
      viewport: { width: look.width, height: look.height },
      colorScheme: look.scheme,
      locale: look.language,
      javaScriptEnabled: true,
      bypassCSP: true, // axe is put into the page by the test; what the policy forbids is tested on its headers
    });
    const tab = await context.newPage();
    const foreign = [];
    tab.on("request", (request) => {
      if (!request.url().startsWith(base)) foreign.push(request.url());
    });
    if (who !== null) {
      await tab.goto(`${base}/sign-in`);
      await tab.fill("#name", who);
      await tab.fill("#password", accounts[who]);
      await tab.press("#password", "Enter");
      await tab.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    }
    for (const page of pages.filter((each) => each.as === who)) {
      const answer = await tab.goto(base + page.path);
      await tab.evaluate(axe);
      const result = await tab.evaluate((tags) => axe.run(document, { runOnly: tags }), RULES);
      const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      found.push({
        path: page.path,
        as: who,
        look: look.name,
        status: answer.status(),
        title: await tab.title(),
        lang: await tab.getAttribute("html", "lang"),
        overflow,
        foreign: [...foreign],
        violations: result.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target).join("; ")})`),
      });
      if (shots) {
        await tab.screenshot({ path: `${shots}/${look.name}-${page.name ?? page.path.replaceAll("/", "_")}.png`, fullPage: true });
      }
    }
    await context.close();
  }
}
await browser.close();
process.stdout.write(JSON.stringify(found));
