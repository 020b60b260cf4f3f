//! Keys whose callers sign, and callbacks that the shop's credential signs.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    delivery::{DeliveryStatus, Lack, Outcome},
    dialect::{DialectName, IssuedKey},
    id::CredentialId,
    ip_block::IpBlock,
    merchant::{KeyKind, Shop},
    refusal::{Failure, Refusal},
    time::{Clock, Span},
};
use engine::{
    credentials::CreateCredential,
    deliveries::{Capacity, Dispatch, ListDeliveries},
    endpoints::CreateEndpoint,
};
use testkit::{
    creation::creation_in,
    gateway::{Gateway, MASTER_KEY},
    keyed::Keyed,
    plain::Plain,
};

fn keyed() -> DialectName {
    Keyed::dialect_name()
}

async fn gateway() -> (Gateway, Shop) {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    (gateway, shop)
}

fn command(shop: &Shop, dialect: DialectName) -> CreateCredential {
    let (scopes, allowed_ips) = (Vec::new(), Vec::new());
    CreateCredential { shop: shop.id, dialect, kind: KeyKind::Secret, scopes, allowed_ips, expires_at: None }
}

/// A new credential: its id, its public key, and its secret.
async fn credential(gateway: &Gateway, command: CreateCredential) -> (CredentialId, String, String) {
    let (made, IssuedKey { text, secret, .. }) = gateway.engine.create_credential(command).await.unwrap();
    (made.id, text, secret.unwrap().text)
}

async fn endpoint(gateway: &Gateway, shop: &Shop, dialect: DialectName) -> Result<(), Failure> {
    let url = "http://127.0.0.1:9/hook".to_owned();
    let command = CreateEndpoint { shop: shop.id, dialect, url, subscriptions: Vec::new() };
    gateway.engine.create_endpoint(command).await.map(drop)
}

async fn take(gateway: &Gateway) -> Vec<Dispatch> {
    let capacity = Capacity { per_endpoint: 8, total: 100, lease: Span::seconds(30), ..Capacity::default() };
    gateway.engine.take_deliveries(capacity).await.unwrap().dispatches
}

