//! What somebody sent on one platform, on its way to another.

use serde::{Deserialize, Serialize};

use super::{Address, Media};

/// A picture, recording or file that lies where only the channel it came by can fetch it, until it is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The customer it was sent by or to, with whom it is forgotten.
    pub customer: Address,
    /// The channel it came by.
    pub channel: String,
    pub media: Media,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// What is said in its place where it cannot be had. Without it, it is not delivered, and whoever sent it hears so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

impl Carried {
    /// Of what came by a channel, what can be passed on: places, telephone numbers and stickers have no form elsewhere.
    pub fn all_of(media: &[Media], channel: &str, customer: &Address) -> Vec<Self> {
        let passed_on = media.iter().filter(|it| ["image", "video", "audio", "file"].contains(&&*it.kind));
        let carried = |media: &Media| Self {
            customer: customer.clone(),
            channel: channel.to_owned(),
            media: media.clone(),
            caption: None,
            instead: None,
        };
        passed_on.map(carried).collect()
    }

    /// What nothing else that is carried for the same customer is called.
    pub fn name(&self) -> String {
        Self::name_of(&self.channel, &self.media)
    }

    /// What it would be called.
    pub fn name_of(channel: &str, media: &Media) -> String {
        format!("{channel} {}", media.reference)
    }

    /// In words alone.
    pub fn to_plain_text(&self) -> String {
        match &self.caption {
            Some(caption) => format!("{caption}\n[{}]", self.media.kind),
            None => format!("[{}]", self.media.kind),
        }
    }
}
