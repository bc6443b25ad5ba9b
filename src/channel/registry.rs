//! The list of platforms: a new one is a new file and a line in `platforms!`.

use serde::Deserialize;

use super::Channel;

/// Declares the `kind`s a `[[channel]]` in `channels.toml` can have.
macro_rules! platforms {
    ($($(#[$doc:meta])* $variant:ident => $module:ident :: $channel:ident),* $(,)?) => {
        /// A channel's settings; `kind` chooses the platform.
        #[derive(Clone, Debug, Deserialize)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum ChannelSettings {
            $($(#[$doc])* $variant(super::$module::Settings),)*
        }

        /// The channel that `settings` describe, under the name `id`.
        ///
        /// # Errors
        /// A setting that the platform cannot work with, in words for the store owner.
        pub fn build(id: &str, settings: &ChannelSettings) -> Result<Box<dyn Channel>, String> {
            match settings {
                $(ChannelSettings::$variant(settings) => {
                    super::$module::$channel::new(id, settings.clone()).map(|channel| Box::new(channel) as Box<dyn Channel>)
                })*
            }
        }
    };
}

platforms! {}
