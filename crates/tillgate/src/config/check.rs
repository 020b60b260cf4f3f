//! Settings that are of the right kind and still cannot be.

use std::{collections::HashSet, ops::RangeInclusive, path::Path};

use addresses::address;
use dialects::alphapo::{self, Fee};
use domain::{
    chain::{AddressForm, Network, REORG_LIMIT},
    merchant::{MAX_ORDER_VALIDITY, MIN_ORDER_VALIDITY},
    money::{Amount, Asset, AssetCode, MAX_DECIMALS, Rate},
    pair::Pair,
    rates::{FIXED, RatePolicy},
};
use outbound::mail::{Sender, SmtpUrl};
use outbound::{
    rates::Source,
    target::{Target, TargetPolicy},
};
use rails::bitcoin::Chain;

use super::{
    BitcoinNetwork, Config, EvmNetwork, EvmToken, VENDOR_S,
    origin::Layers,
    problem::{Problem, Problems},
    secret::Secret,
    unknown,
};

/// Milliseconds that one callback may take.
const CALLBACK_MS: RangeInclusive<u64> = 100..=60_000;
/// Connections of one node to its database.
const POOL_SIZE: RangeInclusive<u64> = 2..=200;
/// Milliseconds between two looks at a node.
const POLL_MS: RangeInclusive<u64> = 100..=600_000;
/// Seconds after which a newest block is too old.
const BLOCK_AGE_S: RangeInclusive<u64> = 10..=86_400;
/// Decimal places of the euro.
const EURO_PLACES: u8 = 2;
/// Hexadecimal digits of a fingerprint.
const FINGERPRINT: usize = 64;

/// Complains about every setting that cannot be.
pub(super) fn check(config: &Config, layers: &Layers<'_>) -> Result<(), Problems> {
    let mut check = Check { layers, problems: Vec::new() };
    if config.data_dir.as_os_str().is_empty() {
        check.wrong("data_dir", "the path of a directory; \".\" is the working directory");
    }
    check.secrets(config);
    check.rates(config);
    check.alpha(config);
    check.alphapo(config);
    check.within("database.pool_size", config.database.pool_size, &POOL_SIZE);
    check.within("webhooks.timeout_ms", config.webhooks.timeout_ms, &CALLBACK_MS);
    check.mail(config);
    for (index, fingerprint) in config.wallets.pinned.iter().enumerate() {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if fingerprint.len() != FINGERPRINT || !fingerprint.bytes().all(is_hex) {
            check.wrong(&format!("wallets.pinned.{index}"), "64 hexadecimal digits in lower case");
        }
    }
    let mut names = HashSet::new();
    for (index, network) in config.rails.evm.iter().enumerate() {
        let is_twin = !names.insert(network.network.as_str());
        let path = format!("rails.evm.{index}");
        check.evm(&path, network, is_twin);
        let is_same = |other: &EvmNetwork| other.chain_id == network.chain_id;
        if network.chain_id != 0 && config.rails.evm.iter().take(index).any(is_same) {
            check.complain(&format!("{path}.chain_id"), FOLLOWED_TWICE, COUNTED_TWICE);
        }
    }
    for (index, network) in config.rails.bitcoin.iter().enumerate() {
        let is_twin = !names.insert(network.network.as_str());
        let path = format!("rails.bitcoin.{index}");
        check.bitcoin(&path, network, is_twin, config.environment.is_live());
        let is_main = |network: &BitcoinNetwork| *network.chain == Some(Chain::Main);
        if is_main(network) && config.rails.bitcoin.iter().take(index).any(is_main) {
            check.complain(&format!("{path}.chain"), FOLLOWED_TWICE, COUNTED_TWICE);
        }
    }
    if check.problems.is_empty() { Ok(()) } else { Err(Problems(check.problems)) }
}

/// What is said of a chain that two tables name, and why that cannot be.
const FOLLOWED_TWICE: &str = "is followed under another name already.";
const COUNTED_TWICE: &str = "Name it once: its money would count twice.";

struct Check<'a> {
    layers: &'a Layers<'a>,
    problems: Vec<Problem>,
}

