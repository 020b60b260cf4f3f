//! Extended public keys, as people hand them in.

use std::{fmt, ops::RangeInclusive};

use bitcoin::{
    base58,
    bip32::{ChildNumber, Fingerprint, Xpub},
    hashes::{Hash, sha256},
    secp256k1::PublicKey,
};
use domain::refusal::Refusal;

use crate::{child::child, receiving_key::ReceivingKey};

/// The extended public key of an account (BIP-32). All addresses of a wallet come from it, and nothing can be spent
/// with it.
///
/// The prefix that it was handed in with is not kept: wallets disagree about what `ypub`, `zpub` and `tpub` are to say
/// (SLIP-132), and the key behind them is the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AccountKey(Xpub);

/// Bytes of a serialised extended key: version 4, depth 1, parent 4, index 4, chain code 32, key 33.
const KEY_BYTES: usize = 78;
/// The longest text of that many bytes and a checksum. Longer ones are not decoded: base58 takes quadratic time.
const MAX_TEXT: usize = 112;
/// The deepest account: an address lies two steps below it, and a depth is one byte.
const MAX_DEPTH: u8 = u8::MAX - 2;

/// Version bytes of `xpub`.
const XPUB_VERSION: [u8; 4] = [0x04, 0x88, 0xb2, 0x1e];

/// What an extended public key of one signer may begin with: BIP-32 and SLIP-132.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// Any kind of address, on main networks.
    Xpub,
    /// Segwit inside the older form of script, on Bitcoin.
    Ypub,
    /// Native segwit, on Bitcoin.
    Zpub,
    /// Any kind of address, on test networks.
    Tpub,
    /// As `ypub`, on test networks.
    Upub,
    /// As `zpub`, on test networks.
    Vpub,
}

/// Version bytes of extended public keys that stand for one signer. The multi-signature ones (`Ypub`, `Zpub`, `Upub`,
/// `Vpub`) are not among them: a key of theirs alone owns no address.
const PUBLIC_VERSIONS: [([u8; 4], Prefix); 6] = [
    (XPUB_VERSION, Prefix::Xpub),
    ([0x04, 0x9d, 0x7c, 0xb2], Prefix::Ypub),
    ([0x04, 0xb2, 0x47, 0x46], Prefix::Zpub),
    ([0x04, 0x35, 0x87, 0xcf], Prefix::Tpub),
    ([0x04, 0x4a, 0x52, 0x62], Prefix::Upub),
    ([0x04, 0x5f, 0x1c, 0xf6], Prefix::Vpub),
];

/// How extended private keys begin: BIP-32 and SLIP-132, the multi-signature ones too.
const PRIVATE_PREFIXES: [&str; 10] =
    ["xprv", "yprv", "zprv", "tprv", "uprv", "vprv", "Yprv", "Zprv", "Uprv", "Vprv"];

/// Characters of a private key by itself.
const SINGLE_PRIVATE_LENGTH: RangeInclusive<usize> = 51..=52;

