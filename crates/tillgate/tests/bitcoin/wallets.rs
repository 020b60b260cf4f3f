//! Keys that are handed in, and addresses beyond what a wallet looks at.

use serde_json::json;
use testkit::bitcoin::{Core, Story};

use crate::{
    chain::{sats, script},
    till::{TAPROOT, TPUB, Till, config, launch, text},
};

/// The account key of BIP-84's vector, as it is written for Bitcoin itself.
const XPUB: &str = concat!(
    "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3Xyuv",
    "PEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V"
);

/// An extended private key of BIP-32's vectors, which everybody knows.
const XPRV: &str = concat!(
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBx",
    "rMPHi"
);

async fn start() -> (Story, Core, Till) {
    let told = Story::recent();
    told.mine(3);
    let core = Core::start(told.clone()).await;
    let till = Till::without_wallet(launch().config(&config(&core.url(), core.credentials(), 1))).await;
    (told, core, till)
}

async fn wallet(till: &Till, act: &str, key: Option<&str>) -> testkit::process::Ended {
    let demo = till.launch.demo();
    let mut arguments = vec!["wallet", act, "--shop", text(&demo, "/shop_id"), "--network", "bitcoin"];
    arguments.extend(key.into_iter().flat_map(|key| ["--xpub", key]));
    till.launch.run(&arguments).await
}

#[tokio::test]
async fn a_key_of_the_wrong_kind_or_network_is_refused_with_the_reason() {
    let (_told, _core, till) = start().await;
    let damaged = TAPROOT.replace("#8m", "#8n");
    for (key, words) in [
        (XPUB, "another network"),
        (XPRV, "PRIVATE"),
        (&*TPUB.replace("tpubD", "tpubE"), "not an extended public key"),
        (&*damaged, "does not fit its checksum"),
        (&*format!("wpkh({XPUB}/0/*)"), "another network"),
        (&*format!("wpkh({TPUB}/1/*)"), "has to be wpkh("),
        (&*format!("pkh({TPUB}/0/*)"), "addresses of another kind"),
        (&*format!("wsh(multi(1,{TPUB}/0/*))"), "several signers"),
        (addresses::sandbox::XPUB, "another network"),
    ] {
        let ended = wallet(&till, "set", Some(key)).await;
        assert!(ended.code == Some(1) && ended.log.contains(words), "{key}: {}", ended.log);
        assert_eq!(ended.output, "");
    }
    let shown = wallet(&till, "show", None).await;
    assert_eq!(shown.code, Some(1), "none was taken: {}", shown.output);
}

#[tokio::test]
async fn addresses_beyond_what_a_wallet_looks_at_are_told_with_the_cure() {
    let (told, _core, till) = start().await;
    let set = wallet(&till, "set", Some(TPUB)).await;
    assert!(set.output.contains("native segwit (BIP-84): wpkh(KEY/0/*)"), "{}", set.output);
    assert!(!set.output.contains("gap limit"), "{}", set.output);
    let mut pages = Vec::new();
    for _ in 0..25 {
        let payment = till.payment().await;
        let page = payment.buyer.choose("BTC").await;
        pages.push((payment, page));
    }
    // The fourth buyer pays, and nobody after.
    let (payment, page) = &pages[3];
    told.wait(&told.paying(&[(script(page.address()), sats(page.amount()))]));
    told.mine(1);
    till.reaches(payment, "completed").await;
    let shown = wallet(&till, "show", None).await.output;
    assert!(shown.contains("25 addresses, 21 since the last money"), "{shown}");
    assert!(shown.contains("Set its gap limit to 21 or more"), "{shown}");
    assert!(shown.contains("wallet.change_gap_limit(21)") && shown.contains("\"range\": [0, 25]"), "{shown}");
    let demo = till.launch.demo();
    let show = ["wallet", "show", "--shop", text(&demo, "/shop_id"), "--network", "bitcoin"];
    let document = till.launch.json(&show).await;
    assert_eq!(
        [
            &document["issued"],
            &document["unpaid"],
            &document["needed_gap_limit"],
            &document["usual_gap_limit"]
        ],
        [&json!(25), &json!(21), &json!(21), &json!(20)]
    );
    // Money on the last one shows all of it again, to a wallet that looks far enough.
    let (payment, page) = &pages[24];
    told.wait(&told.paying(&[(script(page.address()), sats(page.amount()))]));
    told.mine(1);
    till.reaches(payment, "completed").await;
    let document = till.launch.json(&show).await;
    assert_eq!((&document["unpaid"], &document["needed_gap_limit"]), (&json!(0), &json!(21)));
}
