//! Callbacks in public mode. A part of this host, 127.0.0.2, is judged to be the public internet, so that no request
//! leaves the machine; 127.0.0.1 stays what it is.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    process::Command,
    sync::Mutex,
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use testkit::merchant::{Answer, Merchant, PATIENCE};
use tokio::{
    net::{TcpListener, TcpStream},
    time,
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{
    guard,
    resolve::{Lookup, Resolver},
};

const PUBLIC: TargetPolicy = TargetPolicy { allow_private: false };

/// What counts as a public host here.
const OUTSIDE: &str = "127.0.0.2";

/// This host.
const INSIDE: &str = "127.0.0.1";

/// Answers each lookup with the next of its answers, and with the last one from then on.
struct Changing(Mutex<Vec<Vec<IpAddr>>>);

impl Resolver for Changing {
    fn lookup(&self, _: &str) -> Lookup {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Box::pin(async move { Ok(answer) })
    }
}

fn settings(timeout: Duration, answers: &[&[&str]]) -> Settings {
    let parse = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
    let resolver = Arc::new(Changing(Mutex::new(answers.iter().map(parse).collect())));
    Settings { timeout, policy: PUBLIC, resolver }
}

fn outside_is_public(address: IpAddr) -> bool {
    address.to_string() == OUTSIDE || guard::is_public(address)
}

/// A sender for which the outside is public, and which trusts this authority.
fn sender(answers: &[&[&str]], authority: &Authority) -> Callbacks {
    let roots = vec![Certificate::from_pem(authority.pem.as_bytes()).unwrap()];
    Callbacks::with(settings(PATIENCE, answers), Arc::new(outside_is_public), roots).unwrap()
}

async fn post(callbacks: &Callbacks, port: u16) -> (Option<u16>, Option<String>) {
    let url = Target::parse(&format!("https://shop.test:{port}/hook"), PUBLIC).unwrap();
    let outcome = time::timeout(PATIENCE * 2, callbacks.post(&url, &[], b"{}".to_vec())).await;
    let outcome = outcome.expect("a callback ends by itself");
    (outcome.http_status, outcome.error)
}

fn failed(error: &str) -> (Option<u16>, Option<String>) {
    (None, Some(error.to_owned()))
}

/// Whether nobody has tried to connect. The kernel accepts by itself, so a connection shows here once it was tried.
fn untouched(listener: &std::net::TcpListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    listener.accept().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

/// Who signs certificates.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self { pem: params.self_signed(&key).unwrap().pem(), issuer: Issuer::new(params, key) }
    }

    /// Puts TLS in front of a merchant, on the outside, with a certificate for this name. Its port.
    async fn front(&self, name: &str, merchant: SocketAddr) -> u16 {
        crate::install_crypto();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((OUTSIDE, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut front = acceptor.accept(stream).await?;
                    let mut back = TcpStream::connect(merchant).await?;
                    tokio::io::copy_bidirectional(&mut front, &mut back).await
                });
            }
        });
        port
    }
}

