//! Connections to a PostgreSQL that is not on this host: encrypted, and only to the one that is meant.

use std::{
    fs,
    path::{Path, PathBuf},
};

use domain::id::NodeId;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use store::{Settings, Store};
use tempfile::TempDir;
use testkit::postgres::Server;

use crate::support::open;

/// The only name in the server's certificate.
const NAME: &str = "localhost";

/// Who signs certificates.
struct Authority {
    file: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let file = folder.join(name);
        fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { file, issuer: Issuer::new(params, key) }
    }

    /// A server that shows a certificate of this authority.
    fn server(&self) -> Server {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([NAME.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Server::start_encrypted(&certificate.pem(), &key.serialize_pem())
    }
}

/// What is made of a URL: a plan for the schema, or why not.
fn plan(url: &str) -> Result<(), String> {
    let settings = Settings::Postgres { url: url.parse().unwrap(), connections: 2 };
    Store::plan(&settings).map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_server_elsewhere_is_spoken_to_only_with_a_certificate_that_is_good_for_its_name() {
    let folder = TempDir::new().unwrap();
    let ours = Authority::new(folder.path(), "ours.pem");
    let others = Authority::new(folder.path(), "others.pem");
    let server = ours.server();
    let url = |host: &str, mode: &str, authority: &Authority| {
        let (port, file) = (server.port(), authority.file.display());
        format!("postgres://postgres@{host}:{port}/postgres?sslmode={mode}&sslrootcert={file}")
    };
    for mode in ["verify-full", "verify-ca", "require"] {
        assert_eq!(plan(&url(NAME, mode, &ours)), Ok(()), "{mode}");
        let refusals = [
            (url(NAME, mode, &others), "UnknownIssuer"),
            (url("127.0.0.1", mode, &ours), "not valid for name"),
        ];
        for (url, why) in refusals {
            let said = plan(&url).expect_err("another server may be there");
            for words in [why, "sslrootcert", "for the host that the URL names"] {
                assert!(said.contains(words), "{url}: {said}");
            }
        }
    }
    // A root that is not named is one of the system's, none of which vouches for this server.
    let said = plan(&format!("postgres://postgres@{NAME}:{}/postgres?sslmode=verify-full", server.port()));
    assert!(said.is_err_and(|said| said.contains("UnknownIssuer") || said.contains("ca-certificates")));
    assert_eq!(plan(&url("127.0.0.1", "disable", &others)), Ok(()));
}

#[test]
fn every_connection_of_a_node_is_encrypted_where_one_is() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new(folder.path(), "ours.pem");
    let server = authority.server();
    for (mode, encrypted) in [("verify-full", "t"), ("disable", "f")] {
        let (port, file) = (server.port(), authority.file.display());
        let url = format!("postgres://postgres@{NAME}:{port}/postgres?sslmode={mode}&sslrootcert={file}");
        let settings = Settings::Postgres { url: url.parse().unwrap(), connections: 2 };
        let store = open(&settings).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            store
                .transact("test.write", |tx| Ok(store::nodes::beat(tx, NodeId::from_bytes([0; 16]))?))
                .await
                .unwrap();
            store.read("test.read", |rx| Ok(store::nodes::all(rx)?)).await.unwrap();
        });
        let kinds = server.run(
            "select distinct s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid)
             where a.application_name = 'tillgate'",
        );
        assert_eq!(kinds, encrypted, "{mode}");
    }
}
