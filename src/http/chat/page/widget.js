// Puts the chat on a shop's own site: <script src="https://clerk.example/chat/widget.js" async></script>
// A button opens a panel, in which the chat page is a frame; so the site and the chat cannot touch each other.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.nightclerk?.open) return;
  const base = new URL(".", script.src);
  const waiting = Array.isArray(window.nightclerk) ? window.nightclerk : [];

  const STYLE = `
    :host { all: initial; }
    button { position: fixed; z-index: 2147483000; right: 20px; bottom: 20px; width: 60px; height: 60px; padding: 0;
      border: 0; border-radius: 50%; background: var(--brand); color: var(--ink); cursor: pointer;
      box-shadow: 0 4px 16px rgb(0 0 0 / .3); display: grid; place-items: center; }
    button:focus-visible { outline: 3px solid var(--brand); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    svg { width: 30px; height: 30px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    .dot { position: absolute; top: 2px; right: 2px; width: 14px; height: 14px; border-radius: 50%; background: #c62617; border: 2px solid #fff; }
    .panel { position: fixed; z-index: 2147483000; right: 20px; bottom: 92px; width: 390px; height: min(640px, calc(100dvh - 112px));
      border-radius: 16px; overflow: hidden; box-shadow: 0 8px 40px rgb(0 0 0 / .35); background: Canvas; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    [hidden] { display: none !important; }
    @media (max-width: 480px) {
      .panel { inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
      .panel:not([hidden]) ~ button { display: none; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .panel:not([hidden]) { animation: rise .18s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(12px); } }
    }`;

  let frame = null;
  let ready = false;
  let who;
  let store = null;
  let parts = null;

  const post = (message) => frame?.contentWindow.postMessage(message, base.origin);

  function icon() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", "M4 5h16v11H10l-5 4v-4H4z");
    svg.append(path);
    return svg;
  }

  function build() {
    const host = document.createElement("nightclerk-chat");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    host.style.setProperty("--brand", store.colour);
    host.style.setProperty("--ink", store.ink);
    const panel = document.createElement("div");
    panel.className = "panel";
    panel.id = "panel";
    panel.hidden = true;
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", store.name);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-controls", "panel");
    button.lang = store.language;
    button.append(icon());
    const dot = document.createElement("span");
    dot.className = "dot";
    dot.hidden = true;
    button.append(dot);
    root.append(panel, button);
    button.addEventListener("click", () => (panel.hidden ? open() : close()));
    root.addEventListener("keydown", (event) => event.key === "Escape" && close());
    document.body.append(host);
    parts = { panel, button, dot };
    label();
  }

  function label() {
    const { panel, button, dot } = parts;
    const words = store.words[panel.hidden ? "openChat" : "closeChat"];
    button.setAttribute("aria-expanded", String(!panel.hidden));
    button.setAttribute("aria-label", dot.hidden ? words : `${words} (${store.words.newMessages})`);
    button.title = words;
  }

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = store.name;
    frame.src = new URL("?embedded", base).href;
    parts.panel.append(frame);
  }

  function open() {
    if (!parts) return;
    load();
    parts.panel.hidden = false;
    parts.dot.hidden = true;
    label();
    if (ready) post({ nightclerk: "focus" });
  }

  function close() {
    if (!parts || parts.panel.hidden) return;
    parts.panel.hidden = true;
    label();
    parts.button.focus();
  }

  function identify(customer) {
    who = customer ? { id: String(customer.id), hmac: String(customer.hmac), name: customer.name ?? null } : null;
    if (ready) post({ nightclerk: "identify", who });
  }

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== base.origin) return;
    const said = event.data?.nightclerk;
    if (said === "ready") {
      ready = true;
      if (who !== undefined) post({ nightclerk: "identify", who });
      if (!parts.panel.hidden) post({ nightclerk: "focus" });
    } else if (said === "close") {
      close();
    } else if (said === "message" && parts.panel.hidden) {
      parts.dot.hidden = false;
      label();
    }
  });

  const calls = { identify, reset: () => identify(null), open, close };
  const call = ([name, ...values]) => calls[name]?.(...values);
  window.nightclerk = { ...calls, push: call };

  async function start() {
    try {
      const response = await fetch(new URL("store", base), { credentials: "omit" });
      if (!response.ok) {
        console.error(`nightclerk: no chat on ${location.origin}: ${(await response.text()).trim()}`);
        return;
      }
      store = await response.json();
    } catch (error) {
      console.error(`nightclerk: the chat at ${base.href} cannot be reached: ${error.message}`);
      return;
    }
    build();
    waiting.forEach(call);
  }
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start, { once: true });
})();
