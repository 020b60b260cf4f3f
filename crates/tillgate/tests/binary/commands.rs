//! The commands: what they print for people and for programs, and how they end.

use serde_json::{Value, json};

use crate::asked::{create, launch, text};

/// The account key of the vector of BIP-44 for coin 60, whose first address is known.
const XPUB: &str = concat!(
    "xpub6DCoCpSuQZB2jawqnGMEPS63ePKWkwWPH4TU45Q7LPXWuNd8TMtV",
    "xRrgjtEshuqpK3mdhaWHPFsBngh5GFZaM6si3yZdUsT8ddYM3PwnATt"
);

#[tokio::test]
async fn shops_credentials_and_wallets_are_kept_from_the_command_line() {
    let launch = launch();
    let process = launch.start().await;
    let shop = launch.json(&["shop", "create", "--name", "Café Lumière"]).await;
    let id = text(&shop, "/id");
    let set = ["shop", "set", id, "--order-validity", "45m", "--depth", "3", "--tolerance-percent", "0.5"];
    launch.json(&set).await;
    let changed = launch.json(&["shop", "set", id, "--name", "Bar", "--depth", "default"]).await;
    assert_eq!((&changed["name"], &changed["depth"]), (&json!("Bar"), &Value::Null));
    assert_eq!(
        (&changed["order_validity"], &changed["tolerance"]["percent"]),
        (&json!("45m"), &json!("0.5"))
    );
    let human = launch.run(&["shop", "list"]).await.output;
    let lines: Vec<&str> = human.lines().collect();
    assert_eq!(lines.len(), 3, "{human}");
    assert!(lines[0].starts_with("ID  ") && lines[2] == format!("{id}  Bar        yes"), "{human}");

    let issued =
        launch.json(&["credential", "create", "--shop", id, "--dialect", "alpha", "--expires", "90d"]).await;
    let key = text(&issued, "/secret_key");
    assert_eq!(create(&process.url, key, "order-1").await.status, 201);
    launch.json(&["shop", "set", id, "--active", "false"]).await;
    assert_eq!(create(&process.url, key, "order-2").await.status, 403);
    launch.json(&["shop", "set", id, "--active", "true"]).await;
    launch.json(&["credential", "revoke", text(&issued, "/id")]).await;
    assert_eq!(create(&process.url, key, "order-3").await.status, 401);
    let human = launch.run(&["credential", "list", "--shop", id]).await.output;
    assert!(human.contains("revoked 2") && !human.contains(key), "{human}");
    let create_one = ["credential", "create", "--shop", id, "--dialect", "alpha", "--scope", "payments:read"];
    let human = launch.run(&create_one).await.output;
    assert!(human.contains("secret_key  sk_test_") && human.contains("shown this once"), "{human}");

    let wallet = ["wallet", "set", "--shop", id, "--network", "ethereum", "--xpub", XPUB];
    let set = launch.json(&wallet).await;
    assert_eq!(set["first_addresses"][0], "0x9858EfFD232B4033E47d90003D41EC34EcaEda94");
    let human = launch.run(&["wallet", "show", "--shop", id, "--network", "ethereum"]).await.output;
    assert!(human.contains("  0  0x9858EfFD232B4033E47d90003D41EC34EcaEda94\n"), "{human}");
}

#[tokio::test]
async fn the_sandbox_obeys_the_command_line() {
    let launch = launch();
    let process = launch.start().await;
    let made = create(&process.url, &launch.demo_key("alpha"), "order-1").await.json();
    let id = text(&made, "/data/id");
    assert_eq!(
        launch.run(&["simulate", "rate", "ETH/USD", "2500"]).await.output,
        "ETH/USD is 2500 from now on.\n"
    );
    let waiting =
        launch.json(&["simulate", "pay", id, "--network", "ethereum", "--confirmations", "0"]).await;
    assert_eq!((&waiting["amount"], &waiting["head"]), (&json!("0.01"), &Value::Null));
    let mined = launch.json(&["simulate", "mine", "ethereum", "2"]).await;
    let replaced = launch.json(&["simulate", "reorg", "ethereum", "2", "--drop"]).await;
    assert_eq!(replaced["height"].as_u64(), mined["height"].as_u64().map(|height| height + 1));
    let stalled = launch.run(&["simulate", "stall", "ethereum", "on"]).await;
    assert_eq!(stalled.output, "ethereum shows nothing new from now on.\n");
    launch.json(&["simulate", "stall", "ethereum", "off"]).await;
    let card = launch
        .json(&["simulate", "pay", id, "--network", "card", "--amount", "1.00", "--confirmations", "0"])
        .await;
    let declined = launch.json(&["simulate", "decline", text(&card, "/address")]).await;
    assert_eq!(text(&declined, "/payment"), id);
    let clock = launch.run(&["clock", "show"]).await.output;
    assert!(clock.ends_with("ahead by       0s\n"), "{clock}");
}

