/**
 * What a script plugin of nightclerk is given, may ask, and may answer. Editors read it; nothing else does.
 *
 * A plugin exports a function for each moment at which it wants to be asked, by the names of {@link Hooks}. Each call
 * begins anew: nothing that is kept in a variable is there in the next. Times are milliseconds since 1970.
 */

/** An amount, counted and as customers read it. */
export interface Money {
  /** In the currency's smallest unit: cents, 分; whole yen. */
  minor: number;
  /** In whole units, rounded towards zero. */
  whole: number;
  /** ISO 4217: `CNY`. */
  currency: string;
  /** `CNY 199.00` */
  text: string;
}

/** A moment, counted and as customers read it. */
export interface Time {
  ms: number;
  /** On the store's wall: `2026-11-24 21:30`; for a next opening in words. */
  text: string;
}

/** An order in brief; `clerk.orderDetails` tells all there is. */
export interface Order {
  /** The shop that reports it. An id is unique within its shop. */
  shop: string;
  id: string;
  /** Where it stands; later versions may add words. */
  status: "placed" | "paid" | "shipped" | "delivered" | "cancelled" | "refund-requested" | "refunded" | (string & {});
  customerName?: string;
  total?: Money;
  placed?: Time;
  /** Where it is paid. */
  paymentUrl?: string;
}

/** All that the clerk knows of an order. What is not known is absent. */
export interface OrderDetails {
  shop: string;
  id: string;
  status: string;
  customerName?: string;
  total?: Money;
  items: { sku?: string; title: string; quantity: number }[];
  parcels: { carrier?: string; trackingNumber?: string; trackingUrl?: string; expected?: string }[];
  paymentUrl?: string;
  placedMs?: number;
  paidMs?: number;
  deliveredMs?: number;
  /** How often the customer was reminded to pay. */
  reminders: number;
  reviewRequested: boolean;
  reviewed: boolean;
  remarks: string[];
}

/** Something happened to an order. */
export interface OrderEvent {
  /** What: `placed`, `paid`, `shipped`, `delivered`, `cancelled`, `refund-requested`, `review-posted`, … */
  change: string;
  /** The order as it is afterwards. */
  order: Order;
  /** A review's score, 1 to 5. */
  rating?: number;
  /** A review's words. */
  text?: string;
}

export interface PaymentReminder {
  order: Order;
  /** Counts from 1. */
  attempt: number;
  /** No other reminder will follow. */
  last: boolean;
}

/** A product in brief; `clerk.productDetails` tells all there is. */
export interface Product {
  sku: string;
  name: string;
  /** `CNY 59.00` */
  price?: string;
  url?: string;
  /** What the clerk says of it. */
  pitch?: string;
  /** Absent where the store does not count. */
  stock?: number;
  hot: boolean;
}

/** All that the clerk knows of a product. */
export interface ProductDetails extends Product {
  aliases: string[];
  substitutes: string[];
  complements: string[];
}

export interface Message {
  id: string;
  /** Absent where only a picture or the like was sent. */
  text?: string;
  media: { kind: string; reference: string }[];
}

/** A timer of the plugin's own. */
export interface Timer {
  key: string;
  dueMs: number;
  /** What it was set with. */
  payload: any;
}

export interface Ticket {
  id: string;
  kind: string;
  text: string;
  urgency: "normal" | "urgent";
  opened: Time;
}

export interface Customer {
  /** Stays the same for this customer on this channel. */
  id: string;
  name?: string;
  tags: string[];
  /** When they first wrote. */
  firstSeenMs?: number;
  /** Messages received from them so far, this one included. */
  messages: number;
}

/** What is so whoever is spoken to. */
export interface StoreContext {
  /** The moment; `Date.now()` says the same. */
  nowMs: number;
  /** On the store's wall: `2026-11-24T21:30:00+08:00`. */
  localTime: string;
  /** Whether people are there to answer. */
  open: boolean;
  /** When people are back, in words that stand in a sentence. Absent while they are there. */
  opens?: Time;
  storeName: string;
  clerkName: string;
  /** A BCP 47 tag: `zh-Hans`, `en`. */
  language: string;
  /** What is on offer today. */
  offers: { text: string; url?: string }[];
  /** The main menu. */
  menu: Choice[];
}

/** What is told of a moment that belongs to a customer. */
export interface Context extends StoreContext {
  channel: string;
  customer: Customer;
}

export interface Choice {
  label: string;
  /** What comes back as the customer's message; the label, unless said. */
  value?: string;
}

/** What is said: a text, a link, a picture, or a question with choices. */
export type Content =
  | string
  | { text: string }
  | { text?: string; url: string }
  | { image: string; caption?: string }
  | { text: string; choices: (string | Choice)[] };

