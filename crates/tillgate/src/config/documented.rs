//! Sections of the configuration, with the words that explain them.

/// A section whose settings are explained: the example file is made from it.
pub(crate) trait Documented {
    /// Each setting with the lines that explain it, in the order in which they are shown.
    const SETTINGS: &'static [(&'static str, &'static [&'static str])];
}

/// Defines a section: its settings, their defaults, and their explanations, which are the doc comments.
macro_rules! documented {
    (
        $(#[doc = $doc:literal])*
        pub struct $section:ident {
            $($(#[doc = $line:literal])* pub $name:ident: $kind:ty = $default:expr,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $section {
            $($(#[doc = $line])* pub $name: $kind,)*
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl $crate::config::documented::Documented for $section {
            const SETTINGS: &'static [(&'static str, &'static [&'static str])] =
                &[$((stringify!($name), &[$($line),*]),)*];
        }
    };
}

pub(crate) use documented;
