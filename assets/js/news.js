// A host's open page asks now and then who can't get into the meeting, and shows the warning that it holds ready.
// Nothing needs it: without it, a line on the page says to reload.
const EVERY = 20000;

for (const page of document.querySelectorAll("[data-news]")) {
  const known = new Set(page.dataset.known.split(" "));
  page.querySelector("[data-without]").hidden = true;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(page.dataset.news, { headers: { Accept: "application/json" }, redirect: "error" });
      // Signed out, or not hers any more: asking again tells nothing.
      if (answer.status >= 400 && answer.status < 500) clearInterval(timer);
      if (!answer.ok) return;
      const { stuck } = await answer.json();
      if (stuck.some((each) => !known.has(String(each)))) page.querySelector("[data-shown]").hidden = false;
    } catch {
      // No connection just now: the next time asks again.
    }
  }, EVERY);
}
