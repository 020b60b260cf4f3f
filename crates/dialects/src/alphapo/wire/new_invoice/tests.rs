use domain::chain::NetworkSpec;
use serde_json::{Value, json};
use testkit::gateway::sandbox_networks;

use super::*;
use crate::{alphapo::wire::details::Details, http::json::Json};

/// The contract's own example.
fn example() -> Value {
    json!({
        "timer": false,
        "title": "Invoice Title",
        "currency": "EUR",
        "amount": 106.75,
        "foreign_id": "user_196",
        "end_user_reference": "12345",
        "url_success": "https://example.com/success",
        "url_failed": "https://example.com/failed",
        "email_user": "buyer@example.com",
    })
}

fn with(field: &str, value: impl Into<Value>) -> Value {
    let mut body = example();
    body[field] = value.into();
    body
}

fn without(field: &str) -> Value {
    let mut body = example();
    body.as_object_mut().unwrap().remove(field);
    body
}

fn read<'a>(body: &str, settings: &Settings, networks: &'a [NetworkSpec]) -> Result<NewInvoice<'a>, String> {
    let json = Json::parse(body.as_bytes()).unwrap();
    NewInvoice::read(Fields::of(&json).unwrap(), settings, networks).map_err(|error| error.body())
}

/// What is wrong with a body.
fn wrong(body: &Value, settings: &Settings) -> Value {
    let told = read(&body.to_string(), settings, &sandbox_networks()).unwrap_err();
    serde_json::from_str::<Value>(&told).unwrap()["errors"].clone()
}

#[test]
fn the_example_is_read() {
    let networks = sandbox_networks();
    let asked = read(&example().to_string(), &Settings::default(), &networks).unwrap();
    assert_eq!(asked.foreign_id, "user_196");
    assert_eq!(asked.price.amount.minor(), 10_675);
    assert_eq!(asked.price.currency.code.as_str(), "EUR");
    assert_eq!(asked.url_success, "https://example.com/success");
    assert_eq!(asked.email.as_deref(), Some("buyer@example.com"));
    assert!(asked.coin.is_none());
    let details = asked.details;
    assert!(!details.timer);
    assert_eq!((details.title.as_str(), details.currency.as_str()), ("Invoice Title", "EUR"));
    assert_eq!(
        (details.end_user_reference.as_deref(), details.kind),
        (Some("12345"), InvoiceType::FillOrKill)
    );
    let kept = Details::Invoice(details);
    assert_eq!(Details::read(Some(&kept.write())), Some(kept));
}

#[test]
fn what_real_clients_send_is_taken() {
    let networks = sandbox_networks();
    let settings = Settings::default();
    // As a PHP client: every value a text, slashes and letters escaped, no reference.
    let php = concat!(
        r#"{"timer":"1","title":"Caf\u00e9","currency":"EUR","amount":"106.75","foreign_id":"order-17","#,
        r#""url_success":"https:\/\/example.com\/success","url_failed":"https:\/\/example.com\/failed","#,
        r#""email_user":"buyer@example.com"}"#
    );
    let asked = read(php, &settings, &networks).unwrap();
    assert!(asked.details.timer);
    assert_eq!((asked.details.title.as_str(), asked.price.amount.minor()), ("Café", 10_675));
    assert_eq!(asked.details.end_user_reference, None);
    // As a Go client: the amount a text, and null where there is nothing.
    let asked = read(&with("sender_currency", Value::Null).to_string(), &settings, &networks).unwrap();
    assert!(asked.coin.is_none());
    let asked = read(&with("sender_currency", "USDTE").to_string(), &settings, &networks).unwrap();
    assert_eq!(asked.coin.unwrap().row.code, "USDTE");
    for (amount, minor) in [("106.750", 10_675), ("1e2", 10_000), ("0.01", 1), ("\"106.75\"", 10_675)] {
        let body = example().to_string().replace("106.75", amount);
        assert_eq!(read(&body, &settings, &networks).unwrap().price.amount.minor(), minor, "{amount}");
    }
    let numbers = with("foreign_id", 196);
    assert_eq!(read(&numbers.to_string(), &settings, &networks).unwrap().foreign_id, "196");
    let coin = read(&with("currency", "BTC").to_string().replace("106.75", "1e-7"), &settings, &networks);
    assert_eq!(coin.unwrap().price.amount.minor(), 10);
}

