//! What the gateway says when it begins, in the test environment: where everything is, and what to try.

mod signed;

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use domain::id::Entropy;
use serde::Serialize;
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    data_dir,
    demo::{Demo, HEADERS_FILE, Whereabouts},
    failure::{CommandError, NO_ROOM},
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
    /// The command line of the dialect whose requests are signed, where it works.
    signed: Option<String>,
    /// Why the demo shop takes no payment, where it takes none.
    trouble: Option<&'static str>,
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
        let (mut payment, mut trouble) = (None, None);
        let signed = match &demo {
            Some(demo) => signed::curl(demo, at.base_url, app.clone()).await,
            None => None,
        };
        match &key {
            Some(key) => {
                write_header(&headers_file, key)?;
                match create(app, key).await {
                    Ok(made) => payment = made,
                    Err(status) => {
                        let why = reason(status);
                        tracing::warn!(status = status.as_u16(), why, "the demo shop takes no payment");
                        trouble = Some(why);
                    }
                }
            }
            None if demo.is_some() => trouble = Some(SWITCHED_OFF),
            None => {}
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
        Ok(Self { facts, key, signed, trouble, headers_file, idempotency_key: fresh_key(), program, options })
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
        match (self.trouble, self.curl(for_eyes), &self.signed) {
            (Some(why), _, None) => text.line(&format!("The demo shop takes no payment: {why}.\n")),
            (None, None, _) => text.line("This database has shops of its own, and no demo shop.\n"),
            (None, Some(curl), _) => text.line(&format!("Create a payment:\n\n{curl}\n")),
            (Some(_), _, Some(_)) => {}
        }
        if let Some(curl) = &self.signed {
            text.line(&format!("Create an invoice of the dialect {}, signed:\n\n{curl}\n", signed::DIALECT));
        }
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
    data_dir::write_private(path, format!("Authorization: Bearer {key}\n").as_bytes()).map_err(|error| {
        CommandError::new(format!("{} cannot be written: {error}", path.display())).cure(NO_ROOM)
    })
}

fn fresh_key() -> String {
    let mut bytes = [0_u8; 6];
    SystemEntropy.fill(&mut bytes);
    format!("demo-{}", const_hex::encode(bytes))
}

/// Why the demo shop has no key, or one that nothing answers.
const SWITCHED_OFF: &str = "its dialect is switched off in the configuration";

/// Why the dialect refuses what it is asked with the demo key, and what to do about it.
const fn reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => {
            "its key does not work. Delete demo.json, and the next start makes new keys"
        }
        StatusCode::FORBIDDEN => "it is not active. `tillgate shop set SHOP --active true` changes that",
        StatusCode::NOT_FOUND => SWITCHED_OFF,
        _ => "the gateway refused it",
    }
}

/// Creates a payment by the dialect's own request; its status where that is refused.
async fn create(app: Router, key: &str) -> Result<Option<Value>, StatusCode> {
    let unwritable = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let request = Request::post(DEMO_PATH)
        .header("Authorization", format!("Bearer {key}"))
        .header("Idempotency-Key", fresh_key())
        .header("Content-Type", "application/json")
        .extension(from(IpAddr::V4(Ipv4Addr::LOCALHOST)))
        .body(Body::from(DEMO_BODY))
        .map_err(unwritable)?;
    let Ok(response) = app.oneshot(request).await;
    let status = response.status();
    if !status.is_success() {
        return Err(status);
    }
    let bytes = to_bytes(response.into_body(), ANSWER_BYTES).await.unwrap_or_default();
    Ok(serde_json::from_slice::<Value>(&bytes).ok().and_then(|answer| answer.get("data").cloned()))
}
