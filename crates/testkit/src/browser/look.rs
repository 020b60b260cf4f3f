//! How a page is looked at.

use std::fmt;

use serde_json::{Value, json};

/// Light or dark, or the few colours that the reader's system gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// Forced colours. A browser that was shown them once keeps their ground: start another for the other themes.
    Forced,
}

/// A window, and its reader's wishes. Motion is always reduced, so that nothing is seen half-way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// The colours.
    pub theme: Theme,
}

impl Look {
    /// Media features as the `DevTools` protocol takes them.
    pub(super) fn features(self) -> Value {
        let mut features = vec![json!({"name": "prefers-reduced-motion", "value": "reduce"})];
        features.push(match self.theme {
            Theme::Light => json!({"name": "prefers-color-scheme", "value": "light"}),
            Theme::Dark => json!({"name": "prefers-color-scheme", "value": "dark"}),
            Theme::Forced => json!({"name": "forced-colors", "value": "active"}),
        });
        Value::Array(features)
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Forced => "forced",
        })
    }
}
