//! What the server does before any handler.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::asked::{client, get, launch, send, text};

/// Sends bytes, and gives the first line that comes back.
async fn raw(url: &str, request: &str) -> String {
    let address = url.strip_prefix("http://").expect("a URL");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = [0_u8; 64];
    let read = stream.read(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_path_is_answered_in_a_form_of_ours() {
    let launch = launch();
    let process = launch.start().await;
    let url = |path: &str| format!("{}{path}", process.url);
    for (path, status, kind) in [
        ("/healthz", 200, "application/json"),
        ("/readyz", 200, "application/json"),
        ("/docs", 200, "text/html; charset=utf-8"),
        ("/", 200, "text/html; charset=utf-8"),
        ("/openapi.json", 200, "application/json"),
        ("/openapi/alpha.json", 200, "application/json"),
        ("/nothing", 404, "application/json"),
        ("/operator/v1/shops", 404, "application/json"),
        ("/v1/nothing", 404, "application/json"),
        ("/v1/payments", 401, "application/json"),
        ("/pay/chk_nothing", 404, "text/html; charset=utf-8"),
    ] {
        let answer = get(&url(path)).await;
        assert_eq!((answer.status, answer.header("content-type")), (status, kind), "{path}");
        assert!(answer.header("x-request-id").starts_with("req_"), "{path}");
    }
    assert_eq!(
        get(&url("/nothing")).await.text,
        r#"{"error":{"code":"not_found","message":"nothing is at that path"}}"#
    );
    let wrong = send(client().post(url("/readyz"))).await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "GET,HEAD"));
    let document = get(&url("/openapi.json")).await.json();
    assert_eq!(document, get(&url("/openapi/alpha.json")).await.json());
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], url("/v1"));
}

#[tokio::test]
async fn a_head_has_its_limits() {
    let launch = launch();
    let process = launch.start().await;
    let get = |headers: String| format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    let many = |count: usize| vec!["A: b\r\n"; count].concat();
    assert_eq!(raw(&process.url, &get(many(99))).await, "HTTP/1.1 200 OK");
    assert_eq!(raw(&process.url, &get(many(100))).await, "HTTP/1.1 431 Request Header Fields Too Large");
    let large = format!("A: {}\r\n", "b".repeat(40_000));
    assert_eq!(raw(&process.url, &get(large)).await, "HTTP/1.1 431 Request Header Fields Too Large");
    assert_eq!(raw(&process.url, "nonsense\r\n\r\n").await, "HTTP/1.1 400 Bad Request");
}

#[tokio::test]
async fn a_proxy_is_believed_where_it_is_trusted() {
    let limit = "[dialects.alpha]\nfailed_authentications_per_minute = 2\n";
    for (config, told) in [
        (limit.to_owned(), [401, 401, 429, 429]),
        (format!("trusted_proxies = [\"127.0.0.0/8\"]\n{limit}"), [401, 401, 429, 401]),
    ] {
        let launch = launch().config(&config);
        let process = launch.start().await;
        let mut statuses = Vec::new();
        for client_address in ["198.51.100.1", "198.51.100.1", "198.51.100.1", "198.51.100.2"] {
            let request = client().get(format!("{}/v1/payments", process.url));
            statuses.push(send(request.header("X-Forwarded-For", client_address)).await.status);
        }
        assert_eq!(statuses, told, "{config}");
    }
}

#[tokio::test]
async fn a_key_for_one_address_is_for_the_caller_behind_the_proxy() {
    let launch = launch().config("trusted_proxies = [\"127.0.0.1\"]\n");
    let process = launch.start().await;
    let demo = launch.demo();
    let shop = text(&demo, "/shop_id");
    let create =
        ["credential", "create", "--shop", shop, "--dialect", "alpha", "--allow-ip", "198.51.100.0/24"];
    let issued = launch.json(&create).await;
    assert_eq!(text(&issued, "/allowed_ips/0"), "198.51.100.0/24");
    for (caller, status) in [("198.51.100.7", 200), ("203.0.113.7", 401)] {
        let request = client().get(format!("{}/v1/payments", process.url));
        let request = request.bearer_auth(text(&issued, "/secret_key")).header("X-Forwarded-For", caller);
        assert_eq!(send(request).await.status, status, "{caller}");
    }
}

#[tokio::test]
async fn links_begin_with_the_public_url() {
    let config = "public_url = \"https://example.com/till\"\ncheckout_url = \"https://pay.example.com\"\n";
    let launch = launch().config(config);
    let mut process = launch.start().await;
    let address = process.line("listening").await["address"].as_str().unwrap().to_owned();
    assert_eq!(process.url, "https://example.com/till");
    let line = process.output_line("https://pay.example.com/pay/chk_").await;
    let path = line.strip_prefix("https://pay.example.com").unwrap();
    assert_eq!(get(&format!("http://{address}{path}")).await.status, 200);
    let home = get(&format!("http://{address}/")).await.text;
    assert!(home.contains("href=\"/till/docs\""), "{home}");
}
