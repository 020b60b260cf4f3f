//! The document: that it is kept, complete, and true.

use std::{fs, path::Path};

use dialects::alphapo::{self, SAMPLE_URL};
use serde_json::Value;

use crate::{
    contract::{Contract, PUBLIC_URL},
    exchange::Ask,
    golden::assert_golden,
    rig::Rig,
};

#[test]
fn the_document_in_the_repository_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/alphapo.json");
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let current = alphapo::document(SAMPLE_URL).to_pretty_json() + "\n";
    assert!(
        kept == current,
        "openapi/alphapo.json is stale: run `cargo run -p dialects --example openapi`, and read the difference"
    );
}

#[test]
fn the_document_names_everything_that_is_served() {
    let document = Contract::new().document;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], format!("{PUBLIC_URL}/api/v2"));
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/accounts/list",
            "/addresses/take",
            "/currencies/list",
            "/currencies/pairs",
            "/currencies/rates",
            "/exchange/calculate",
            "/exchange/fixed",
            "/exchange/now",
            "/invoices/create",
            "/ping",
            "/transactions/info",
            "/withdrawal/crypto",
        ]
    );
    let callbacks: Vec<&String> = document["webhooks"].as_object().unwrap().keys().collect();
    assert_eq!(callbacks, ["deposit", "invoice"]);
}

/// The operations whose examples are asked for, in this order, and where their answers are kept.
const ASKED: &[(&str, &str)] = &[
    ("createInvoice", "answer-create-invoice"),
    ("takeAddress", "answer-take-address"),
    ("listCurrencies", "answer-list-currencies"),
    ("listPairs", "answer-list-pairs"),
    ("listRates", "answer-list-pairs"),
    ("calculateExchange", "answer-calculate-exchange"),
];

#[tokio::test]
async fn the_examples_of_the_document_are_what_is_answered() {
    let rig = Rig::new().await;
    let operations = Contract::new().operations();
    let ask = async |name: &str, kept: &str| {
        let (path, method, operation) =
            operations.iter().find(|(_, _, operation)| operation["operationId"] == name).unwrap();
        let body = &operation["requestBody"]["content"]["application/json"]["example"];
        assert!(body.is_object(), "{name}");
        let ask = Ask::json(path, body);
        let answer = rig.ask(Ask { method: method.to_uppercase().parse().unwrap(), ..ask }).await;
        assert!(answer.status.is_success(), "{name}: {}", answer.told());
        assert_golden(kept, answer.text.as_bytes());
    };
    for (name, kept) in ASKED {
        ask(name, kept).await;
    }
    rig.pay("order-a1001", None, None).await;
    ask("getTransaction", "answer-get-transaction").await;
    ask("listAccounts", "answer-list-accounts").await;
}

#[test]
fn every_example_fits_its_schema() {
    let contract = Contract::new();
    let mut count = 0;
    walk(&contract.document, &mut |content| {
        let schema = &content["schema"];
        let single = content.get("example").into_iter();
        let named =
            content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
        for example in single.chain(named) {
            contract.valid(schema, example, &example.to_string());
            count += 1;
        }
    });
    assert!(count >= 100, "{count}");
}

/// Finds every content of a body.
fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(members) => {
            if let Some(content) = members.get("content").and_then(|content| content.get("application/json"))
            {
                visit(content);
            }
            members.values().for_each(|member| walk(member, visit));
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
