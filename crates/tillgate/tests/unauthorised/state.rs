//! Everything that an operator can see of our shop and of the gateway.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::House;

impl House {
    /// How things stand. Two of these are the same where nothing was changed in between.
    pub(crate) async fn state(&self) -> Value {
        let shop = &self.ours.id;
        let get = async |path: String| self.operator(Method::GET, &format!("/operator/v1{path}"), None).await;
        let mut credentials = get(format!("/shops/{shop}/credentials")).await;
        for credential in credentials["items"].as_array_mut().expect("credentials") {
            // That somebody used a key is no change of anything.
            credential["last_used_at"].take();
        }
        let payments = get(format!("/payments?limit=100&shop={shop}")).await;
        let mut details = Vec::new();
        for payment in payments["items"].as_array().expect("payments") {
            details.push(get(format!("/payments/{}", payment["id"].as_str().expect("an id"))).await);
        }
        json!({
            "shops": get("/shops".to_owned()).await,
            "credentials": credentials,
            "endpoints": get(format!("/shops/{shop}/endpoints")).await,
            "wallets": get(format!("/shops/{shop}/wallets")).await,
            "payments": payments,
            "details": details,
            "deliveries": get(format!("/deliveries?limit=100&shop={shop}")).await,
            "networks": get("/networks".to_owned()).await,
            "ahead": get("/clock".to_owned()).await["ahead"],
        })
    }
}
