//! Settings that are written as text and mean something else.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// What a text in the configuration may mean.
pub trait Word: Sized {
    /// The meaning of `text`.
    ///
    /// # Errors
    /// What it has to be, for whoever wrote it: it follows "has to be".
    fn read(text: &str) -> Result<Self, Cow<'static, str>>;

    /// The text that means this.
    fn write(&self) -> String;
}

/// Nothing, where nothing is written.
impl<T: Word> Word for Option<T> {
    fn read(text: &str) -> Result<Self, Cow<'static, str>> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }

    fn write(&self) -> String {
        self.as_ref().map(T::write).unwrap_or_default()
    }
}

/// A setting that is read from a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Setting<T>(pub T);

impl<T> Deref for Setting<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Word> fmt::Debug for Setting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.write())
    }
}

impl<T: Word> Serialize for Setting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.write())
    }
}

impl<'de, T: Word> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

impl<T: Word> Visitor<'_> for Reader<T> {
    type Value = Setting<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Setting<T>, E> {
        T::read(text).map(Setting).map_err(E::custom)
    }
}

/// Words for the names of a closed list.
macro_rules! names {
    ($kind:ty, $all:expr, $name:path) => {
        impl $crate::config::word::Word for $kind {
            fn read(text: &str) -> Result<Self, std::borrow::Cow<'static, str>> {
                $all.into_iter().find(|one| $name(*one) == text).ok_or_else(|| {
                    let names: Vec<String> = $all.iter().map(|one| format!("\"{}\"", $name(*one))).collect();
                    format!("one of {}", names.join(", ")).into()
                })
            }

            fn write(&self) -> String {
                $name(*self).to_owned()
            }
        }
    };
}

pub(crate) use names;
