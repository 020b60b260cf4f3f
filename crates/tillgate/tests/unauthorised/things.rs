//! What there is to be seen and changed: one thing of every kind, all of one shop.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::until::until;

use crate::{
    house::{Answer, House},
    keys::by_signature,
    routes::Route,
    ways::Way,
};

/// Things of our shop, by their ids.
pub(crate) struct Things {
    /// A payment that nothing is done to.
    pub(crate) payment: Payment,
    cancelled: String,
    declined: String,
    paid: String,
    endpoint: String,
    /// One that is deleted.
    spare_endpoint: String,
    credential: String,
    delivery: String,
    mail: String,
}

/// A payment.
pub(crate) struct Payment {
    pub(crate) id: String,
    /// The public token of its checkout.
    pub(crate) token: String,
}

impl Payment {
    /// Tokens that are not this one's, nor any other's.
    pub(crate) fn wrong_tokens(&self) -> [String; 3] {
        [altered(&self.token), self.id.clone(), format!("chk_{}", "0".repeat(22))]
    }
}

/// The same text with another letter at its end.
pub(crate) fn altered(text: &str) -> String {
    let (rest, last) = text.split_at(text.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

/// Our shop's own id of an invoice that it has, and one that nobody has.
pub(crate) const INVOICE: &str = "thing-1";
pub(crate) const NO_INVOICE: &str = "thing-0";

/// The network that money is simulated on.
const NETWORK: &str = "ethereum";

impl Things {
    /// Makes them, and waits until nothing goes on any more.
    pub(crate) async fn make(house: &House) -> Self {
        let shop = format!("/operator/v1/shops/{}", house.ours.id);
        let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
        let hook = json!({ "dialect": "alpha", "url": house.merchant.url("/hook") });
        let endpoints = format!("{shop}/endpoints");
        let endpoint = id(&house.operator(Method::POST, &endpoints, Some(&hook)).await);
        let spare_endpoint = id(&house.operator(Method::POST, &endpoints, Some(&hook)).await);
        let credentials = format!("{shop}/credentials");
        let credential = json!({ "dialect": "alpha" });
        let credential = id(&house.operator(Method::POST, &credentials, Some(&credential)).await);
        let [payment, cancelled, declined, paid] = [
            house.order("thing-1").await,
            house.order("thing-2").await,
            house.order("thing-3").await,
            house.order("thing-4").await,
        ];
        house.invoice(INVOICE).await;
        let delivery = until("every callback is delivered", async || {
            let path = format!("/operator/v1/deliveries?limit=100&endpoint={endpoint}");
            let list = house.operator(Method::GET, &path, None).await;
            let all = list["items"].as_array().expect("deliveries");
            let is_done = |delivery: &Value| delivery["status"] == "delivered";
            if all.len() == 4 && all.iter().all(is_done) { Ok(id(&all[0])) } else { Err(list.to_string()) }
        })
        .await;
        let mail = until("the mail is kept", async || {
            let list = house.operator(Method::GET, "/operator/v1/mails?status=kept", None).await;
            list["items"].get(0).map(&id).ok_or_else(|| list.to_string())
        })
        .await;
        let [cancelled, declined, paid] = [cancelled.id, declined.id, paid.id];
        Self { payment, cancelled, declined, paid, endpoint, spare_endpoint, credential, delivery, mail }
    }

    /// What the operator would ask for at this route, so that it is done: path and body.
    pub(crate) fn order(&self, house: &House, route: &Route) -> (String, Option<Value>) {
        let operation = route.operation.as_str();
        let path = route.path_to(|parameter| match parameter {
            "shop" => house.ours.id.clone(),
            "network" => NETWORK.to_owned(),
            "credential" => self.credential.clone(),
            "delivery" => self.delivery.clone(),
            "mail" => self.mail.clone(),
            "endpoint" if operation == "deleteEndpoint" => self.spare_endpoint.clone(),
            "endpoint" => self.endpoint.clone(),
            "payment" if operation == "cancelPayment" => self.cancelled.clone(),
            "payment" => self.payment.id.clone(),
            other => panic!("say what stands for {other} in {operation}"),
        });
        let body = match operation {
            "advanceClock" => json!({ "by": "1s" }),
            "createShop" | "changeShop" => json!({ "name": "Stand" }),
            "createCredential" => json!({ "dialect": "alpha" }),
            "createEndpoint" => json!({ "dialect": "alpha", "url": house.merchant.url("/other") }),
            "rotateEndpoint" => json!({}),
            "setWallet" => json!({ "xpub": addresses::sandbox::XPUB }),
            "simulateDecline" => json!({ "payment": self.declined }),
            "simulateMine" => json!({ "network": NETWORK, "blocks": 1 }),
            "simulatePay" => json!({ "payment": self.paid, "network": NETWORK }),
            "simulateRate" => json!({ "pair": "ETH/USD", "value": "2500" }),
            "simulateReorg" => json!({ "network": NETWORK, "depth": 1, "drop": true }),
            "simulateStall" => json!({ "network": NETWORK, "on": true }),
            _ => return (path, None),
        };
        (path, Some(body))
    }
}

impl House {
    /// A payment of our shop, made under this idempotency key.
    pub(crate) async fn order(&self, key: &str) -> Payment {
        let request = self.over_tcp(Method::POST, "/v1/payments", Some(&creation()));
        let request = request.bearer_auth(&self.ours.key("alpha").text).header("Idempotency-Key", key);
        let made = Answer::to(request).await;
        assert_eq!(made.status, 201, "{made:?}");
        let data = &made.json()["data"];
        let link = data["checkout_url"].as_str().expect("a link");
        let token = link.rsplit('/').next().expect("a token").to_owned();
        Payment { id: data["id"].as_str().expect("an id").to_owned(), token }
    }

    /// Makes an invoice of our shop's.
    async fn invoice(&self, foreign_id: &str) {
        let request = self.over_tcp(Method::POST, "/api/v2/invoices/create", Some(&invoice(foreign_id)));
        let made = Answer::to(by_signature(request, self.ours.key("alphapo"))).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
}

/// What is asked for an invoice with, in a dialect where requests are signed.
fn invoice(foreign_id: &str) -> Value {
    json!({
        "timer": false, "title": "Coffee", "currency": "EUR", "amount": "25.00", "foreign_id": foreign_id,
        "url_success": "https://shop.example/thanks", "url_failed": "https://shop.example/cart",
        "email_user": "buyer@example.com",
    })
}

/// What a payment is asked for with: the document's own example, so that the same key may ask for it again.
fn creation() -> Value {
    let routes = Route::of_the_dialects();
    let create = routes.into_iter().find(|route| route.way() == Way::Key("alpha", "createPayment"));
    create.and_then(|route| route.example).expect("an example")
}
