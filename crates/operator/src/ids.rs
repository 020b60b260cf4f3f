//! Ids as text: a prefix that tells their kind, and base62. Any form is read: with the prefix, without it, and as a
//! UUID.

use domain::{
    id::{Id, kind},
    refusal::Refusal,
};
use uuid::Uuid;

/// A kind of object that has a prefix.
pub trait Kind {
    /// What its ids begin with.
    const PREFIX: &'static str;
    /// The refusal for a text that names none of them.
    const ABSENT: Refusal;
}

macro_rules! kinds {
    ($($kind:ident = $prefix:literal, $absent:ident;)*) => {
        $(impl Kind for kind::$kind {
            const PREFIX: &'static str = $prefix;
            const ABSENT: Refusal = Refusal::$absent;
        })*
    };
}

kinds! {
    Shop = "shop_", ShopNotFound;
    Credential = "cred_", CredentialNotFound;
    Wallet = "wal_", WalletNotFound;
    Endpoint = "ep_", EndpointNotFound;
    Delivery = "del_", DeliveryNotFound;
    Payment = "pay_", PaymentNotFound;
    Quote = "quo_", PaymentNotFound;
    Receipt = "rec_", PaymentNotFound;
    Event = "evt_", EventNotFound;
    Attempt = "att_", DeliveryNotFound;
    Mail = "mail_", MailNotFound;
    Decision = "dec_", PaymentNotFound;
}

/// The id as it is shown.
pub fn write<K: Kind>(id: Id<K>) -> String {
    format!("{}{}", K::PREFIX, id.base62())
}

/// The id that a text names.
///
/// # Errors
/// The kind's own "no such" refusal for anything else, another kind's id among it.
pub fn read<K: Kind>(text: &str) -> Result<Id<K>, Refusal> {
    let bare = text.strip_prefix(K::PREFIX).unwrap_or(text);
    let uuid = || Uuid::try_parse(bare).ok().map(Id::from_uuid);
    Id::from_base62(bare).or_else(uuid).ok_or(K::ABSENT)
}

#[cfg(test)]
mod tests {
    use domain::id::{EndpointId, ShopId};

    use super::*;

    #[test]
    fn every_form_of_an_id_is_read() {
        let id = ShopId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));
        let shown = write(id);
        assert!(shown.starts_with("shop_") && shown.len() == 29, "{shown}");
        for text in [shown.as_str(), &id.base62(), &id.uuid().to_string()] {
            assert_eq!(read::<kind::Shop>(text), Ok(id), "{text}");
        }
    }

    #[test]
    fn another_kinds_id_names_nothing() {
        let id = EndpointId::from_bytes([7; 16]);
        assert_eq!(read::<kind::Shop>(&write(id)), Err(Refusal::ShopNotFound));
        for text in ["", "shop_", "shop_!", "0192"] {
            assert_eq!(read::<kind::Shop>(text), Err(Refusal::ShopNotFound), "{text}");
        }
    }
}
