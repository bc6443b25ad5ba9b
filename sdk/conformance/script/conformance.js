// Does what its settings say, step by step, as ../plugin does.
export const manifest = {
  capabilities: ["@wishes@"],
  settings: {
    steps: { type: "array", default: [] },
    outcome: { type: "string", default: "handled", choices: ["pass", "also", "handled", "fail"] },
    daily: { type: "boolean", default: true },
  },
};

export const message = (context, { text, media }) => run(context, `${text.length} bytes, ${media.length} media`);
export const order = (context, event) => run(context, event.change);
export const timer = (context, timer) => run(context, JSON.stringify(timer.payload));
export const daily = (context) => (clerk.settings.daily ? run(context) : undefined);

function run(context, given = "nothing") {
  const actions = [];
  for (const step of clerk.settings.steps) {
    let told;
    for (let n = 0; n < (step.repeat ?? 1); n++) {
      const action = actionOf(step, context, n);
      if (action) {
        actions.push(action);
        continue;
      }
      try {
        told = ask(step, context, given, n);
      } catch (error) {
        told = `refused: ${error.message}`;
      }
    }
    if (told !== undefined) clerk.log("info", told);
  }
  switch (clerk.settings.outcome) {
    case "fail":
      throw new Error("as the case says");
    case "pass":
      return undefined;
    case "also":
      return actions.length > 0 ? { also: actions } : undefined;
    default:
      return actions.length > 0 ? actions : undefined;
  }
}

const numbered = (text, n) => text.replaceAll("{n}", n);
const list = (items) => `[${items.join(" ")}]`;
const orNull = (value) => value ?? undefined;

function ask(step, context, given, n) {
  const ofCustomer = () => {
    if (!context.customer) throw new Error("no customer");
  };
  switch (step.do) {
    case "given":
      return given;
    case "get":
      return clerk.kv.get(numbered(step.key, n)) ?? "none";
    case "set": {
      // As JSON it has two quotes more.
      const value = step.bytes == null ? numbered(step.value ?? "", n) : "x".repeat(Math.max(step.bytes - 2, 0));
      const expires = step.expires_in_ms == null ? undefined : { expiresMs: context.nowMs + step.expires_in_ms };
      clerk.kv.set(numbered(step.key, n), value, expires);
      return "done";
    }
    case "delete":
      clerk.kv.delete(numbered(step.key, n));
      return "done";
    case "keys":
      return list(clerk.kv.keys(step.prefix, step.after ?? "", step.limit));
    case "delete-prefix":
      return String(clerk.kv.deletePrefix(step.prefix));
    case "compare-and-set":
      return String(clerk.kv.compareAndSet(numbered(step.key, n), orNull(step.expected), orNull(step.value)));
    case "find-order":
      ofCustomer();
      return clerk.findOrder(step.id)?.status ?? "none";
    case "newest-orders":
      ofCustomer();
      return list(clerk.newestOrders().map((it) => it.id));
    case "order-details":
      return clerk.orderDetails(step.shop, step.id)?.items.map((it) => it.title).join(", ") ?? "none";
    case "find-products":
      return list(clerk.findProducts(step.query, step.limit).map((it) => it.sku));
    case "open-tickets":
      ofCustomer();
      return list(clerk.openTickets().map((it) => it.id));
    case "fetch":
      return String(clerk.http({ method: step.method ?? "GET", url: step.url }).status);
    case "render":
      return clerk.render(step.template, { store: context.storeName });
    case "store-field":
      return clerk.storeField(step.name) ?? "none";
    case "customer-field":
      ofCustomer();
      return clerk.customerField(step.name) ?? "none";
    case "log":
      return numbered(step.text, n);
  }
}

function actionOf(step, context, n) {
  switch (step.do) {
    case "reply":
      return { reply: step.text };
    case "link":
      return { reply: { text: "Here:", url: step.url } };
    case "choices":
      return { text: "Which?", choices: Array.from({ length: step.count }, (_, it) => ({ label: `${it}`, value: "x" })) };
    case "notify":
      return { notify: { to: step.to, text: "Look here" } };
    case "tag":
      return { tag: numbered(step.tag, n) };
    case "remark":
      return { remark: { orderId: step.order, text: "As a gift" } };
    case "set-timer":
      return { setTimer: { key: numbered(step.key, n), dueMs: context.nowMs + step.in_ms, payload: {} } };
    case "open-ticket":
      return { openTicket: { kind: step.kind, text: "See to it", urgency: orNull(step.urgency) } };
    case "close-ticket":
      return { closeTicket: step.id };
    case "extra":
      return { extra: { name: step.name, value: {} } };
  }
}
