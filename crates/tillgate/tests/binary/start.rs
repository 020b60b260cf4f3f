//! What a start prints, and that it works.

use std::process::Command;

use serde_json::json;

use crate::asked::{get, launch, text};

/// Runs a line in a shell, as somebody would who copied it.
fn shell(line: &str) -> serde_json::Value {
    let output = Command::new("sh").args(["-c", line]).output().expect("a shell");
    assert!(output.status.success(), "{line}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}: {output:?}"))
}

#[tokio::test]
async fn everything_that_is_printed_works_as_printed() {
    let launch = launch();
    let process = launch.start().await;
    let made = shell(&process.output_line("curl ").await);
    assert_eq!(text(&made, "/data/status"), "pending");
    // The printed line has a key of its own: the same line again is the same payment.
    assert_eq!(shell(&process.output_line("curl ").await), made);
    let invoice = shell(&process.output_line(&format!("curl -sS {}/api/v2/", process.url)).await);
    assert_eq!((text(&invoice, "/data/status"), text(&invoice, "/data/sender_currency")), ("pending", "BTC"));
    assert_eq!(get(text(&invoice, "/data/url")).await.status, 200);
    let link = process.output_line(&format!("{}/pay/chk_", process.url)).await;
    let page = get(&link).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text.contains("Two coffees") && page.text.contains("25.00"), "{}", page.text);
    let command = process.output_line(env!("CARGO_BIN_EXE_tillgate")).await;
    let (_, arguments) = command.split_once(' ').expect("a command");
    let paid = launch.json(&arguments.split(' ').collect::<Vec<_>>()).await;
    assert_eq!(text(&paid, "/network"), "bitcoin");
    assert_eq!(get(&format!("{}/docs", process.url)).await.status, 200);
}

#[tokio::test]
async fn the_demo_file_has_its_promised_fields_and_no_other() {
    let launch = launch();
    let process = launch.start().await;
    let demo = launch.demo();
    let names = |place: &str| -> Vec<String> {
        demo.pointer(place).and_then(|value| value.as_object()).expect("an object").keys().cloned().collect()
    };
    assert_eq!(names(""), ["alpha", "alphapo", "base_url", "environment", "operator_socket", "shop_id"]);
    assert_eq!(names("/alpha"), ["publishable_key", "secret_key"]);
    assert_eq!(names("/alphapo"), ["key", "secret"]);
    assert_eq!(text(&demo, "/base_url"), process.url);
    assert_eq!(text(&demo, "/environment"), "test");
    assert!(text(&demo, "/alpha/secret_key").starts_with("sk_test_"));
    assert!(text(&demo, "/alpha/publishable_key").starts_with("pk_test_"));
    let shown = launch.json(&["shop", "show", text(&demo, "/shop_id")]).await;
    assert_eq!(shown["name"], "Demo shop");
    assert!(std::fs::exists(text(&demo, "/operator_socket")).unwrap());
}

