//! Connections that are encrypted, to servers whose certificates are good.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why no certificate could be verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("the certificates of {0} cannot be read")]
    Unreadable(String),
    #[error(
        "there is no authority that could vouch for the database: install ca-certificates, or name sslrootcert"
    )]
    NoRoots,
    #[error("TLS cannot be set up: {0}")]
    Broken(rustls::Error),
}

/// What makes connections that trust these authorities, or those of the system.
pub(crate) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, TlsError> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) => {
            let unreadable = || TlsError::Unreadable(path.display().to_string());
            for certificate in CertificateDer::pem_file_iter(path).map_err(|_| unreadable())? {
                store.add(certificate.map_err(|_| unreadable())?).map_err(|_| unreadable())?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if store.is_empty() {
        return Err(TlsError::NoRoots);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Broken)?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
