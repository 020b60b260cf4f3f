//! Settings that are promised, and that this version does not serve yet.

/// The keys, and what to do without them.
const UNSERVED: &[(&str, &str)] = &[
    ("tls", "Leave it out, and let a proxy in front of the gateway speak TLS."),
    ("dashboard_url", "Leave it out: there is no dashboard yet."),
    ("dialects.shop", "Leave it out: this version speaks alpha and alphapo."),
    ("dialects.alppay", "Leave it out: this version speaks alpha and alphapo."),
    ("dialects.applications", "Leave it out: this version speaks alpha and alphapo."),
    (
        "rails.tron",
        "Leave it out: this version follows Bitcoin and Ethereum-like chains, and simulates TRON.",
    ),
    ("rails.card", "Leave it out: this version simulates cards only."),
    ("rails.bank", "Leave it out: this version takes no bank transfers."),
    ("metrics", "Leave it out: this version has no metrics yet."),
];

/// What to do without this setting, where it is one that is to come.
pub(super) fn cure(path: &str) -> Option<&'static str> {
    let is_here =
        |key: &str| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    UNSERVED.iter().find(|(key, _)| is_here(key)).map(|(_, cure)| *cure)
}
