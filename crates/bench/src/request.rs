//! The requests, written out before they are sent.

use std::sync::Arc;

use crate::{load::Ask, random::Random, shops::Shop};

/// Digits of an idempotency key.
const KEY: usize = 32;

/// What stands in a template where the key goes.
const KEY_PLACE: &[u8] = b"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

/// What is asked for: about 450 bytes.
const BODY: &str = concat!(
    r#"{"amount":"AMOUNT","currency":"USD","customer_email":"ada.lovelace@buyer.example","#,
    r#""success_url":"https://shop.example/orders/thanks","cancel_url":"https://shop.example/cart","#,
    r#""description":"Two coffees, a cake and a newspaper","reference":"order-2026-0001234","#,
    r#""metadata":{"cart":"c-7f3a9b","channel":"web","customer":"cus_0012345","campaign":"winter","#,
    r#""items":"3","locale":"en-GB","warehouse":"north","note":"leave it at the door"}}"#
);

/// Creations, by all shops in turn, each under a key of its own: random ones, as most clients make them.
pub(crate) struct Create {
    templates: Vec<(Vec<u8>, usize)>,
    status: u16,
}

impl Create {
    /// Creations that work.
    pub(crate) fn working(shops: &[Shop]) -> Arc<dyn Ask> {
        Arc::new(Self::of(shops, "25.00", 201))
    }

    /// The same request but for its amount, which is less than the least: it is read and its caller is known, and
    /// nothing is stored.
    pub(crate) fn refused(shops: &[Shop]) -> Arc<dyn Ask> {
        Arc::new(Self::of(shops, "00.00", 422))
    }

    fn of(shops: &[Shop], amount: &str, status: u16) -> Self {
        let body = BODY.replace("AMOUNT", amount);
        let template = |shop: &Shop| {
            let key = String::from_utf8_lossy(KEY_PLACE);
            let head = format!(
                "POST /v1/payments HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\n\
                 idempotency-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                shop.key,
                body.len()
            );
            let at = head.find(&*key).unwrap_or_default();
            ((head + &body).into_bytes(), at)
        };
        Self { templates: shops.iter().map(template).collect(), status }
    }
}

impl Ask for Create {
    fn write(&self, random: &mut Random, request: &mut Vec<u8>) {
        let (template, at) = &self.templates[random.below(self.templates.len())];
        request.extend_from_slice(template);
        random.hex(&mut request[*at..at + KEY]);
    }

    fn expects(&self) -> u16 {
        self.status
    }
}

/// One of these requests, drawn at random.
pub(crate) struct OneOf(pub(crate) Vec<Vec<u8>>);

impl Ask for OneOf {
    fn write(&self, random: &mut Random, request: &mut Vec<u8>) {
        request.extend_from_slice(&self.0[random.below(self.0.len())]);
    }

    fn expects(&self) -> u16 {
        200
    }
}

/// A GET, with a key where it takes one.
pub(crate) fn get(path: &str, shop: Option<&Shop>) -> Vec<u8> {
    let key = shop.map_or_else(String::new, |shop| format!("authorization: Bearer {}\r\n", shop.key));
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{key}\r\n").into_bytes()
}

/// The same request again and again.
pub(crate) fn only(request: Vec<u8>) -> Arc<dyn Ask> {
    Arc::new(OneOf(vec![request]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_creation_has_a_key_of_its_own() {
        let shops = [Shop { id: "shop_1".to_owned(), key: "sk_test_1".to_owned() }];
        let (create, mut random) = (Create::of(&shops, "25.00", 201), Random::new(1));
        let requests: Vec<String> = (0..2)
            .map(|_| {
                let mut request = Vec::new();
                create.write(&mut random, &mut request);
                String::from_utf8(request).unwrap()
            })
            .collect();
        let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}", body.len())) && !head.contains("kkkk"),
            "{head}"
        );
        assert!((400..=500).contains(&body.len()), "{}", body.len());
        assert_ne!(requests[0], requests[1]);
        assert_eq!(requests[1].split_once("\r\n\r\n").unwrap().1, body);
    }
}
