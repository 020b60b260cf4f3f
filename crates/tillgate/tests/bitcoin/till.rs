//! The binary on a chain, with a shop that receives there.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use testkit::{
    bitcoin::Bcoin,
    merchant::Merchant,
    process::{Launch, Process},
    until::until,
};

use crate::{buyer::Buyer, told::Shop};

/// The account key of the vector of BIP-84, under the prefix of test networks.
pub(crate) const TPUB: &str = concat!(
    "tpubDCxX2sYFS5bDkSe5GKKYHjBW7tgyN1R3UchpLJvdbf54ohxeGRtd8",
    "MbDUe1cguVHe4vnK68DsuD5MXjxi9EXx16rb9EnNsaF5KT99CinaJz"
);

/// Its first two addresses under the prefix of regression-test networks.
pub(crate) const ADDRESSES: [&str; 2] =
    ["bcrt1qcr8te4kr609gcawutmrza0j4xv80jy8zeqchgx", "bcrt1qnjg0jd8228aq7egyzacy8cys3knf9xvr3v5hfj"];

/// The descriptor of the account key of the vector of BIP-86, under the prefix of test networks.
pub(crate) const TAPROOT: &str = concat!(
    "tr([73c5da0a/86h/1h/0h]tpubDC3pD7UZXnsgh3EBjbtBQiB1FnLask7UHBSunZ1DPK4dCFFZoFRkgxHB8gt42FvLzx1Dp",
    "xfHWxAsYaY6b643RVcGjDxXxns7wKKYnnfEcbB/0/*)#8m5gph0d"
);

/// Its first two addresses under the prefix of regression-test networks.
pub(crate) const TAPROOT_ADDRESSES: [&str; 2] = [
    "bcrt1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqvg32hk",
    "bcrt1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0waslcutpz",
];

/// A gateway that follows a chain, and its demo shop.
pub(crate) struct Till {
    pub(crate) launch: Launch,
    pub(crate) shop: Shop,
    process: Process,
    http: Client,
    key: String,
    orders: AtomicU32,
}

/// A payment that the shop asked for.
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) buyer: Buyer,
}

/// A configuration that follows the node at this URL.
pub(crate) fn config(url: &str, (user, password): (&str, &str), confirmations: u32) -> String {
    let node = format!("rpc_url = \"{url}\"\nrpc_user = \"{user}\"\nrpc_password = \"{password}\"\n");
    format!("{}{node}confirmations = {confirmations}\n", config_without_server())
}

/// The same without a node.
pub(crate) fn config_without_server() -> String {
    r#"
[limits]
requests_per_minute = 0
[rates]
sources = ["fixed"]
[rates.fixed]
"BTC/USD" = "60000"
"ETH/USD" = "3000"
[[rails.bitcoin]]
network = "bitcoin"
chain = "regtest"
poll_ms = 100
"#
    .to_owned()
}

/// A launch of the binary of this build.
pub(crate) fn launch() -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_tillgate"))
}

impl Till {
    /// A gateway on this node. Money is final after so many confirmations.
    pub(crate) async fn start(node: &Bcoin, confirmations: u32) -> Self {
        Self::with(&config(&node.url(), node.credentials(), confirmations)).await
    }

    /// A gateway with this configuration, whose demo shop was given its wallet and an endpoint.
    pub(crate) async fn with(config: &str) -> Self {
        let till = Self::without_wallet(launch().config(config)).await;
        till.set_wallet(TPUB, &ADDRESSES).await;
        till
    }

    /// The same before its shop has a wallet.
    pub(crate) async fn without_wallet(launch: Launch) -> Self {
        let process = launch.start().await;
        let server = Merchant::start().await;
        let demo = launch.demo();
        let url = server.url("/hook");
        let create =
            ["endpoint", "create", "--shop", text(&demo, "/shop_id"), "--dialect", "alpha", "--url", &url];
        let endpoint = launch.json(&create).await;
        let shop = Shop::new(server, text(&endpoint, "/secret"));
        let http = client();
        let key = launch.demo_key("alpha");
        Self { launch, shop, process, http, key, orders: AtomicU32::default() }
    }

    /// Gives the shop a wallet, and compares the addresses, as one is told to.
    pub(crate) async fn set_wallet(&self, key: &str, addresses: &[&str]) -> Value {
        let demo = self.launch.demo();
        let shop = text(&demo, "/shop_id");
        let set = ["wallet", "set", "--shop", shop, "--network", "bitcoin", "--xpub", key];
        let wallet = self.launch.json(&set).await;
        let shown = wallet["first_addresses"].as_array().expect("a list");
        assert_eq!(shown.len(), 5);
        assert!(shown.iter().zip(addresses).all(|(shown, expected)| shown == expected), "{shown:?}");
        wallet
    }

