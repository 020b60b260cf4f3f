//! Words of the configuration that are not a section's own.

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

use domain::{ip_block::IpBlock, merchant::Environment, time::Span};
use operator::span;
use web::PublicUrl;

use super::word::{Word, names};

const ENVIRONMENTS: [Environment; 3] = [Environment::Test, Environment::Staging, Environment::Production];

const fn environment_name(environment: Environment) -> &'static str {
    environment.code()
}

names!(Environment, ENVIRONMENTS, environment_name);

impl Word for SocketAddr {
    fn read(text: &str) -> Result<Self, Cow<'static, str>> {
        text.parse().map_err(|_| "an address with a port, such as 127.0.0.1:8080 or [::1]:8080".into())
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Word for IpBlock {
    fn read(text: &str) -> Result<Self, Cow<'static, str>> {
        Self::parse(text).map_err(|_| "an address or a block, such as 10.0.0.1 or 10.0.0.0/8".into())
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Word for Span {
    fn read(text: &str) -> Result<Self, Cow<'static, str>> {
        span::read(text).ok_or(span::FORM.into())
    }

    fn write(&self) -> String {
        span::write(*self)
    }
}

/// What our links begin with, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The URL of a gateway that is reached where it listens.
    pub fn of(address: SocketAddr) -> Self {
        // Nothing can be reached at the address that stands for all of them.
        let host = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        Self(format!("http://{}", SocketAddr::new(host, address.port())))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Word for BaseUrl {
    fn read(text: &str) -> Result<Self, Cow<'static, str>> {
        let form = "a URL such as https://pay.example.com or https://example.com/pay";
        PublicUrl::parse(text).map_err(|error| format!("{form}: {error}"))?;
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_listens_everywhere_is_reached_on_loopback() {
        let url = |text: &str| BaseUrl::of(text.parse().unwrap()).0;
        assert_eq!(url("0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(url("[::]:8080"), "http://[::1]:8080");
        assert_eq!(url("192.0.2.1:8080"), "http://192.0.2.1:8080");
    }

    #[test]
    fn a_base_url_ends_without_a_slash() {
        assert_eq!(BaseUrl::read("https://example.com/pay/").unwrap().as_str(), "https://example.com/pay");
        for text in ["example.com", "ftp://example.com", "https://example.com/?a=b"] {
            assert!(BaseUrl::read(text).is_err(), "{text}");
        }
    }
}
