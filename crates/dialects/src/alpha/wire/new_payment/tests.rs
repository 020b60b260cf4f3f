use domain::refusal::Refusal;
use utoipa::PartialSchema;

use super::*;

/// The contract's own example, with the members of `changes` in the place of its own.
fn body(changes: &[(&str, &str)]) -> String {
    let own = [
        ("amount", r#""25.00""#),
        ("currency", r#""USD""#),
        ("customer_email", r#""buyer@example.com""#),
        ("success_url", r#""https://merchant.example/success""#),
        ("cancel_url", r#""https://merchant.example/cancel""#),
        ("description", r#""Order A1001""#),
        ("reference", r#""order-a1001""#),
    ];
    let kept = own.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let given = changes.iter().filter(|(_, value)| !value.is_empty());
    let members: Vec<String> = kept.chain(given).map(|(name, value)| format!("{name:?}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.currencies.extend(["JPY", "KWD"].map(|code| CurrencyRule::new(code).unwrap()));
    settings
}

fn read(changes: &[(&str, &str)]) -> Result<NewPayment, ApiError> {
    NewPayment::read(body(changes).as_bytes(), &settings(), Environment::Test)
}

/// What is wrong: `field code`, in order.
fn wrong(changes: &[(&str, &str)]) -> Vec<String> {
    let Err(error) = read(changes) else { return Vec::new() };
    assert_eq!(error.code, Code::ValidationFailed, "{error:?}");
    let code = |code: DetailCode| serde_json::to_value(code).unwrap().as_str().unwrap().to_owned();
    error.details.iter().map(|detail| format!("{} {}", detail.field, code(detail.code))).collect()
}

#[test]
fn the_contract_s_example_is_read() {
    let payment = read(&[]).unwrap();
    assert_eq!(payment.price.amount, Amount::from_minor(2_500));
    assert_eq!(payment.price.currency.code.as_str(), "USD");
    let text = |text: &str| Some(text.to_owned());
    let expected = Order {
        reference: text("order-a1001"),
        description: text("Order A1001"),
        questions: Questions::default(),
        customer_email: text("buyer@example.com"),
        success_url: text("https://merchant.example/success"),
        cancel_url: text("https://merchant.example/cancel"),
        details: None,
    };
    assert_eq!(payment.order, expected);
}

#[test]
fn four_fields_are_enough() {
    for value in ["", "null"] {
        let changes = ["customer_email", "description", "reference", "metadata"].map(|field| (field, value));
        let order = read(&changes).unwrap().order;
        assert_eq!(
            (order.customer_email, order.description, order.reference, order.details),
            Default::default()
        );
    }
}

#[test]
fn the_described_fields_are_those_that_are_read() {
    let schema = serde_json::to_value(NewPaymentBody::schema()).unwrap();
    let mut described: Vec<&str> =
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    described.sort_unstable();
    let mut read = [
        "amount",
        "currency",
        "customer_email",
        "success_url",
        "cancel_url",
        "description",
        "reference",
        "metadata",
    ];
    read.sort_unstable();
    assert_eq!(described, read);
    // Each of them is looked at: a list is none of their types.
    let all: Vec<(&str, &str)> = described.iter().map(|field| (*field, "[]")).collect();
    assert_eq!(wrong(&all).len(), described.len());
}

#[test]
fn every_problem_is_told_at_once_and_in_order() {
    assert_eq!(
        wrong(&[
            ("amount", "25"),
            ("currency", r#""usd""#),
            ("customer_email", r#""nobody""#),
            ("success_url", ""),
            ("cancel_url", r#""javascript:alert(1)""#),
            ("description", "{}"),
            ("reference", "1"),
            ("metadata", r#""x""#),
        ]),
        [
            "amount invalid_type",
            "currency invalid",
            "customer_email invalid",
            "success_url required",
            "cancel_url invalid",
            "description invalid_type",
            "reference invalid_type",
            "metadata invalid_type",
        ]
    );
    assert_eq!(
        wrong(&[("amount", "null"), ("currency", ""), ("success_url", "null"), ("cancel_url", "")]),
        ["amount required", "currency required", "success_url required", "cancel_url required"]
    );
}

#[test]
fn a_body_that_is_no_object_is_told_so() {
    for text in ["[]", "1", "\"a\"", "null", "true"] {
        let error = NewPayment::read(text.as_bytes(), &settings(), Environment::Test).unwrap_err();
        assert_eq!(error.code, Code::ValidationFailed);
        assert_eq!((error.details[0].field.as_str(), error.details[0].code), ("", DetailCode::InvalidType));
    }
    let error = NewPayment::read(b"{", &settings(), Environment::Test).unwrap_err();
    assert_eq!(error.code, Code::InvalidJson);
}

#[test]
fn amounts_are_plain_decimals_with_the_places_of_their_currency() {
    for (currency, amount, minor) in [
        ("USD", "25", 2_500),
        ("USD", "25.0", 2_500),
        ("USD", "0.01", 1),
        ("USD", "000025.00", 2_500),
        ("USD", "999999999999.99", 99_999_999_999_999),
        ("JPY", "500", 500),
        ("KWD", "1.234", 1_234),
    ] {
        let changes = [("amount", format!("{amount:?}")), ("currency", format!("{currency:?}"))];
        let changes = changes.each_ref().map(|(field, value)| (*field, value.as_str()));
        assert_eq!(read(&changes).unwrap().price.amount, Amount::from_minor(minor), "{amount} {currency}");
    }
    for (currency, amount, code) in [
        ("USD", "", "invalid"),
        ("USD", " 25", "invalid"),
        ("USD", "25.", "invalid"),
        ("USD", ".5", "invalid"),
        ("USD", "+25", "invalid"),
        ("USD", "-25", "invalid"),
        ("USD", "2,5", "invalid"),
        ("USD", "1e3", "invalid"),
        ("USD", "25.001", "invalid"),
        ("USD", "٢٥", "invalid"),
        ("USD", "1000000000000", "invalid"),
        ("USD", "0000000000025", "invalid"),
        ("USD", "0", "too_small"),
        ("USD", "0.00", "too_small"),
        ("JPY", "500.0", "invalid"),
        ("JPY", "0", "too_small"),
        ("KWD", "1.2345", "invalid"),
    ] {
        let changes = [("amount", format!("{amount:?}")), ("currency", format!("{currency:?}"))];
        let changes = changes.each_ref().map(|(field, value)| (*field, value.as_str()));
        assert_eq!(wrong(&changes), [format!("amount {code}")], "{amount} {currency}");
    }
}

#[test]
fn an_amount_is_checked_as_far_as_can_be_where_its_currency_is_not_known() {
    assert_eq!(wrong(&[("currency", r#""XYZ""#), ("amount", r#""1.2345""#)]), ["currency unsupported"]);
    assert_eq!(
        wrong(&[("currency", r#""XYZ""#), ("amount", r#""1.23456""#)]),
        ["amount invalid", "currency unsupported"]
    );
}

#[test]
fn an_operator_s_limits_hold() {
    let mut settings = Settings::default();
    let mut rule = CurrencyRule::new("USD").unwrap();
    (rule.minimum, rule.maximum) = (Amount::from_minor(100), Amount::from_minor(500_000));
    settings.currencies = vec![rule];
    let told = |amount: &str| {
        let text = body(&[("amount", &format!("{amount:?}"))]);
        let error = NewPayment::read(text.as_bytes(), &settings, Environment::Test).err()?;
        Some((error.details[0].code, error.details[0].message.to_string()))
    };
    assert_eq!(told("0.99"), Some((DetailCode::TooSmall, "it is less than 1.00".to_owned())));
    assert_eq!(told("1"), None);
    assert_eq!(told("5000"), None);
    assert_eq!(told("5000.01"), Some((DetailCode::TooLarge, "it is more than 5000.00".to_owned())));
}

#[test]
fn currencies_are_upper_case_and_on_the_list() {
    for (currency, code) in [
        ("usd", "invalid"),
        ("US", "invalid"),
        ("USDT", "invalid"),
        ("U$D", "invalid"),
        ("CHF", "unsupported"),
    ] {
        assert_eq!(
            wrong(&[("currency", &format!("{currency:?}"))]),
            [format!("currency {code}")],
            "{currency}"
        );
    }
}

#[test]
fn texts_have_their_lengths_in_characters() {
    let text = |length: usize| format!("{:?}", "é".repeat(length));
    assert_eq!(wrong(&[("description", &text(500)), ("reference", &text(255))]), [""; 0]);
    assert_eq!(
        wrong(&[("description", &text(501)), ("reference", &text(256))]),
        ["description too_long", "reference too_long"]
    );
    let long = format!("\"{}@example.com\"", "a".repeat(250));
    assert_eq!(wrong(&[("customer_email", &long)]), ["customer_email too_long"]);
    let long = format!("\"https://a.example/{}\"", "a".repeat(2_048));
    assert_eq!(wrong(&[("success_url", &long)]), ["success_url too_long"]);
}

#[test]
fn plain_http_is_taken_for_this_machine_outside_production() {
    let text = body(&[("success_url", r#""http://localhost:3000/done""#)]);
    for (environment, is_taken) in
        [(Environment::Test, true), (Environment::Staging, true), (Environment::Production, false)]
    {
        assert_eq!(
            NewPayment::read(text.as_bytes(), &settings(), environment).is_ok(),
            is_taken,
            "{environment:?}"
        );
    }
    assert_eq!(wrong(&[("success_url", r#""http://merchant.example/""#)]), ["success_url invalid"]);
}

#[test]
fn metadata_is_kept_as_it_was_written() {
    let metadata = r#"{ "z": 1.50, "a": {"y": [true, null], "b": "é\u00e9"}, "": "" }"#;
    let kept = read(&[("metadata", metadata)]).unwrap().order.details.unwrap();
    assert_eq!(kept, r#"{"z":1.50,"a":{"y":[true,null],"b":"éé"},"":""}"#);
}

#[test]
fn metadata_has_limits_at_every_depth() {
    let object = |count: usize, name: usize, text: usize| {
        let members: Vec<String> =
            (0..count).map(|index| format!("\"{index:0>name$}\":\"{}\"", "x".repeat(text))).collect();
        format!("{{{}}}", members.join(","))
    };
    assert_eq!(wrong(&[("metadata", &object(50, 40, 500))]), [""; 0]);
    assert_eq!(wrong(&[("metadata", &object(51, 2, 1))]), ["metadata too_many"]);
    assert_eq!(wrong(&[("metadata", &object(1, 41, 1))]), ["metadata too_long"]);
    assert_eq!(wrong(&[("metadata", &object(1, 1, 501))]), ["metadata.0 too_long"]);
    let inner = format!(r#"{{"a":[{}]}}"#, object(51, 41, 501));
    let found = wrong(&[("metadata", &inner)]);
    assert_eq!(&found[..3], ["metadata.a[0] too_many", "metadata.a[0] too_long", "metadata.a[0].* too_long"]);
}

#[test]
fn credentials_are_refused_before_anything_else_is_said() {
    let error = read(&[("amount", "1"), ("metadata", r#"{"cvv":"123"}"#)]).unwrap_err();
    assert_eq!(error.code, Code::PaymentCredentialsNotAllowed);
    assert_eq!(error.details.len(), 1);
}

#[test]
fn a_request_is_the_same_however_it_is_written() {
    let fingerprint =
        |text: &str| NewPayment::read(text.as_bytes(), &settings(), Environment::Test).unwrap().fingerprint;
    let first = fingerprint(&body(&[("metadata", r#"{"a":1,"b":"é"}"#)]));
    for other in [
        body(&[("metadata", "{ \"b\" : \"\\u00e9\",\n\"a\":1}")]),
        body(&[("metadata", r#"{"a":1,"b":"é"}"#), ("amount", r#""25""#)]),
        body(&[("metadata", r#"{"a":1,"b":"é"}"#), ("amount", r#""025.0""#)]),
        body(&[("metadata", r#"{"a":1,"b":"é"}"#), ("later", "null")]),
    ] {
        assert_eq!(fingerprint(&other), first, "{other}");
    }
    for other in [
        body(&[]),
        body(&[("metadata", r#"{"a":2,"b":"é"}"#)]),
        body(&[("metadata", r#"{"a":1,"b":"é","c":null}"#)]),
        body(&[("metadata", r#"{"a":1,"b":"é"}"#), ("amount", r#""25.01""#)]),
        body(&[("metadata", r#"{"a":1,"b":"é"}"#), ("currency", r#""EUR""#)]),
        body(&[("metadata", r#"{"a":1,"b":"é"}"#), ("reference", "")]),
        body(&[("metadata", r#"{"a":1,"b":"é"}"#), ("later", "1")]),
    ] {
        assert_ne!(fingerprint(&other), first, "{other}");
    }
}

#[test]
fn no_currency_of_the_standard_has_more_places_than_are_checked() {
    let most = (b'A'..=b'Z')
        .flat_map(|a| (b'A'..=b'Z').flat_map(move |b| (b'A'..=b'Z').map(move |c| [a, b, c])))
        .filter_map(|code| domain::money::Asset::currency(std::str::from_utf8(&code).ok()?).ok())
        .map(|currency| currency.decimals)
        .max();
    assert_eq!(most, Some(MOST_PLACES));
    assert_eq!(CurrencyRule::new("XYZ"), Err(Refusal::AssetUnknown));
}
