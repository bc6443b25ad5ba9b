//! The card of a conversation that waits, or that somebody has: what a staff room shows, on a page, with the same deeds.

use maud::{Markup, html};
use uuid::Uuid;

use super::{
    conversation::MOST_CHARACTERS,
    conversations::{With, row},
    path_of,
    visit::Visit,
};
use crate::{desk::Permission, model::Stage, store::Seen};

/// One conversation with what can be done about it at once.
pub fn card(visit: &Visit, seen: &Seen) -> Markup {
    let tongue = visit.tongue();
    let path = path_of(&seen.address);
    let may = visit.rights.may(Permission::Answer);
    let mine = matches!(With::of(&seen.conversation), With::Person(who) if who == visit.name());
    let handed_over = seen.conversation.stage == Stage::Person;
    let button = |deed: &str, label: &str, class: &str| visit.button(&format!("{path}/{deed}"), label, class);
    html! {
        (row(visit, seen))
        @if may {
            div.row {
                @if !mine { (button("take", tongue.say("Take", "接手"), "main")) }
                @if handed_over {
                    (button("return", tongue.say("Back to the clerk", "交回小二"), ""))
                    (button("close", tongue.say("Done", "结束"), ""))
                }
            }
            (answer(visit, seen))
        }
    }
}

/// The form stays as it is while the list around it is drawn anew: it may be half written.
pub fn answer(visit: &Visit, seen: &Seen) -> Markup {
    let path = &path_of(&seen.address);
    let tongue = visit.tongue();
    let in_force = visit.console.admin.in_force.load();
    let codes: Vec<_> = in_force.playbook.quick_codes().collect();
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, path.as_bytes()).simple().to_string();
    let once = once(visit, seen, path);
    html! {
        details.answer id=(format!("answer-{id}")) hx-preserve {
            summary { (tongue.say("Answer", "回复")) }
            form.stack method="post" action=(format!("{path}/say")) {
                (visit.token()) input type="hidden" name="once" value=(once);
                label.sr for=(format!("text-{id}")) { (tongue.say("Answer", "回复")) }
                textarea id=(format!("text-{id}")) name="text" rows="2" required maxlength=(MOST_CHARACTERS) placeholder=(tongue.say("Answer the customer", "回复客户")) {}
                button.main { (tongue.say("Send", "发送")) }
            }
            @if !codes.is_empty() {
                form.phrase method="post" action=(format!("{path}/phrase")) {
                    (visit.token()) input type="hidden" name="once" value=(once);
                    label.sr for=(format!("code-{id}")) { (tongue.say("Quick phrase", "快捷短语")) }
                    select id=(format!("code-{id}")) name="code" { @for code in codes { option { (code) } } }
                    button { (tongue.say("Send the phrase", "发送短语")) }
                }
            }
        }
    }
}

/// What makes a form that is sent twice one deed: the same until something happens in the conversation, so that the list is
/// the same as well.
fn once(visit: &Visit, seen: &Seen, path: &str) -> Uuid {
    let of = format!("{} {path} {}", visit.signed_in.form_token, seen.last_ms);
    Uuid::new_v5(&Uuid::NAMESPACE_URL, of.as_bytes())
}
