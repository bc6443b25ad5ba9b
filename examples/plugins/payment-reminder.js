// Reminds of an unpaid order in a tone that fits: gently at first, plainly at last. Asks whether something went wrong, thanks
// customers who come back, and gives large orders a word, and if the store likes an offer, of their own.
//
// When to remind, how often and at which hours is the store's `orders.toml`; an order that was paid or closed meanwhile never
// comes here. The shipped plugin of this name, as a script.

/** What it has words in. */
const LANGUAGES = ["zh-Hans", "en"];

/** @type {import("./nightclerk").Manifest} */
export const manifest = {
  version: "0.1.0",
  description: "Reminds of unpaid orders in a tone that fits the attempt, the amount and the customer.",
  capabilities: ["reply", "orders"],
  settings: {
    first_zh: {
      type: "string",
      default: "{% if name %}{{ name }}，{% endif %}您好！您在{{ store }}的订单 {{ order_id }} 还没有付款{% if items %}：{{ items }}{% endif %}{% if total %}，共 {{ total }}{% endif %}。",
      description: "The first reminder. Texts know store, clerk, name, order_id, items, total, attempt",
    },
    first_en: {
      type: "string",
      default: "Hello{% if name %} {{ name }}{% endif %}! Your order {{ order_id }} at {{ store }} is waiting for its payment{% if items %}: {{ items }}{% endif %}{% if total %}, {{ total }} in all{% endif %}.",
    },
    again_zh: {
      type: "string",
      default: "{% if name %}{{ name }}，{% endif %}提醒您：订单 {{ order_id }}{% if items %}（{{ items }}）{% endif %}{% if total %}，共 {{ total }}，{% endif %}还在为您保留，付款后我们马上安排发货。",
      description: "Any later reminder but the last",
    },
    again_en: {
      type: "string",
      default: "{% if name %}{{ name }}, a{% else %}A{% endif %} short reminder: we still keep order {{ order_id }}{% if items %} ({{ items }}{% if total %}, {{ total }}{% endif %}){% endif %} for you, and send it as soon as it is paid.",
    },
    last_zh: {
      type: "string",
      default: "{% if name %}{{ name }}，{% endif %}这是最后一次提醒：订单 {{ order_id }}{% if items %}（{{ items }}）{% endif %}{% if total %}，共 {{ total }}，{% endif %}若仍未付款，订单将会关闭，库存也不再保留。",
      description: "The last reminder: the order will be closed",
    },
    last_en: {
      type: "string",
      default: "{% if name %}{{ name }}, this{% else %}This{% endif %} is our last reminder: order {{ order_id }}{% if items %} ({{ items }}{% if total %}, {{ total }}{% endif %}){% endif %} will be closed if it stays unpaid, and we can keep the stock no longer.",
    },
    help_zh: {
      type: "string",
      default: "付款遇到问题了吗？直接回复告诉我们，一定帮您解决。",
      description: "Asks whether something went wrong; not in the last reminder; empty for nothing",
    },
    help_en: { type: "string", default: "Did something go wrong? Just answer here and we will help." },
    regular_zh: {
      type: "string",
      default: "感谢您一直以来的支持！",
      description: "Added for a customer who paid for an order before; needs the grant orders; empty for nothing",
    },
    regular_en: { type: "string", default: "Thank you for shopping with us again!" },
    large_from: {
      type: "integer",
      default: 500,
      minimum: 0,
      description: "An order of this many whole units of its currency or more is large; 0 for never",
    },
    large_zh: {
      type: "string",
      default: "对商品、配送有任何疑问，或需要我们为您单独安排，请随时告诉我，{{ clerk }}会亲自跟进。",
      description: "Added for large orders; empty for nothing",
    },
    large_en: {
      type: "string",
      default: "If you have any question about the goods or want delivery arranged to suit you, tell me: {{ clerk }} will see to it in person.",
    },
    incentive_zh: {
      type: "string",
      default: "",
      description: "What is offered for paying a large order, from the second reminder on: only promise what is true",
    },
    incentive_en: { type: "string", default: "" },
    pay_zh: { type: "string", default: "点此付款：", description: "Stands before the payment link" },
    pay_en: { type: "string", default: "Pay here:" },
  },
};

/** @type {import("./nightclerk").Hooks["paymentReminder"]} */
export function paymentReminder(context, reminder) {
  const { order } = reminder;
  if (order.status !== "placed") return { silence: "the order is not waiting for its payment any more" };
  if (!reads(context, LANGUAGES)) return;
  const items = clerk.orderDetails(order.shop, order.id)?.items ?? [];
  const text = clerk.render(sentences(context, reminder).filter(Boolean).join("\n"), {
    store: context.storeName,
    clerk: context.clerkName,
    name: order.customerName ?? context.customer.name,
    order_id: order.id,
    items: itemsText(items, inChinese(context) ? "、" : ", "),
    total: order.total?.text,
    attempt: reminder.attempt,
  });
  return order.paymentUrl ? { text: `${text}\n${setting(context, "pay")}`, url: order.paymentUrl } : text;
}

function sentences(context, { order, attempt, last }) {
  const large = isLarge(order);
  return [
    setting(context, last ? "last" : attempt > 1 ? "again" : "first"),
    isRegular(order) && setting(context, "regular"),
    large && setting(context, "large"),
    large && (attempt > 1 || last) && setting(context, "incentive"),
    !last && setting(context, "help"),
  ];
}

function isLarge({ total }) {
  const from = clerk.settings.large_from;
  return from > 0 && total !== undefined && total.whole >= from;
}

/** Whether the customer paid for another order before. */
function isRegular(order) {
  const others = customersOrders().filter((it) => it.shop !== order.shop || it.id !== order.id);
  return others.some((it) => ["paid", "shipped", "delivered"].includes(it.status));
}

function customersOrders() {
  try {
    return clerk.newestOrders();
  } catch {
    return []; // It is not granted.
  }
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
