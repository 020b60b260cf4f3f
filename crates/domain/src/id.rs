//! Ids: time-ordered UUIDs (version 7, RFC 9562), one type per kind of object, and their text form.
//!
//! Their order is the order of creation, so that every insert lands at the right edge of its tree and every list is
//! read in one direction.

use std::{fmt, marker::PhantomData};

use uuid::Uuid;

use crate::time::Timestamp;

/// Gives unpredictable bytes. The gateway hands in the operating system's generator, tests a seeded one.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with bytes that nobody can predict.
    fn fill(&self, bytes: &mut [u8]);
}

/// An id of one kind of object. Ids of different kinds do not compare.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// The id with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes), PhantomData)
    }

    /// The id that is this UUID.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The 16 bytes, most significant first: their order is the order of creation.
    pub const fn bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id as a UUID.
    pub const fn uuid(&self) -> Uuid {
        self.0
    }

    /// The 24 characters that follow a prefix in a public id: base62, padded with zeros.
    pub fn base62(&self) -> String {
        base62::encode(self.0.as_u128(), PUBLIC_LENGTH)
    }

    /// Reads what [`Id::base62`] wrote; nothing else has that form.
    pub fn from_base62(text: &str) -> Option<Self> {
        if text.len() != PUBLIC_LENGTH {
            return None;
        }
        base62::decode(text).map(|number| Self(Uuid::from_u128(number), PhantomData))
    }

    /// The lowest id that could have been made at `at`, and so a bound for a range of times.
    pub fn floor(at: Timestamp) -> Self {
        let mut bytes =
            *uuid::Builder::from_unix_timestamp_millis(at.millis(), &[0; 10]).as_uuid().as_bytes();
        // Version and variant are fixed bits; everything after them is at its lowest.
        bytes[6] = 0x70;
        bytes[8] = 0x80;
        Self::from_bytes(bytes)
    }
}

/// Characters of a public id after its prefix.
const PUBLIC_LENGTH: usize = 24;

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

macro_rules! ids {
    ($($kind:ident = $id:ident, $what:literal;)*) => {
        /// What an id names. These types have no values: they only keep ids of different kinds apart.
        pub mod kind {
            $(#[doc = $what]
            pub enum $kind {})*
        }
        $(#[doc = $what]
        pub type $id = Id<kind::$kind>;)*
    };
}

ids! {
    Merchant = MerchantId, "A merchant.";
    Shop = ShopId, "A shop: the unit of isolation.";
    Credential = CredentialId, "A credential of a shop.";
    Wallet = WalletId, "An extended public key with its address counter.";
    ClientAddress = ClientAddressId, "An address that stays with a client of a shop.";
    Payment = PaymentId, "A payment.";
    Quote = QuoteId, "A quote of a payment.";
    Receipt = ReceiptId, "Money that was seen.";
    Entry = EntryId, "A ledger entry.";
    Event = EventId, "Something that happened to a payment.";
    Endpoint = EndpointId, "An endpoint of a shop.";
    Delivery = DeliveryId, "One event for one endpoint.";
    Attempt = AttemptId, "One try of a delivery.";
    Mail = MailId, "A mail to a buyer.";
    Decision = DecisionId, "Something that a person has to decide.";
    Transfer = TransferId, "A transaction of a simulated chain.";
    Node = NodeId, "A process that shares its database with others, from its start to its end.";
    Incident = IncidentId, "A fault of ours, as the log names it.";
}

/// What ids are made from, besides the time: drawn before a transaction begins, so that a job that runs again makes the
/// same ids.
#[derive(Clone, Copy)]
pub struct IdSeed(u128);

impl IdSeed {
    /// A seed that nobody can predict.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut seed = [0_u8; 16];
        entropy.fill(&mut seed);
        // The highest bit stays clear, so that counting up from the seed cannot wrap.
        Self(u128::from_be_bytes(seed) >> (128_u32.saturating_sub(RANDOM_BITS).saturating_add(1)))
    }

    /// A maker of ids of the moment `at`.
    pub const fn maker(self, at: Timestamp) -> IdMaker {
        IdMaker { millis: at.millis(), next: self.0 }
    }
}

