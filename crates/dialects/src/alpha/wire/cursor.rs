//! Where a list goes on.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{id::PaymentId, refusal::Refusal};
use sha2::{Digest, Sha256};

/// Says how the rest is to be read.
const VERSION: u8 = 1;

/// Bytes of a payment's id.
const ID: usize = 16;

/// Bytes by which a cursor that was cut, mistyped or made up is known. A guessed one would do no harm: a list is of the
/// caller's own payments, wherever it begins.
const CHECK: usize = 4;

/// The cursor of the page after `payment`.
pub(crate) fn write(payment: PaymentId) -> String {
    let mut bytes = [VERSION; 1 + ID + CHECK];
    let (_, rest) = bytes.split_at_mut(1);
    let (id, check) = rest.split_at_mut(ID);
    id.copy_from_slice(payment.bytes());
    check.copy_from_slice(&checksum(payment));
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The payment after which a page begins.
///
/// # Errors
/// [`Refusal::CursorInvalid`] for what no list gave out.
pub(crate) fn read(cursor: &str) -> Result<PaymentId, Refusal> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Refusal::CursorInvalid)?;
    let (version, rest) = bytes.split_first().ok_or(Refusal::CursorInvalid)?;
    let (id, check) = rest.split_first_chunk::<ID>().ok_or(Refusal::CursorInvalid)?;
    let payment = PaymentId::from_bytes(*id);
    if *version == VERSION && check == checksum(payment) { Ok(payment) } else { Err(Refusal::CursorInvalid) }
}

fn checksum(payment: PaymentId) -> [u8; CHECK] {
    let digest = Sha256::new().chain_update(b"payments").chain_update(payment.bytes()).finalize();
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_written(bytes: [u8; 16]) {
            let id = PaymentId::from_bytes(bytes);
            prop_assert_eq!(read(&write(id)), Ok(id));
        }

        #[test]
        fn a_cursor_that_was_changed_is_refused(bytes: [u8; 16], at in 0_usize..28, letter in "[A-Za-z0-9_-]") {
            let cursor = write(PaymentId::from_bytes(bytes));
            let mut changed = cursor.clone();
            changed.replace_range(at..=at, &letter);
            prop_assume!(changed != cursor);
            prop_assert_eq!(read(&changed), Err(Refusal::CursorInvalid));
        }

        #[test]
        fn text_of_any_kind_is_no_cursor(text: String) {
            prop_assert_eq!(read(&text), Err(Refusal::CursorInvalid));
        }
    }

    #[test]
    fn what_is_cut_is_refused() {
        let cursor = write(PaymentId::from_bytes([9; 16]));
        for length in 0..cursor.len() {
            assert!(read(&cursor[..length]).is_err(), "{length}");
        }
        assert!(read(&format!("{cursor}A")).is_err());
    }
}
