//! A real mail server, for tests: npm's smtp-server, which takes every mail, or answers as a test says.
//!
//! The program comes from npm, pinned in `tools/npm`. Every wait is bounded by [`PATIENCE`].

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time,
};

/// How long a test waits for the server, in whatever it does.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the server prints before its address, once it takes mails.
const READY: &str = "Listening on ";

/// What a server is like.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Whether it speaks TLS from the first byte.
    pub implicit_tls: bool,
    /// Whether it offers TLS where it does not begin with it.
    pub starttls: bool,
    /// The name that its certificate is good for; empty: `127.0.0.1`.
    pub name: String,
    /// The user and the password that it asks for.
    pub login: Option<(String, String)>,
    /// Whether it takes addresses with letters of every script.
    pub utf8: bool,
}

/// A mail server on a free port of 127.0.0.1. It ends when it is dropped.
pub struct SmtpServer {
    manner: Manner,
    certificate: Certificate,
    address: SocketAddr,
    running: Option<Running>,
}

struct Running {
    /// The process is killed when its handle is dropped.
    child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Mails that came while something else was waited for.
    early: Vec<Received>,
}

/// A certificate of an authority that nobody knows, and who vouches for it.
struct Certificate {
    folder: TempDir,
    chain: String,
    key: String,
}

/// A mail as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Whom it is from, as the envelope says.
    pub from: String,
    /// Where it goes, as the envelope says.
    pub to: Vec<String>,
    /// What the sender called itself.
    pub hello: String,
    /// Whether it came encrypted.
    pub secure: bool,
    /// Who signed in.
    pub user: Option<String>,
    /// Its headers in their order, each in one line, decoded.
    pub headers: Vec<(String, String)>,
    /// Its text, decoded.
    pub text: String,
}

impl Received {
    /// The header of this name.
    ///
    /// # Panics
    /// Where there is none, or more than one.
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, value) = found.next().unwrap_or_else(|| panic!("no {name} in {:?}", self.headers));
        assert_eq!(found.next(), None, "{name} twice");
        value
    }
}

impl SmtpServer {
    /// Starts a server that is plain and kind.
    ///
    /// # Panics
    /// When the program is not installed, or does not get ready.
    pub async fn start() -> Self {
        Self::start_as(Manner::default()).await
    }

    /// Starts a server.
    ///
    /// # Panics
    /// When the program is not installed, or does not get ready.
    pub async fn start_as(manner: Manner) -> Self {
        let name = if manner.name.is_empty() { "127.0.0.1" } else { &manner.name };
        let certificate = Certificate::new(name);
        let (running, address) = spawn(&manner, &certificate, 0).await;
        Self { manner, certificate, address, running: Some(running) }
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// The file of the authority that vouches for it.
    pub fn authority(&self) -> PathBuf {
        self.certificate.folder.path().join("ca.pem")
    }

    /// Gives this answer once, at the next `connect`, `auth`, `mail`, `rcpt` or `data`.
    ///
    /// # Panics
    /// When the server is gone.
    pub async fn refuse_next(&mut self, stage: &str, code: u16, text: &str) {
        self.order(json!({"stage": stage, "code": code, "text": text})).await;
    }

    /// Gives no answer once, at this stage.
    ///
    /// # Panics
    /// When the server is gone.
    pub async fn hang_next(&mut self, stage: &str) {
        self.order(json!({"stage": stage, "hang": true})).await;
    }

    async fn order(&mut self, order: Value) {
        let running = self.running.as_mut().expect("a server that runs");
        running.orders.write_all(format!("{order}\n").as_bytes()).await.expect("a server that listens");
        while let Some(mail) = running.read().await {
            running.early.push(mail);
        }
    }

    /// The next mail.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn next(&mut self) -> Received {
        let running = self.running.as_mut().expect("a server that runs");
        if !running.early.is_empty() {
            return running.early.remove(0);
        }
        let mail = time::timeout(PATIENCE, running.read()).await;
        mail.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain for a mail")).expect("a mail")
    }

    /// Ends the server. Its port refuses connections from here on. Gives the mails that nobody asked for.
    ///
    /// # Panics
    /// When it cannot be ended.
    pub async fn stop(&mut self) -> Vec<Received> {
        let Some(mut running) = self.running.take() else { return Vec::new() };
        running.child.kill().await.expect("the server is ours to kill");
        let mut left = std::mem::take(&mut running.early);
        while let Ok(Some(line)) = running.lines.next_line().await {
            left.extend(received(&line));
        }
        left
    }

