//! What fills the placeholders of the store's phrases.

use std::{borrow::Cow, collections::BTreeMap};

use minijinja::Value;

use super::{
    Playbook, View,
    amount::{amount, price},
    at_hand::AtHand,
    back,
    entities::{Captured, says_order},
    order_word::status_word,
    text::fold,
};
use crate::language::{Language, rewrite};
use crate::model::{Address, Conversation, Money, Order, OrderStatus, Product, Promotion, Refund, Shipment};

/// The placeholders that can be filled; `value` has a value for each.
pub const VARIABLES: [&str; 29] = [
    "also",
    "attempt",
    "back",
    "captured",
    "channel",
    "chat",
    "clerk",
    "customer",
    "hot",
    "last",
    "link",
    "open",
    "order",
    "orders",
    "place",
    "products",
    "promotions",
    "remarked",
    "store",
    "substitutes",
    "tags",
    "team",
    "text",
    "ticket",
    "time",
    "told",
    "urgent",
    "url",
    "who",
];

const DAY_MS: i64 = 24 * 3_600_000;

/// What is known while a decision is made, whatever is said.
pub struct Known<'a> {
    pub playbook: &'a Playbook,
    pub view: &'a View<'a>,
    /// Whether people are there to answer.
    pub open: bool,
    /// Says in words when they are back, empty if nobody knows; asked only where a phrase speaks of it.
    pub back: &'a dyn Fn(Language<'_>) -> String,
    pub conversation: &'a Conversation,
    pub address: &'a Address,
    /// What was said and answered, by name.
    pub captured: &'a Captured,
}

/// The value of one of `VARIABLES`, in a language.
pub fn value(name: &str, language: Language<'_>, known: &Known<'_>, at_hand: &AtHand<'_>) -> Value {
    let Known { playbook, view, .. } = *known;
    let product = |it: &Product| product(it, language);
    let since = |ms: i64| {
        let day = playbook.schedule.today(ms).to_string();
        (day, view.now_ms.saturating_sub(ms).max(0) / DAY_MS)
    };
    match name {
        "store" => Value::from(playbook.shop.name(language)),
        "clerk" => Value::from(playbook.shop.clerk(language)),
        "url" => optional(playbook.shop.identity.url.as_deref()),
        "customer" => {
            let of_order = at_hand.order.and_then(|order| order.customer_name.as_deref());
            optional(known.conversation.sender_name.as_deref().or(of_order))
        }
        "text" => optional(at_hand.text),
        "ticket" => optional(at_hand.ticket),
        "remarked" => optional(at_hand.remarked),
        "told" => Value::from(at_hand.told),
        "who" => optional(at_hand.who),
        "place" => Value::from(at_hand.place),
        "urgent" => Value::from(at_hand.urgent),
        "tags" => {
            let tags: Vec<_> = known.conversation.tags.iter().map(|tag| format!("#{tag}")).collect();
            optional(Some(&tags.join(" ")).filter(|it| !it.is_empty()).map(String::as_str))
        }
        "channel" => optional(Some(&known.address.channel)),
        "chat" => optional(Some(&known.address.chat)),
        "link" => optional(view.lookups.link_to(&known.conversation.sender).as_deref()),
        "open" => Value::from(known.open),
        "back" => optional(Some(&(known.back)(language))),
        "time" => Value::from(back::clock(&playbook.schedule.zoned(view.now_ms))),
        "promotions" => {
            let now = playbook.schedule.wall(view.now_ms);
            playbook.catalogue.promotions(now).map(|it| promotion(it, language)).collect()
        }
        "hot" => playbook.catalogue.hot().into_iter().map(product).collect(),
        "products" => at_hand.products.iter().copied().map(product).collect(),
        "substitutes" => at_hand.substitutes.iter().copied().map(product).collect(),
        "also" => at_hand.also.iter().copied().map(product).collect(),
        "captured" => {
            let captured = known.captured.iter().map(|(name, value)| (name.as_str(), number_or_text(name, value)));
            Value::from(captured.collect::<BTreeMap<_, _>>())
        }
        "order" => match at_hand.order.or(at_hand.orders.first().copied()) {
            Some(it) => order(it, at_hand.refund, language, &since),
            None => {
                let orders = view.lookups.orders();
                let said = at_hand.text.map(fold).unwrap_or_default();
                let named = orders.iter().find(|it| says_order(&said, &it.id));
                named.or(orders.first()).map_or(Value::UNDEFINED, |it| order(it, None, language, &since))
            }
        },
        "orders" if at_hand.orders.is_empty() => {
            view.lookups.orders().iter().map(|it| order(it, None, language, &since)).collect()
        }
        "orders" => at_hand.orders.iter().map(|it| order(it, None, language, &since)).collect(),
        "attempt" => Value::from(at_hand.attempt),
        "last" => Value::from(at_hand.last),
        "team" => {
            let team = at_hand.team.map(|team| playbook.shop.title(playbook.shop.member(team), language));
            optional(team.as_deref())
        }
        _ => Value::UNDEFINED,
    }
}

