//! Groups and tiers: where a contact stands by what they bought, how much and how lately.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::settings::{ContactsSettings, TermsSettings};
use crate::{
    model::{Money, Order, OrderStatus, Purchase},
    setting::{PathStep, Problem, is_name},
};

const FILE: &str = "contacts.toml";

/// The terms for groups and tiers, checked.
#[derive(Clone, Debug, Default)]
pub struct Standings {
    tiers: Vec<Terms>,
    groups: Vec<Terms>,
    mark: u32,
}

#[derive(Clone, Debug)]
struct Terms {
    name: String,
    orders: Option<u32>,
    spent: Option<Money>,
    within_ms: Option<i64>,
    quiet_ms: Option<i64>,
}

/// Where somebody stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub tier: Option<String>,
    pub groups: Vec<String>,
    /// When it changes by the passing of time alone.
    pub until_ms: Option<i64>,
}

impl Standings {
    /// Notes each mistake.
    pub fn compile(settings: &ContactsSettings, problems: &mut Vec<Problem>) -> Self {
        let mut read = |list: &str, all: &[TermsSettings]| -> Vec<Terms> {
            let mut seen: Vec<&str> = Vec::new();
            let mut terms = Vec::with_capacity(all.len());
            for (index, it) in all.iter().enumerate() {
                let mut wrong = |key: &str, message: String, hint: &str| {
                    let path: [PathStep; 3] = [list.into(), index.into(), key.into()];
                    problems.push(Problem::new(FILE, path, message).hint(hint));
                };
                if !is_name(&it.name, b'-') {
                    let hint = "write it in small letters, digits and `-`, such as \"gold\"";
                    wrong("name", format!("`{}` cannot be the name of a group or tier", it.name), hint);
                } else if seen.contains(&it.name.as_str()) {
                    wrong("name", format!("`{}` is there twice", it.name), "give each a name of its own");
                }
                seen.push(&it.name);
                let spent = it.spent.as_deref().map(|text| (text, amount(text)));
                if let Some((text, None)) = spent {
                    let hint = "write the currency and the amount: \"CNY 1000\"";
                    wrong("spent", format!("`{text}` is no amount with its currency"), hint);
                }
                if it.orders.is_none() && it.spent.is_none() && it.within.is_none() && it.quiet.is_none() {
                    wrong(
                        "name",
                        format!("everybody would be in `{}`", it.name),
                        "add `orders`, `spent`, `within` or `quiet`",
                    );
                }
                if let (Some(within), Some(quiet)) = (it.within, it.quiet)
                    && quiet >= within
                {
                    let hint = "make `within` longer than `quiet`, or leave one of them out";
                    wrong("quiet", "nobody bought within that time and longer ago".to_owned(), hint);
                }
                terms.push(Terms {
                    name: it.name.clone(),
                    orders: it.orders,
                    spent: spent.and_then(|(_, amount)| amount),
                    within_ms: it.within.map(|it| it.as_ms()),
                    quiet_ms: it.quiet.map(|it| it.as_ms()),
                });
            }
            terms
        };
        let (tiers, groups) = (read("tier", &settings.tier), read("group", &settings.group));
        let mut hasher = DefaultHasher::new();
        format!("{tiers:?}{groups:?}").hash(&mut hasher);
        let mark = if tiers.is_empty() && groups.is_empty() { 0 } else { hasher.finish() as u32 };
        Self { tiers, groups, mark }
    }

    /// Tells these terms from others.
    pub fn mark(&self) -> u32 {
        self.mark
    }

    /// The names of tiers and of groups, as they are written.
    pub fn names(&self) -> (impl Iterator<Item = &str>, impl Iterator<Item = &str>) {
        fn of(terms: &[Terms]) -> impl Iterator<Item = &str> {
            terms.iter().map(|it| it.name.as_str())
        }
        (of(&self.tiers), of(&self.groups))
    }

