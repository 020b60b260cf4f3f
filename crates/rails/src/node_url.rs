//! Where a node is, and how it is spoken of.

use std::fmt;

use url::Url;

/// Parts of a URL that are shorter are no secrets: `v3`, `rpc`, `jsonrpc`.
const SHORTEST_SECRET: usize = 8;

/// The URL of a node's API.
///
/// It may carry a user and a password, and a path or a query that holds a key, as hosted nodes have it. So it shows
/// itself as scheme, host and port only.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeUrl(Url);

/// A text that is no URL of a node. It is not repeated here: it may hold a secret all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a node's URL begins with http:// or https:// and names a host")]
pub struct NodeUrlInvalid;

impl NodeUrl {
    /// The URL that `text` writes.
    ///
    /// # Errors
    /// [`NodeUrlInvalid`] for anything but `http` and `https` with a host.
    pub fn parse(text: &str) -> Result<Self, NodeUrlInvalid> {
        let url = Url::parse(text).map_err(|_| NodeUrlInvalid)?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() {
            Ok(Self(url))
        } else {
            Err(NodeUrlInvalid)
        }
    }

    /// The same with a user and a password, which take the place of any that are in it.
    ///
    /// # Errors
    /// [`NodeUrlInvalid`] where the URL can carry none; there is no such URL of a node.
    pub fn with_credentials(mut self, user: &str, password: &str) -> Result<Self, NodeUrlInvalid> {
        let named = self.0.set_username(user);
        named.and_then(|()| self.0.set_password(Some(password))).map_err(|()| NodeUrlInvalid)?;
        Ok(self)
    }

    /// The URL of what is at this path below it, for the one who connects.
    pub(crate) fn below(&self, path: &[&str]) -> Url {
        let mut url = self.0.clone();
        // Every URL with a host has a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The whole URL, for the one who connects.
    pub(crate) fn secret(&self) -> &Url {
        &self.0
    }

    /// `text` without any part of the URL that may be a secret: a node's words are logged, and some repeat what they
    /// were asked.
    pub(crate) fn conceal(&self, text: &str) -> String {
        let path = self.0.path_segments().into_iter().flatten();
        let query = self.0.query().into_iter().flat_map(|query| query.split(['&', '=']));
        let credentials = [self.0.username(), self.0.password().unwrap_or_default()];
        let short = |part: &&str| part.len() >= SHORTEST_SECRET;
        let keys = path.chain(query).filter(short);
        let secrets = keys.chain(credentials.into_iter().filter(|part| !part.is_empty()));
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

impl fmt::Display for NodeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

impl fmt::Debug for NodeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_are_shown() {
        let text = "https://operator:hunter22@node.example:8545/v3/0123456789abcdef?key=fedcba9876543210";
        let url = NodeUrl::parse(text).unwrap();
        assert_eq!(format!("{url} {url:?}"), "https://node.example:8545 https://node.example:8545");
        assert_eq!(url.secret().as_str(), text);
    }

    #[test]
    fn secrets_are_taken_out_of_other_texts() {
        let url =
            NodeUrl::parse("https://me:pw@node.example/v3/0123456789abcdef?key=fedcba9876543210").unwrap();
        let said = "no key 0123456789abcdef or fedcba9876543210 for me with pw at v3";
        assert_eq!(url.conceal(said), "no key *** or *** for *** with *** at v3");
        let plain = NodeUrl::parse("http://127.0.0.1:8545").unwrap();
        assert_eq!(plain.conceal(said), said);
    }

    #[test]
    fn credentials_go_into_it_and_are_not_shown() {
        let url =
            NodeUrl::parse("http://127.0.0.1:8332").unwrap().with_credentials("me", "p@ss:w/rd").unwrap();
        assert_eq!(url.secret().as_str(), "http://me:p%40ss%3Aw%2Frd@127.0.0.1:8332/");
        assert_eq!(url.to_string(), "http://127.0.0.1:8332");
    }

    #[test]
    fn what_is_below_it_keeps_its_query() {
        for (base, below) in [
            ("https://node.example", "https://node.example/block/0a/raw"),
            ("https://node.example/api/", "https://node.example/api/block/0a/raw"),
            ("https://node.example/testnet/api?key=1", "https://node.example/testnet/api/block/0a/raw?key=1"),
        ] {
            assert_eq!(NodeUrl::parse(base).unwrap().below(&["block", "0a", "raw"]).as_str(), below);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "127.0.0.1:8545", "ws://127.0.0.1:8545", "file:///node.ipc", "http://", "/run/node.ipc"]
        {
            assert_eq!(NodeUrl::parse(text), Err(NodeUrlInvalid), "{text}");
        }
    }
}
