//! The command line of the dialect whose requests are signed.
//!
//! The signature is made here, for the very body that is printed: so the line needs no secret, and may be seen.

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use dialects::alphapo;
use tower::ServiceExt;

use super::{fresh_key, quoted};
use crate::{
    demo::Demo,
    http::from,
    served::{DEMO_INVOICE_PATH, DEMO_PROBE_PATH, demo_invoice},
};

/// The dialect.
pub(super) const DIALECT: &str = "alphapo";

/// A command line that creates an invoice, and works as it stands, once; nothing where the dialect is switched off, or
/// its demo key does not work.
pub(super) async fn curl(demo: &Demo, base_url: &str, app: Router) -> Option<String> {
    let keys = demo.dialects.get(DIALECT)?;
    let (key, secret) = (keys.get("key")?, keys.get("secret")?);
    let request = Request::post(DEMO_PROBE_PATH)
        .header("X-Processing-Key", key)
        .header("X-Processing-Signature", alphapo::sign(secret, b""))
        .extension(from(IpAddr::V4(Ipv4Addr::LOCALHOST)))
        .body(Body::empty())
        .ok()?;
    let Ok(response) = app.oneshot(request).await;
    if response.status() != StatusCode::OK {
        return None;
    }
    let body = demo_invoice(&fresh_key());
    let signature = alphapo::sign(secret, body.as_bytes());
    let headers = [
        format!("X-Processing-Key: {key}"),
        format!("X-Processing-Signature: {signature}"),
        "Content-Type: application/json".to_owned(),
    ];
    let headers = headers.map(|header| format!(" -H {}", quoted(&header))).concat();
    Some(format!(
        "curl -sS {}{headers} -d {}",
        quoted(&format!("{base_url}{DEMO_INVOICE_PATH}")),
        quoted(&body)
    ))
}
