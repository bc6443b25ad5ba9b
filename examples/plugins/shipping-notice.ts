// Tells a customer that the parcel left: with which courier, under which number, when to expect it, and where to follow it.
// Asks for a careful look where something fragile is inside.
//
// The couriers, the words they are known by and their tracking pages are settings, as is every sentence. The shipped plugin
// of this name, as a script in TypeScript.

import type { Answer, Context, Manifest, Order, OrderDetails } from "./nightclerk";

/** A courier and its tracking page. */
interface Carrier {
  /** Names and codes that shops use for it. A Chinese one counts wherever it occurs, any other as whole words. */
  known_as: string[];
  zh: string;
  en: string;
  /** With `{number}` where the tracking number goes. */
  url: string;
}

/** What it has words in. */
const LANGUAGES = ["zh-Hans", "en"];

export const manifest: Manifest = {
  version: "0.1.0",
  description: "Tells customers which courier has their parcel, under which number, and where to follow it.",
  capabilities: ["reply"],
  settings: {
    text_zh: {
      type: "string",
      default: "{% if name %}{{ name }}，{% endif %}您的订单 {{ order_id }} 已经发货{% if items %}：{{ items }}{% endif %}。",
      description: "Texts know store, clerk, name, order_id, items, carrier, number, expected",
    },
    text_en: {
      type: "string",
      default: "{% if name %}{{ name }}, your{% else %}Your{% endif %} order {{ order_id }} is on its way{% if items %}: {{ items }}{% endif %}.",
    },
    parcel_zh: {
      type: "string",
      default: "{% if carrier %}快递公司：{{ carrier }}{% if number %}，{% endif %}{% endif %}{% if number %}运单号：{{ number }}{% endif %}",
      description: "The courier and the tracking number, where known",
    },
    parcel_en: {
      type: "string",
      default: "{% if carrier %}Courier: {{ carrier }}{% if number %}, {% endif %}{% endif %}{% if number %}{% if carrier %}tracking{% else %}Tracking{% endif %} number: {{ number }}{% endif %}",
    },
    expected_zh: { type: "string", default: "预计送达：{{ expected }}", description: "Where the time of delivery is known" },
    expected_en: { type: "string", default: "Expected: {{ expected }}" },
    delicate_words: {
      type: "array",
      default: ["玻璃", "陶瓷", "瓷", "易碎", "glass", "porcelain", "ceramic", "fragile"],
      description: "An order with one of these words in an item's title is delicate",
    },
    delicate_zh: {
      type: "string",
      default: "包裹里有易碎品，签收前请先检查外包装，如有破损请拍照联系我们。",
      description: "Added for delicate items; empty for nothing",
    },
    delicate_en: {
      type: "string",
      default: "The parcel holds something fragile: please look at the wrapping before you sign, and send us a photo if it is damaged.",
    },
    closing_zh: { type: "string", default: "有任何问题随时联系我们。", description: "The last sentence; empty for nothing" },
    closing_en: { type: "string", default: "If anything is not right, just answer here." },
    track_zh: { type: "string", default: "查看物流：", description: "Stands before the tracking link" },
    track_en: { type: "string", default: "Follow it here:" },
    carriers: {
      type: "array",
      default: [
        { known_as: ["顺丰", "sf", "sf express", "shunfeng", "sf-express"], zh: "顺丰速运", en: "SF Express", url: "https://www.kuaidi100.com/chaxun?com=shunfeng&nu={number}" },
        { known_as: ["圆通", "yto", "yuantong"], zh: "圆通速递", en: "YTO Express", url: "https://www.kuaidi100.com/chaxun?com=yuantong&nu={number}" },
        { known_as: ["中通", "zto", "zhongtong"], zh: "中通快递", en: "ZTO Express", url: "https://www.kuaidi100.com/chaxun?com=zhongtong&nu={number}" },
        { known_as: ["申通", "sto", "shentong"], zh: "申通快递", en: "STO Express", url: "https://www.kuaidi100.com/chaxun?com=shentong&nu={number}" },
        { known_as: ["韵达", "yunda", "yd"], zh: "韵达快递", en: "Yunda Express", url: "https://www.kuaidi100.com/chaxun?com=yunda&nu={number}" },
        { known_as: ["ems", "邮政"], zh: "EMS", en: "EMS", url: "https://www.kuaidi100.com/chaxun?com=ems&nu={number}" },
        { known_as: ["dhl", "敦豪"], zh: "DHL", en: "DHL", url: "https://www.dhl.com/en/express/tracking.html?AWB={number}" },
        { known_as: ["ups"], zh: "UPS", en: "UPS", url: "https://www.ups.com/track?tracknum={number}" },
        { known_as: ["fedex", "联邦快递"], zh: "FedEx", en: "FedEx", url: "https://www.fedex.com/fedextrack/?trknbr={number}" },
      ],
      description: "How couriers are known (words in any case), called, and followed; in url, {number} is the tracking number. A link that the shop sends goes first",
    },
  },
};

