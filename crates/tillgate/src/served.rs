//! The dialects that are served, by name: this is the list that a new one is added to.

mod alphapo;

use std::sync::Arc;

use axum::{
    Router,
    http::{StatusCode, header},
    response::Response,
    routing::get,
};
use checkout::Checkout;
use dialects::{
    Api, Limits, Urls,
    alpha::{self, CurrencyRule, Settings},
    http::RequestId,
};
use domain::{dialect::DialectName, money::Amount, refusal::Refusal, time::Span};
use engine::Engine;
use web::{
    PublicUrl,
    mark::Mark,
    problem::{Answer, Problem},
};

use crate::{
    config::{AlphaDialect, BaseUrl, Config},
    failure::CommandError,
    http::bounds::{Form, bounded},
    system::SystemEntropy,
};

/// The dialect of the command line that is printed at the start.
pub(crate) const DEMO_DIALECT: &str = "alpha";

/// Where it creates payments.
pub(crate) const DEMO_PATH: &str = "/v1/payments";

/// What it is asked for. It stands between single quotes in a shell.
pub(crate) const DEMO_BODY: &str = concat!(
    r#"{"amount":"25.00","currency":"USD","description":"Two coffees","reference":"order-1","#,
    r#""success_url":"https://shop.example/thanks","cancel_url":"https://shop.example/cart"}"#
);

/// Where the dialect whose requests are signed creates invoices.
pub(crate) const DEMO_INVOICE_PATH: &str = "/api/v2/invoices/create";

/// Where it tells whether a signature is right, and nothing happens.
pub(crate) const DEMO_PROBE_PATH: &str = "/api/v2/currencies/list";

/// What it is asked for, under an id that it must not have had before. It stands between single quotes in a shell.
pub(crate) fn demo_invoice(id: &str) -> String {
    format!(
        concat!(
            r#"{{"timer":true,"title":"Two coffees","currency":"EUR","amount":"25.00","foreign_id":"{}","#,
            r#""sender_currency":"BTC","email_user":"buyer@example.com","#,
            r#""url_success":"https://shop.example/thanks","url_failed":"https://shop.example/cart"}}"#
        ),
        id
    )
}

/// When it is worth trying again after a request that took too long.
const RETRY_AFTER: Span = Span::seconds(1);

/// The dialects whose APIs answer. The engine knows all of them: payments that one has made go on without it.
pub(crate) fn enabled(config: &Config) -> Vec<DialectName> {
    let is_on = |name: &DialectName| match name.as_str() {
        "alpha" => config.dialects.alpha.enabled,
        "alphapo" => config.dialects.alphapo.enabled,
        _ => false,
    };
    dialects::all().iter().map(|dialect| dialect.name()).filter(is_on).collect()
}

/// What they answer, and the buyer's pages.
///
/// # Errors
/// Where a setting of a dialect cannot be used.
pub(crate) fn routes(
    config: &Config,
    engine: &Engine,
    public: &BaseUrl,
    checkout: &BaseUrl,
) -> Result<Router, CommandError> {
    let served = Served { config, engine, public, checkout };
    let mut routes = pages(engine, checkout)?;
    if config.dialects.alpha.enabled {
        routes = routes.merge(alpha_routes(&served)?);
    }
    if config.dialects.alphapo.enabled {
        routes = routes.merge(alphapo::routes(&served)?);
    }
    Ok(routes)
}

/// What a dialect is put together from.
struct Served<'a> {
    config: &'a Config,
    engine: &'a Engine,
    public: &'a BaseUrl,
    checkout: &'a BaseUrl,
}

impl Served<'_> {
    /// What routes need, with the limits that stand where nothing is set.
    fn api(&self) -> Api {
        Api {
            engine: self.engine.clone(),
            entropy: Arc::new(SystemEntropy),
            urls: Urls {
                public: self.public.as_str().to_owned(),
                checkout: self.checkout.as_str().to_owned(),
            },
            limits: Limits::default(),
        }
    }
}