    /// Starts it again on the same port.
    ///
    /// # Panics
    /// When it does not get ready.
    pub async fn start_again(&mut self) {
        let (running, address) = spawn(&self.manner, &self.certificate, self.address.port()).await;
        (self.running, self.address) = (Some(running), address);
    }
}

impl Running {
    /// The next line that the server prints: a mail, or nothing where it says that it heard an order.
    async fn read(&mut self) -> Option<Received> {
        let line = time::timeout(PATIENCE, self.lines.next_line()).await.expect("the server prints a line");
        received(&line.expect("the server prints text").expect("the server goes on"))
    }
}

/// Starts the program, and waits until it says where it listens.
async fn spawn(manner: &Manner, certificate: &Certificate, port: u16) -> (Running, SocketAddr) {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = crates.join("../../tools/npm/node_modules/smtp-server");
    assert!(
        package.exists(),
        "smtp-server is not installed: run `npm ci --ignore-scripts --prefix tools/npm` at the root of the repository"
    );
    let login = manner.login.clone().unzip();
    let wanted = json!({
        "port": port, "secure": manner.implicit_tls, "tls": manner.implicit_tls || manner.starttls,
        "cert": certificate.chain, "key": certificate.key,
        "user": login.0, "password": login.1, "utf8": manner.utf8,
    });
    let mut child = Command::new("node")
        .arg(crates.join("smtp/server.mjs"))
        .arg(wanted.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node can be started");
    let orders = child.stdin.take().expect("its input is piped");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    let line = time::timeout(PATIENCE, lines.next_line()).await.expect("the server says where it listens");
    let line = line.expect("the server prints text").expect("the server goes on");
    let address = line.strip_prefix(READY).expect("an address").parse().expect("an address and a port");
    (Running { child, orders, lines, early: Vec::new() }, address)
}

impl Certificate {
    fn new(name: &str) -> Self {
        let mut authority = rcgen::CertificateParams::new(Vec::new()).expect("an authority");
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority_key = rcgen::KeyPair::generate().expect("a key");
        let key = rcgen::KeyPair::generate().expect("a key");
        let root = authority.self_signed(&authority_key).expect("a certificate").pem();
        let issuer = rcgen::Issuer::new(authority, authority_key);
        let own = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let chain = own.signed_by(&key, &issuer).expect("a certificate").pem();
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("ca.pem"), root).expect("a file in a temporary folder");
        Self { folder, chain, key: key.serialize_pem() }
    }
}

/// The mail in a line, where there is one in it.
fn received(line: &str) -> Option<Received> {
    let line: Value = serde_json::from_str(line).expect("JSON");
    let text = |name: &str| line[name].as_str().map(str::to_owned);
    let raw = BASE64_STANDARD.decode(line["data"].as_str()?).expect("base64");
    let raw = String::from_utf8(raw).expect("a message in UTF-8");
    let (head, body) = raw.split_once("\r\n\r\n").expect("a head and a body");
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("a header, not {line:?}"));
        (name.to_owned(), words(value))
    };
    let headers: Vec<(String, String)> = unfolded.split("\r\n").map(header).collect();
    let encoding = headers.iter().find(|(name, _)| name == "Content-Transfer-Encoding");
    let body = match encoding.map(|(_, value)| value.as_str()) {
        Some("base64") => {
            let lines: String = body.split("\r\n").collect();
            String::from_utf8(BASE64_STANDARD.decode(lines).expect("base64")).expect("UTF-8")
        }
        Some("quoted-printable") => quoted_printable(body),
        _ => body.to_owned(),
    };
    Some(Received {
        from: text("from")?,
        to: line["to"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        hello: text("hello")?,
        secure: line["secure"].as_bool()?,
        user: text("user"),
        headers,
        text: body.replace("\r\n", "\n"),
    })
}

/// A header without its encoded words (RFC 2047), of the kind that lettre writes.
fn words(value: &str) -> String {
    let mut plain = String::new();
    let mut after_encoded = false;
    for word in value.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        let decoded = encoded.map(|text| BASE64_STANDARD.decode(text).expect("base64"));
        let text = decoded.map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
        // The blank between two encoded words is none of the text.
        let between_encoded = after_encoded && text.is_some();
        if !plain.is_empty() && !between_encoded {
            plain.push(' ');
        }
        after_encoded = text.is_some();
        plain.push_str(text.as_deref().unwrap_or(word));
    }
    plain
}

/// What a text says in quoted-printable (RFC 2045, section 6.7).
fn quoted_printable(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut parts = joined.split('=');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two hexadecimal digits"));
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).expect("UTF-8")
}
