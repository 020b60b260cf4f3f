//! Pages that say why there is no other page.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::time::Span;

use crate::{document::Page, html::Html, mark::Mark, public_url::PublicUrl};

/// What went wrong, in words. What it means for money comes first, and what to do last.
#[derive(Clone, Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// What it means.
    pub mark: Mark,
    /// What happened, in a few words.
    pub heading: &'static str,
    /// What it means for whoever reads it, a sentence or two each.
    pub lines: &'static [&'static str],
    /// What a report of it should name.
    pub reference: Option<String>,
    /// Where to go from here: what the link says, and where it leads.
    pub way: Option<(&'static str, String)>,
}

/// How a problem is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// When it is worth trying again. The page does so by itself where it knows the way.
    pub retry_after: Option<Span>,
    /// What everybody must know who sees any page of this gateway.
    pub banner: Option<&'static str>,
}

impl Problem {
    /// The page as an answer.
    pub fn answer(&self, answer: &Answer, public_url: &PublicUrl) -> Response {
        let Ok(main) = Html::of(self) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        let page = Page {
            title: Html::own(self.heading),
            site: String::new(),
            banner: answer.banner,
            note: None,
            state: "problem",
            look: self.way.as_ref().filter(|_| answer.retry_after.is_some()).map(|(_, path)| path.clone()),
            main,
        };
        let mut response = page.answer(answer.status, public_url);
        if let Some(after) = answer.retry_after {
            let seconds = after.whole_seconds().max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
