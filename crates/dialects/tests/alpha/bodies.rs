//! Requests that are not what they have to be.

use serde_json::{Value, json};

use crate::{
    exchange::{Ask, example, example_with},
    rig::Rig,
};

async fn told(rig: &Rig, body: impl Into<Vec<u8>>) -> String {
    rig.send(Ask::create("a").key(&rig.key).bytes(body)).await.told()
}

#[tokio::test]
async fn bodies_that_are_not_strict_json_are_refused() {
    let rig = Rig::new().await;
    let whole = example().to_string();
    let unclosed = whole.trim_end_matches('}').to_owned();
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b" ".to_vec(),
        b"amount=25.00&currency=USD".to_vec(),
        unclosed.clone().into_bytes(),
        format!("{whole}{whole}").into_bytes(),
        format!("{whole} //").into_bytes(),
        format!("\u{feff}{whole}").into_bytes(),
        format!(r#"{unclosed},"amount":"25.00"}}"#).into_bytes(),
        format!(r#"{unclosed},"metadata":{{"a":{{"b":1,"b":1}}}}}}"#).into_bytes(),
        format!(r#"{unclosed},"x":"\ud800"}}"#).into_bytes(),
        format!(r#"{unclosed},"x":"\u0000"}}"#).into_bytes(),
        format!(r#"{unclosed},"x":{}{}}}"#, "[".repeat(40), "]".repeat(40)).into_bytes(),
        "[".repeat(60_000).into_bytes(),
        [b"{\"reference\":\"".as_slice(), &[0xff, 0xfe], b"\"}"].concat(),
        whole.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    for body in bodies {
        let text = String::from_utf8_lossy(&body).chars().take(300).collect::<String>();
        assert_eq!(told(&rig, body).await, "400 invalid_json", "{text}");
    }
    assert_eq!(told(&rig, whole).await, "201");
}

#[tokio::test]
async fn json_of_another_shape_is_refused() {
    let rig = Rig::new().await;
    for body in [json!([]), json!("x"), json!(1), Value::Null, json!([example()])] {
        let answer = rig.send(Ask::create("a").key(&rig.key).json(&body)).await;
        assert_eq!(answer.told(), "422 validation_failed", "{body}");
        assert_eq!(answer.fields(), [""]);
    }
    let wrong = json!({"amount": 25, "currency": 840, "success_url": [], "cancel_url": {}, "metadata": []});
    let answer = rig.send(Ask::create("a").key(&rig.key).json(&wrong)).await;
    assert_eq!(answer.told(), "422 validation_failed");
    assert_eq!(answer.fields(), ["amount", "currency", "success_url", "cancel_url", "metadata"]);
}

#[tokio::test]
async fn a_body_may_have_64_kib_and_no_more() {
    let rig = Rig::new().await;
    let whole = example().to_string();
    let sized = |length: usize| format!("{whole}{}", " ".repeat(length - whole.len()));
    assert_eq!(told(&rig, sized(64 * 1024)).await, "201");
    for length in [64 * 1024 + 1, 1024 * 1024, 4 * 1024 * 1024] {
        assert_eq!(told(&rig, sized(length)).await, "413 payload_too_large", "{length}");
    }
}

#[tokio::test]
async fn what_is_wrong_first_is_told_first() {
    let rig = Rig::new().await;
    let ask = Ask::create("").key(&rig.key).header("Content-Type", "text/plain").bytes(vec![b'x'; 70_000]);
    assert_eq!(rig.send(ask.clone()).await.told(), "415 unsupported_media_type");
    let ask = ask.without("Content-Type").header("Content-Type", "application/json");
    assert_eq!(rig.send(ask.clone()).await.told(), "413 payload_too_large");
    let ask = ask.bytes("x");
    assert_eq!(rig.send(ask.clone()).await.told(), "400 idempotency_key_invalid");
    let ask = ask.without("Idempotency-Key");
    assert_eq!(rig.send(ask.clone()).await.told(), "400 idempotency_key_required");
    let ask = ask.header("Idempotency-Key", "a");
    assert_eq!(rig.send(ask.clone()).await.told(), "400 invalid_json");
    let ask = ask.bytes(r#"{"card":1}"#);
    assert_eq!(rig.send(ask.clone()).await.told(), "422 payment_credentials_not_allowed");
    assert_eq!(rig.send(ask.bytes("{}")).await.told(), "422 validation_failed");
}

#[tokio::test]
async fn types_of_bodies_are_read_as_they_are_meant() {
    let rig = Rig::new().await;
    for (media, told) in [
        ("application/json", "201"),
        ("application/json; charset=utf-8", "201"),
        ("APPLICATION/JSON;charset=UTF-8", "201"),
        ("application/json; charset=iso-8859-1", "415 unsupported_media_type"),
        ("text/json", "415 unsupported_media_type"),
        ("application/x-www-form-urlencoded", "415 unsupported_media_type"),
    ] {
        let ask = Ask::create("a").key(&rig.key).without("Content-Type").header("Content-Type", media);
        assert_eq!(rig.send(ask).await.told(), told, "{media}");
    }
    let packed = Ask::create("a").key(&rig.key).header("Content-Encoding", "gzip");
    assert_eq!(rig.send(packed).await.told(), "415 unsupported_media_type");
}

#[tokio::test]
async fn payment_credentials_are_named_and_never_repeated() {
    let rig = Rig::new().await;
    let number = "4242 4242 4242 4242";
    for (body, field) in [
        (example_with("card_number", "4242424242424242"), "card_number"),
        (example_with("PIN", "1234"), "PIN"),
        (example_with("description", format!("paid by {number}")), "description"),
        (example_with("reference", number), "reference"),
        (example_with("customer_email", number), "customer_email"),
        (example_with("metadata", json!({"note": number})), "metadata.note"),
        (example_with("metadata", json!({ number: 1 })), "metadata"),
        (example_with("metadata", json!({"a": [{"cvc": "123"}]})), "metadata.a[0].cvc"),
    ] {
        let answer = rig.send(Ask::create("a").key(&rig.key).json(&body)).await;
        assert_eq!(answer.told(), "422 payment_credentials_not_allowed", "{body}");
        assert_eq!(answer.fields(), [field]);
        assert!(!answer.text.contains("4242"), "{answer:?}");
    }
    assert_eq!(rig.get("/v1/payments").await.data().as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn an_answer_names_no_more_than_it_can_hold() {
    let rig = Rig::new().await;
    let name = "n".repeat(40);
    let deep = |inner: &str| {
        let (open, close) = (format!("{{\"{name}\":").repeat(28), "}".repeat(28));
        let whole = example().to_string();
        let body = format!("{},\"metadata\":{open}[{inner}]{close}}}", whole.trim_end_matches('}'));
        assert!(body.len() <= 64 * 1024, "{}", body.len());
        body
    };
    let pins = vec![r#"{"pin":1}"#; 6_000].join(",");
    let long = vec![format!("{{\"{name}x\":1}}"); 1_200].join(",");
    let cards = vec!["4242424242424242"; 3_000].join(",");
    for (inner, told) in [
        (&pins, "422 payment_credentials_not_allowed"),
        (&cards, "422 payment_credentials_not_allowed"),
        (&long, "422 validation_failed"),
    ] {
        let answer = rig.send(Ask::create("a").key(&rig.key).bytes(deep(inner))).await;
        assert_eq!((answer.told().as_str(), answer.fields().len()), (told, 50));
        assert!(answer.text.len() < 128 * 1024, "{}", answer.text.len());
    }
}

#[tokio::test]
async fn fields_that_nobody_knows_are_ignored() {
    let rig = Rig::new().await;
    let answer = rig.create_with("a", &example_with("webhook_url", "https://merchant.example/hook")).await;
    assert_eq!(answer.told(), "201");
    assert!(!answer.text.contains("webhook_url"));
}

#[tokio::test]
async fn what_was_given_is_given_back() {
    let rig = Rig::new().await;
    let text = r#"{"amount":"7","currency":"EUR","success_url":"https://merchant.example/a?b=c&d#e",
        "cancel_url":"http://localhost:3000/x","metadata":{"z":{"y":[1.50,"é",null,true]},"a":""}}"#;
    let made = rig.send(Ask::create("a").key(&rig.key).bytes(text)).await;
    assert_eq!(made.told(), "201");
    assert!(made.text.contains(r#""metadata":{"z":{"y":[1.50,"é",null,true]},"a":""}"#), "{made:?}");
    let read = rig.get(&format!("/v1/payments/{}", made.text_of("id"))).await;
    assert_eq!(read.text, made.text);
    let data = read.data();
    assert_eq!(data["amount"], "7.00");
    assert_eq!(data["success_url"], "https://merchant.example/a?b=c&d#e");
    for field in ["customer_email", "description", "reference", "completed_at", "failure_code"] {
        assert_eq!(data[field], Value::Null, "{field}");
    }
}
