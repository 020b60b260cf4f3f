//! The dialect `alphapo`, put together from what is configured.

use std::sync::Arc;

use axum::{Router, http::header, response::Response, routing::get};
use dialects::{
    Api, Limits,
    alphapo::{self, Fee, Settings},
    http::RequestId,
};
use domain::{merchant::Environment, money::Amount, refusal::Refusal};

use super::{RETRY_AFTER, Served};
use crate::{
    config::{Config, VENDOR_S},
    failure::CommandError,
    http::bounds::{Form, bounded},
};

/// The folder of its pages.
pub(super) const PAGES: &str = "/invoice";

/// Decimal places of the euro.
const EURO_PLACES: u8 = 2;

/// What it answers.
///
/// # Errors
/// Where a setting cannot be used.
pub(super) fn routes(served: &Served<'_>) -> Result<Router, CommandError> {
    let section = &served.config.dialects.alphapo;
    let api = Api {
        limits: Limits {
            requests_per_minute: section
                .requests_per_minute
                .unwrap_or(served.config.limits.requests_per_minute),
            failed_authentications_per_minute: section.failed_authentications_per_minute,
            ..Limits::default()
        },
        ..served.api()
    };
    let settings = settings(served.config)
        .map_err(|refusal| CommandError::new(format!("[dialects.alphapo] cannot be used: {refusal}")))?;
    let unavailable: fn(&RequestId) -> Response = |id| alphapo::unavailable(id, RETRY_AFTER);
    let form = Form { fault: Arc::new(unavailable), too_slow: Arc::new(unavailable) };
    let document = alphapo::document(served.public.as_str()).to_json();
    let document = get(async move || ([(header::CONTENT_TYPE, "application/json")], document));
    let own = alphapo::router(api, settings).route("/openapi/alphapo.json", document);
    Ok(bounded(own, form))
}

fn settings(config: &Config) -> Result<Settings, Refusal> {
    let section = &config.dialects.alphapo;
    let minimum = match section.minimum_eur.as_str() {
        VENDOR_S if *config.environment == Environment::Test => None,
        VENDOR_S => Some(alphapo::MINIMUM),
        text => Some(Amount::parse(text, EURO_PLACES)?),
    };
    let fee = |(code, share): (&String, &String)| {
        Fee::parse(share).map(|fee| (code.clone(), fee)).ok_or(Refusal::AmountMalformed)
    };
    Ok(Settings {
        strict_2026: section.strict_2026,
        strict_urls: section.strict_urls,
        require_email: section.require_email,
        ask_sender: section.ask_sender,
        minimum: minimum.filter(|least| !least.is_zero()),
        extended: section.extended.clone(),
        deposit_fees: section.deposit_fees.iter().map(fee).collect::<Result<_, _>>()?,
        seen_limit: *section.seen_limit,
        calculations_per_minute: section.calculations_per_minute,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, Sources, load};

    fn minimum(environment: &str, set: &str) -> Option<u128> {
        let variables = [
            ("TILLGATE_ENVIRONMENT", environment),
            ("TILLGATE_RATES__SOURCES", "fixed"),
            ("TILLGATE_DIALECTS__ALPHAPO__MINIMUM_EUR", set),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let sources = Sources { file: None, variables, flags: Flags::default() };
        settings(&load(&sources).unwrap().config).unwrap().minimum.map(Amount::minor)
    }

    #[test]
    fn the_vendor_s_least_amount_stands_where_money_may_be_real() {
        assert_eq!(minimum("test", "auto"), None);
        assert_eq!((minimum("staging", "auto"), minimum("production", "auto")), (Some(1_000), Some(1_000)));
        assert_eq!((minimum("test", "2.50"), minimum("production", "0")), (Some(250), None));
    }
}
