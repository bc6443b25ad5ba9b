//! The list of shop systems: a new one is a new file and a line in `shops!`.

use serde::{Deserialize, Deserializer, de};

use super::Source;

/// Declares the `kind`s of entries that report orders.
macro_rules! shops {
    ($($(#[$doc:meta])* $kind:literal => $variant:ident in $module:ident),* $(,)?) => {
        /// A source's settings; `kind` chooses the shop system.
        #[derive(Clone, Debug)]
        pub enum SourceSettings {
            $($(#[$doc])* $variant(super::$module::Settings),)*
        }

        impl SourceSettings {
            /// All kinds, as they are written in the configuration. One that is a channel's as well makes both of an
            /// entry.
            pub const KINDS: &[&str] = &[$($kind),*];

            /// Reads the settings of one kind.
            ///
            /// # Errors
            /// An unknown kind, a missing setting, or one of the wrong type.
            pub fn of_kind<'de, D: Deserializer<'de>>(kind: &str, settings: D) -> Result<Self, D::Error> {
                match kind {
                    $($kind => super::$module::Settings::deserialize(settings).map(Self::$variant),)*
                    unknown => Err(de::Error::unknown_variant(unknown, Self::KINDS)),
                }
            }
        }

        /// The source that `settings` describe, under the name `id`.
        ///
        /// # Errors
        /// A setting that cannot work, in words for the store owner; it holds no secret.
        pub fn build(id: &str, settings: &SourceSettings) -> Result<Box<dyn Source>, String> {
            match settings {
                $(SourceSettings::$variant(settings) => {
                    super::$module::$variant::new(id, settings).map(|source| Box::new(source) as Box<dyn Source>)
                })*
            }
        }
    };
}

shops! {
    /// Any shop system that speaks Standard Webhooks.
    "standard-webhooks" => Generic in generic,
}
