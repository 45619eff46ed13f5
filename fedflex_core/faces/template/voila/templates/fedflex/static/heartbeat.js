// Asks every two seconds whether the notebook's kernel is still there, and says so when it is not: without
// this, a page whose kernel is gone can be clicked for hours, and nothing is kept.
(() => {
  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const address = `${config.baseUrl}api/kernels/${config.kernelId}`;
  const banner = document.getElementById("fedflex-lost");
  const cells = document.getElementById("rendered_cells");
  const EVERY = 2000;
  const PATIENCE = 4000;
  const UNHEARD = 4; // beats without the page's own web socket, which reconnects by itself within seconds
  let unheard = 0;
  let leaving = false;

  async function isAlive() {
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
      if (!answer.ok) return false;
      unheard = (await answer.json()).connections > 0 ? 0 : unheard + 1;
      return unheard < UNHEARD;
    } catch {
      return false;
    }
  }

  function show(lost) {
    if (leaving || banner.hidden !== lost) return;
    banner.hidden = !lost;
    cells.inert = lost; // nothing can be clicked that nobody would hear
    banner.replaceChildren();
    if (!lost) return;
    const words = document.createElement("p");
    const strong = document.createElement("strong");
    strong.textContent = "Connection lost. ";
    words.append(strong, "Nothing you clicked before is lost. Reload the page to continue.");
    const reload = document.createElement("button");
    reload.type = "button";
    reload.textContent = "Reload";
    reload.addEventListener("click", () => window.location.reload());
    banner.append(words, reload);
  }

  async function beat() {
    show(!(await isAlive()));
    window.setTimeout(beat, EVERY);
  }

  window.addEventListener("beforeunload", () => (leaving = true));
  // A page taken back out of the browser's memory has a kernel that was told goodbye.
  window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
  window.setTimeout(beat, EVERY);
})();
