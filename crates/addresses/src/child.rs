//! One step down the tree of keys.

use std::sync::LazyLock;

use bitcoin::{
    bip32::{ChildNumber, Xpub},
    secp256k1::{Secp256k1, VerifyOnly},
};
use domain::refusal::Refusal;

/// Made once: it is the same for every derivation, and holds nothing of them. Threads may share it.
pub(crate) static CURVE: LazyLock<Secp256k1<VerifyOnly>> = LazyLock::new(Secp256k1::verification_only);

/// The child of `parent` at `index`: `CKDpub` of BIP-32, which has no hardened children.
///
/// # Errors
/// [`Refusal::MethodUnavailable`] where no address can be made: for an index of 2^31 or more, under a parent of depth
/// 255, and for the one index in 2^127 that has no key.
pub(crate) fn child(parent: &Xpub, index: u32) -> Result<Xpub, Refusal> {
    ChildNumber::from_normal_idx(index)
        .and_then(|number| parent.ckd_pub(&CURVE, number))
        .map_err(|_| Refusal::MethodUnavailable)
}
