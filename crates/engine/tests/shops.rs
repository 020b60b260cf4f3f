//! Shops, their keys, wallets and endpoints.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    chain::Network,
    ip_block::IpBlock,
    merchant::{KeyKind, MAX_ENDPOINTS, Name, Shop},
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::{
    credentials::CreateCredential,
    endpoints::CreateEndpoint,
    shops::{ChangeShop, CreateShop},
    wallets::SetWallet,
};
use testkit::{clock::START, gateway::Gateway, plain::Plain};

fn credential(shop: &Shop) -> CreateCredential {
    CreateCredential {
        shop: shop.id,
        dialect: Plain::dialect_name(),
        kind: KeyKind::Secret,
        scopes: Vec::new(),
        allowed_ips: Vec::new(),
        expires_at: None,
    }
}

fn endpoint(shop: &Shop, url: &str) -> CreateEndpoint {
    CreateEndpoint {
        shop: shop.id,
        dialect: Plain::dialect_name(),
        url: url.to_owned(),
        subscriptions: Vec::new(),
    }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Failure>) -> Refusal {
    match answer {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_key_works_until_it_is_revoked_and_then_at_once_no_more() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let (credential, key) = gateway.engine.create_credential(credential(&shop)).await.unwrap();
    assert_eq!(credential.scopes, ["make", "read"]);
    assert!(key.text.ends_with(&credential.hint));
    let caller = gateway.engine.authenticate(Plain::dialect_name(), &key.text, None).await.unwrap();
    assert_eq!(caller.shop.id, shop.id);
    gateway.engine.revoke_credential(credential.id).await.unwrap();
    let answer = gateway.engine.authenticate(Plain::dialect_name(), &key.text, None).await;
    assert_eq!(refused(answer), Refusal::CredentialNotFound);
}

#[tokio::test]
async fn a_key_expires_by_the_wall_clock() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let expires_at = Some(START + Span::hours(1));
    let command = CreateCredential { expires_at, ..credential(&shop) };
    let (_, key) = gateway.engine.create_credential(command.clone()).await.unwrap();
    assert!(gateway.engine.authenticate(Plain::dialect_name(), &key.text, None).await.is_ok());
    gateway.engine.advance_clock(Span::hours(2)).await.unwrap();
    assert!(
        gateway.engine.authenticate(Plain::dialect_name(), &key.text, None).await.is_ok(),
        "the sandbox's clock ends no key"
    );
    gateway.clock.advance(Span::hours(1));
    let answer = gateway.engine.authenticate(Plain::dialect_name(), &key.text, None).await;
    assert_eq!(refused(answer), Refusal::CredentialNotFound);
    let answer = gateway.engine.create_credential(command).await;
    assert_eq!(refused(answer.map(|(made, _)| made)), Refusal::ExpiryPast);
}

#[tokio::test]
async fn a_key_for_some_addresses_works_from_no_other() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let allowed_ips = ["203.0.113.0/24", "2001:db8::7"].map(|text| IpBlock::parse(text).unwrap()).to_vec();
    let command = CreateCredential { allowed_ips: allowed_ips.clone(), ..credential(&shop) };
    let (_, key) = gateway.engine.create_credential(command.clone()).await.unwrap();
    let from = async |address: Option<&str>| {
        let address = address.map(|text| text.parse().unwrap());
        gateway.engine.authenticate(Plain::dialect_name(), &key.text, address).await
    };
    for address in ["203.0.113.9", "::ffff:203.0.113.9", "2001:db8::7"] {
        assert_eq!(from(Some(address)).await.unwrap().credential.allowed_ips, allowed_ips, "{address}");
    }
    for address in [Some("203.0.114.9"), Some("2001:db8::8"), None] {
        assert_eq!(refused(from(address).await), Refusal::CallerNotAllowed, "{address:?}");
    }
    let many = CreateCredential { allowed_ips: vec![allowed_ips[0]; 51], ..command };
    assert_eq!(refused(gateway.engine.create_credential(many).await.map(|(made, _)| made)), Refusal::TooMany);
}

#[tokio::test]
async fn keys_of_a_shop_that_was_switched_off_stop_at_once() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let (_, key) = gateway.engine.create_credential(credential(&shop)).await.unwrap();
    let off = ChangeShop { active: Some(false), ..Default::default() };
    gateway.engine.change_shop(shop.id, off).await.unwrap();
    let answer = gateway.engine.authenticate(Plain::dialect_name(), &key.text, None).await;
    assert_eq!(refused(answer), Refusal::ShopInactive);
}

#[tokio::test]
async fn last_use_is_written_down_to_the_minute() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let (_, key) = gateway.engine.create_credential(credential(&shop)).await.unwrap();
    let last_use = async || gateway.engine.list_credentials(shop.id).await.unwrap()[0].last_used_at;
    assert_eq!(last_use().await, None);
    gateway.engine.authenticate(Plain::dialect_name(), &key.text, None).await.unwrap();
    gateway.engine.flush_last_used().await.unwrap();
    assert_eq!(last_use().await, Some(START));
}

#[tokio::test]
async fn scopes_and_shops_that_are_not_there_are_refused() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let scopes = vec!["fly".to_owned()];
    let answer = gateway.engine.create_credential(CreateCredential { scopes, ..credential(&shop) }).await;
    assert_eq!(refused(answer.map(|(made, _)| made)), Refusal::ScopeUnknown);
    let nobody = Shop { id: domain::id::Id::from_bytes([7; 16]), ..shop };
    let answer = gateway.engine.create_credential(credential(&nobody)).await;
    assert_eq!(refused(answer.map(|(made, _)| made)), Refusal::ShopNotFound);
}

