//! The list of platforms: a new one is a new file and a line in `platforms!`.

use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de};

use super::Channel;

/// Declares the `kind`s a `[[channel]]` in `channels.toml` can have.
macro_rules! platforms {
    ($($(#[doc = $doc:literal])* $kind:literal => $variant:ident in $module:ident),* $(,)?) => {
        /// A channel's settings; `kind` chooses the platform.
        #[derive(Clone, Debug)]
        pub enum ChannelSettings {
            $($(#[doc = $doc])* $variant(super::$module::Settings),)*
        }

        impl ChannelSettings {
            /// All kinds, as they are written in the configuration.
            pub const KINDS: &[&str] = &[$($kind),*];

            /// The description of each kind's settings; its title says what the kind is.
            pub fn schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
                vec![$(($kind, {
                    let mut schema = generator.subschema_for::<super::$module::Settings>();
                    schema.insert("title".to_owned(), concat!($($doc),*).trim().into());
                    schema
                })),*]
            }

            /// Reads the settings of one kind from a table that holds nothing else.
            ///
            /// The deserializer is the file's own, so an error points to the place of the mistake; serde's
            /// tagged enums would lose it.
            ///
            /// # Errors
            /// An unknown kind, an unknown or missing setting, or one of the wrong type.
            pub fn of_kind<'de, D: Deserializer<'de>>(kind: &str, settings: D) -> Result<Self, D::Error> {
                match kind {
                    $($kind => super::$module::Settings::deserialize(settings).map(Self::$variant),)*
                    unknown => Err(de::Error::unknown_variant(unknown, Self::KINDS)),
                }
            }
        }

        /// The channel that `settings` describe, under the name `id`.
        ///
        /// # Errors
        /// A setting that the platform cannot work with, in words for the store owner; it holds no secret.
        pub fn build(id: &str, settings: &ChannelSettings) -> Result<Box<dyn Channel>, String> {
            match settings {
                $(ChannelSettings::$variant(settings) => {
                    super::$module::$variant::new(id, settings).map(|channel| Box::new(channel) as Box<dyn Channel>)
                })*
            }
        }
    };
}

platforms! {
    /// Any shop system or chat that speaks Standard Webhooks.
    "standard-webhooks" => StandardWebhooks in standard_webhooks,
    /// A Telegram bot.
    "telegram" => Telegram in telegram,
    /// A LINE official account.
    "line" => Line in line,
    /// The chat page that the daemon itself serves.
    "webchat" => WebChat in webchat,
    /// A WhatsApp, Messenger or Instagram account.
    "meta" => Meta in meta,
    /// A WeChat Official Account.
    "wechat" => WeChat in wechat,
}

impl<'de> Deserialize<'de> for ChannelSettings {
    /// Reads a table that names its `kind` among the settings.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = toml::Table::deserialize(deserializer)?;
        let kind = match table.remove("kind") {
            Some(toml::Value::String(kind)) => kind,
            Some(_) => return Err(de::Error::custom("`kind` is not a text")),
            None => return Err(de::Error::missing_field("kind")),
        };
        Self::of_kind(&kind, table).map_err(|error| de::Error::custom(error.message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One table of settings for each kind that can be built without more.
    const MINIMAL: &[&str] = &[
        "kind = \"standard-webhooks\"\nsecrets = [\"whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\"]\nreply_url = \"https://shop.example/replies\"",
        "kind = \"telegram\"\ntoken = \"1:token\"\nsecret_token = \"secret\"",
        "kind = \"line\"\nchannel_secret = \"secret\"\naccess_token = \"token\"",
        "kind = \"webchat\"",
        "kind = \"meta\"\nplatform = \"whatsapp\"\naccount = \"1\"\napp_secret = \"secret\"\nverify_token = \"secret\"\naccess_token = \"token\"",
        "kind = \"wechat\"\ntoken = \"secret\"\napp_id = \"wx1\"",
    ];

    #[test]
    fn the_required_settings_alone_make_a_channel() {
        for text in MINIMAL {
            let settings: ChannelSettings = toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert!(build("main", &settings).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_misspelt_setting_is_refused_where_it_stands() {
        for text in MINIMAL {
            let (kind, settings) = text.split_once('\n').unwrap_or((text, ""));
            let kind = kind.split('"').nth(1).unwrap();
            let settings = format!("{settings}\nmisspelt = 1\n");
            let error = ChannelSettings::of_kind(kind, toml::Deserializer::parse(&settings).unwrap()).unwrap_err();
            let span = error.span().expect("a place in the file");
            assert_eq!(&settings[span], "misspelt", "{kind}");
        }
    }

    #[test]
    fn an_unknown_or_missing_kind_is_refused_and_the_known_ones_are_named() {
        let error = toml::from_str::<ChannelSettings>("kind = \"pigeon\"").unwrap_err().to_string();
        for kind in ChannelSettings::KINDS {
            assert!(error.contains(kind), "{error}");
        }
        assert!(toml::from_str::<ChannelSettings>("token = \"1\"").unwrap_err().to_string().contains("kind"));
    }

    #[test]
    fn settings_never_print_their_secrets() {
        for text in MINIMAL {
            let settings: ChannelSettings = toml::from_str(text).unwrap();
            let printed = format!("{settings:?}");
            for secret in ["whsec_", "1:token", "\"secret\"", "\"token\""] {
                assert!(!printed.contains(secret), "{printed}");
            }
        }
    }
}