fn refused<T>(answer: Result<T, Failure>) -> Refusal {
    match answer.err() {
        Some(Failure::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_public_key_leads_to_what_its_callers_sign_with() {
    let (gateway, shop) = gateway().await;
    let (id, key, secret) = credential(&gateway, command(&shop, keyed())).await;
    let signer = gateway.engine.authenticate_signed(keyed(), &key, None).await.unwrap();
    assert_eq!((signer.caller.credential.id, signer.caller.shop.id), (id, shop.id));
    assert_eq!(*signer.secret, secret);
    let listed = &gateway.engine.list_credentials(shop.id).await.unwrap()[0];
    assert_eq!(listed.public_key.as_deref(), Some(key.as_str()), "it is public, and may be shown again");
    // The secret itself names nobody, and neither does another dialect's key.
    let (_, bearer) = gateway.engine.create_credential(command(&shop, Plain::dialect_name())).await.unwrap();
    assert!(bearer.secret.is_none());
    for (dialect, key) in [(keyed(), &secret), (keyed(), &bearer.text), (Plain::dialect_name(), &key)] {
        let answer = gateway.engine.authenticate_signed(dialect, key, None).await;
        assert_eq!(refused(answer), Refusal::CredentialNotFound);
    }
    let bare = gateway.engine.authenticate_signed(Plain::dialect_name(), &bearer.text, None).await;
    assert_eq!(refused(bare), Refusal::CredentialNotFound, "a key that is itself the proof signs nothing");
    gateway.engine.revoke_credential(id).await.unwrap();
    let answer = gateway.engine.authenticate_signed(keyed(), &key, None).await;
    assert_eq!(refused(answer), Refusal::CredentialNotFound);
}

#[tokio::test]
async fn what_holds_for_a_key_that_is_shown_holds_for_one_that_is_named() {
    let (gateway, shop) = gateway().await;
    let allowed_ips = vec![IpBlock::parse("203.0.113.0/24").unwrap()];
    let expires_at = Some(gateway.clock.now() + Span::hours(1));
    let limited = CreateCredential { allowed_ips, expires_at, ..command(&shop, keyed()) };
    let (_, key, _) = credential(&gateway, limited).await;
    let from = async |address: &str| {
        gateway.engine.authenticate_signed(keyed(), &key, Some(address.parse().unwrap())).await
    };
    assert!(from("203.0.113.9").await.is_ok());
    assert_eq!(refused(from("203.0.114.9").await), Refusal::CallerNotAllowed);
    gateway.clock.advance(Span::hours(1));
    assert_eq!(refused(from("203.0.113.9").await), Refusal::CredentialNotFound);
    let page = CreateCredential { kind: KeyKind::Publishable, ..command(&shop, keyed()) };
    assert_eq!(refused(gateway.engine.create_credential(page).await), Refusal::KeyKindUnknown);
}

#[tokio::test]
async fn a_secret_that_no_key_opens_is_a_fault_of_ours_and_not_of_the_caller() {
    let (ring, other) = (MASTER_KEY, "6b".repeat(32));
    let (gateway, shop) = gateway().await;
    let both = format!("{other} {ring}");
    let gateway = gateway.restart_with_keys(&both).await;
    let (_, key, _) = credential(&gateway, command(&shop, keyed())).await;
    let gateway = gateway.restart_with_keys(ring).await;
    let answer = gateway.engine.authenticate_signed(keyed(), &key, None).await;
    assert!(matches!(answer, Err(Failure::Internal { .. })));
}

#[tokio::test]
async fn the_newest_credential_that_works_signs_callbacks() {
    let (gateway, shop) = gateway().await;
    endpoint(&gateway, &shop, keyed()).await.unwrap();
    let other = gateway.shop("Other").await;
    let sign = async || {
        gateway.engine.create_payment(creation_in(&shop, keyed(), 100)).await.unwrap();
        let taken = take(&gateway).await;
        let dispatch = taken.last().unwrap();
        (dispatch.key.clone().unwrap(), dispatch.secret.as_deref().unwrap().clone())
    };
    let (_, first, first_secret) = credential(&gateway, command(&shop, keyed())).await;
    assert_eq!(sign().await, (first.clone(), first_secret.clone()));
    gateway.clock.advance(Span::seconds(1));
    let (second_id, second, second_secret) = credential(&gateway, command(&shop, keyed())).await;
    credential(&gateway, command(&other, keyed())).await;
    gateway.engine.create_credential(command(&shop, Plain::dialect_name())).await.unwrap();
    assert_eq!(sign().await, (second, second_secret));
    gateway.engine.revoke_credential(second_id).await.unwrap();
    assert_eq!(sign().await, (first, first_secret), "a key that was revoked signs no more");
}

#[tokio::test]
async fn without_a_credential_a_delivery_waits_and_spends_no_try() {
    let (gateway, shop) = gateway().await;
    endpoint(&gateway, &shop, keyed()).await.unwrap();
    gateway.engine.create_payment(creation_in(&shop, keyed(), 100)).await.unwrap();
    let listed = async || {
        let all = ListDeliveries { limit: 10, ..ListDeliveries::default() };
        gateway.engine.list_deliveries(all).await.unwrap().remove(0)
    };
    // Far more often than it would be tried.
    for _ in 0..20 {
        assert!(take(&gateway).await.is_empty());
        let delivery = listed().await;
        assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Pending, 0));
        assert_eq!(delivery.waits_for, Some(Lack::Credential));
        gateway.clock.advance(Span::minutes(1));
    }
    let (_, key, _) = credential(&gateway, command(&shop, keyed())).await;
    let taken = take(&gateway).await;
    assert_eq!((taken[0].delivery.attempts, taken[0].key.as_ref()), (1, Some(&key)));
    assert_eq!(listed().await.waits_for, None);
    let outcome =
        Outcome { http_status: Some(200), error: None, excerpt: String::new(), took: Span::seconds(1) };
    gateway.engine.finish_delivery(&taken[0].delivery, gateway.clock.now(), outcome).await.unwrap();
    assert_eq!(listed().await.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_dialect_says_how_many_endpoints_it_has_and_their_secrets_are_the_credentials() {
    let (gateway, shop) = gateway().await;
    endpoint(&gateway, &shop, keyed()).await.unwrap();
    assert_eq!(refused(endpoint(&gateway, &shop, keyed()).await), Refusal::EndpointLimit);
    endpoint(&gateway, &shop, Plain::dialect_name()).await.unwrap();
    let endpoints = gateway.engine.list_endpoints(shop.id).await.unwrap();
    let only = endpoints.iter().find(|one| one.dialect == keyed()).unwrap();
    let answer = gateway.engine.rotate_endpoint(shop.id, only.id, Span::ZERO).await;
    assert_eq!(refused(answer), Refusal::EndpointUnsigned);
    gateway.engine.delete_endpoint(shop.id, only.id).await.unwrap();
    endpoint(&gateway, &shop, keyed()).await.unwrap();
}