fn alpha_routes(served: &Served<'_>) -> Result<Router, CommandError> {
    let limits = &served.config.dialects.alpha;
    let api = Api {
        limits: Limits {
            requests_per_minute: limits
                .requests_per_minute
                .unwrap_or(served.config.limits.requests_per_minute),
            checkout_requests_per_minute: limits.checkout_requests_per_minute,
            failed_authentications_per_minute: limits.failed_authentications_per_minute,
            ..Limits::default()
        },
        ..served.api()
    };
    let settings = alpha_settings(limits)
        .map_err(|refusal| CommandError::new(format!("[dialects.alpha] cannot be used: {refusal}")))?;
    let unavailable: fn(&RequestId) -> Response = |id| alpha::unavailable(id, RETRY_AFTER);
    let form = Form { fault: Arc::new(unavailable), too_slow: Arc::new(unavailable) };
    let document = alpha::document(served.public.as_str()).to_json();
    let document = get(async move || ([(header::CONTENT_TYPE, "application/json")], document));
    let own = alpha::router(api, settings).route("/openapi/alpha.json", document);
    Ok(bounded(own, form))
}

fn alpha_settings(section: &AlphaDialect) -> Result<Settings, Refusal> {
    let rule = |code: &String| -> Result<CurrencyRule, Refusal> {
        let mut rule = CurrencyRule::new(code)?;
        let decimals = rule.currency.decimals;
        if let Some(least) = section.minimum.get(code) {
            rule.minimum = Amount::parse(least, decimals)?;
        }
        if let Some(most) = section.maximum.get(code) {
            rule.maximum = Amount::parse(most, decimals)?;
        }
        Ok(rule)
    };
    Ok(Settings {
        order_validity: *section.order_validity,
        quote_validity: *section.quote_validity,
        seen_limit: *section.seen_limit,
        currencies: section.currencies.iter().map(rule).collect::<Result<_, _>>()?,
    })
}

/// The buyer's pages. What goes wrong around them is said by a page as well.
fn pages(engine: &Engine, url: &BaseUrl) -> Result<Router, CommandError> {
    let public_url = PublicUrl::parse(url.as_str())
        .map_err(|error| CommandError::new(format!("checkout_url cannot be used: {error}")))?;
    let pages = Checkout { engine: engine.clone(), public_url: public_url.clone() };
    // Invoices that were made are shown even where their dialect is switched off.
    let further = checkout::pages_in(alphapo::PAGES, pages.clone());
    Ok(bounded_by_pages(checkout::router(pages).merge(further), &public_url))
}

/// The same pages, each of which ends. What is said then is guarded like all of them.
fn bounded_by_pages(router: Router, public_url: &PublicUrl) -> Router {
    let words = |status: StatusCode, retry_after: Option<Span>| {
        let public_url = public_url.clone();
        move |id: &RequestId| {
            let problem = Problem {
                mark: Mark::Attention,
                heading: "Something failed on our side",
                lines: &[
                    "Your money is safe: what was sent is recorded, and is not lost by this.",
                    "Open the payment's link again in a moment.",
                ],
                reference: Some(id.as_str().to_owned()),
                way: None,
            };
            problem.answer(&Answer { status, retry_after, banner: None }, &public_url)
        }
    };
    let form = Form {
        fault: Arc::new(words(StatusCode::INTERNAL_SERVER_ERROR, None)),
        too_slow: Arc::new(words(StatusCode::SERVICE_UNAVAILABLE, Some(RETRY_AFTER))),
    };
    web::headers::secured(bounded(router, form))
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        extract::Request,
    };
    use domain::time::Clock;
    use tower::ServiceExt;

    use super::*;
    use crate::system::SystemClock;

    #[tokio::test(start_paused = true)]
    async fn what_goes_wrong_around_the_pages_is_a_guarded_page() {
        let public_url = PublicUrl::parse("https://pay.example").unwrap();
        let broken = Router::new()
            .route("/fault", get(async || -> () { panic!("as told") }))
            .route("/slow", get(std::future::pending::<()>));
        let router = bounded_by_pages(broken, &public_url);
        for (path, status) in [("/fault", 500), ("/slow", 503)] {
            let mut request = Request::get(path).body(Body::empty()).unwrap();
            request.extensions_mut().insert(RequestId::new(&SystemEntropy, SystemClock.now()));
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status);
            let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("content-security-policy"), Some(web::headers::CONTENT_SECURITY_POLICY));
            assert_eq!(header("referrer-policy"), Some(web::headers::REFERRER_POLICY));
            assert_eq!(header("cache-control"), Some("no-store"));
            assert_eq!(header("x-content-type-options"), Some("nosniff"));
            let body = to_bytes(answer.into_body(), 100_000).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert!(body.contains("Your money is safe") && !body.contains("as told"), "{body}");
        }
    }
}