#[tokio::test]
async fn a_later_start_prints_the_same_keys_and_a_fresh_link() {
    let launch = launch();
    let first = launch.start().await;
    let link = first.output_line(&format!("{}/pay/", first.url)).await;
    let before = launch.demo();
    assert_eq!(first.stop().await.code, Some(0));
    let second = launch.start().await;
    let after = launch.demo();
    assert_eq!((&after["alpha"], &after["shop_id"]), (&before["alpha"], &before["shop_id"]));
    assert_eq!(text(&after, "/base_url"), second.url);
    let fresh = second.output_line(&format!("{}/pay/", second.url)).await;
    assert_ne!(fresh.rsplit('/').next(), link.rsplit('/').next());
    assert_eq!(get(&fresh).await.status, 200);
    // One shop, and a payment for each start.
    assert_eq!(launch.json(&["shop", "list"]).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(launch.json(&["payments", "list"]).await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_crash_between_the_demo_shop_and_its_file_is_mended() {
    let launch = launch();
    launch.start().await.kill().await;
    let before = launch.demo();
    std::fs::remove_file(launch.data_dir().join("demo.json")).unwrap();
    let process = launch.start().await;
    let after = launch.demo();
    assert_eq!(after["shop_id"], before["shop_id"]);
    assert_ne!(after["alpha"]["secret_key"], before["alpha"]["secret_key"]);
    assert_eq!(shell(&process.output_line("curl ").await)["data"]["status"], "pending");
}

#[tokio::test]
async fn a_line_that_would_not_work_is_not_printed() {
    let launch = launch();
    let process = launch.start().await;
    let shop = text(&launch.demo(), "/shop_id").to_owned();
    launch.json(&["shop", "set", &shop, "--active", "false"]).await;
    process.stop().await;
    let inactive = launch.start().await.stop().await.output;
    let reason = "takes no payment: it is not active. `tillgate shop set SHOP --active true` changes that.";
    assert!(inactive.contains(reason) && !inactive.contains("curl"), "{inactive}");
    let process = launch.start().await;
    launch.json(&["shop", "set", &shop, "--active", "true"]).await;
    let credentials = launch.json(&["credential", "list", "--shop", &shop]).await;
    for credential in credentials["items"].as_array().unwrap() {
        launch.json(&["credential", "revoke", text(credential, "/id")]).await;
    }
    process.stop().await;
    let revoked = launch.start().await.stop().await.output;
    assert!(
        revoked.contains("its key does not work. Delete demo.json") && !revoked.contains("curl"),
        "{revoked}"
    );
    std::fs::remove_file(launch.data_dir().join("demo.json")).unwrap();
    let process = launch.start().await;
    assert_eq!(shell(&process.output_line("curl ").await)["data"]["status"], "pending");
}

#[tokio::test]
async fn a_dialect_that_is_switched_on_later_gets_its_demo_keys() {
    const NONE: &str = "[dialects.alpha]\nenabled = false\n[dialects.alphapo]\nenabled = false\n";
    let launch = launch().config(NONE);
    let off = launch.start().await.stop().await.output;
    assert!(off.contains("The demo shop takes no payment: its dialect is switched off"), "{off}");
    let launch = launch.config("");
    let process = launch.start().await;
    assert_eq!(shell(&process.output_line("curl ").await)["data"]["status"], "pending");
    process.stop().await;
    let launch = launch.config(NONE);
    let off = launch.start().await.stop().await.output;
    assert!(off.contains("its dialect is switched off") && !off.contains("curl"), "{off}");
    // Each is printed by itself.
    let launch = launch.config("[dialects.alpha]\nenabled = false\n");
    let one = launch.start().await.stop().await.output;
    assert!(one.contains("/api/v2/invoices/create") && !one.contains("/v1/payments"), "{one}");
}

#[tokio::test]
async fn a_start_for_programs_prints_one_document() {
    let launch = launch().argument("--json");
    let process = launch.start().await;
    let url = process.url.clone();
    let ended = process.stop().await;
    let said: serde_json::Value = serde_json::from_str(&ended.output).expect("one document");
    assert_eq!(text(&said, "/base_url"), url);
    assert!(text(&said, "/checkout_url").starts_with(&format!("{url}/pay/chk_")));
}

#[tokio::test]
async fn nothing_is_made_by_itself_where_money_may_be_real() {
    for environment in ["staging", "production"] {
        let config = "[rates]\nsources = [\"fixed\"]\n[rates.fixed]\n\"ETH/USD\" = \"3000\"\n";
        let launch = launch().config(config).argument("--environment").argument(environment);
        let process = launch.start().await;
        assert_eq!(launch.json(&["shop", "list"]).await["items"], json!([]));
        let simulated = launch.run(&["simulate", "mine", "ethereum"]).await;
        match environment {
            "staging" => assert_eq!(simulated.code, Some(0), "{simulated:?}"),
            _ => assert!(simulated.log.contains("no such network is served here"), "{simulated:?}"),
        }
        assert_eq!(get(&format!("{}/", process.url)).await.status, 404);
        assert!(!launch.data_dir().join("demo.json").exists());
        assert_eq!(process.stop().await.output, "");
    }
}

#[tokio::test]
async fn what_is_printed_finds_the_gateway_from_a_shell_without_its_variables() {
    let launch = launch().variable("TILLGATE_DATA_DIR", "elsewhere");
    let process = launch.start().await;
    let command = process.output_line(env!("CARGO_BIN_EXE_tillgate")).await;
    assert!(command.ends_with(" --data elsewhere"), "{command}");
}