    /// Where somebody stands who bought this, now.
    pub fn of(&self, purchases: &[Purchase], now_ms: i64) -> Standing {
        let tier = self.tiers.iter().find(|it| it.are_met(purchases, now_ms)).map(|it| it.name.clone());
        let groups = self.groups.iter().filter(|it| it.are_met(purchases, now_ms)).map(|it| it.name.clone()).collect();
        let changes = self.tiers.iter().chain(&self.groups).flat_map(|it| it.changes_ms(purchases));
        Standing { tier, groups, until_ms: changes.filter(|at| *at > now_ms).min() }
    }
}

impl Terms {
    fn are_met(&self, purchases: &[Purchase], now_ms: i64) -> bool {
        let counted = || {
            purchases.iter().filter(|it| self.within_ms.is_none_or(|within| it.at_ms.saturating_add(within) > now_ms))
        };
        let orders = self.orders.map_or(1, |orders| orders as usize);
        let spent = self.spent.as_ref().is_none_or(|least| {
            let amounts = counted().filter_map(|it| it.spent.as_ref()).filter(|it| it.currency == least.currency);
            amounts.fold(0_i64, |sum, it| sum.saturating_add(it.minor)) >= least.minor
        });
        let quiet = self.quiet_ms.is_none_or(|quiet| {
            purchases.iter().map(|it| it.at_ms).max().is_some_and(|last| last.saturating_add(quiet) <= now_ms)
        });
        counted().count() >= orders && spent && quiet
    }

    /// The moments at which an order begins or ceases to count.
    fn changes_ms(&self, purchases: &[Purchase]) -> Vec<i64> {
        let lapses = self
            .within_ms
            .into_iter()
            .flat_map(|within| purchases.iter().map(move |it| it.at_ms.saturating_add(within)));
        let last = purchases.iter().map(|it| it.at_ms).max();
        let quiet = self.quiet_ms.zip(last).map(|(quiet, last)| last.saturating_add(quiet));
        lapses.chain(quiet).collect()
    }
}

/// `CNY 1000`, `1000 CNY`.
fn amount(text: &str) -> Option<Money> {
    let (one, other) = text.trim().split_once(' ')?;
    let is_code = |it: &str| it.len() == 3 && it.bytes().all(|byte| byte.is_ascii_uppercase());
    let (currency, amount) = if is_code(one) { (one, other) } else { (other, one) };
    if !is_code(currency) {
        return None;
    }
    Money::parse(amount.trim(), currency).ok().filter(|it| it.minor >= 0)
}