pub(super) fn promotion(promotion: &Promotion, language: Language<'_>) -> Value {
    let text = promotion.text_in(language);
    Value::from(BTreeMap::from([("text", Value::from(text)), ("url", optional(promotion.url.as_deref()))]))
}

pub(super) fn product(product: &Product, language: Language<'_>) -> Value {
    Value::from(BTreeMap::from([
        ("sku", Value::from(&product.sku)),
        ("name", Value::from(product.name.get(language))),
        ("price", optional(product.price.as_deref().map(|it| price(it, language.tag())).as_deref())),
        ("url", optional(product.url.as_deref())),
        ("pitch", optional(product.pitch.as_ref().map(|it| it.get(language)).as_deref())),
        ("stock", product.stock.map_or(Value::UNDEFINED, Value::from)),
    ]))
}

/// `refund`: the one that is spoken of. `since`: the day of a moment, and how many days ago it was.
pub(super) fn order(
    order: &Order,
    refund: Option<&Refund>,
    language: Language<'_>,
    since: &dyn Fn(i64) -> (String, i64),
) -> Value {
    let day = |ms: Option<i64>| ms.map_or(Value::UNDEFINED, |ms| Value::from(since(ms).0));
    let days = |ms: Option<i64>| ms.map_or(Value::UNDEFINED, |ms| Value::from(since(ms).1));
    let shipment = order.parcels.last().map(|it| &it.shipment);
    let unpaid = order.status == OrderStatus::Placed && !order.is_free();
    let parcels: Value = order.parcels.iter().filter_map(|it| parcel(&it.shipment)).collect();
    let shown = |money: &Money| amount(money, language.tag());
    let shown_refund = refund.and_then(|it| it.amount.as_ref()).map(shown);
    // All that went back is in the status; a part of it has to be said.
    let part = order.refunded().filter(|_| order.status != OrderStatus::Refunded).map(|it| shown(&it));
    let items: Value = order
        .items
        .iter()
        .map(|it| {
            Value::from(BTreeMap::from([
                ("title", Value::from(&it.title)),
                ("quantity", Value::from(it.quantity)),
                ("sku", optional(it.sku.as_deref())),
            ]))
        })
        .collect();
    Value::from(BTreeMap::from([
        ("id", Value::from(&order.id)),
        ("status", Value::from(status(order, language.tag()))),
        ("total", optional(order.total.as_ref().map(shown).as_deref())),
        ("state", Value::from(status_word(order.status))),
        ("amount", order.total.as_ref().map_or(Value::UNDEFINED, |total| Value::from(total.amount()))),
        ("currency", order.total.as_ref().map_or(Value::UNDEFINED, |total| Value::from(&total.currency))),
        ("placed", day(order.placed_ms)),
        ("paid", day(order.paid_ms)),
        ("delivered", day(order.delivered_ms)),
        ("days", days(order.placed_ms)),
        ("days_since_delivery", days(order.delivered_ms)),
        ("items", items),
        // There is nothing to pay any more once it was paid.
        ("payment_url", optional(order.payment_url.as_deref().filter(|_| unpaid))),
        ("on_delivery", Value::from(order.on_delivery)),
        ("refund", optional(shown_refund.as_deref())),
        ("refunded", optional(part.as_deref())),
        ("parcels", parcels),
        ("parcel", optional(shipment.and_then(named_parcel).as_deref())),
        ("carrier", optional(shipment.and_then(|it| it.carrier.as_deref()))),
        ("tracking_number", optional(shipment.and_then(|it| it.tracking_number.as_deref()))),
        ("tracking_url", optional(shipment.and_then(|it| it.tracking_url.as_deref()))),
        ("expected", optional(shipment.and_then(|it| it.expected.as_deref()))),
    ]))
}