impl Check<'_> {
    /// The setting at `path` is wrong; `what` says how, and `fix` what to do.
    fn complain(&mut self, path: &str, what: &str, fix: &str) {
        let keys: Vec<String> = path.split('.').map(str::to_owned).collect();
        let what = format!("`{}` {what}", unknown::shown(&keys));
        self.problems.push(Problem::new(self.layers.place(&keys), what, fix));
    }

    /// The setting at `path` has to be of another form.
    fn wrong(&mut self, path: &str, form: &str) {
        let keys: Vec<String> = path.split('.').map(str::to_owned).collect();
        let what = format!("`{}` has to be {form}.", unknown::shown(&keys));
        self.problems.push(Problem::plain(self.layers.place(&keys), what));
    }

    fn within(&mut self, path: &str, value: u64, range: &RangeInclusive<u64>) {
        if !range.contains(&value) {
            self.wrong(path, &format!("from {} to {}", range.start(), range.end()));
        }
    }

    /// What is shown in place of a secret was taken for the secret: the printed configuration was used as a file.
    fn redacted(&mut self, path: &str) {
        let what = "is what stands in place of a secret, and not the secret.";
        self.complain(
            path,
            what,
            "Write the secret itself, or give it by a file or an environment variable.",
        );
    }

    fn secrets(&mut self, config: &Config) {
        let secrets = &config.secrets;
        if secrets.master_key.is_redacted() {
            self.redacted("secrets.master_key");
        }
        if !secrets.master_key.is_empty() && !secrets.master_key_file.as_os_str().is_empty() {
            self.complain("secrets.master_key", "is given, and so is a file for it.", "Give one of the two.");
        }
    }

    fn mail(&mut self, config: &Config) {
        let mail = &config.mail;
        let by_file = !mail.smtp_url_file.as_os_str().is_empty();
        match (mail.smtp_url.is_empty(), by_file) {
            (true, _) => {}
            (false, true) => {
                self.complain("mail.smtp_url", "is given, and so is a file for it.", "Give one of the two.");
            }
            (false, false) if mail.smtp_url.is_redacted() => self.redacted("mail.smtp_url"),
            (false, false) => {
                if let Err(error) = mail.smtp_url.reveal().parse::<SmtpUrl>() {
                    self.wrong("mail.smtp_url", &error.to_string());
                }
            }
        }
        if mail.from.is_empty() && (by_file || !mail.smtp_url.is_empty()) {
            self.complain(
                "mail.from",
                "has to be given where there is a mail server.",
                "Write from = \"pay@example.com\" under [mail], with an address that the server sends for.",
            );
        } else if !mail.from.is_empty() && Sender::parse(&mail.from).is_none() {
            self.wrong(
                "mail.from",
                "an address such as pay@example.com or \"Example Pay <pay@example.com>\"",
            );
        }
    }

    fn rates(&mut self, config: &Config) {
        let rates = &config.rates;
        for (index, name) in rates.sources.iter().enumerate() {
            let path = format!("rates.sources.{index}");
            if rates.sources.iter().take(index).any(|other| other == name) {
                self.complain(&path, "is named twice.", "Name each source once.");
            } else if name == FIXED && rates.sources.len() > 1 {
                let fix = "Write sources = [\"fixed\"] for the table, or leave \"fixed\" out.";
                self.complain(&path, "stands alone: a table has nobody to agree with.", fix);
            } else if name != FIXED && Source::from_name(name).is_none() {
                let names = Source::ALL.map(|source| format!("\"{}\"", source.name())).join(", ");
                self.wrong(&path, &format!("one of {names}, or \"{FIXED}\" alone"));
            }
        }
        self.quorum(config);
        for (name, url) in &rates.base_urls {
            let path = format!("rates.base_urls.{name}");
            if Source::from_name(name).is_none() {
                self.complain(&path, "names no source.", "The sources are those of rates.sources.");
            } else if Target::parse(url, TargetPolicy { allow_private: true }).is_err() {
                self.wrong(&path, "a URL that begins with https:// or http:// and names a host");
            }
        }
        for (pair, rate) in &rates.fixed {
            if Pair::parse(pair).is_err() {
                let what = "is no pair.";
                self.complain(&format!("rates.fixed.{pair}"), what, "A pair is written \"BTC/USD\".");
            } else if Rate::parse(rate).is_err() {
                let form = "a positive decimal number in quotes, with at most 18 places";
                self.wrong(&format!("rates.fixed.{pair}"), form);
            }
        }
    }

    /// Whether as many may agree as have to, and whether the table would be passed over.
    fn quorum(&mut self, config: &Config) {
        let RatePolicy::Live(sources) = config.rates.policy_in(*config.environment) else { return };
        let markets = sources.markets.len();
        if markets == 0 {
            let fix = "Add two or more of kraken, coinbase, bitfinex and coingecko.";
            self.complain("rates.sources", "names nobody who says what coins are worth.", fix);
        } else if sources.quorum == 0 {
            self.wrong("rates.quorum", "at least 1, and better 2");
        } else if sources.quorum > markets {
            let what = "is more than there are sources who say what coins are worth.";
            let fix = "Name more of kraken, coinbase, bitfinex and coingecko, or let fewer agree.";
            self.complain("rates.quorum", what, fix);
        }
        if !config.rates.fixed.is_empty() {
            let fix = "Write sources = [\"fixed\"] for the table alone, or leave the table out.";
            self.complain("rates.fixed", "is not read while other sources are.", fix);
        }
    }

    fn alpha(&mut self, config: &Config) {
        let alpha = &config.dialects.alpha;
        let validity = MIN_ORDER_VALIDITY..=MAX_ORDER_VALIDITY;
        for (name, span) in [
            ("order_validity", alpha.order_validity),
            ("quote_validity", alpha.quote_validity),
            ("seen_limit", alpha.seen_limit),
        ] {
            if !validity.contains(&span) {
                self.wrong(&format!("dialects.alpha.{name}"), "from 1m to 366d");
            }
        }
        for (index, code) in alpha.currencies.iter().enumerate() {
            if Asset::currency(code).is_err() {
                self.wrong(&format!("dialects.alpha.currencies.{index}"), "a code of ISO 4217, such as USD");
            }
        }
        for (table, amounts) in [("minimum", &alpha.minimum), ("maximum", &alpha.maximum)] {
            for (code, amount) in amounts {
                let path = format!("dialects.alpha.{table}.{code}");
                let currency = Asset::currency(code).ok().filter(|_| alpha.currencies.contains(code));
                match currency.map(|currency| Amount::parse(amount, currency.decimals)) {
                    Some(Ok(amount)) if !amount.is_zero() => {}
                    Some(_) => {
                        self.wrong(&path, "a positive amount in quotes, with the places of its currency");
                    }
                    None => self.complain(&path, "names no currency that is taken.", "Add it to currencies."),
                }
            }
        }
    }

    fn alphapo(&mut self, config: &Config) {
        let alphapo = &config.dialects.alphapo;
        if !(MIN_ORDER_VALIDITY..=MAX_ORDER_VALIDITY).contains(&alphapo.seen_limit) {
            self.wrong("dialects.alphapo.seen_limit", "from 1m to 366d");
        }
        let minimum = alphapo.minimum_eur.as_str();
        if minimum != VENDOR_S && Amount::parse(minimum, EURO_PLACES).is_err() {
            self.wrong("dialects.alphapo.minimum_eur", "\"auto\", or an amount in quotes, such as \"10.00\"");
        }
        for (index, code) in alphapo.extended.iter().enumerate() {
            if !alphapo::is_code(code) {
                self.wrong(
                    &format!("dialects.alphapo.extended.{index}"),
                    "one of the vendor's codes, such as BTC",
                );
            }
        }
        for (code, share) in &alphapo.deposit_fees {
            let path = format!("dialects.alphapo.deposit_fees.{code}");
            if !alphapo::is_code(code) {
                self.complain(&path, "is none of the vendor's codes.", "Write a code such as BTC or USDTT.");
            } else if Fee::parse(share).is_none() {
                self.wrong(
                    &path,
                    "a share below 1 in quotes, with at most six places, such as \"0.008\" for 0.8 %",
                );
            }
        }
    }

    /// The name of a real network in the table at `path`.
    fn network(&mut self, path: &str, name: &str, usual: &str, is_twin: bool) {
        let at = format!("{path}.network");
        if name.is_empty() {
            let fix = format!("Write network = \"{usual}\", or another name.");
            self.complain(path, "needs a `network`.", &fix);
        } else if Network::parse(name).is_err() {
            self.wrong(&at, "lower-case letters, digits and hyphens, at most 24");
        } else if is_twin {
            self.complain(&at, "is the name of another network too.", "Give each its own.");
        }
    }

    /// The URL of a server, in a setting of this name or in a file; whether it is given in either way.
    fn server(&mut self, path: &str, key: &str, url: &Secret, file: &Path) -> bool {
        let at = format!("{path}.{key}");
        match (url.is_empty(), file.as_os_str().is_empty()) {
            (true, true) => return false,
            (false, false) => {
                self.complain(&at, "is given, and so is a file for it.", "Give one of the two.");
            }
            (false, true) if url.is_redacted() => self.redacted(&at),
            (false, true) if rails::NodeUrl::parse(url.reveal()).is_err() => {
                self.wrong(&at, "a URL that begins with http:// or https:// and names a host");
            }
            (false, true) | (true, false) => {}
        }
        true
    }

    /// How deep, how often, and how old: what all real networks have.
    fn pace(&mut self, path: &str, confirmations: u32, poll_ms: u64, max_block_age_s: u64) {
        let depth = 1..=u64::try_from(REORG_LIMIT).unwrap_or(u64::MAX);
        self.within(&format!("{path}.confirmations"), confirmations.into(), &depth);
        self.within(&format!("{path}.poll_ms"), poll_ms, &POLL_MS);
        self.within(&format!("{path}.max_block_age_s"), max_block_age_s, &BLOCK_AGE_S);
    }

    fn bitcoin(&mut self, path: &str, network: &BitcoinNetwork, is_twin: bool, is_live: bool) {
        let at = |key: &str| format!("{path}.{key}");
        self.network(path, &network.network, "bitcoin", is_twin);
        match *network.chain {
            None => self.complain(path, "needs a `chain`.", "Write chain = \"main\" for Bitcoin itself."),
            Some(chain) if is_live && chain != Chain::Main => self.complain(
                &at("chain"),
                "is a test network, whose coins are worth nothing.",
                "In production write chain = \"main\".",
            ),
            Some(_) => {}
        }
        let node = self.server(path, "rpc_url", &network.rpc_url, &network.rpc_url_file);
        let esplora = self.server(path, "esplora_url", &network.esplora_url, &network.esplora_url_file);
        match (node, esplora) {
            (false, false) => self.complain(
                path,
                "needs an `rpc_url`.",
                "Write the URL of Bitcoin Core's JSON-RPC, or esplora_url for a server of Esplora's.",
            ),
            (true, true) => {
                self.complain(&at("esplora_url"), "is given, and so is a node.", "Give one of the two.");
            }
            _ => {}
        }
        let has_file = !network.rpc_password_file.as_os_str().is_empty();
        let has_password = !network.rpc_password.is_empty();
        if network.rpc_password.is_redacted() {
            self.redacted(&at("rpc_password"));
        } else if has_password && has_file {
            self.complain(&at("rpc_password"), "is given, and so is a file for it.", "Give one of the two.");
        } else if (has_password || has_file) == network.rpc_user.is_empty() {
            self.complain(
                path,
                "has one of `rpc_user` and `rpc_password`.",
                "Give both, or neither where they are in the URL.",
            );
        }
        self.pace(path, network.confirmations, network.poll_ms, network.max_block_age_s);
    }

    fn evm(&mut self, path: &str, network: &EvmNetwork, is_twin: bool) {
        let at = |key: &str| format!("{path}.{key}");
        self.network(path, &network.network, "ethereum", is_twin);
        if network.chain_id == 0 {
            self.complain(path, "needs a `chain_id`.", "Write chain_id = 1 for Ethereum's main network.");
        }
        if !self.server(path, "rpc_url", &network.rpc_url, &network.rpc_url_file) {
            let fix = "Write the URL of the node's JSON-RPC, or rpc_url_file.";
            self.complain(path, "needs an `rpc_url`.", fix);
        }
        self.pace(path, network.confirmations, network.poll_ms, network.max_block_age_s);
        if network.native.is_empty() && network.tokens.is_empty() {
            self.complain(
                path,
                "takes nothing.",
                "Write native = \"ETH\" for the chain's own coin, or tokens.",
            );
        }
        if !network.native.is_empty() && AssetCode::parse(&network.native).is_err() {
            self.wrong(&at("native"), "a code of upper-case letters and digits, such as ETH");
        }
        for (index, token) in network.tokens.iter().enumerate() {
            self.token(&at(&format!("tokens.{index}")), token);
        }
    }

    fn token(&mut self, path: &str, token: &EvmToken) {
        if Asset::new(&token.asset, 0).is_err() {
            self.wrong(&format!("{path}.asset"), "a code of upper-case letters and digits, such as USDT");
        }
        if address::parse(AddressForm::Evm, &token.contract).is_none() {
            self.wrong(
                &format!("{path}.contract"),
                "an address such as 0xdAC17F958D2ee523a2206206994597C13D831ec7",
            );
        }
        if token.decimals > MAX_DECIMALS {
            self.wrong(&format!("{path}.decimals"), &format!("from 0 to {MAX_DECIMALS}"));
        }
    }
}
