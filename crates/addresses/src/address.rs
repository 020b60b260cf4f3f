//! Addresses as text, in every form that a network writes them.

mod bitcoin;
mod evm;
mod session;
mod tron;

use ::bitcoin::Network;
use domain::chain::{AddressForm, Script};

/// Bytes of an account: of Ethereum and its kin, and of TRON.
const ACCOUNT_BYTES: usize = 20;

/// The address of `script`; `None` for a script that has none in this form.
pub fn encode(form: AddressForm, script: &Script) -> Option<String> {
    match form {
        AddressForm::Evm => evm::encode(script),
        AddressForm::Tron => tron::encode(script),
        AddressForm::BitcoinMain => bitcoin::encode(Network::Bitcoin, script),
        AddressForm::BitcoinTest => bitcoin::encode(Network::Testnet, script),
        AddressForm::BitcoinRegtest => bitcoin::encode(Network::Regtest, script),
        AddressForm::Session => session::encode(script),
    }
}

/// The script of an address. `None` for a text that is not one of this form to the letter: a wrong checksum, another
/// network's prefix, another length, blanks around it.
pub fn parse(form: AddressForm, text: &str) -> Option<Script> {
    match form {
        AddressForm::Evm => evm::parse(text),
        AddressForm::Tron => tron::parse(text),
        AddressForm::BitcoinMain => bitcoin::parse(Network::Bitcoin, text),
        AddressForm::BitcoinTest => bitcoin::parse(Network::Testnet, text),
        AddressForm::BitcoinRegtest => bitcoin::parse(Network::Regtest, text),
        AddressForm::Session => session::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BITCOIN: [AddressForm; 3] =
        [AddressForm::BitcoinMain, AddressForm::BitcoinTest, AddressForm::BitcoinRegtest];

    const FORMS: [AddressForm; 6] = [
        AddressForm::Evm,
        AddressForm::Tron,
        AddressForm::BitcoinMain,
        AddressForm::BitcoinTest,
        AddressForm::BitcoinRegtest,
        AddressForm::Session,
    ];

    #[test]
    fn a_text_without_end_is_not_decoded() {
        // Base58 takes quadratic time: without a limit this would take hours.
        for prefix in ["0x", "T", "1", "bc1q", "tb1p", "bcrt1q", "session_"] {
            let text = format!("{prefix}{}", "a".repeat(1_000_000));
            assert!(FORMS.into_iter().all(|form| parse(form, &text).is_none()), "{prefix}");
        }
    }

    fn check_round_trip(form: AddressForm, bytes: &[u8]) -> Result<(), TestCaseError> {
        let script = Script::new(bytes).unwrap();
        let text = encode(form, &script).unwrap();
        prop_assert!(text.is_ascii());
        prop_assert_eq!(parse(form, &text), Some(script));
        let others = FORMS.into_iter().filter(|other| *other != form);
        for other in others {
            prop_assert_eq!(parse(other, &text), None);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn accounts_are_written_and_read(account: [u8; ACCOUNT_BYTES]) {
            check_round_trip(AddressForm::Evm, &account)?;
            check_round_trip(AddressForm::Tron, &account)?;
        }

        #[test]
        fn witness_programs_are_written_and_read(hash: [u8; 20], key: [u8; 32]) {
            for form in BITCOIN {
                check_round_trip(form, &[&[0x00, 0x14], &hash[..]].concat())?;
                check_round_trip(form, &[&[0x51, 0x20], &key[..]].concat())?;
            }
        }

        #[test]
        fn sessions_are_written_and_read(bytes in prop::collection::vec(any::<u8>(), 1..=32)) {
            check_round_trip(AddressForm::Session, &bytes)?;
        }

        #[test]
        fn a_script_of_another_length_has_no_address(bytes in prop::collection::vec(any::<u8>(), 0..=64)) {
            let script = Script::new(&bytes).unwrap();
            let account = bytes.len() == ACCOUNT_BYTES;
            prop_assert_eq!(encode(AddressForm::Evm, &script).is_some(), account);
            prop_assert_eq!(encode(AddressForm::Tron, &script).is_some(), account);
            let key_hash = bytes.len() == 22 && bytes.starts_with(&[0x00, 0x14]);
            let taproot = bytes.len() == 34 && bytes.starts_with(&[0x51, 0x20]);
            for form in BITCOIN {
                prop_assert_eq!(encode(form, &script).is_some(), key_hash || taproot);
            }
        }

        #[test]
        fn whatever_is_read_is_written_again(
            text in "0x[0-9a-f]{40}|0x[0-9A-F]{40}|0x[0-9a-fA-F]{40}|session_[0-9a-f]{0,66}",
        ) {
            for form in FORMS {
                if let Some(script) = parse(form, &text) {
                    let written = encode(form, &script).unwrap();
                    prop_assert!(written.eq_ignore_ascii_case(&text));
                }
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,80}") {
            for form in FORMS {
                prop_assert_eq!(parse(form, &text), None);
            }
        }
    }
}