/// `None` for one of which nothing is known.
fn parcel(shipment: &Shipment) -> Option<Value> {
    let name = named_parcel(shipment)?;
    Some(Value::from(BTreeMap::from([
        ("name", Value::from(name)),
        ("carrier", optional(shipment.carrier.as_deref())),
        ("tracking_number", optional(shipment.tracking_number.as_deref())),
        ("tracking_url", optional(shipment.tracking_url.as_deref())),
        ("expected", optional(shipment.expected.as_deref())),
    ])))
}

/// The courier and the number, as far as they are known.
fn named_parcel(shipment: &Shipment) -> Option<String> {
    let parts = [shipment.carrier.as_deref(), shipment.tracking_number.as_deref()];
    let known: Vec<_> = parts.into_iter().flatten().filter(|it| !it.trim().is_empty()).collect();
    (!known.is_empty()).then(|| known.join(" "))
}

/// Counts are numbers, so that templates can reckon with them.
fn number_or_text(name: &str, value: &str) -> Value {
    let counts = matches!(name, "quantity" | "days_waited");
    value.parse::<i64>().ok().filter(|_| counts).map_or_else(|| Value::from(value), Value::from)
}

/// What is not known is undefined, so that `default` and `or` have something to stand in for.
fn optional(text: Option<&str>) -> Value {
    text.filter(|it| !it.trim().is_empty()).map_or(Value::UNDEFINED, Value::from)
}

/// The words for where an order stands.
fn status(order: &Order, language: &str) -> Cow<'static, str> {
    let [zh, en, ja, ko, th, vi, id, es] = match order.status {
        OrderStatus::Placed if order.on_delivery => [
            "已下单，货到付款",
            "placed, to be paid on delivery",
            "ご注文済み、代金引換",
            "주문 완료, 착불 결제",
            "สั่งซื้อแล้ว เก็บเงินปลายทาง",
            "đã đặt, thanh toán khi nhận hàng",
            "sudah dipesan, bayar di tempat",
            "realizado, pago contra entrega",
        ],
        OrderStatus::Placed if order.is_free() => [
            "已下单，准备发货",
            "placed, being packed",
            "ご注文済み、発送準備中",
            "주문 완료, 배송 준비 중",
            "สั่งซื้อแล้ว กำลังเตรียมจัดส่ง",
            "đã đặt, đang đóng gói",
            "sudah dipesan, sedang dikemas",
            "realizado, en preparación",
        ],
        OrderStatus::Placed => [
            "待付款",
            "waiting for payment",
            "お支払い待ち",
            "결제 대기",
            "รอชำระเงิน",
            "chờ thanh toán",
            "menunggu pembayaran",
            "pendiente de pago",
        ],
        OrderStatus::Paid => [
            "已付款，准备发货",
            "paid, being packed",
            "お支払い済み、発送準備中",
            "결제 완료, 배송 준비 중",
            "ชำระเงินแล้ว กำลังเตรียมจัดส่ง",
            "đã thanh toán, đang đóng gói",
            "sudah dibayar, sedang dikemas",
            "pagado, en preparación",
        ],
        OrderStatus::Shipped => [
            "已发货，运输中",
            "on its way",
            "発送済み、配送中",
            "배송 중",
            "จัดส่งแล้ว กำลังเดินทาง",
            "đã gửi, đang vận chuyển",
            "sedang dikirim",
            "en camino",
        ],
        OrderStatus::Delivered => {
            ["已签收", "delivered", "お届け済み", "배송 완료", "ส่งถึงแล้ว", "đã giao", "sudah diterima", "entregado"]
        }
        OrderStatus::Cancelled => {
            ["已取消", "cancelled", "キャンセル済み", "취소됨", "ยกเลิกแล้ว", "đã hủy", "dibatalkan", "cancelado"]
        }
        OrderStatus::RefundRequested => [
            "退款处理中",
            "refund in progress",
            "返金手続き中",
            "환불 처리 중",
            "กำลังดำเนินการคืนเงิน",
            "đang xử lý hoàn tiền",
            "pengembalian dana diproses",
            "reembolso en curso",
        ],
        OrderStatus::Refunded => [
            "已退款",
            "refunded",
            "返金済み",
            "환불 완료",
            "คืนเงินแล้ว",
            "đã hoàn tiền",
            "dana dikembalikan",
            "reembolsado",
        ],
    };
    match language.split('-').next().unwrap_or_default() {
        "zh" => rewrite(zh, "zh", language),
        "ja" => ja.into(),
        "ko" => ko.into(),
        "th" => th.into(),
        "vi" => vi.into(),
        "id" => id.into(),
        "es" => es.into(),
        _ => en.into(),
    }
}
