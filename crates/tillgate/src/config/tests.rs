//! What a configuration says, and what is said of one that is wrong: to the letter.

use std::path::Path;

use insta::assert_snapshot;

use super::{
    file::ConfigFile,
    load::{paths, put_together, table},
    *,
};

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sources = Sources { variables, ..Sources::default() };
    let file = ConfigFile::parse(Path::new("tillgate.toml"), text.to_owned())?;
    put_together(Some(&file), &sources)
}

/// Each configuration, and what is said of it.
fn complaints(texts: &[&str]) -> String {
    let told = |text: &&str| format!("{text}\n\n=> {}\n", read(text, &[]).unwrap_err());
    texts.iter().map(told).collect::<Vec<_>>().join("\n--------\n\n")
}

#[test]
fn a_key_that_is_no_setting_is_told_with_its_line_and_the_right_one() {
    assert_snapshot!(complaints(&[
        "environment = \"test\"\n\n[webhooks]\ntimeout = 5",
        "listne = \"127.0.0.1:80\"",
        "timeout_ms = 5",
        "[log]\nlevel = \"info\"\ncolour = true",
        "[[rails.evm]]\nnetwork = \"ethereum\"\n\n[[rails.evm]]\nnetwrok = \"base\"",
        "a = 1\n[b]\nc = 2\n[log]\nlevle = 1",
    ]));
}

#[test]
fn what_is_not_served_yet_is_told_as_that() {
    assert_snapshot!(complaints(&[
        "[tls]\ncert_file = \"a\"",
        "[[rails.tron]]\nnetwork = \"tron\"",
        "[dialects.alppay]\nenabled = true",
    ]));
}

#[test]
fn a_value_of_the_wrong_kind_is_told_without_being_repeated() {
    assert_snapshot!(complaints(&[
        "listen = 8080",
        "listen = \"localhost\"",
        "[webhooks]\ntimeout_ms = \"10s\"",
        "[webhooks]\nallow_private_targets = 1",
        "environment = \"live\"",
        "[database]\nurl = \"sqlite:///srv/till.db\"",
        "[database]\npool_size = 1",
        "[database]\nurl = \"postgres://me:hunter2@db:port/till\"",
        "[database]\nurl = \"postgres://me:hunter2@db/till?sslmode=prefer\"",
        "[database]\nurl = \"postgres:///till\"",
        "[database]\nurl = \"sqlite::memory:\"",
        "[database]\nurl = \"sqlite:file:till?mode=memory\"",
        "webhooks = 1",
        "trusted_proxies = [\"10.0.0.1\", \"proxy\"]",
        "public_url = \"pay.example.com\"",
        "[rates]\nfixed = { \"BTC/USD\" = 60000 }",
        "[limits]\nrequests_per_minute = -1",
        "[limits]\nrequests_per_minute = 4294967296",
        "[dialects.alpha]\norder_validity = \"soon\"",
        "[secrets]\nmaster_key = 12345678",
        "[[rails.bitcoin]]\nchain = \"testnet\"",
    ]));
}

#[test]
fn a_mail_server_that_cannot_be_used_is_told_with_the_cure() {
    assert_snapshot!(complaints(&[
        "[mail]\nsmtp_url = \"smtps://me:hunter2@mail.example\"",
        "[mail]\nsmtp_url_file = \"url\"",
        "[mail]\nfrom = \"a@b.example\"\nsmtp_url = \"smtps://mail.example\"\nsmtp_url_file = \"url\"",
        "[mail]\nfrom = \"a@b.example\"\nsmtp_url = \"***\"",
        "[mail]\nfrom = \"a@b.example\"\nsmtp_url = \"mail.example\"",
        "[mail]\nfrom = \"a@b.example\"\nsmtp_url = \"smtp://me:hunter2@mail.example?tls=none\"",
        "[mail]\nfrom = \"a@b.example\"\nsmtp_url = \"smtp://mail.example?tls=opportunistic\"",
        "[mail]\nfrom = \"a@b.example\"\nsmtp_url = \"smtp://me@mail.example\"",
        "[mail]\nfrom = \"Example Pay\"",
    ]));
}