/// Account keys of the well-known test mnemonic, for Ethereum and TRON, and for Bitcoin (BIP-84).
const ETHEREUM: &str = "xpub6DCoCpSuQZB2jawqnGMEPS63ePKWkwWPH4TU45Q7LPXWuNd8TMtVx\
                        RrgjtEshuqpK3mdhaWHPFsBngh5GFZaM6si3yZdUsT8ddYM3PwnATt";

fn wallet(shop: &Shop, network: &str, xpub: &str) -> SetWallet {
    SetWallet { shop: shop.id, network: Network::parse(network).unwrap(), xpub: xpub.to_owned() }
}

#[tokio::test]
async fn a_wallet_shows_its_first_addresses_and_belongs_to_one_shop_and_form() {
    let gateway = Gateway::start(Vec::new()).await;
    let (shop, other) = (gateway.shop("Shop").await, gateway.shop("Other").await);
    let view = gateway.engine.set_wallet(wallet(&shop, "ethereum", ETHEREUM)).await.unwrap();
    assert_eq!(view.first_addresses[0], "0x9858EfFD232B4033E47d90003D41EC34EcaEda94");
    assert_eq!(view.first_addresses[1], "0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0");
    assert_eq!(view.first_addresses.len(), 5);
    let again = gateway.engine.set_wallet(wallet(&shop, "tron", ETHEREUM)).await.unwrap();
    assert_eq!(again.wallet.id, view.wallet.id, "one key has one counter, whichever networks use it");
    let taken = gateway.engine.set_wallet(wallet(&other, "ethereum", ETHEREUM)).await;
    assert_eq!(refused(taken), Refusal::KeyInUse);
    let other_form = gateway.engine.set_wallet(wallet(&shop, "bitcoin", ETHEREUM)).await;
    assert_eq!(refused(other_form), Refusal::KeyOfOtherForm);
    for (network, xpub, refusal) in [
        (
            "ethereum",
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
            Refusal::KeyPrivate,
        ),
        ("ethereum", "not a key", Refusal::KeyInvalid),
        ("dogecoin", ETHEREUM, Refusal::NetworkUnknown),
        ("card", ETHEREUM, Refusal::MethodUnknown),
    ] {
        let answer = gateway.engine.set_wallet(wallet(&shop, network, xpub)).await;
        assert_eq!(refused(answer), refusal, "{network}");
    }
}

#[tokio::test]
async fn endpoints_are_few_checked_and_sealed() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let answer = gateway.engine.create_endpoint(endpoint(&shop, "ftp://example.com")).await;
    assert_eq!(refused(answer), Refusal::EndpointUrlInvalid);
    let unknown =
        CreateEndpoint { subscriptions: vec!["born".to_owned()], ..endpoint(&shop, "https://example.com") };
    assert_eq!(refused(gateway.engine.create_endpoint(unknown).await), Refusal::EventUnknown);
    for _ in 0..MAX_ENDPOINTS {
        gateway.engine.create_endpoint(endpoint(&shop, "https://example.com")).await.unwrap();
    }
    let answer = gateway.engine.create_endpoint(endpoint(&shop, "https://example.com")).await;
    assert_eq!(refused(answer), Refusal::EndpointLimit);
    let endpoints = gateway.engine.list_endpoints(shop.id).await.unwrap();
    let other = gateway.shop("Other").await;
    let foreign = gateway.engine.delete_endpoint(other.id, endpoints[0].id).await;
    assert_eq!(refused(foreign), Refusal::EndpointNotFound);
    gateway.engine.delete_endpoint(shop.id, endpoints[0].id).await.unwrap();
    assert_eq!(gateway.engine.list_endpoints(shop.id).await.unwrap().len(), MAX_ENDPOINTS - 1);
}

#[tokio::test]
async fn the_first_shop_brings_its_merchant() {
    let gateway = Gateway::start(Vec::new()).await;
    let name = |text| Name::parse(text).unwrap();
    let one = gateway.engine.create_shop(CreateShop { name: name("One"), merchant: None }).await.unwrap();
    let two = gateway.engine.create_shop(CreateShop { name: name("Two"), merchant: None }).await.unwrap();
    assert_eq!(one.merchant, two.merchant);
    let nobody = Some(domain::id::Id::from_bytes([7; 16]));
    let answer = gateway.engine.create_shop(CreateShop { name: name("Three"), merchant: nobody }).await;
    assert_eq!(refused(answer), Refusal::MerchantNotFound);
    let shops = gateway.engine.list_shops(None).await.unwrap();
    assert_eq!(shops.len(), 2);
}

#[tokio::test]
async fn the_clock_moves_forward_only() {
    let gateway = Gateway::start(Vec::new()).await;
    assert_eq!(gateway.engine.advance_clock(Span::minutes(31)).await.unwrap(), START + Span::minutes(31));
    assert_eq!(gateway.engine.business_time().await.unwrap(), START + Span::minutes(31));
    assert_eq!(gateway.engine.wall_time(), START);
    for by in [Span::ZERO, Span::seconds(-1), Span::days(5_000)] {
        assert_eq!(refused(gateway.engine.advance_clock(by).await), Refusal::ClockOutOfRange);
    }
}
