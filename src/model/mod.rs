//! The words of the domain as plain types: what happens (`Event`), whom it concerns (`Conversation`,
//! `Order`), what the clerk does about it (`Action`, `Decision`), and the ports through which the
//! decision asks for facts it does not hold (`Lookups`, `Plugins`).
//!
//! Times are milliseconds since the Unix epoch, in fields that end in `_ms`.

mod action;
mod basis;
mod carried;
mod catalogue;
mod contact;
mod conversation;
mod entity;
mod event;
mod file_name;
mod hook;
mod kept;
mod money;
mod morning;
mod name;
mod order;
mod outside;
mod phone;
mod staff;
mod ticket;
pub mod topic;
mod trace;
mod trace_id;

pub use action::{Action, Choice, Content, Decision, FileKind};
pub use basis::{Basis, Version, Versioned};
pub use carried::Carried;
pub use catalogue::{Product, Promotion};
pub use contact::{Contact, ContactDeed, ContactKey, ContactNote, ContactRef, CustomerSigns, Purchase, ShopAccount};
pub use conversation::{
    Address, Asked, Conversation, HandOver, Lines, OpenTicket, SatisfactionAsked, Stage, Standing, Storm, Subject,
    ToldDone,
};
pub use entity::EntityKind;
pub use event::{Colleague, DeliveryStatus, Event, EventKind, Media, Message, ReplyContext, StoreMoment, TimerFired};
pub use file_name::FileName;
pub use hook::{
    CustomerFacts, Hook, HookAnswer, HookCall, KvWrite, Lookups, Moment, NextOpening, NoPlugins, Offer, Plugins,
    StoreFacts,
};
pub use kept::{KeptValue, is_there, laid_over};
pub use money::{Amount, Money, MoneyError};
pub use morning::{Alone, Item, ItemOf, MorningCall};
pub use name::presentable_name;
pub use order::{
    News, NewsOf, Order, OrderChange, OrderEvent, OrderItem, OrderStatus, Parcel, Refund, RefundReport, Scores,
    Shipment,
};
pub use outside::{OutsideQuestion, Recorded, Reply};
pub use phone::{PhoneNumber, email_key, is_unseen};
pub use staff::{DESK, RoomPlace, Staff, StaffDeed, Unclear};
pub use ticket::{Evidence, OrderName, Ticket, TicketState, Urgency};
pub use trace::{
    ClaimFinding, ContactFinding, Failure, Finding, NotDone, Notice, OrderFinding, Part, Question, Source, TraceStep,
    UnknownSource, WhySilent, WhyUnsaid,
};
pub use trace_id::TraceId;
