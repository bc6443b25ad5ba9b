// Asks for a review after delivery, and answers the reviews that come: thanks for a good one; for a bad one an apology, and a
// ticket so that somebody calls.
//
// Nobody is asked who has a refund open, who has posted one already, or who was asked a short while ago. When delivery is long
// enough ago is the store's `orders.toml`. The shipped plugin of this name, as a script.

const DAY_MS = 24 * 60 * 60 * 1000;
/** What it has words in. */
const LANGUAGES = ["zh-Hans", "en"];

/** @type {import("./nightclerk").Manifest} */
export const manifest = {
  version: "0.1.0",
  description: "Asks for reviews without pestering, and answers the ones that come.",
  capabilities: ["reply", "orders", "kv", "ticket"],
  settings: {
    ask_zh: {
      type: "string",
      default: "{% if name %}{{ name }}，{% endif %}感谢您选购{% if items %} {{ items }}{% else %}本店商品{% endif %}！用着还满意吗？期待您的评价，您的意见对我们很重要。",
      description: "Asks for the review. Texts know store, clerk, name, order_id, items, and for an answer rating and text",
    },
    ask_en: {
      type: "string",
      default: "{% if name %}{{ name }}, thank{% else %}Thank{% endif %} you for buying {% if items %}{{ items }}{% else %}from {{ store }}{% endif %}! Are you happy with it? We would love to read your review.",
    },
    trouble_zh: { type: "string", default: "如有不满意，请先告诉我们，一定给您解决好。", description: "Follows; empty for nothing" },
    trouble_en: { type: "string", default: "If something is not right, tell us first and we will put it right." },
    bonus_zh: {
      type: "string",
      default: "",
      description: "What a review brings, whatever it says; only promise what is true; empty for nothing",
    },
    bonus_en: { type: "string", default: "" },
    link: { type: "string", default: "", description: "Where to write the review; knows order_id; empty for no link" },
    pause_days: {
      type: "integer",
      default: 14,
      minimum: 0,
      maximum: 365,
      description: "A customer who was asked within so many days is left alone; needs the grants kv and orders",
    },
    good_from: {
      type: "integer",
      default: 4,
      minimum: 2,
      maximum: 5,
      description: "A rating from here on is good; below, it opens a ticket",
    },
    thanks_zh: {
      type: "string",
      default: "谢谢您的好评！欢迎再来{{ store }}。",
      description: "Answers a good review; empty to leave it unanswered",
    },
    thanks_en: {
      type: "string",
      default: "Thank you for your kind review! We look forward to seeing you at {{ store }} again.",
    },
    sorry_zh: {
      type: "string",
      default: "很抱歉这次没有让您满意。您的意见我们已经记下，售后同事会尽快联系您，一起把问题解决。",
      description: "Answers a bad review; empty to leave it unanswered",
    },
    sorry_en: {
      type: "string",
      default: "We are sorry that we let you down. Your words are noted, and a colleague will be in touch to put it right.",
    },
    ticket_kind: {
      type: "string",
      default: "bad-review",
      description: "The kind of ticket that a bad review opens; needs the grant ticket; empty for none",
    },
  },
};

/** @type {import("./nightclerk").Hooks["reviewRequest"]} */
export function reviewRequest(context, order) {
  const details = clerk.orderDetails(order.shop, order.id);
  const why = reasonToWait(context, order, details);
  if (why) return { silence: why };
  remember(context);
  if (!reads(context, LANGUAGES)) return;
  const words = wordsOf(context, order, details);
  const sentences = ["ask", "trouble", "bonus"].map((name) => setting(context, name)).filter(Boolean);
  const text = clerk.render(sentences.join("\n"), words);
  const { link } = clerk.settings;
  return link ? { text, url: clerk.render(link, words) } : text;
}

/**
 * Every change to an order comes here; only a review is answered.
 * @type {import("./nightclerk").Hooks["order"]}
 */
export function order(context, { change, order, rating, text }) {
  if (change !== "review-posted" || rating === undefined || !reads(context, LANGUAGES)) return;
  const good = rating >= clerk.settings.good_from;
  const actions = [];
  const answer = setting(context, good ? "thanks" : "sorry");
  if (answer) {
    const details = clerk.orderDetails(order.shop, order.id);
    actions.push({ reply: clerk.render(answer, { ...wordsOf(context, order, details), rating, text }) });
  }
  const kind = clerk.settings.ticket_kind;
  if (!good && kind) {
    actions.push({ openTicket: { kind, text: `order ${order.id}: ${rating} of 5: ${text ?? "(no words)"}` } });
  }
  if (actions.length > 0) return actions;
}

/** Why this is not the time to ask. Without the grants `orders` and `kv` only the order itself is looked at. */
function reasonToWait(context, order, details) {
  if (details?.reviewed) return "the order has its review";
  const all = [order, ...(granted(() => clerk.newestOrders()) ?? [])];
  if (all.some((it) => it.status === "refund-requested")) return "the customer waits for a refund";
  if (order.status === "refunded") return "the order was refunded";
  const asked = granted(() => clerk.kv.get(askedKey(context)));
  if (asked > context.nowMs - pauseMs()) return "the customer was asked for a review a short while ago";
}

/** Remembered for as long as it matters, so that the space never fills. */
function remember(context) {
  try {
    clerk.kv.set(askedKey(context), context.nowMs, { expiresMs: context.nowMs + pauseMs() });
  } catch (error) {
    clerk.log("debug", `that a review was asked for is not remembered: ${error.message}`);
  }
}

/** What is answered to a question; nothing where it is not granted. */
function granted(question) {
  try {
    return question();
  } catch {
    return undefined;
  }
}

/** When this customer was asked last. */
function askedKey(context) {
  return `asked/${context.customer.id}`;
}

function pauseMs() {
  return clerk.settings.pause_days * DAY_MS;
}

/** What the texts know. */
function wordsOf(context, order, details) {
  return {
    store: context.storeName,
    clerk: context.clerkName,
    name: order.customerName ?? context.customer.name,
    order_id: order.id,
    items: itemsText(details?.items ?? [], inChinese(context) ? "、" : ", "),
  };
}

/** `Mug × 2, Spoon` */
function itemsText(items, separator) {
  return items.map((it) => (it.quantity > 1 ? `${it.title} × ${it.quantity}` : it.title)).join(separator);
}

/** The text of this name in the customer's language. */
function setting(context, name) {
  return clerk.settings[`${name}_${inChinese(context) ? "zh" : "en"}`];
}

function inChinese({ language }) {
  return language.split("-")[0] === "zh";
}

function reads({ language }, tags) {
  return tags.some((tag) => language === tag || language.startsWith(`${tag}-`));
}
