//! What the gateway says when it begins, in the test environment: where everything is, and what to try.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use domain::id::Entropy;
use serde::Serialize;
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    data_dir,
    demo::{Demo, HEADERS_FILE, Whereabouts},
    failure::CommandError,
    http::from,
    output::{Fields, Text},
    served::{DEMO_BODY, DEMO_DIALECT, DEMO_PATH},
    system::SystemEntropy,
};

/// Bytes of the answer to a creation.
const ANSWER_BYTES: usize = 64 * 1024;

/// What there is to say.
pub(crate) struct Banner {
    facts: Facts,
    key: Option<String>,
    headers_file: PathBuf,
    idempotency_key: String,
    program: String,
    options: String,
}

/// What a program may want to know of it. No secret is in it.
#[derive(Serialize)]
pub(crate) struct Facts {
    /// What requests go to.
    base_url: String,
    /// The documents of the APIs.
    docs_url: String,
    /// The data directory.
    data_dir: PathBuf,
    /// The operator's socket.
    operator_socket: PathBuf,
    /// The demo shop.
    shop_id: Option<String>,
    /// A fresh payment of it.
    payment_id: Option<String>,
    /// The buyer's page of that payment.
    checkout_url: Option<String>,
}

impl Banner {
    /// What there is to say of a gateway that answers with `app`. It makes a payment for the link, as the command
    /// line that it prints would.
    ///
    /// # Errors
    /// Where the disk fails.
    pub(crate) async fn new(
        at: &Whereabouts<'_>,
        demo: Option<Demo>,
        app: Router,
        options: String,
    ) -> Result<Self, CommandError> {
        let key = demo.as_ref().and_then(|demo| demo.dialects.get(DEMO_DIALECT)?.get("secret_key").cloned());
        let data_dir = std::fs::canonicalize(at.data_dir).unwrap_or_else(|_| at.data_dir.to_owned());
        let headers_file = data_dir.join(HEADERS_FILE);
        let mut payment = None;
        if let Some(key) = &key {
            write_header(&headers_file, key)?;
            payment = create(app, key).await;
        }
        let field = |name: &str| Some(payment.as_ref()?.get(name)?.as_str()?.to_owned());
        let facts = Facts {
            base_url: at.base_url.to_owned(),
            docs_url: format!("{}/docs", at.base_url),
            operator_socket: at.socket.to_owned(),
            shop_id: demo.map(|demo| demo.shop_id),
            payment_id: field("id"),
            checkout_url: field("checkout_url"),
            data_dir,
        };
        let program = std::env::args().next().unwrap_or_else(|| "tillgate".to_owned());
        Ok(Self { facts, key, headers_file, idempotency_key: fresh_key(), program, options })
    }

    /// What a program may want to know.
    pub(crate) const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The text. The demo key is in it only where `for_eyes`: what goes elsewhere is kept somewhere.
    pub(crate) fn text(&self, for_eyes: bool) -> String {
        let facts = &self.facts;
        let mut text = Text::default();
        let version = env!("CARGO_PKG_VERSION");
        text.line(&format!("\nTillgate {version}, test environment: nothing here is real money.\n"));
        let places = Fields::default()
            .with("gateway", &facts.base_url)
            .with("docs", &facts.docs_url)
            .with("data", &facts.data_dir.display().to_string());
        text.block(&places.text("  "));
        text.gap();
        let Some(curl) = self.curl(for_eyes) else {
            text.line("This database has shops of its own, and no demo shop.\n");
            return text.into_string();
        };
        text.line(&format!("Create a payment:\n\n{curl}\n"));
        if let (Some(url), Some(payment)) = (&facts.checkout_url, &facts.payment_id) {
            text.line(&format!("Or open one that is waiting for you:\n\n  {url}\n"));
            text.line(&format!("Then try:\n\n{}", self.commands(payment)));
        }
        text.into_string()
    }

    /// A command line that creates a payment, and works as it stands.
    fn curl(&self, for_eyes: bool) -> Option<String> {
        let key = self.key.as_ref()?;
        let header = if for_eyes {
            format!("Authorization: Bearer {key}")
        } else {
            format!("@{}", self.headers_file.display())
        };
        let (url, key, body) = (&self.facts.base_url, &self.idempotency_key, DEMO_BODY);
        let headers =
            [header, format!("Idempotency-Key: {key}"), "Content-Type: application/json".to_owned()];
        let headers = headers.map(|header| format!(" -H {}", quoted(&header))).concat();
        Some(format!("curl -sS {}{headers} -d {}", quoted(&format!("{url}{DEMO_PATH}")), quoted(body)))
    }

    fn commands(&self, payment: &str) -> String {
        let (program, options) = (quoted(&self.program), &self.options);
        let shop = self.facts.shop_id.as_deref().unwrap_or("SHOP");
        let lines = [
            format!("simulate pay {payment}"),
            format!("payments show {payment}"),
            format!("endpoint create --shop {shop} --dialect {DEMO_DIALECT} --url http://127.0.0.1:9000/"),
            "deliveries list".to_owned(),
            "clock advance 31m".to_owned(),
        ];
        lines.map(|line| format!("  {program} {line}{options}\n")).concat()
    }
}

/// A word as a shell takes it: as it is where nothing in it is special, else between single quotes.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@".contains(letter);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// The header with the demo key, for `curl -H @FILE`.
fn write_header(path: &Path, key: &str) -> Result<(), CommandError> {
    data_dir::write_private(path, format!("Authorization: Bearer {key}\n").as_bytes())
        .map_err(|error| CommandError::new(format!("{} cannot be written: {error}", path.display())))
}

fn fresh_key() -> String {
    let mut bytes = [0_u8; 6];
    SystemEntropy.fill(&mut bytes);
    format!("demo-{}", const_hex::encode(bytes))
}

/// Creates a payment by the dialect's own request. Nothing where that is refused: the key may have been revoked.
async fn create(app: Router, key: &str) -> Option<Value> {
    let request = Request::post(DEMO_PATH)
        .header("Authorization", format!("Bearer {key}"))
        .header("Idempotency-Key", fresh_key())
        .header("Content-Type", "application/json")
        .extension(from(IpAddr::V4(Ipv4Addr::LOCALHOST)))
        .body(Body::from(DEMO_BODY))
        .ok()?;
    let Ok(response) = app.oneshot(request).await;
    let status = response.status();
    let bytes = to_bytes(response.into_body(), ANSWER_BYTES).await.ok()?;
    if !status.is_success() {
        tracing::warn!(
            status = status.as_u16(),
            "the demo payment was refused; delete demo.json to get new keys"
        );
        return None;
    }
    serde_json::from_slice::<Value>(&bytes).ok()?.get("data").cloned()
}
