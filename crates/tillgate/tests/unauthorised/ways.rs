//! Every command of the engine, and the ways by which somebody outside could come to it.

use std::collections::BTreeSet;

use self::Way::{Anybody, Key, Page, Socket, Token};

/// A way from outside to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way<'a> {
    /// An operation of a dialect's document that asks for a key of the dialect. The object of another shop does not
    /// exist.
    Key(&'a str, &'a str),
    /// An operation of a dialect's document that asks for a payment's public token, and for nothing else.
    Token(&'a str, &'a str),
    /// What stands behind `/pay/{token}`. The page opens by the token alone; what changes anything is taken only from
    /// the page itself.
    Page(&'a str),
    /// An operation of the operator's document: on the socket of the data directory, and nowhere else.
    Socket(&'a str),
    /// A path that anybody may ask, and that says nothing.
    Anybody(&'a str),
}

/// No way: only workers do it, or the start of a process.
const NOBODY: &[Way<'_>] = &[];

/// Every command, and every way to it.
pub(crate) const WAYS: &[(&str, &[Way<'_>])] = &[
    // Payments.
    ("create_payment", &[Key("alpha", "createPayment"), Key("alphapo", "createInvoice")]),
    ("payment", &[Key("alpha", "getPayment")]),
    ("payment_by_token", &[Token("alpha", "getCheckout")]),
    ("list_payments", &[Key("alpha", "listPayments"), Socket("listPayments")]),
    (
        "find_payment",
        &[
            Socket("showPayment"),
            Socket("cancelPayment"),
            Socket("showDelivery"),
            Socket("simulatePay"),
            Socket("simulateDecline"),
        ],
    ),
    ("payment_view", &[Key("alphapo", "createInvoice"), Socket("showPayment")]),
    ("payment_by_reference", &[Key("alphapo", "getTransaction")]),
    ("payment_by_transaction", &[Key("alphapo", "getTransaction")]),
    ("numbered", &[Key("alphapo", "getTransaction")]),
    ("look_at", &[Key("alphapo", "getTransaction")]),
    ("take_client_address", &[Key("alphapo", "takeAddress")]),
    ("accounts", &[Key("alphapo", "listAccounts")]),
    ("cancel_payment", &[Socket("cancelPayment"), Page("/cancel")]),
    ("checkout", &[Page(""), Page("/method"), Page("/quote"), Page("/cancel"), Page("/simulate")]),
    ("answer_questions", &[Page("/start")]),
    ("choose_method", &[Page("/method"), Page("/quote"), Page("/start")]),
    ("expire_payments", NOBODY),
    ("value_receipts", NOBODY),
    // Chains, and the sandbox.
    ("observe", NOBODY),
    ("observe_under", NOBODY),
    ("report_network", NOBODY),
    ("report_network_under", NOBODY),
    ("scripts_since", NOBODY),
    ("network_reports", &[Socket("listNetworks")]),
    ("cursor", &[Socket("listNetworks")]),
    ("sandbox_view", &[Socket("listNetworks")]),
    ("simulate_pay", &[Socket("simulatePay"), Page("/simulate")]),
    ("simulate_transfer", &[Socket("simulatePay")]),
    ("mine", &[Socket("simulateMine"), Page("/simulate")]),
    ("decline", &[Socket("simulateDecline"), Page("/simulate")]),
    ("reorganise", &[Socket("simulateReorg")]),
    ("stall", &[Socket("simulateStall")]),
    ("simulate_rate", &[Socket("simulateRate")]),
    ("set_fixed_rates", NOBODY),
    ("record_rates", NOBODY),
    ("record_rates_under", NOBODY),
    ("missing_rates", NOBODY),
    (
        "market_rates",
        &[
            Key("alphapo", "createInvoice"),
            Key("alphapo", "calculateExchange"),
            Key("alphapo", "listPairs"),
            Key("alphapo", "listRates"),
        ],
    ),
    ("business_time", &[Socket("showClock"), Anybody("/readyz")]),
    ("advance_clock", &[Socket("advanceClock")]),
    // Deliveries.
    ("list_deliveries", &[Socket("listDeliveries")]),
    ("delivery", &[Socket("showDelivery")]),
    ("resend_delivery", &[Socket("resendDelivery")]),
    ("take_deliveries", NOBODY),
    ("finish_delivery", NOBODY),
    ("release_deliveries", NOBODY),
    // Mails.
    ("list_mails", &[Socket("listMails")]),
    ("mail", &[Socket("showMail")]),
    ("resend_mail", &[Socket("resendMail")]),
    ("take_mail", NOBODY),
    ("finish_mail", NOBODY),
    ("keep_mails", NOBODY),
    ("queue_kept_mails", NOBODY),
    ("release_mails", NOBODY),
    // Shops, and what they own.
    ("create_shop", &[Socket("createShop")]),
    ("create_first_shop", NOBODY),
    ("list_shops", &[Socket("listShops")]),
    ("shop", &[Socket("showShop")]),
    ("change_shop", &[Socket("changeShop")]),
    (
        "authenticate",
        &[Key("alpha", "createPayment"), Key("alpha", "getPayment"), Key("alpha", "listPayments")],
    ),
    (
        "authenticate_signed",
        &[
            Key("alphapo", "createInvoice"),
            Key("alphapo", "getTransaction"),
            Key("alphapo", "takeAddress"),
            Key("alphapo", "listAccounts"),
            Key("alphapo", "listCurrencies"),
            Key("alphapo", "listPairs"),
            Key("alphapo", "listRates"),
            Key("alphapo", "calculateExchange"),
            Key("alphapo", "exchangeFixed"),
            Key("alphapo", "exchangeNow"),
            Key("alphapo", "withdraw"),
        ],
    ),
    ("create_credential", &[Socket("createCredential")]),
    ("list_credentials", &[Socket("listCredentials")]),
    ("revoke_credential", &[Socket("revokeCredential")]),
    ("flush_last_used", NOBODY),
    ("create_endpoint", &[Socket("createEndpoint")]),
    ("list_endpoints", &[Socket("listEndpoints")]),
    ("rotate_endpoint", &[Socket("rotateEndpoint")]),
    ("test_endpoint", &[Socket("testEndpoint")]),
    ("delete_endpoint", &[Socket("deleteEndpoint")]),
    ("set_wallet", &[Socket("setWallet")]),
    ("wallets", &[Socket("listWallets"), Socket("showWallet")]),
    ("fill_pools", NOBODY),
    // Upkeep, and being a node.
    ("open", NOBODY),
    ("hear", NOBODY),
    ("prune", NOBODY),
    ("join", NOBODY),
    ("beat", NOBODY),
    ("lease", NOBODY),
    ("bury", NOBODY),
    ("leave", NOBODY),
];

/// Operations of dialects' documents that lead to no command: anybody may ask, and hears one word.
pub(crate) const IDLE: &[(&str, &str)] = &[("alphapo", "ping")];

/// All ways, each once.
pub(crate) fn all() -> BTreeSet<Way<'static>> {
    WAYS.iter().flat_map(|(_, ways)| ways.iter().copied()).collect()
}
