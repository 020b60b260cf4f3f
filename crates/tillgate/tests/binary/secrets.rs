//! No secret is ever said.

use testkit::merchant::Merchant;

use crate::asked::{client, create, get, launch, send, text};

#[tokio::test]
async fn a_whole_life_says_no_secret() {
    let master_key = "5a".repeat(32);
    let node_key = "0123456789abcdef0123456789abcdef";
    let config = format!(
        "[[rails.evm]]\nnetwork = \"sepolia\"\nchain_id = 11155111\nnative = \"ETH\"\n\
         rpc_url = \"http://me:hunter22@127.0.0.1:9/v3/{node_key}?key={node_key}\"\n"
    );
    let launch = launch()
        .config(&config)
        .variable("TILLGATE_SECRETS__MASTER_KEY", &master_key)
        .variable("TILLGATE_LOG__LEVEL", "trace");
    let mut process = launch.start().await;
    let demo = launch.demo();
    let shop = text(&demo, "/shop_id");
    let (key, publishable) = (launch.demo_key("alpha"), text(&demo, "/alpha/publishable_key").to_owned());
    let shop_server = Merchant::start().await;
    let hook = shop_server.url("/hook?token=hook-token");
    let endpoint =
        launch.json(&["endpoint", "create", "--shop", shop, "--dialect", "alpha", "--url", &hook]).await;
    let rotated = launch.json(&["endpoint", "rotate", "--shop", shop, text(&endpoint, "/id")]).await;
    let issued = launch.json(&["credential", "create", "--shop", shop, "--dialect", "alpha"]).await;
    let made = create(&process.url, text(&issued, "/secret_key"), "order-1").await.json();
    let signature = shop_server.next().await.header("x-alpha-signature").unwrap().to_owned();
    create(&process.url, "sk_test_that_nobody_issued_but_somebody_may_have_meant", "order-2").await;
    // A body that is taken, and one that is not.
    for body in [
        r#"{"amount":"5.00","currency":"USD","customer_email":"alice@example.org"}"#,
        r#"{"amount":"5.00","customer_email":"alice@example.org""#,
    ] {
        let request = client().post(format!("{}/v1/payments", process.url)).body(body);
        let request = request.header("Content-Type", "application/json").header("Idempotency-Key", "order-3");
        send(request.header("Authorization", format!("Bearer {key}"))).await;
    }
    let query = format!("{}/v1/payments?api_key={key}&limit=1", process.url);
    send(client().get(&query).header("Authorization", format!("Bearer {key}"))).await;
    get(&format!("{}/{key}", process.url)).await;
    get(text(&made, "/data/checkout_url")).await;
    launch.json(&["simulate", "pay", text(&made, "/data/id")]).await;
    // The real network cannot be reached, which is said.
    process.line("failed, and tries again").await;
    process.signal(rustix::process::Signal::TERM);
    let ended = process.ended().await;
    let token = text(&made, "/data/checkout_url").rsplit('/').next().unwrap().to_owned();
    for secret in [
        &master_key,
        &key,
        &publishable,
        text(&issued, "/secret_key"),
        text(&endpoint, "/secret"),
        text(&rotated, "/secret"),
        &signature,
        &token,
        node_key,
        "hunter22",
        "hook-token",
        "sk_test_that_nobody_issued",
        "alice@example.org",
    ] {
        assert!(!ended.log.contains(secret) && !ended.output.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn commands_show_a_secret_once() {
    let launch = launch();
    let process = launch.start().await;
    let shop = text(&launch.demo(), "/shop_id").to_owned();
    let key = launch.demo_key("alpha");
    create(&process.url, &key, "order-1").await;
    for command in [
        &["credential", "list", "--shop", &shop][..],
        &["payments", "list"],
        &["shop", "show", &shop],
        &["config"],
    ] {
        for form in [&[][..], &["--json"]] {
            let ended = launch.run(&[command, form].concat()).await;
            assert_eq!(ended.code, Some(0));
            assert!(!ended.output.contains(&key) && !ended.log.contains(&key), "{command:?}");
        }
    }
}