#[tokio::test]
async fn a_payment_is_cancelled_once() {
    let launch = launch();
    let process = launch.start().await;
    let made = create(&process.url, &launch.demo_key("alpha"), "order-1").await.json();
    let id = text(&made, "/data/id");
    assert_eq!(launch.json(&["payments", "cancel", id]).await["status"], "cancelled");
    let again = launch.run(&["payments", "cancel", id, "--json"]).await;
    assert_eq!((again.code, again.output.as_str()), (Some(1), ""));
    assert_eq!(again.log, "error: the payment is closed\n");
}

#[tokio::test]
async fn a_refusal_says_why_and_what_helps() {
    let launch = launch();
    let _process = launch.start().await;
    for (arguments, log) in [
        (&["shop", "show", "shop_x"][..], "error: no such shop\n  `tillgate shop list` shows the shops.\n"),
        (
            &["payments", "show", "a/../b?c"],
            "error: no such payment\n  `tillgate payments list` shows the payments.\n",
        ),
        (
            &["clock", "advance", "soon"],
            "error: `by` has to be a length of time such as 45s, 31m, 1h30m or 90d\n",
        ),
        (&["simulate", "mine", "moon"], "error: no such network is served here\n"),
    ] {
        let ended = launch.run(arguments).await;
        assert_eq!(
            (ended.code, ended.output.as_str(), ended.log.as_str()),
            (Some(1), "", log),
            "{arguments:?}"
        );
    }
}

#[tokio::test]
async fn wrong_usage_ends_with_2() {
    let launch = launch();
    for arguments in [
        &["nonsense"][..],
        &["shop"],
        &["shop", "create"],
        &["shop", "set", "x"],
        &["shop", "set", "x", "--active", "maybe"],
        &["endpoint", "delete", "--shop", "x"],
        &["serve", "--listen", "8080"],
        &["serve", "--environment", "live"],
        &["simulate", "pay", "x", "--asset", "ETH"],
    ] {
        let ended = launch.run(arguments).await;
        assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{arguments:?}: {ended:?}");
        assert!(ended.log.starts_with("error: ") || ended.log.contains("Usage: "), "{ended:?}");
        assert!(!ended.log.contains('\u{1b}'), "{ended:?}");
    }
}

#[tokio::test]
async fn whoever_closed_the_pipe_has_seen_enough() {
    let launch = launch();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tillgate"));
    let output = command.arg("config").current_dir(launch.folder()).env_clear().stdout(writer).output();
    let output = output.expect("a command");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[tokio::test]
async fn commands_say_that_no_gateway_runs() {
    let launch = launch();
    let ended = launch.run(&["shop", "list"]).await;
    let cure = "  Start it with `tillgate serve`, or name its data directory with --data.\n";
    assert_eq!(
        (ended.code, ended.log),
        (Some(1), format!("error: no gateway runs on tillgate-data\n{cure}"))
    );
    // A gateway that was killed leaves its socket behind.
    launch.start().await.kill().await;
    assert!(launch.data_dir().join("operator.sock").exists());
    assert_eq!(launch.run(&["shop", "list"]).await.code, Some(1));
    assert_eq!(launch.start().await.stop().await.code, Some(0));
    assert!(!launch.data_dir().join("operator.sock").exists());
}

#[tokio::test]
async fn a_terminal_is_given_no_orders_by_anybodys_words() {
    let launch = launch();
    let _process = launch.start().await;
    let shop = text(&launch.demo(), "/shop_id").to_owned();
    let url = "http://127.0.0.1:9/\u{1b}[2J";
    launch.run(&["endpoint", "create", "--shop", &shop, "--dialect", "alpha", "--url", url]).await;
    let listed = launch.run(&["endpoint", "list", "--shop", &shop]).await;
    assert!(listed.output.contains("http://127.0.0.1:9/") && !listed.output.contains('\u{1b}'), "{listed:?}");
}