#[test]
fn a_value_that_cannot_be_is_told_with_the_cure() {
    assert_snapshot!(complaints(&[
        "data_dir = \"\"",
        "[webhooks]\ntimeout_ms = 1",
        "[rates.fixed]\n\"BTCUSD\" = \"1\"\n\"ETH/USD\" = \"-1\"",
        "[rates]\nsources = [\"kraken\", \"binance\", \"kraken\", \"fixed\"]",
        "[rates]\nsources = [\"kraken\", \"ecb\"]",
        "[rates]\nsources = [\"ecb\"]",
        "environment = \"production\"\n[rates]\nquorum = 4",
        "environment = \"staging\"\n[rates]\nquorum = 0\n[rates.fixed]\n\"ETH/USD\" = \"3000\"",
        "[rates.base_urls]\nkraken = \"api.kraken.com\"\nbinance = \"https://api.binance.com\"",
        "[secrets]\nmaster_key = \"x\"\nmaster_key_file = \"y\"",
        "[secrets]\nmaster_key = \"***\"",
        "[wallets]\npinned = [\"abc\"]",
        "[dialects.alpha]\ncurrencies = [\"USD\", \"usd\"]\nquote_validity = \"1s\"\n\
         minimum = { \"USD\" = \"0.001\", \"JPY\" = \"1\" }",
        "[dialects.alphapo]\nminimum_eur = \"ten\"\nextended = [\"btc\"]\nseen_limit = \"1s\"\n\
         deposit_fees = { \"BTC\" = \"0.8%\", \"XYZ\" = \"0.1\" }",
        "[[rails.evm]]\nconfirmations = 500\nrpc_url = \"ws://node\"\n\
         tokens = [{ asset = \"USDT\", contract = \"0x12\" }]",
        "[[rails.evm]]\nnetwork = \"base\"\nchain_id = 1\nnative = \"ETH\"\nrpc_url = \"***\"",
        "[[rails.evm]]\nnetwork = \"a\"\nchain_id = 1\nnative = \"ETH\"\nrpc_url = \"http://a\"\n\
         [[rails.evm]]\nnetwork = \"b\"\nchain_id = 1\nnative = \"ETH\"\nrpc_url = \"http://b\"",
        "[[rails.bitcoin]]\nconfirmations = 0\npoll_ms = 1",
        "[[rails.bitcoin]]\nnetwork = \"bitcoin\"\nchain = \"main\"\nrpc_url = \"http://a\"\n\
         esplora_url = \"b\"\nrpc_user = \"till\"",
        "environment = \"production\"\n[rates]\nsources = [\"fixed\"]\n[[rails.bitcoin]]\nnetwork = \"b\"\n\
         chain = \"signet\"\nrpc_url = \"http://a\"\nrpc_user = \"till\"\nrpc_password = \"***\"",
        "[[rails.bitcoin]]\nnetwork = \"a\"\nchain = \"main\"\nrpc_url = \"http://a\"\n\
         [[rails.bitcoin]]\nnetwork = \"b\"\nchain = \"main\"\nrpc_url = \"http://b\"",
        "[[rails.evm]]\nnetwork = \"a\"\nchain_id = 1\nnative = \"ETH\"\nrpc_url = \"http://a\"\n\
         [[rails.bitcoin]]\nnetwork = \"a\"\nchain = \"test\"\nesplora_url_file = \"c\"\nrpc_password = \"p\"\n\
         rpc_password_file = \"d\"",
    ]));
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    assert_snapshot!(complaints(&["listen = \"127.0.0.1:80\"\n[log", "listen = 127.0.0.1:80"]));
    let missing = Sources { file: Some("/nowhere/tillgate.toml".into()), ..Sources::default() };
    assert_snapshot!("a_file_that_is_missing", load(&missing).unwrap_err().to_string());
}