/// Makes ids of one moment: strictly increasing, and none of them guessable from outside.
pub struct IdMaker {
    millis: u64,
    next: u128,
}

/// Random bits in an id made by [`IdMaker`]: 12 before the variant, 62 after it.
const RANDOM_BITS: u32 = 74;

impl IdMaker {
    /// The next id.
    pub fn make<K>(&mut self) -> Id<K> {
        let random = self.next;
        self.next = self.next.saturating_add(1);
        // RFC 9562, section 5.7: 48 bits of time, version, 12 bits, variant, 62 bits.
        let high = u128::from(self.millis & 0xffff_ffff_ffff) << 80;
        let middle = ((random >> 62) & 0xfff) << 64;
        let low = random & 0x3fff_ffff_ffff_ffff;
        let number = high | (0x7 << 76) | middle | (0b10 << 62) | low;
        Id(Uuid::from_u128(number), PhantomData)
    }
}

/// Base62 with digits first, then upper case, then lower case, so that text of one length sorts as its number does.
pub mod base62 {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// `number` in at least `width` characters, padded with `0`.
    pub fn encode(number: u128, width: usize) -> String {
        let mut digits = Vec::with_capacity(width);
        let mut rest = number;
        while rest > 0 || digits.len() < width {
            let digit = usize::try_from(rest % 62).unwrap_or_default();
            digits.push(ALPHABET.get(digit).copied().unwrap_or(b'0'));
            rest /= 62;
        }
        digits.iter().rev().map(|digit| char::from(*digit)).collect()
    }

    /// The number that `text` writes; nothing for other characters, and for more than 128 bits.
    pub fn decode(text: &str) -> Option<u128> {
        text.bytes().try_fold(0_u128, |number, byte| {
            let digit = ALPHABET.iter().position(|known| *known == byte)?;
            number.checked_mul(62)?.checked_add(u128::try_from(digit).ok()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn ids_of_one_maker_increase_and_are_version_7() {
        let mut ids = IdSeed::new(&Fixed(0xff)).maker(Timestamp::from_seconds(1_781_611_200));
        let made: Vec<PaymentId> = (0..1_000).map(|_| ids.make()).collect();
        assert!(made.is_sorted() && made.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(made.iter().all(|id| id.uuid().get_version_num() == 7));
        assert!(made.iter().all(|id| id.uuid().get_variant() == uuid::Variant::RFC4122));
    }

    #[test]
    fn a_floor_bounds_the_ids_of_its_moment() {
        let at = Timestamp::from_seconds(1_781_611_200);
        let id: PaymentId = IdSeed::new(&Fixed(0)).maker(at).make();
        let just_before: PaymentId =
            IdSeed::new(&Fixed(0xff)).maker(at - crate::time::Span::from_micros(1)).make();
        assert!(PaymentId::floor(at) <= id);
        assert!(PaymentId::floor(at) > just_before);
        let long_ago = Timestamp::from_seconds(-2_208_988_800);
        assert!(PaymentId::floor(long_ago) < just_before, "a time before 1970 is not one after it");
    }

    #[test]
    fn text_of_another_length_or_alphabet_is_no_id() {
        for text in
            ["", "0", "00000000000000000000000!", "zzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000"]
        {
            assert_eq!(PaymentId::from_base62(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_id_are_one_to_one(bytes: [u8; 16]) {
            let id = PaymentId::from_bytes(bytes);
            prop_assert_eq!(id.base62().len(), 24);
            prop_assert_eq!(PaymentId::from_base62(&id.base62()), Some(id));
        }

        #[test]
        fn text_sorts_as_the_id_does(a: [u8; 16], b: [u8; 16]) {
            let (a, b) = (PaymentId::from_bytes(a), PaymentId::from_bytes(b));
            prop_assert_eq!(a.cmp(&b), a.base62().cmp(&b.base62()));
        }
    }
}