#[tokio::test]
async fn a_public_address_first_and_a_private_one_second_never_reaches_the_private_one() {
    // Nobody listens outside on this port, so a sender that kept the second address would try it.
    let listener = std::net::TcpListener::bind((INSIDE, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let guarded = sender(&[&[OUTSIDE, INSIDE]], &Authority::new());
    assert_eq!(post(&guarded, port).await, failed("connection refused"));
    assert!(untouched(&listener));

    // The same without the guard: the second address is reached, so the silence above means something.
    let open =
        Callbacks::with(settings(PATIENCE, &[&[OUTSIDE, INSIDE]]), Arc::new(|_| true), Vec::new()).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    let reached = async {
        tokio::select! {
            accepted = listener.accept() => accepted.is_ok(),
            outcome = post(&open, port) => panic!("nobody was reached: {outcome:?}"),
        }
    };
    assert!(time::timeout(PATIENCE, reached).await.unwrap());
}

#[tokio::test]
async fn a_name_that_leads_only_inside_is_refused() {
    let listener = std::net::TcpListener::bind((INSIDE, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    for answer in [&[INSIDE][..], &["::ffff:127.0.0.1", "::1"], &["10.0.0.1", INSIDE, "169.254.169.254"]] {
        let callbacks = Callbacks::new(settings(PATIENCE, &[answer])).unwrap();
        assert_eq!(post(&callbacks, port).await, failed("address not allowed"));
    }
    assert!(untouched(&listener));
}

#[tokio::test]
async fn a_name_that_changes_between_connections_is_judged_at_each() {
    let (merchant, authority) = (Merchant::start().await, Authority::new());
    let port = authority.front("shop.test", merchant.address()).await;
    let listener = std::net::TcpListener::bind((INSIDE, port)).unwrap();
    let callbacks = sender(&[&[OUTSIDE], &[INSIDE]], &authority);
    // An answer that is cut costs its connection, so the second callback needs a new one.
    merchant.answer(Answer::Endless);
    assert_eq!(post(&callbacks, port).await, (Some(200), None));
    assert_eq!(post(&callbacks, port).await, failed("address not allowed"));
    assert!(untouched(&listener));
}

#[tokio::test]
async fn a_callback_over_tls_arrives() {
    let (merchant, authority) = (Merchant::start().await, Authority::new());
    let port = authority.front("shop.test", merchant.address()).await;
    let callbacks = sender(&[&[OUTSIDE]], &authority);
    assert_eq!(post(&callbacks, port).await, (Some(200), None));
    let hit = merchant.next().await;
    assert_eq!(
        (hit.header("host"), hit.body.as_slice()),
        (Some(format!("shop.test:{port}").as_str()), &b"{}"[..])
    );
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_the_names_own() {
    let (merchant, authority) = (Merchant::start().await, Authority::new());
    let callbacks = sender(&[&[OUTSIDE]], &authority);
    for port in [
        authority.front("other.test", merchant.address()).await,
        Authority::new().front("shop.test", merchant.address()).await,
    ] {
        assert_eq!(post(&callbacks, port).await, failed("certificate not valid"));
    }
    assert_eq!(merchant.hits(), []);
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_is_told_apart_from_one_that_breaks_off() {
    let listener = TcpListener::bind((OUTSIDE, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let callbacks = sender(&[&[OUTSIDE]], &Authority::new());
    for (plain, error) in [(true, "tls handshake failed"), (false, "connection reset")] {
        let server = async {
            let (stream, _) = listener.accept().await.unwrap();
            stream.readable().await.unwrap();
            if plain {
                stream.try_write(b"HTTP/1.1 400 \r\n\r\n").unwrap();
            } else {
                stream.set_zero_linger().unwrap();
            }
        };
        assert_eq!(tokio::join!(post(&callbacks, port), server).0, failed(error));
    }
}

#[tokio::test]
async fn a_host_that_takes_the_connection_and_stays_silent_is_left_in_time() {
    // The kernel accepts; nobody answers the handshake.
    let listener = std::net::TcpListener::bind((OUTSIDE, 0)).unwrap();
    let settings = settings(Duration::from_secs(1), &[&[OUTSIDE]]);
    let callbacks = Callbacks::with(settings, Arc::new(outside_is_public), Vec::new()).unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(post(&callbacks, port).await, failed("connection timed out"));
    assert!(!untouched(&listener));
}

/// Runs one of the tests below in a process with these variables.
fn in_a_process_with(variables: &[(&str, &str)], test: &str) {
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", &format!("callback::tests::{test}")])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

/// Runs one of the tests below in a process whose system has no root certificates.
fn without_roots(test: &str) {
    in_a_process_with(&[("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")], test);
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    // It would look names up by itself, behind the guard, and read what goes over plain http.
    let proxy = std::net::TcpListener::bind((INSIDE, 0)).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let mut variables: Vec<_> = names.iter().map(|name| (*name, url.as_str())).collect();
    // No host is taken out of it.
    variables.extend([("NO_PROXY", ""), ("no_proxy", "")]);
    in_a_process_with(&variables, "needs_no_proxy");
    assert!(untouched(&proxy));
}

#[tokio::test]
#[ignore = "run by a_proxy_of_the_environment_is_not_used, in a process of its own"]
async fn needs_no_proxy() {
    let (merchant, authority) = (Merchant::start().await, Authority::new());
    let port = authority.front("shop.test", merchant.address()).await;
    assert_eq!(post(&sender(&[&[OUTSIDE]], &authority), port).await, (Some(200), None));
    let policy = TargetPolicy { allow_private: true };
    let callbacks = Callbacks::new(Settings { policy, ..Settings::default() }).unwrap();
    let plain = Target::parse(&merchant.url("/"), policy).unwrap();
    assert_eq!(callbacks.post(&plain, &[], Vec::new()).await.http_status, Some(200));
    assert_eq!(merchant.hits().len(), 2);
}

#[test]
fn without_root_certificates_only_a_sandbox_starts() {
    without_roots("needs_root_certificates_in_public");
    without_roots("needs_none_in_a_sandbox");
}

#[test]
#[ignore = "run by without_root_certificates_only_a_sandbox_starts, in a process of its own"]
fn needs_root_certificates_in_public() {
    assert!(matches!(Callbacks::new(Settings::default()), Err(SetupError::Tls(_))));
}

#[tokio::test]
#[ignore = "run by without_root_certificates_only_a_sandbox_starts, in a process of its own"]
async fn needs_none_in_a_sandbox() {
    let policy = TargetPolicy { allow_private: true };
    let callbacks = Callbacks::new(Settings { policy, ..Settings::default() }).unwrap();
    let merchant = Merchant::start().await;
    let plain = Target::parse(&merchant.url("/"), policy).unwrap();
    assert_eq!(callbacks.post(&plain, &[], Vec::new()).await.http_status, Some(200));
    let port = Authority::new().front("127.0.0.2", merchant.address()).await;
    let tls = Target::parse(&format!("https://127.0.0.2:{port}/"), policy).unwrap();
    let outcome = callbacks.post(&tls, &[], Vec::new()).await;
    assert_eq!(outcome.error.as_deref(), Some("certificate not valid"));
}