/** Something to be done. Each needs the grant that is named. */
export interface Actions {
  /** Says something to the customer. Grant: `reply`. */
  reply?: Content;
  /** Tells a person or team of the store. Grant: `notify`, or `notify:<whom>`. */
  notify?: { to: string } & Exclude<Content, string>;
  /** Grant: `tag`. */
  tag?: string;
  /** Grant: `tag`. */
  untag?: string;
  /** Writes a remark to an order. Grant: `remark`. */
  remark?: { orderId: string; text: string };
  /** Has the plugin's `timer` called; replaces a timer of the same key. Grant: `timer`. */
  setTimer?: { key: string; dueMs: number; payload?: unknown; priority?: number };
  /** Grant: `timer`. */
  cancelTimer?: string;
  /** Gives the conversation to a team or person. Grant: `assign`. */
  assign?: string;
  /** The same, with words for them. Grant: `transfer`. */
  transfer?: { to: string; note?: string };
  /** Grant: `ticket`. */
  openTicket?: { kind: string; text: string; urgency?: "normal" | "urgent" };
  /** By its id. Grant: `ticket`. */
  closeTicket?: string;
  /** Grant: `ask-satisfaction`. */
  askSatisfaction?: Content;
  /** Deliberately says nothing, and why. Grant: `reply`. */
  silence?: string;
}

type Doing = Content | Actions;

/**
 * Nothing: not for me, the next plugin and then the clerk's own answer. A text, an action or a list of them: in the place
 * of the clerk's answer. Under `also`: added to it.
 */
export type Answer = undefined | null | void | Doing | Doing[] | { also: Doing | Doing[] };

type Later<T> = T | Promise<T>;

/** The functions that a plugin may export. */
export interface Hooks {
  /** A customer's first message; none where the conversation was opened without one. */
  welcome(context: Context, message?: Message): Later<Answer>;
  /** Any message, before the store's rules. */
  message(context: Context, message: Message): Later<Answer>;
  /** Any change to an order. */
  order(context: Context, event: OrderEvent): Later<Answer>;
  /** A payment reminder is due, and the order still unpaid. */
  paymentReminder(context: Context, reminder: PaymentReminder): Later<Answer>;
  /** An order was shipped. */
  shippingNotice(context: Context, order: Order): Later<Answer>;
  /** A review may be asked for now. */
  reviewRequest(context: Context, order: Order): Later<Answer>;
  /** A timer of the plugin's own is due. */
  timer(context: Context, timer: Timer): Later<Answer>;
  /** People begin their work. Belongs to no customer. */
  shiftBegins(context: StoreContext): Later<Answer>;
  /** A day begins on the store's wall. Belongs to no customer. */
  daily(context: StoreContext): Later<Answer>;
}

/** `export const manifest`, which may be left out, and so may each of its words. */
export interface Manifest {
  version?: string;
  description?: string;
  author?: string;
  /** What it wishes to ask and do; found in the script, unless said. */
  capabilities?: string[];
  /** The settings that the owner may give it under `[<name>.settings]`. */
  settings?: Record<string, { type: string; default?: unknown; description?: string; [word: string]: unknown }>;
}

export interface HttpResponse {
  status: number;
  /** Whether the status is 200 to 299. */
  ok: boolean;
  /** By name, in lower case. */
  headers: Record<string, string>;
  /** Absent where it is no text. */
  body?: string;
  bytes: Uint8Array;
  json(): any;
}

/** Asks the clerk. A question that is refused throws, and says what to grant. */
export interface Clerk {
  /** The store's settings over the defaults of the manifest. */
  readonly settings: any;
  /** Fills a template of the store's template language: `{{ name }}`, `{% if … %}`. */
  render(template: string, variables?: object): string;
  /** Writes to the daemon's log, under the plugin's name; `console.log` does too. */
  log(level: "debug" | "info" | "warn" | "error", ...words: unknown[]): void;
  /** More of the store: `url`, `time-zone`. */
  storeField(name: string): string | undefined;
  /** More of the customer: `assigned`, `last-message-ms`, `last-reply-ms`, `replies`. */
  customerField(name: string): string | undefined;
  /** An order by its number. Grant: `orders`, unless it is the one at hand. */
  findOrder(id: string): Order | undefined;
  /** The customer's newest orders, newest first, at most ten. Grant: `orders`. */
  newestOrders(): Order[];
  /** Grant: `orders`, unless it is the one at hand. */
  orderDetails(shop: string, id: string): OrderDetails | undefined;
  /** Products that match a text, best first; best sellers for an empty one. At most five, unless said. Grant: `catalogue`. */
  findProducts(query: string, limit?: number): Product[];
  /** Grant: `catalogue`. */
  productDetails(sku: string): ProductDetails | undefined;
  /** The customer's open tickets, oldest first. Grant: `ticket`. */
  openTickets(): Ticket[];
  /** Calls a host: a URL to get, or a request. A body that is no text is sent as JSON. Grant: `http:<host>`. */
  http(
    request: string | { url: string; method?: string; headers?: Record<string, string>; body?: unknown },
  ): HttpResponse;
  /** The plugin's own keys, which all customers share. Writes are kept with the event. Grant: `kv`. */
  kv: {
    get(key: string): any;
    set(key: string, value: unknown, options?: { expiresMs: number }): void;
    delete(key: string): void;
    /** Keys that begin so, in order, those after `after` alone; at most a hundred. */
    keys(prefix: string, after?: string, limit?: number): string[];
    /** Says how many. */
    deletePrefix(prefix: string): number;
    /** Sets the value if it is `expected` now (`undefined`: if there is none); whether it was. */
    compareAndSet(key: string, expected: unknown, value: unknown, options?: { expiresMs: number }): boolean;
  };
}

declare global {
  const clerk: Clerk;
}
