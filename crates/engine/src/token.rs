//! Public tokens: how a payment is named where anybody may look.
//!
//! A token is one AES-256 block over the payment's id, under a key of the installation, in 22 characters. It cannot be
//! guessed, it tells nothing of the id, and it is looked up without an index of its own.

use aes::{
    Aes256,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};
use domain::id::{PaymentId, base62};

/// Characters of a token.
pub const TOKEN_LENGTH: usize = 22;

/// Makes and reads tokens.
pub(crate) struct Tokens(Aes256);

impl Tokens {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256::new(key.into()))
    }

    pub(crate) fn of(&self, payment: PaymentId) -> String {
        let mut block = (*payment.bytes()).into();
        self.0.encrypt_block(&mut block);
        base62::encode(u128::from_be_bytes(block.into()), TOKEN_LENGTH)
    }

    /// The payment that a token names, whether there is one or not. Every text of the right form names some id.
    pub(crate) fn payment(&self, token: &str) -> Option<PaymentId> {
        if token.len() != TOKEN_LENGTH {
            return None;
        }
        let mut block = base62::decode(token)?.to_be_bytes().into();
        self.0.decrypt_block(&mut block);
        Some(PaymentId::from_bytes(block.into()))
    }
}

impl crate::Engine {
    /// The public token of a payment.
    pub fn token(&self, payment: PaymentId) -> String {
        self.0.tokens.of(payment)
    }

    /// The id that a public token names; whether there is such a payment, the store knows.
    pub fn payment_of_token(&self, token: &str) -> Option<PaymentId> {
        self.0.tokens.payment(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_payment_and_nobody_elses() {
        let (ours, others) = (Tokens::new(&[7; 32]), Tokens::new(&[8; 32]));
        for number in 0..1_000_u128 {
            let id = PaymentId::from_bytes(number.to_be_bytes());
            let token = ours.of(id);
            assert_eq!(token.len(), TOKEN_LENGTH);
            assert_eq!(ours.payment(&token), Some(id));
            assert_ne!(others.payment(&token), Some(id));
        }
    }

    #[test]
    fn other_text_names_nothing() {
        let tokens = Tokens::new(&[7; 32]);
        for text in
            ["", "short", "zzzzzzzzzzzzzzzzzzzzzz", "!000000000000000000000", "00000000000000000000000"]
        {
            assert_eq!(tokens.payment(text), None, "{text}");
        }
    }
}
