//! The signature of requests and of callbacks: HMAC-SHA512 over the body's bytes, in lower-case hexadecimal. The key is
//! the secret as it was shown, as UTF-8.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;

/// Bytes of a signature.
const LENGTH: usize = 64;

/// The signature of these bytes.
pub fn sign(secret: &str, body: &[u8]) -> String {
    const_hex::encode(mac(secret, body).finalize().into_bytes())
}

/// Whether `given` is the signature of these bytes. How long that takes tells nothing of the right one.
pub(crate) fn is_genuine(secret: &str, body: &[u8], given: &str) -> bool {
    let mut bytes = [0_u8; LENGTH];
    given.len() == LENGTH * 2
        && const_hex::decode_to_slice(given, &mut bytes).is_ok()
        && mac(secret, body).verify_slice(&bytes).is_ok()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104, section 2)")]
fn mac(secret: &str, body: &[u8]) -> Hmac<Sha512> {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The vendor's own vector, and ours for what real clients send.
    const VECTORS: &str = include_str!("../../tests/alphapo/vectors.json");

    #[test]
    fn the_vectors_are_met() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let vectors = vectors.as_array().unwrap();
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let (key, body, expected) = (text("key"), text("body").as_bytes(), text("expected"));
            assert_eq!(sign(key, body), expected, "{vector}");
            assert!(is_genuine(key, body, expected));
        }
        assert_eq!(vectors.len(), 7);
    }

    #[test]
    fn what_is_no_signature_of_the_bytes_is_not_genuine() {
        let signature = sign("secret", b"{}");
        for (secret, body, given) in [
            ("secret", &b"{}\n"[..], signature.as_str()),
            ("secret", b"{ }", &signature),
            ("Secret", b"{}", &signature),
            ("secret", b"{}", signature.get(1..).unwrap()),
            ("secret", b"{}", &format!("{signature}0")),
            ("secret", b"{}", &format!("0x{signature}")),
            ("secret", b"{}", ""),
            ("secret", b"{}", "text"),
        ] {
            assert!(!is_genuine(secret, body, given), "{given}");
        }
        assert!(is_genuine("secret", b"{}", &signature));
    }
}