    /// Kills the process as a crash would, and starts it again after what happens meanwhile.
    pub(crate) async fn crash(self, meanwhile: impl AsyncFnOnce()) -> Self {
        let Self { launch, shop, process, http, key, orders } = self;
        process.kill().await;
        meanwhile().await;
        let process = launch.start().await;
        Self { launch, shop, process, http, key, orders }
    }

    /// Stops the process, and starts it again with another configuration.
    pub(crate) async fn restart_with(self, config: &str) -> Self {
        let Self { launch, shop, process, http, key, orders } = self;
        assert_eq!(process.stop().await.code, Some(0));
        let launch = launch.config(config);
        let process = launch.start().await;
        Self { launch, shop, process, http, key, orders }
    }

    /// What its links begin with.
    pub(crate) fn url(&self) -> &str {
        &self.process.url
    }

    /// Asks for 25 dollars, and sends the buyer to the page once the chain is seen.
    pub(crate) async fn payment(&self) -> Payment {
        let payment = self.payment_unseen().await;
        payment.buyer.is_offered("BTC").await;
        payment
    }

    /// Asks for 25 dollars, whether the chain is seen or not.
    pub(crate) async fn payment_unseen(&self) -> Payment {
        let body = json!({
            "amount": "25.00", "currency": "USD", "description": "Two coffees",
            "success_url": "https://shop.example/s", "cancel_url": "https://shop.example/c",
        });
        let order = format!("order-{}", self.orders.fetch_add(1, Ordering::Relaxed));
        let request = self.http.post(format!("{}/v1/payments", self.process.url));
        let request = request.header("Idempotency-Key", order);
        let made = self.ask(request.json(&body), 201).await;
        let buyer = Buyer::new(self.http.clone(), text(&made, "/data/checkout_url"), "bitcoin");
        Payment { id: text(&made, "/data/id").to_owned(), buyer }
    }

    /// The payment's state in the shop's API.
    pub(crate) async fn status(&self, payment: &Payment) -> String {
        let request = self.http.get(format!("{}/v1/payments/{}", self.process.url, payment.id));
        text(&self.ask(request, 200).await, "/data/status").to_owned()
    }

    /// Waits until the shop's API says this state.
    pub(crate) async fn reaches(&self, payment: &Payment, status: &str) {
        until(&format!("the payment is {status}"), async || {
            let found = self.status(payment).await;
            if found == status { Ok(()) } else { Err(found) }
        })
        .await;
    }

    /// What the operator's API says at this path.
    pub(crate) async fn operator(&self, path: &str) -> Value {
        let socket = self.launch.data_dir().join("operator.sock");
        let client = Client::builder().no_proxy().unix_socket(socket).build().expect("a client");
        let answer = client.get(format!("http://localhost/operator/v1{path}")).send().await;
        answer.expect("an answer").json().await.expect("a JSON document")
    }

    /// What the operator sees of a payment.
    pub(crate) async fn shown(&self, payment: &Payment) -> Value {
        self.launch.json(&["payments", "show", &payment.id]).await
    }

    /// Waits until the operator sees this much of a payment: the values at these places.
    pub(crate) async fn shows(&self, payment: &Payment, wanted: &[(&str, Value)]) -> Value {
        until(&format!("the operator sees {wanted:?}"), async || {
            let shown = self.shown(payment).await;
            let fits = wanted.iter().all(|(place, value)| shown.pointer(place) == Some(value));
            if fits { Ok(shown) } else { Err(shown.to_string()) }
        })
        .await
    }

    /// Waits until the first money of a payment has so many confirmations.
    pub(crate) async fn confirmations(&self, payment: &Payment, number: u64) {
        self.shows(payment, &[("/receipts/0/confirmations", json!(number))]).await;
    }

    /// All that the shop was told of a payment, once it was told all that there is to tell.
    pub(crate) async fn told(&self, payment: &Payment) -> Vec<(String, String)> {
        let shown = self.shown(payment).await;
        let events = shown["events"].as_array().expect("a list").iter();
        let named: Vec<&str> =
            events.filter(|event| event["name"].is_string()).map(|event| text(event, "/id")).collect();
        self.shop.heard(&payment.id, &named).await
    }

    async fn ask(&self, request: RequestBuilder, status: u16) -> Value {
        let request = request.header("Authorization", format!("Bearer {}", self.key));
        let response = request.send().await.expect("an answer");
        let (found, body) = (response.status(), response.text().await.expect("a body"));
        assert_eq!(found, status, "{body}");
        serde_json::from_str(&body).expect("a JSON document")
    }
}

fn client() -> Client {
    outbound::install_crypto();
    Client::builder().no_proxy().build().expect("a client")
}

/// The text at this place of a document.
pub(crate) fn text<'a>(document: &'a Value, place: &str) -> &'a str {
    document.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("no {place} in {document}"))
}
