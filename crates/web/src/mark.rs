//! What a state means to the one who looks: four meanings, each with an icon, a colour and, beside them, words.

use crate::html::Html;

/// One of the four meanings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Done.
    Good,
    /// On its way; nothing to do.
    Wait,
    /// To be looked at, or to be done.
    Attention,
    /// Ended, and not well.
    Bad,
}

impl Mark {
    /// The name of the class that colours it.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Wait => "wait",
            Self::Attention => "attention",
            Self::Bad => "bad",
        }
    }

    /// Its icon. The words beside it say the same, so that it is hidden from those who hear the page.
    pub fn icon(self) -> Html {
        let shape = match self {
            Self::Good => r#"<circle cx="10" cy="10" r="8.5"/><path d="m6.2 10.4 2.6 2.6 5-5.6"/>"#,
            Self::Wait => r#"<circle cx="10" cy="10" r="8.5"/><path d="M10 5.4V10l3 2.2"/>"#,
            Self::Attention => r#"<path d="M10 2.2 18.6 17H1.4z"/><path d="M10 8v4.2M10 14.4v.2"/>"#,
            Self::Bad => r#"<circle cx="10" cy="10" r="8.5"/><path d="m7 7 6 6m0-6-6 6"/>"#,
        };
        let size = r#"viewBox="0 0 20 20" width="20" height="20""#;
        let class = self.class();
        Html::own(format!(
            r#"<svg class="icon {class}" {size} aria-hidden="true" focusable="false">{shape}</svg>"#
        ))
    }
}