export function shippingNotice(context: Context, order: Order): Answer {
  if (!reads(context, LANGUAGES)) return;
  const details = clerk.orderDetails(order.shop, order.id);
  const parcel = details?.parcels.at(-1);
  const number = parcel?.trackingNumber?.trim() || undefined;
  const called = parcel?.carrier?.trim() || undefined;
  const expected = parcel?.expected?.trim() || undefined;
  const carrier = called && (clerk.settings.carriers as Carrier[]).find((it) => isCalled(it, called));
  const link = parcel?.trackingUrl?.trim() || (carrier && number && trackingLink(carrier, number));
  const words = {
    store: context.storeName,
    clerk: context.clerkName,
    name: order.customerName ?? context.customer.name,
    order_id: order.id,
    items: itemsText(details?.items ?? [], inChinese(context) ? "、" : ", "),
    carrier: carrier ? (inChinese(context) ? carrier.zh : carrier.en) : called,
    number,
    expected,
  };
  const sentences = [
    setting(context, "text"),
    (words.carrier || number) && setting(context, "parcel"),
    expected && setting(context, "expected"),
    isDelicate(details) && setting(context, "delicate"),
    setting(context, "closing"),
  ];
  const text = clerk.render(sentences.filter(Boolean).join("\n"), words);
  return link ? { text: `${text}\n${setting(context, "track")}`, url: link } : text;
}

/** Whether a shop means this courier. */
function isCalled(carrier: Carrier, called: string): boolean {
  const name = called.toLowerCase();
  const known = carrier.known_as.map((it) => it.toLowerCase());
  return known.some((it) => (/^[\x00-\x7f]*$/.test(it) ? hasWords(name, it) : name.includes(it)));
}

/** Whether `text` holds `words` between characters that are no Latin letters or digits. */
function hasWords(text: string, words: string): boolean {
  const isWord = (letter: string | undefined) => letter !== undefined && /[A-Za-z0-9]/.test(letter);
  for (let at = text.indexOf(words); words && at >= 0; at = text.indexOf(words, at + 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + words.length])) return true;
  }
  return false;
}

/** Where to follow the parcel; nowhere for a number that does not look like one. */
function trackingLink(carrier: Carrier, number: string): string | undefined {
  const plain = number.replace(/\s/g, "");
  return /^[A-Za-z0-9-]+$/.test(plain) && carrier.url ? carrier.url.replaceAll("{number}", plain) : undefined;
}

function isDelicate(details: OrderDetails | undefined): boolean {
  const titles = (details?.items ?? []).map((it) => it.title.toLowerCase());
  const words: string[] = clerk.settings.delicate_words.filter(Boolean);
  return words.some((word) => titles.some((title) => title.includes(word.toLowerCase())));
}

/** `Mug × 2, Spoon` */
function itemsText(items: OrderDetails["items"], separator: string): string {
  return items.map((it) => (it.quantity > 1 ? `${it.title} × ${it.quantity}` : it.title)).join(separator);
}

/** The text of this name in the customer's language. */
function setting(context: Context, name: string): string {
  return clerk.settings[`${name}_${inChinese(context) ? "zh" : "en"}`];
}

function inChinese({ language }: Context): boolean {
  return language.split("-")[0] === "zh";
}

function reads({ language }: Context, tags: string[]): boolean {
  return tags.some((tag) => language === tag || language.startsWith(`${tag}-`));
}