#[test]
fn a_variable_is_told_by_its_name() {
    let complaints = [
        ("TILLGATE_WEBHOOKS__TIMEOUT", "5"),
        ("TILLGATE_LISTEN", "8080"),
        ("TILLGATE_WEBHOOKS__TIMEOUT_MS", "10s"),
        ("TILLGATE_TLS__CERT_FILE", "x"),
        ("TILLGATE_RAILS__EVM", "[{ network = \"ethereum\", chainid = 1 }]"),
    ]
    .map(|(name, value)| format!("{name}={value}\n\n=> {}\n", read("", &[(name, value)]).unwrap_err()));
    assert_snapshot!(complaints.join("\n--------\n\n"));
}

#[test]
fn no_variable_is_passed_over() {
    let both = [("TILLGATE_LISTEN", "127.0.0.1:1"), ("TILLGATE_LISTEN__PORT", "5")];
    assert_snapshot!(read("", &both).unwrap_err().to_string(), @r"
    environment variable TILLGATE_LISTEN__PORT: `listen.port` is given by another variable as well.
      Give the whole of it in one variable, or each part once.
    ");
    let network = r#"[{ network = "base", chain_id = 1, native = "ETH", rpc_url = "http://127.0.0.1:1" }]"#;
    let inside =
        [("TILLGATE_RAILS__EVM", network), ("TILLGATE_RAILS__EVM__0__RPC_URL", "http://127.0.0.1:2")];
    assert!(read("", &inside[..1]).is_ok() && read("", &inside).is_err());
    let twice = [("TILLGATE_DATA_DIR", "a"), ("TILLGATE_data_dir", "b")];
    assert!(read("", &twice).is_err());
    let parts = [("TILLGATE_LOG", "{ level = \"warn\" }"), ("TILLGATE_LOG__FORMAT", "json")];
    assert!(read("", &parts).is_ok());
}

#[test]
fn levels_that_were_run_together_are_taken_apart() {
    let fix = |problems: Problems| problems.0.into_iter().next().and_then(|problem| problem.fix).unwrap();
    for (name, meant) in [
        ("TILLGATE_DATABASE_URL", "TILLGATE_DATABASE__URL"),
        ("TILLGATE_SECRETS_MASTER_KEY", "TILLGATE_SECRETS__MASTER_KEY"),
        ("TILLGATE_DIALECTS_ALPHA_ENABLED", "TILLGATE_DIALECTS__ALPHA__ENABLED"),
        ("TILLGATE_DIALECTS__ALPHA_ENABLED", "TILLGATE_DIALECTS__ALPHA__ENABLED"),
    ] {
        let told = fix(read("", &[(name, "x")]).unwrap_err());
        assert_eq!(told, format!("Two underscores stand between levels: {meant}."));
    }
    assert_eq!(fix(read("database_url = 1", &[]).unwrap_err()), "Did you mean `database.url`?");
}

#[test]
fn variables_go_before_the_file_and_flags_before_variables() {
    let text =
        "listen = \"127.0.0.1:1\"\npublic_url = \"http://a.example\"\n[limits]\nrequests_per_minute = 5";
    let variables = [("TILLGATE_LISTEN", "127.0.0.1:2"), ("TILLGATE_TRUSTED_PROXIES", "10.0.0.0/8, ::1")];
    let flags = Flags { listen: Some("127.0.0.1:3".parse().unwrap()), ..Flags::default() };
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let file = ConfigFile::parse(Path::new("tillgate.toml"), text.to_owned()).unwrap();
    let sources = Sources { file: None, variables, flags };
    let Loaded { config, origins } = put_together(Some(&file), &sources).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3");
    assert_eq!(config.trusted_proxies.len(), 2);
    let places = ["listen", "public_url", "trusted_proxies", "limits.requests_per_minute", "log.level"];
    assert_snapshot!(places.map(|path| format!("{path}: {}", origins.of(path))).join("\n"), @r"
    listen: flag --listen
    public_url: tillgate.toml, line 2
    trusted_proxies: environment variable TILLGATE_TRUSTED_PROXIES
    limits.requests_per_minute: tillgate.toml, line 4
    log.level: default
    ");
}

#[test]
fn a_secret_is_shown_by_nothing() {
    let key = "5a".repeat(32);
    let network = "[[rails.evm]]\nnetwork = \"ethereum\"\nchain_id = 1\nnative = \"ETH\"\n";
    let bitcoin = "[[rails.bitcoin]]\nnetwork = \"bitcoin\"\nchain = \"main\"\nrpc_url = \"http://node.example\"\n\
                   rpc_user = \"till\"\nrpc_password = \"hunter23\"\n";
    let text = format!("{network}rpc_url = \"https://node.example/v3/hunter22\"\n{bitcoin}");
    let Loaded { config, .. } = read(&text, &[("TILLGATE_SECRETS__MASTER_KEY", &key)]).unwrap();
    assert_eq!(config.secrets.master_key.reveal(), key);
    let shown = format!("{config:?} {}", table(&config.effective()));
    assert!(!shown.contains(&key) && !shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("***"));
}

#[test]
fn a_key_of_digits_alone_stays_a_text() {
    let key = "12".repeat(32);
    let config = read("", &[("TILLGATE_SECRETS__MASTER_KEY", &key)]).unwrap().config;
    assert_eq!(config.secrets.master_key.reveal(), key);
}

#[test]
fn private_targets_are_for_a_sandbox_on_loopback() {
    let allows = |text: &str| read(text, &[]).unwrap().config.allows_private_targets();
    let live = "[rates]\nsources = [\"fixed\"]";
    assert!(allows(""));
    assert!(allows("listen = \"[::1]:8080\""));
    assert!(!allows("listen = \"0.0.0.0:8080\""));
    assert!(!allows(&format!("environment = \"production\"\n{live}")));
    assert!(allows("listen = \"0.0.0.0:8080\"\n[webhooks]\nallow_private_targets = true"));
    assert!(!allows("[webhooks]\nallow_private_targets = false"));
    let set = [("TILLGATE_WEBHOOKS__ALLOW_PRIVATE_TARGETS", "false")];
    assert!(!read("", &set).unwrap().config.allows_private_targets());
}

#[test]
fn outside_the_test_environment_the_sources_are_live() {
    let rates = |text: &str| {
        let config = read(text, &[]).unwrap().config.effective();
        (config.rates.sources.join(" "), config.rates.fixed.len())
    };
    let usual = ("kraken coinbase bitfinex ecb".to_owned(), 0);
    assert_eq!(rates(""), ("fixed".to_owned(), TEST_RATES.len()));
    assert_eq!(rates("environment = \"staging\""), usual);
    assert_eq!(rates("environment = \"production\""), usual);
    let table =
        "environment = \"production\"\n[rates]\nsources = [\"fixed\"]\nfixed = { \"ETH/USD\" = \"3000\" }";
    assert_eq!(rates(table), ("fixed".to_owned(), 1));
    let live = "[rates]\nsources = [\"kraken\", \"coingecko\"]";
    assert_eq!(rates(live), ("kraken coingecko".to_owned(), 0), "the table of tests is not read then");
    let policy = read(live, &[]).unwrap().config.rates.policy_in(Environment::Test);
    let markets = vec!["kraken".to_owned(), "coingecko".to_owned()];
    assert_eq!(
        policy,
        RatePolicy::Live(domain::rates::Sources { markets, references: Vec::new(), quorum: 2 })
    );
}

#[test]
fn the_example_is_kept_and_says_nothing_but_defaults() {
    let kept = include_str!("../../../../tillgate.example.toml");
    assert!(kept == example(), "stale: cargo run -p tillgate -- config --example > tillgate.example.toml");
    let config = read(kept, &[]).unwrap().config;
    assert_eq!(table(&config), table(&Config::default()));
    // What is commented out can be taken in as well, but for what stands in the place of something else.
    let all: String = kept
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.contains(" = ") || setting.starts_with('[') => format!("{setting}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let all = all.replace("rpc_url_file = \"\"\n", "");
    let config = read(&all, &[]).unwrap_or_else(|problems| panic!("{problems}\n{all}")).config;
    assert_eq!(paths(&table(&config), &[]).len(), paths(&table(&Config::template()), &[]).len() + 1);
}
