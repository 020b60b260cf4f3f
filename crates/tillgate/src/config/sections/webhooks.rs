//! How events are sent to shops.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

use crate::config::documented::documented;

documented! {
    /// Callbacks to shops.
    pub struct Webhooks {
        /// "auto", true or false: whether callbacks may go to plain http and to private addresses. auto: only while
        /// the gateway itself listens on loopback, and never in production.
        pub allow_private_targets: Toggle = Toggle::Auto,
        /// Milliseconds that one callback may take: 100 to 60000.
        pub timeout_ms: u64 = 10_000,
    }
}

/// Yes, no, or what the circumstances say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toggle {
    /// What the circumstances say.
    Auto,
    /// Yes or no.
    Set(bool),
}

impl Serialize for Toggle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Set(set) => serializer.serialize_bool(*set),
        }
    }
}

impl<'de> Deserialize<'de> for Toggle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ToggleReader)
    }
}

struct ToggleReader;

impl Visitor<'_> for ToggleReader {
    type Value = Toggle;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"auto\", true or false")
    }

    fn visit_bool<E: Error>(self, set: bool) -> Result<Toggle, E> {
        Ok(Toggle::Set(set))
    }

    /// An environment variable knows text only.
    fn visit_str<E: Error>(self, text: &str) -> Result<Toggle, E> {
        match text {
            "auto" => Ok(Toggle::Auto),
            "true" => Ok(Toggle::Set(true)),
            "false" => Ok(Toggle::Set(false)),
            _ => Err(E::custom("\"auto\", true or false")),
        }
    }
}
