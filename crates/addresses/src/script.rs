//! What the chains compare, made from a public key.

use bitcoin::{CompressedPublicKey, ScriptBuf, secp256k1::PublicKey};
use domain::{
    chain::{Script, ScriptKind},
    refusal::Refusal,
};
use sha3::{Digest, Keccak256};

use crate::child::CURVE;

/// The script of this kind that pays to `key`.
///
/// # Errors
/// [`Refusal::MethodUnavailable`] for a session, which no key has.
pub(crate) fn of_key(kind: ScriptKind, key: &PublicKey) -> Result<Script, Refusal> {
    match kind {
        ScriptKind::Account => account(key),
        ScriptKind::WitnessKeyHash => {
            Script::new(ScriptBuf::new_p2wpkh(&CompressedPublicKey(*key).wpubkey_hash()).as_bytes())
        }
        ScriptKind::Taproot => {
            Script::new(ScriptBuf::new_p2tr(&CURVE, key.x_only_public_key().0, None).as_bytes())
        }
        ScriptKind::Session => None,
    }
    .ok_or(Refusal::MethodUnavailable)
}

/// The end of the Keccak-256 of both coordinates (Yellow Paper, appendix F). The hash is Keccak as it was submitted,
/// not SHA-3 of FIPS 202: they pad differently.
fn account(key: &PublicKey) -> Option<Script> {
    // The first byte only says that the key is not compressed.
    let [_, coordinates @ ..] = key.serialize_uncompressed();
    Keccak256::digest(coordinates).last_chunk::<20>().and_then(|account| Script::new(account))
}
