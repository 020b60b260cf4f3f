//! Secrets that are needed again, sealed with the master key.
//!
//! AES-256-GCM (NIST SP 800-38D) with a random 12-byte nonce. What a secret belongs to is authenticated with it, so
//! that a sealed secret that was moved to another row does not open. A sealed secret names its key, so that keys can
//! be exchanged: the first of the ring seals, all of them open.

use std::sync::Arc;

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use domain::id::Entropy;
use sha2::{Digest, Sha256};
use store::Fault;
use zeroize::Zeroizing;

/// Bytes that name the key.
const KEY_ID: usize = 4;
/// Bytes of a nonce.
const NONCE: usize = 12;
/// The form of a sealed secret, its first byte.
const FORM: u8 = 1;

/// The master keys of an installation. It shows nothing of itself.
#[derive(Clone)]
pub struct Keyring(Arc<Vec<MasterKey>>);

struct MasterKey {
    id: [u8; KEY_ID],
    cipher: Aes256Gcm,
}

/// Why a master key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// No key at all.
    #[error("there is no master key")]
    Empty,
    /// Text that is no key.
    #[error("a master key is 64 hexadecimal digits")]
    Malformed,
}

impl Keyring {
    /// Reads keys of 64 hexadecimal digits each, separated by blanks or line ends. The first one seals.
    ///
    /// # Errors
    /// [`KeyringError`] for anything else; the text itself is in no message.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let keys: Vec<MasterKey> = text.split_whitespace().map(MasterKey::parse).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(KeyringError::Empty) } else { Ok(Self(Arc::new(keys))) }
    }

    /// Seals `secret`, which only `owner` opens again.
    pub(crate) fn seal(
        &self,
        owner: &[u8],
        secret: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let key = self.0.first().ok_or(SealError)?;
        let mut nonce = [0_u8; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: secret, aad: owner };
        let sealed = key.cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError)?;
        Ok([&[FORM][..], &key.id, &nonce, &sealed].concat())
    }

    /// Opens what [`Keyring::seal`] sealed for the same owner.
    pub(crate) fn open(&self, owner: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let rest = sealed.strip_prefix(&[FORM]).ok_or(SealError)?;
        let (id, rest) = rest.split_first_chunk::<KEY_ID>().ok_or(SealError)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(SealError)?;
        let key = self.0.iter().find(|key| key.id == *id).ok_or(SealError)?;
        let payload = Payload { msg: body, aad: owner };
        key.cipher.decrypt(&Nonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| SealError)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

impl MasterKey {
    fn parse(text: &str) -> Result<Self, KeyringError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        const_hex::decode_to_slice(text, &mut *bytes).map_err(|_| KeyringError::Malformed)?;
        let digest: [u8; 32] = Sha256::digest(*bytes).into();
        let id = digest.first_chunk::<KEY_ID>().copied().ok_or(KeyringError::Malformed)?;
        let cipher = Aes256Gcm::new_from_slice(&*bytes).map_err(|_| KeyringError::Malformed)?;
        Ok(Self { id, cipher })
    }
}

impl crate::Engine {
    /// Seals a secret, which only the row with this id opens again.
    pub(crate) fn seal_secret(&self, owner: &[u8; 16], secret: &str) -> Result<Vec<u8>, Fault> {
        let sealed = self.0.setup.keyring.seal(owner, secret.as_bytes(), self.entropy());
        sealed.map_err(|_| Fault::broken("a secret could not be sealed"))
    }

    /// What [`Engine::seal_secret`](crate::Engine::seal_secret) sealed for the same row; `None` where no key of the
    /// ring opens it.
    pub(crate) fn open_secret(&self, owner: &[u8; 16], sealed: &[u8]) -> Option<Zeroizing<String>> {
        let opened = self.0.setup.keyring.open(owner, sealed).ok()?;
        String::from_utf8(opened.to_vec()).map(Zeroizing::new).ok()
    }
}

/// A secret that does not open: another key, another owner, or other bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed secret does not open")]
pub struct SealError;

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(1..).for_each(|(byte, value)| *byte = value);
        }
    }

    fn ring(keys: &[&str]) -> Keyring {
        Keyring::parse(&keys.iter().map(|digits| digits.repeat(32)).collect::<Vec<_>>().join("\n")).unwrap()
    }

    #[test]
    fn a_secret_opens_for_its_owner_and_under_its_key_only() {
        let sealed = ring(&["5a"]).seal(b"endpoint 1", b"whsec", &Counting).unwrap();
        assert_eq!(ring(&["5a"]).open(b"endpoint 1", &sealed).unwrap().as_slice(), b"whsec");
        assert_eq!(ring(&["5a"]).open(b"endpoint 2", &sealed), Err(SealError));
        assert_eq!(ring(&["5b"]).open(b"endpoint 1", &sealed), Err(SealError));
        assert!(!sealed.windows(5).any(|window| window == b"whsec"));
    }

    #[test]
    fn a_ring_opens_what_its_older_keys_sealed() {
        let sealed = ring(&["5a"]).seal(b"owner", b"secret", &Counting).unwrap();
        assert!(ring(&["5b", "5a"]).open(b"owner", &sealed).is_ok());
    }

    #[test]
    fn changed_bytes_do_not_open() {
        let sealed = ring(&["5a"]).seal(b"owner", b"secret", &Counting).unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(ring(&["5a"]).open(b"owner", &changed), Err(SealError), "byte {index}");
        }
        assert_eq!(ring(&["5a"]).open(b"owner", &[]), Err(SealError));
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        assert_eq!(Keyring::parse(" ").unwrap_err(), KeyringError::Empty);
        for text in ["5a", &"5".repeat(63), &"zz".repeat(32), &"5a".repeat(33)] {
            assert_eq!(Keyring::parse(text).unwrap_err(), KeyringError::Malformed, "{text}");
        }
    }
}