impl AccountKey {
    /// The key that `text` writes, with or without blanks around it.
    ///
    /// # Errors
    /// [`Refusal::KeyPrivate`] for an extended private key, also for a damaged one or one that pretends to be public:
    /// it was shown where it must not be. [`Refusal::KeyInvalid`] for anything else that is no extended public key of
    /// one signer, or is so deep (254 or 255) that no address fits below it.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        Self::refuse_private(text)?;
        Self::parse_with_prefix(text).map(|(_, key)| key)
    }

    /// Refuses a text in which a private key stands: an extended one, or a single one as wallets export it (WIF).
    ///
    /// # Errors
    /// [`Refusal::KeyPrivate`].
    pub(crate) fn refuse_private(text: &str) -> Result<(), Refusal> {
        // Between quotes, after a mark that cannot be seen, or inside a descriptor it was shown just the same.
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        let is_private = |word: &str| {
            PRIVATE_PREFIXES.iter().any(|prefix| word.starts_with(prefix)) || is_single_private(word)
        };
        if words.any(is_private) { Err(Refusal::KeyPrivate) } else { Ok(()) }
    }

    /// The key that `text` writes, and what it begins with.
    ///
    /// # Errors
    /// [`Refusal::KeyInvalid`]; [`Refusal::KeyPrivate`] for a private one that pretends to be public.
    pub(crate) fn parse_with_prefix(text: &str) -> Result<(Prefix, Self), Refusal> {
        let mut bytes = payload(text).ok_or(Refusal::KeyInvalid)?;
        let (version, rest) = bytes.split_first_chunk_mut().ok_or(Refusal::KeyInvalid)?;
        let known = PUBLIC_VERSIONS.iter().find(|(known, _)| known == version);
        let (_, prefix) = known.ok_or(Refusal::KeyInvalid)?;
        // Depth, parent, index and chain code are 41 bytes. A private key follows them with a zero, a public one with
        // 2 or 3 (BIP-32, serialization format).
        if rest.get(41) == Some(&0) {
            return Err(Refusal::KeyPrivate);
        }
        *version = XPUB_VERSION;
        let key = Xpub::decode(&bytes).map_err(|_| Refusal::KeyInvalid).and_then(Self::new)?;
        Ok((*prefix, key))
    }

    /// The key where it can exist and has room for addresses.
    pub(crate) fn new(key: Xpub) -> Result<Self, Refusal> {
        // BIP-32, test vector 5: what has no parent names none.
        let parentless = key.parent_fingerprint == Fingerprint::default()
            && key.child_number == (ChildNumber::Normal { index: 0 });
        let sound = key.depth <= MAX_DEPTH && (key.depth > 0 || parentless);
        if sound { Ok(Self(key)) } else { Err(Refusal::KeyInvalid) }
    }

    /// SHA-256 of the 78 bytes behind the canonical text, in 64 lower-case hexadecimal digits. A key has one, whatever
    /// prefix it was handed in with; a configuration pins wallets by it.
    pub fn fingerprint(&self) -> String {
        sha256::Hash::hash(&self.0.encode()).to_string()
    }

    /// The key one step below, at `index`: not hardened.
    ///
    /// # Errors
    /// [`Refusal::MethodUnavailable`] for an index of 2^31 or more; [`Refusal::KeyInvalid`] where the child would be
    /// too deep to have addresses.
    pub fn child(&self, index: u32) -> Result<Self, Refusal> {
        child(&self.0, index).and_then(Self::new)
    }

    /// The key whose children receive money: m/0. Derive it once for many addresses.
    ///
    /// # Errors
    /// [`Refusal::MethodUnavailable`] for the one account in 2^127 that has none.
    pub fn receiving(&self) -> Result<ReceivingKey, Refusal> {
        child(&self.0, 0).map(ReceivingKey::new)
    }

    /// The public key of one address: m/0/index (BIP-44, external chain).
    ///
    /// # Errors
    /// [`Refusal::MethodUnavailable`] for an index of 2^31 or more: the key has no further addresses.
    pub fn external(&self, index: u32) -> Result<PublicKey, Refusal> {
        self.receiving()?.public_key(index)
    }

    pub(crate) fn extended(&self) -> &Xpub {
        &self.0
    }
}

/// Whether this is a private key by itself: 32 bytes behind a version, and a mark where its public key is compressed.
fn is_single_private(word: &str) -> bool {
    if !SINGLE_PRIVATE_LENGTH.contains(&word.len()) {
        return false;
    }
    let bytes = base58::decode_check(word).unwrap_or_default();
    matches!((bytes.first(), bytes.len()), (Some(0x80 | 0xef), 33 | 34))
}

/// The bytes behind a text whose checksum is right.
fn payload(text: &str) -> Option<[u8; KEY_BYTES]> {
    if text.len() > MAX_TEXT {
        return None;
    }
    base58::decode_check(text).ok()?.try_into().ok()
}

impl fmt::Display for AccountKey {
    /// Writes the canonical form: `xpub…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AccountKey {
    /// Names the key without telling it: whoever has it sees everything that its owner receives.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountKey({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests;
