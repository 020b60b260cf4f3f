//! A page from its first byte to its last.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    assets,
    html::Html,
    public_url::PublicUrl,
    text,
    theme::{DEFAULT_ACCENT, Theme},
};

/// How often a page that may change is loaded again where scripts are off. With them, it is looked at more often, and
/// nothing is loaded where nothing has changed.
pub const REFRESH_SECONDS: u32 = 15;

/// What a page is made of.
#[derive(Clone, Debug)]
pub struct Page {
    /// What the page is about: words only, no tags.
    pub title: Html,
    /// Whose page it is: a shop's name, in its own words.
    pub site: String,
    /// What everybody must know who sees any page of this gateway.
    pub banner: Option<&'static str>,
    /// What became of the last thing that was done here, where the page itself does not show it.
    pub note: Option<&'static str>,
    /// The name of what is shown. Another name means that something happened, and the focus moves to the heading.
    pub state: &'static str,
    /// Where to look for what has changed; nothing where nothing will.
    pub look: Option<String>,
    /// The content. Its first heading has `tabindex="-1"`, so that the focus can move there.
    pub main: Html,
}

#[derive(Template)]
#[template(path = "document.html")]
struct Document<'a> {
    title: &'a Html,
    site: String,
    banner: Option<&'static str>,
    note: Option<&'static str>,
    state: &'static str,
    look: Option<&'a str>,
    main: &'a Html,
    stylesheet: String,
    script: String,
    icon: String,
    light: String,
    dark: String,
}

impl Page {
    /// The document.
    ///
    /// # Errors
    /// [`askama::Error`] where it cannot be written.
    pub fn write(&self, public_url: &PublicUrl) -> Result<String, askama::Error> {
        let document = Document {
            title: &self.title,
            site: text::plain(&self.site),
            banner: self.banner,
            note: self.note,
            state: self.state,
            look: self.look.as_deref(),
            main: &self.main,
            stylesheet: public_url.path(assets::stylesheet_path()),
            script: public_url.path(assets::script_path()),
            icon: public_url.path(assets::icon_path()),
            light: Theme::light(DEFAULT_ACCENT).ground.to_string(),
            dark: Theme::dark(DEFAULT_ACCENT).ground.to_string(),
        };
        document.render()
    }

    /// The document as an answer.
    pub fn answer(&self, status: StatusCode, public_url: &PublicUrl) -> Response {
        respond(status, self.write(public_url))
    }
}

/// An answer with a document in it; a plain word where it could not be written.
fn respond(status: StatusCode, document: Result<String, askama::Error>) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_LANGUAGE, "en")];
    match document {
        Ok(document) => (status, headers, document).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be written");
            (StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown.").into_response()
        }
    }
}
