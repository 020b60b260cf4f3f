//! The rules themselves: rooms, and what each may import.

/// What a room may import of ours.
pub(super) enum Ours {
    /// These rooms and no other.
    Only(&'static [&'static str]),
    /// Every room; those for tests only where it is one itself.
    All,
}

/// A room, and its normal dependencies among ours.
pub(super) struct Room {
    /// The name of the crate and of its folder.
    pub(super) name: &'static str,
    /// What it may import of ours.
    pub(super) ours: Ours,
}

/// Every room there is. A room that is not here is a finding: say first what it may import.
pub(super) const ROOMS: &[Room] = &[
    Room { name: "domain", ours: Ours::Only(&[]) },
    Room { name: "addresses", ours: Ours::Only(&["domain"]) },
    Room { name: "store", ours: Ours::Only(&["domain"]) },
    Room { name: "engine", ours: Ours::Only(&["addresses", "domain", "store"]) },
    Room { name: "rails", ours: Ours::Only(&["addresses", "domain"]) },
    Room { name: "outbound", ours: Ours::Only(&["addresses", "domain"]) },
    Room { name: "workers", ours: Ours::Only(&["domain", "engine", "outbound", "rails"]) },
    Room { name: "web", ours: Ours::Only(&["domain"]) },
    Room { name: "dialects", ours: Ours::Only(&["domain", "engine"]) },
    Room { name: "operator", ours: Ours::Only(&["domain", "engine"]) },
    Room { name: "checkout", ours: Ours::Only(&["domain", "engine", "web"]) },
    Room { name: "accounts", ours: Ours::Only(&["domain", "engine", "web"]) },
    Room { name: "dashboard", ours: Ours::Only(&["domain", "engine", "web"]) },
    Room { name: "tillgate", ours: Ours::All },
    Room { name: "testkit", ours: Ours::All },
    Room { name: "simulation", ours: Ours::All },
    Room { name: "bench", ours: Ours::All },
    Room { name: "xtask", ours: Ours::Only(&[]) },
];

/// Rooms that answer requests.
const EDGES: &[&str] = &["accounts", "checkout", "dashboard", "dialects", "operator", "tillgate", "web"];

/// Which rooms a kind of crate belongs to.
pub(super) enum Place {
    /// These rooms and no other.
    Only(&'static [&'static str]),
    /// Every room but these.
    NotIn(&'static [&'static str]),
}

/// A kind of crate that is kept to some rooms. Rooms for tests only are free.
pub(super) struct Kept {
    /// The crates.
    pub(super) crates: &'static [&'static str],
    /// A feature of theirs that is meant; any use of them where there is none.
    pub(super) feature: Option<&'static str>,
    /// Where they belong.
    pub(super) place: Place,
    /// Why.
    pub(super) why: &'static str,
}

/// The kinds of crates that are kept to some rooms.
pub(super) const KEPT: &[Kept] = &[
    Kept {
        crates: &[
            "h2",
            "hickory-resolver",
            "lettre",
            "native-tls",
            "openssl",
            "reqwest",
            "tokio-tungstenite",
            "ureq",
        ],
        feature: None,
        place: Place::Only(&["outbound", "rails"]),
        why: "only rails and outbound reach a network",
    },
    // The binary serves, and its commands talk to the operator's socket.
    Kept {
        crates: &["async-std", "hyper", "hyper-util", "mio", "smol", "socket2", "tokio-rustls"],
        feature: None,
        place: Place::Only(&["outbound", "rails", "tillgate"]),
        why: "only rails, outbound and the binary hold connections",
    },
    // The shared database may be on another machine.
    Kept {
        crates: &["rustls", "rustls-native-certs"],
        feature: None,
        place: Place::Only(&["outbound", "rails", "store", "tillgate"]),
        why: "only rails, outbound, the binary and the database's driver make connections that are encrypted",
    },
    Kept {
        crates: &["tokio"],
        feature: Some("net"),
        place: Place::Only(&["outbound", "rails", "tillgate"]),
        why: "only rails, outbound and the binary hold connections",
    },
    Kept {
        crates: &["tokio"],
        feature: Some("full"),
        place: Place::Only(&[]),
        why: "a room names the features that it uses",
    },
    Kept {
        crates: &["axum", "axum-core", "axum-server", "tower", "tower-http", "utoipa-axum"],
        feature: None,
        place: Place::Only(EDGES),
        why: "only the rooms at the edge know HTTP requests",
    },
    Kept {
        crates: &["postgres", "refinery", "rusqlite", "sqlx", "tokio-postgres", "tokio-postgres-rustls"],
        feature: None,
        place: Place::Only(&["store"]),
        why: "only store knows SQL",
    },
    Kept {
        crates: &["serde", "serde_json", "toml"],
        feature: None,
        place: Place::NotIn(&["addresses", "domain"]),
        why: "domain types are not serialisable; the edges own their words",
    },
    Kept {
        crates: &["async-trait", "crossbeam-channel", "futures-util", "tokio", "tokio-util", "tracing"],
        feature: None,
        place: Place::NotIn(&["addresses", "domain"]),
        why: "pure rooms do not wait, and do not log",
    },
    Kept {
        crates: &["chrono", "getrandom", "rand", "time"],
        feature: None,
        place: Place::Only(&["tillgate"]),
        why: "clock and entropy are parameters, and the wiring hands them in",
    },
    Kept {
        crates: &["clap", "figment", "tracing-subscriber"],
        feature: None,
        place: Place::Only(&["tillgate"]),
        why: "configuration, commands and the log's form are the wiring's",
    },
    Kept {
        crates: &["fantoccini", "insta", "jsonschema", "proptest", "tempfile"],
        feature: None,
        place: Place::Only(&[]),
        why: "a tool of tests is a dev-dependency",
    },
    Kept {
        crates: &["cargo_metadata"],
        feature: None,
        place: Place::Only(&["xtask"]),
        why: "the gateway does not look at its own source",
    },
];
