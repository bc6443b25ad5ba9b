//! What a person on the console does, handed to the lane of its conversation, and what came of it.

use axum::response::Response;
use uuid::Uuid;

use super::{form::Submitted, visit::Visit};
use crate::{
    http::admin::conversations::accept,
    model::{Address, Finding, NotDone, Staff, StaffDeed},
    store::wait,
};

/// Has a deed decided; a form that names itself by `once` does it once, however often it is sent. `Some`: it led to nothing, and why.
///
/// # Errors
///
/// The page to show where the store cannot be asked.
pub async fn done(sent: &Submitted, address: Address, deed: StaffDeed) -> Result<Option<String>, Response> {
    let visit = &sent.visit;
    let staff = Staff { yields: true, ..Staff::new(visit.name().map(str::to_owned), deed) };
    let once = sent.field("once").parse().unwrap_or_else(|_| Uuid::new_v4());
    let accepted = visit.read(accept(&visit.console.admin, address, staff, once).await)?;
    Ok(why_not_done(visit, accepted.event_id).await)
}

/// Why a deed led to nothing: who was faster, who is not there. It is in the trace of what was decided.
async fn why_not_done(visit: &Visit, event_id: i64) -> Option<String> {
    let decided = wait(visit.console.admin.store.explain(&event_id.to_string())).await.ok().flatten()?;
    let tongue = visit.tongue();
    decided.trace.into_iter().find_map(|step| match step.what {
        Finding::HeldBy { who } => {
            let who = visit.called(&who);
            Some(tongue.say(
                format!("{who} has this already. Nothing was done."),
                format!("{who} 已经在处理，您的操作没有执行。"),
            ))
        }
        Finding::NotDone { why } => Some(match why {
            NotDone::NotThere { who } => {
                let who = visit.called(&who);
                tongue.say(
                    format!("{who} is not there now. Nothing was done."),
                    format!("{who} 现在不在，您的操作没有执行。"),
                )
            }
            NotDone::NoOrder => {
                tongue.say("There is no order here that has not left yet.", "这里没有尚未发出的订单。").to_owned()
            }
            NotDone::NoPhrase { code } => {
                tongue.say(format!("There is no quick phrase `{code}`."), format!("没有快捷短语 `{code}`。"))
            }
            NotDone::NoTag => tongue.say("This cannot be a tag.", "这不能作标签。").to_owned(),
            NotDone::PhraseWithGaps { code } => tongue.say(
                format!("Something that `{code}` names is not known of this customer; nothing was sent."),
                format!("快捷短语 `{code}` 里有这位客户没有的内容，没有发出。"),
            ),
        }),
        _ => None,
    })
}
