//! What a start makes of its configuration.

use serde_json::json;

use crate::asked::{get, launch};

#[tokio::test]
async fn a_mistake_stops_the_start_with_its_place_and_the_fix() {
    let launch = launch().config("[webhooks]\ntimeout = 5\n");
    let ended = launch.run(&["serve"]).await;
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert_eq!(
        ended.log,
        "error: tillgate.toml, line 2: `webhooks.timeout` is no setting.\n  Did you mean `timeout_ms`?\n"
    );
    assert!(!launch.data_dir().exists());
}

#[tokio::test]
async fn a_mistake_in_the_environment_stops_the_start_too() {
    let launch = launch().variable("TILLGATE_LISTEN", "everywhere");
    for command in [&["serve"][..], &["config"], &["shop", "list"]] {
        let ended = launch.run(command).await;
        assert_eq!(ended.code, Some(1));
        assert_eq!(
            ended.log,
            "error: environment variable TILLGATE_LISTEN: `listen` has to be an address with a port, such as \
             127.0.0.1:8080 or [::1]:8080.\n"
        );
    }
}

#[tokio::test]
async fn the_effective_configuration_is_printed_without_its_secrets() {
    let url = "https://node.example/v3/0123456789abcdef";
    let config = format!(
        "public_url = \"https://pay.example.com/till\"\n[log]\nlevel = \"debug\"\n\
         [[rails.evm]]\nnetwork = \"ethereum\"\n\
         chain_id = 1\nnative = \"ETH\"\nrpc_url = \"{url}\"\n"
    );
    let key = "5a".repeat(32);
    let launch = launch().config(&config).variable("TILLGATE_SECRETS__MASTER_KEY", &key);
    let printed = launch.run(&["config"]).await;
    assert_eq!(printed.code, Some(0));
    for line in [
        "public_url = \"https://pay.example.com/till\"  # tillgate.toml, line 1",
        "checkout_url = \"https://pay.example.com/till\"",
        "level = \"debug\"  # tillgate.toml, line 3",
        "master_key = \"***\"  # environment variable TILLGATE_SECRETS__MASTER_KEY",
        "\"ETH/USD\" = \"3000\"",
        "sources = [\"fixed\"]",
    ] {
        assert!(printed.output.lines().any(|found| found == line), "{line:?} in\n{}", printed.output);
    }
    let document = launch.json(&["config"]).await;
    assert_eq!(document["rails"]["evm"][0]["rpc_url"], "***");
    assert_eq!(document["sources"]["log.level"], "tillgate.toml, line 3");
    assert_eq!(document["sources"]["log.format"], "default");
    for text in [printed.output, document.to_string()] {
        assert!(!text.contains(&key) && !text.contains("0123456789abcdef"), "{text}");
    }
}

#[tokio::test]
async fn the_printed_configuration_can_be_used_again() {
    let launch = launch();
    let printed = launch.run(&["config"]).await.output;
    let again = launch.config(&printed);
    assert_eq!(again.run(&["config"]).await.code, Some(0));
}

#[tokio::test]
async fn a_database_is_migrated_by_hand_only_while_no_gateway_runs() {
    let launch = launch();
    let check = launch.json(&["migrate", "--check"]).await;
    assert_eq!((&check["from"], &check["to"], &check["done"]), (&json!(0), &json!(7), &json!(false)));
    assert!(!launch.data_dir().exists());
    let ran = json!([
        "1 foundation",
        "2 nodes",
        "3 idempotency_slices",
        "4 rates",
        "5 mails",
        "6 numbers_and_signers",
        "7 buyers"
    ]);
    assert_eq!(launch.json(&["migrate"]).await["migrations"], ran);
    let again = launch.run(&["migrate"]).await.output;
    assert!(again.ends_with("tillgate.db has schema 7: nothing to do.\n"), "{again}");
    // It has a database now, but no key was made for it yet: a start makes it.
    let process = launch.start().await;
    assert_eq!(get(&format!("{}/readyz", process.url)).await.status, 200);
    let refused = launch.run(&["migrate"]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.log.starts_with("error: another process runs on tillgate-data\n"), "{}", refused.log);
    assert_eq!(launch.run(&["migrate", "--check"]).await.code, Some(0));
}

#[tokio::test]
async fn a_database_that_cannot_be_seen_is_not_taken_for_a_new_one() {
    let launch = launch();
    std::fs::write(launch.folder().join("file"), "").unwrap();
    let ended = launch.run(&["migrate", "--check", "--data", "file"]).await;
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert!(ended.log.starts_with("error: the database file/tillgate.db cannot be seen: "), "{}", ended.log);
}

#[tokio::test]
async fn a_real_network_takes_the_place_of_the_simulated_one() {
    let config = "[[rails.evm]]\nnetwork = \"ethereum\"\nchain_id = 31337\nnative = \"ETH\"\n\
        rpc_url = \"http://127.0.0.1:9/secret-path-of-a-node\"\n";
    let launch = launch().config(config);
    let process = launch.start().await;
    let refused = launch.run(&["simulate", "mine", "ethereum"]).await;
    assert!(refused.log.contains("not simulated"), "{refused:?}");
    assert_eq!(launch.run(&["simulate", "mine", "tron"]).await.code, Some(0));
    assert_eq!(get(&format!("{}/readyz", process.url)).await.status, 200);
    let ended = process.stop().await;
    assert_eq!(ended.code, Some(0));
    assert!(!ended.log.contains("secret-path-of-a-node"), "{}", ended.log);
}