#[test]
fn every_required_field_is_asked_for_at_once() {
    let told = wrong(&json!({}), &Settings::default());
    let expected = json!({
        "timer": "The timer field is required.",
        "title": "The title field is required.",
        "foreign_id": "The foreign id field is required.",
        "currency": "The currency field is required.",
        "amount": "The amount field is required.",
        "url_success": "The url success field is required.",
        "url_failed": "The url failed field is required.",
        "email_user": "The email user field is required.",
    });
    assert_eq!(told, expected);
    for field in expected.as_object().unwrap().keys() {
        assert_eq!(wrong(&without(field), &Settings::default()), json!({ field: expected[field] }));
        assert_eq!(wrong(&with(field, Value::Null), &Settings::default()), json!({ field: expected[field] }));
    }
}

#[test]
fn every_field_has_its_sentence() {
    let settings = Settings::default();
    for (field, value, sentence) in [
        ("timer", json!("yes"), "The timer field must be true or false."),
        ("title", json!("x".repeat(51)), "The title may not be greater than 50 characters."),
        ("title", json!(5), "The title must be a string."),
        ("foreign_id", json!("x".repeat(256)), "The foreign id may not be greater than 255 characters."),
        ("foreign_id", json!(["x"]), "The foreign id must be a string."),
        ("currency", json!("EURO"), "The selected currency is invalid."),
        ("currency", json!("eur"), "The selected currency is invalid."),
        ("currency", json!("BCH"), "The selected currency is invalid."),
        ("currency", json!(1), "The currency must be a string."),
        ("amount", json!("ten"), "The amount must be a number."),
        ("amount", json!(true), "The amount must be a number."),
        ("amount", json!("106.755"), "The amount format is invalid."),
        ("amount", json!("1e40"), "The amount format is invalid."),
        ("amount", json!(0), "The amount must be at least 0.01."),
        ("amount", json!("-5"), "The amount must be at least 0.01."),
        ("url_success", json!("example.com"), "The url success format is invalid."),
        ("url_success", json!("javascript:alert(1)"), "The url success format is invalid."),
        ("url_failed", json!("https://user@example.com"), "The url failed format is invalid."),
        ("email_user", json!("buyer"), "The email user must be a valid email address."),
        (
            "end_user_reference",
            json!("x".repeat(256)),
            "The end user reference may not be greater than 255 characters.",
        ),
        ("type", json!("kill"), "The selected type is invalid."),
        ("description", json!("x".repeat(1_001)), "The description may not be greater than 1000 characters."),
        ("sender_currency", json!("EUR"), "The selected sender currency is invalid."),
        ("sender_currency", json!("DOGE"), "The selected sender currency is invalid."),
        ("sender_type", json!("self"), "The selected sender type is invalid."),
    ] {
        assert_eq!(
            wrong(&with(field, value.clone()), &settings),
            json!({ field: sentence }),
            "{field} {value}"
        );
    }
}

#[test]
fn what_an_operator_sets_is_asked_for() {
    let networks = sandbox_networks();
    let strict = Settings { strict_2026: true, strict_urls: true, ..Settings::default() };
    assert!(read(&example().to_string(), &strict, &networks).is_ok());
    assert_eq!(
        wrong(&without("end_user_reference"), &strict),
        json!({"end_user_reference": "The end user reference field is required."})
    );
    for url in ["http://example.com/", "https://192.0.2.1/", "https://localhost/"] {
        assert!(read(&with("url_success", url).to_string(), &Settings::default(), &networks).is_ok());
        let told = wrong(&with("url_success", url), &strict);
        assert_eq!(told, json!({"url_success": "The url success format is invalid."}), "{url}");
    }
    let lenient = Settings { require_email: false, ..Settings::default() };
    assert_eq!(read(&without("email_user").to_string(), &lenient, &networks).unwrap().email, None);
}

#[test]
fn the_least_amount_is_told_in_euros() {
    let told = too_small(Amount::from_minor(1_000)).body();
    let sentence = r#"{"errors":{"amount":"The amount is too small. The minimum amount is 10.00 EUR."}}"#;
    assert_eq!(told, sentence);
}
