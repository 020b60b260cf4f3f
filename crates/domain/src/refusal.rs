//! Why a command is refused, and what else can become of it.

use crate::{id::IncidentId, time::Span};

macro_rules! refusals {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $message:literal;)*) => {
        /// A rule that a command did not meet. Whoever sent the command can mend it.
        ///
        /// Each has a code that never changes. What a caller is told is each dialect's own table; the message here is
        /// the operator's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum Refusal {
            $($(#[doc = $doc])* #[error($message)] $name,)*
        }

        impl Refusal {
            /// Every refusal there is: tests walk it, so that none is without an answer.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

refusals! {
    /// A text that is no plain decimal, or has more places than its asset.
    AmountMalformed = "amount_malformed", "the amount is not a plain decimal number with the places of its asset";
    /// A result that 128 bits do not hold.
    AmountOutOfRange = "amount_out_of_range", "the amount is too large to be counted";
    /// An amount of nothing.
    AmountZero = "amount_zero", "the amount is zero";
    /// A code that names nothing we count in.
    AssetUnknown = "asset_unknown", "no such asset or currency";
    /// A text that is no positive decimal number.
    RateMalformed = "rate_malformed", "a rate is a positive decimal number with at most 18 places";
    /// No trusted rate between two assets.
    RateUnavailable = "rate_unavailable", "there is no trusted rate for that pair";
    /// A name that no network has here.
    NetworkUnknown = "network_unknown", "no such network is served here";
    /// A method that is not offered.
    MethodUnknown = "method_unknown", "that method is not offered";
    /// A method whose chain cannot be seen, or whose wallet is missing.
    MethodUnavailable = "method_unavailable", "that method is not available now";

    /// Text that is no address of its network.
    AddressInvalid = "address_invalid", "that is no address of that network";

    /// No such merchant.
    MerchantNotFound = "merchant_not_found", "no such merchant";
    /// No such shop.
    ShopNotFound = "shop_not_found", "no such shop";
    /// A name that is empty, too long or not printable.
    NameInvalid = "name_invalid", "a name has 1 to 100 printable characters";
    /// A policy outside its limits.
    PolicyInvalid = "policy_invalid", "that setting is outside its limits";
    /// The shop was switched off.
    ShopInactive = "shop_inactive", "the shop is not active";

    /// A dialect that this gateway does not speak.
    DialectUnknown = "dialect_unknown", "no such dialect is served here";
    /// A policy or a list that is too long.
    TooMany = "too_many", "that is more than one request may ask for";
    /// No such credential.
    CredentialNotFound = "credential_not_found", "no such credential";
    /// A kind of key that the dialect does not know.
    KeyKindUnknown = "key_kind_unknown", "the dialect has no keys of that kind";
    /// A scope that the dialect does not know.
    ScopeUnknown = "scope_unknown", "the dialect has no such scope";
    /// An expiry that is already past.
    ExpiryPast = "expiry_past", "the expiry lies in the past";
    /// Text that is neither an address nor a block of addresses.
    IpBlockInvalid = "ip_block_invalid", "an address such as 203.0.113.7, or a block such as 203.0.113.0/24";
    /// A key that works, from an address that it is not for.
    CallerNotAllowed = "caller_not_allowed", "that key may not be used from this address";

    /// Text that is no extended public key.
    KeyInvalid = "key_invalid", "that is not an extended public key (xpub)";
    /// An extended private key: it is refused, and must be thought of as exposed.
    KeyPrivate = "key_private", "that is an extended PRIVATE key: this gateway never takes one; consider it exposed";
    /// The publicly known key of the sandbox under a real network.
    KeyOfSandbox = "key_of_sandbox", "that key belongs to the sandbox: anyone can spend what it receives";
    /// A key that a shop uses already.
    KeyInUse = "key_in_use", "that key is used by another shop";
    /// A key whose addresses already have another form.
    KeyOfOtherForm = "key_of_other_form", "that key serves chains with other addresses; use this coin's account key";
    /// A key of a test network for Bitcoin, or the other way round.
    KeyOfOtherNetwork = "key_of_other_network",
        "that key is for another network: Bitcoin takes xpub and zpub, its test networks take tpub and vpub";
    /// A key or a descriptor whose addresses are not made here.
    KeyOfOtherScript = "key_of_other_script",
        "that key makes addresses of another kind: use the key of a native segwit account (zpub, or an xpub of \
         m/84'), or of a taproot account as the descriptor tr(…/0/*)";
    /// A key or a descriptor of several signers.
    KeyMultisig = "key_multisig", "that is for several signers: this gateway takes the key of one";
    /// Text that is no output descriptor of the form that is taken.
    DescriptorInvalid = "descriptor_invalid",
        "a descriptor has to be wpkh([…]xpub…/0/*) or tr([…]xpub…/0/*), with or without its checksum";
    /// A descriptor that is not what it was when its checksum was made.
    DescriptorChecksum = "descriptor_checksum", "the descriptor does not fit its checksum: copy it again, to the end";
    /// A fingerprint that the configuration does not pin.
    KeyNotPinned = "key_not_pinned", "that key's fingerprint is not in wallets.pinned";
    /// A shop without a wallet for a network.
    WalletNotFound = "wallet_not_found", "the shop has no wallet for that network";

    /// No such endpoint.
    EndpointNotFound = "endpoint_not_found", "no such endpoint";
    /// An address that callbacks may not go to.
    EndpointUrlInvalid = "endpoint_url_invalid", "callbacks may not be sent to that URL";
    /// More endpoints than a shop may have.
    EndpointLimit = "endpoint_limit", "the shop has as many endpoints as it may have";
    /// A new secret for an endpoint that has none of its own.
    EndpointUnsigned = "endpoint_unsigned", "the shop's credential signs there: make another one, revoke the old one";
    /// An event name that the dialect does not know.
    EventUnknown = "event_unknown", "the dialect has no such event";
    /// Nothing to send yet.
    EventNotFound = "event_not_found", "nothing has happened yet that the endpoint listens to: create a payment first";
    /// No such delivery.
    DeliveryNotFound = "delivery_not_found", "no such delivery";

    /// No such mail.
    MailNotFound = "mail_not_found", "no such mail";

    /// No such payment, or another shop's.
    PaymentNotFound = "payment_not_found", "no such payment";
    /// A reference that has to be unique and is not.
    ReferenceTaken = "reference_taken", "that reference names another payment already";
    /// A key that was used with another body.
    IdempotencyConflict = "idempotency_conflict", "that idempotency key was used with another request";
    /// A payment in a state that no longer changes.
    PaymentClosed = "payment_closed", "the payment is closed";
    /// Money was seen already.
    MoneySeen = "money_seen", "money has been seen for that payment";
    /// Nothing is left to pay.
    NothingDue = "nothing_due", "nothing is due on that payment";
    /// A form that was filled in from an older page.
    VersionStale = "version_stale", "the payment has changed since that page was shown";
    /// A position in a list that no list gave out.
    CursorInvalid = "cursor_invalid", "that cursor does not belong to a list";

    /// A lease that this node held, or was about to take, while others took it for dead.
    LeaseLost = "lease_lost", "this node no longer holds the lease; another one does the work";
    /// A batch that does not continue where the cursor stands: somebody else moved it.
    BatchStale = "batch_stale", "the batch does not continue where the cursor stands";
    /// A reorganisation deeper than the limit: the network stops, and a person looks.
    ReorgTooDeep = "reorg_too_deep", "the chain was reorganised deeper than the limit";
    /// A command of the sandbox on something real.
    NotSimulated = "not_simulated", "that is not simulated: only sandbox networks take this command";
    /// More blocks than one command may make or replace.
    BlocksOutOfRange = "blocks_out_of_range", "between 1 and 1000 blocks, and no more than the chain has";
    /// A cutover that is further ahead than a secret may be kept.
    CutoverOutOfRange = "cutover_out_of_range", "the old secret may go on signing for at most 24 hours";
    /// A clock that would go backwards, or too far.
    ClockOutOfRange = "clock_out_of_range", "the clock moves forward only, by at most ten years";
}

/// What became of a command that was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A rule was not met; nothing changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store cannot take it now (full queue, full disk, no connection); nothing changed.
    #[error("unavailable, try again in {} s", retry_after.whole_seconds())]
    Unavailable {
        /// When it is worth trying again.
        retry_after: Span,
    },
    /// The connection was lost while committing: it may have happened or not. Read back by the id that was made before.
    #[error("unknown whether it was done")]
    Unknown,
    /// A fault of ours; the log tells more under this id.
    #[error("internal fault {}", incident.base62())]
    Internal {
        /// What the log line is found by.
        incident: IncidentId,
    },
}