/// What an order counts for, if it does: paid for and not cancelled or given back as a whole.
pub fn purchase(order: &Order) -> Option<Purchase> {
    let delivered = order.on_delivery && order.status == OrderStatus::Delivered;
    let paid = order.paid_ms.is_some()
        || delivered
        || matches!(order.status, OrderStatus::Paid | OrderStatus::Shipped | OrderStatus::Delivered)
            && !order.on_delivery;
    if !paid || matches!(order.status, OrderStatus::Cancelled | OrderStatus::Refunded) {
        return None;
    }
    let at_ms = order.paid_ms.or(order.placed_ms).or(order.delivered_ms).unwrap_or(order.updated_ms);
    let spent = order.total.clone().map(|total| {
        let back = order.refunded().filter(|it| it.currency == total.currency).map_or(0, |it| it.minor);
        Money { minor: total.minor.saturating_sub(back), ..total }
    });
    Some(Purchase { shop: order.shop.clone(), id: order.id.clone(), at_ms, spent })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn standings(toml: &str) -> Standings {
        let mut problems = Vec::new();
        let standings = Standings::compile(&toml::from_str(toml).unwrap(), &mut problems);
        assert_eq!(problems, []);
        standings
    }

    fn bought(id: &str, day: i64, minor: i64) -> Purchase {
        let spent = Some(Money { minor, currency: "CNY".to_owned() });
        Purchase { shop: "shop".to_owned(), id: id.to_owned(), at_ms: day * DAY, spent }
    }

    #[test]
    fn a_tier_is_the_first_whose_terms_are_met_and_groups_are_all() {
        let standings = standings(
            r#"
            [[tier]]
            name = "gold"
            orders = 3
            spent = "CNY 100"
            within = "10d"
            [[tier]]
            name = "silver"
            orders = 2
            [[group]]
            name = "buyers"
            orders = 1
            [[group]]
            name = "sleepers"
            quiet = "20d"
            "#,
        );
        let names = |purchases: &[Purchase], day: i64| {
            let Standing { tier, groups, .. } = standings.of(purchases, day * DAY);
            (tier, groups)
        };
        let text = |it: &str| Some(it.to_owned());
        let three = [bought("1", 0, 4000), bought("2", 1, 4000), bought("3", 2, 2000)];
        assert_eq!(names(&[], 0), (None, vec![]));
        assert_eq!(names(&three[..1], 0), (None, vec!["buyers".to_owned()]));
        assert_eq!(names(&three[..2], 1).0, text("silver"));
        assert_eq!(names(&three, 2).0, text("gold"));
        // The first of them lapses after ten days, and says so beforehand.
        assert_eq!(standings.of(&three, 2 * DAY).until_ms, Some(10 * DAY));
        assert_eq!(names(&three, 10).0, text("silver"));
        assert_eq!(names(&three, 22), (text("silver"), vec!["buyers".to_owned(), "sleepers".to_owned()]));
        assert_eq!(standings.of(&three, 22 * DAY).until_ms, None);
        let cheap = [bought("1", 0, 4000), bought("2", 1, 4000), bought("3", 2, 1999)];
        assert_eq!(names(&cheap, 2).0, text("silver"));
    }

    #[test]
    fn what_was_cancelled_or_given_back_does_not_count_and_a_part_that_went_back_is_not_spent() {
        let paid = Order {
            paid_ms: Some(5),
            status: OrderStatus::Paid,
            total: Some(Money { minor: 1000, currency: "CNY".to_owned() }),
            ..Order::default()
        };
        assert_eq!(purchase(&paid).unwrap().spent.unwrap().minor, 1000);
        assert_eq!(purchase(&Order { paid_ms: None, status: OrderStatus::Placed, ..paid.clone() }), None);
        for status in [OrderStatus::Cancelled, OrderStatus::Refunded] {
            assert_eq!(purchase(&Order { status, ..paid.clone() }), None);
        }
        let part = crate::model::Refund {
            amount: Some(Money { minor: 300, currency: "CNY".to_owned() }),
            ..Default::default()
        };
        assert_eq!(purchase(&Order { refunds: vec![part], ..paid.clone() }).unwrap().spent.unwrap().minor, 700);
        let cod = Order { paid_ms: None, on_delivery: true, status: OrderStatus::Shipped, ..paid };
        assert_eq!(purchase(&cod), None);
        assert!(purchase(&Order { status: OrderStatus::Delivered, ..cod }).is_some());
    }

    #[test]
    fn terms_that_cannot_be_meant_are_refused_and_others_are_told_apart() {
        let wrong = r#"
            [[tier]]
            name = "gold card"
            orders = 1
            [[tier]]
            name = "all"
            [[tier]]
            name = "rich"
            spent = "1000"
            [[tier]]
            name = "rich"
            within = "1d"
            quiet = "2d"
        "#;
        let mut problems = Vec::new();
        Standings::compile(&toml::from_str(wrong).unwrap(), &mut problems);
        assert_eq!(problems.len(), 5, "{problems:#?}");
        let one = standings("[[tier]]\nname = \"a\"\norders = 1").mark();
        assert_ne!(one, standings("[[tier]]\nname = \"a\"\norders = 2").mark());
        assert_eq!(Standings::default().mark(), 0);
    }
}
