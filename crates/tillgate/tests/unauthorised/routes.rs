//! The routes of the documents, and requests to them.

use std::{fs, path::Path};

use reqwest::Method;
use serde_json::Value;

use crate::ways::{IDLE, Way};

/// The folder with the documents.
const DOCUMENTS: &str = "../../openapi";

/// The operator's own document, beside those of the dialects.
const OPERATOR: &str = "operator";

/// A route of a document.
pub(crate) struct Route {
    /// The document that it stands in.
    pub(crate) document: String,
    /// What it is called there.
    pub(crate) operation: String,
    pub(crate) method: Method,
    /// Its path, with the names of its parameters in braces, from the root of the server.
    pub(crate) path: String,
    /// Whether it asks for a key.
    pub(crate) takes_key: bool,
    /// A body that the document itself gives as an example.
    pub(crate) example: Option<Value>,
}

impl Route {
    /// The routes of every document that is kept.
    pub(crate) fn of_every_document() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENTS);
        let mut routes = Vec::new();
        for entry in fs::read_dir(&folder).expect("documents") {
            let path = entry.expect("a document").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a document");
            routes.extend(Self::of_document(&name, &serde_json::from_str(&text).expect("JSON")));
        }
        routes
    }

    /// Those of the operator.
    pub(crate) fn of_the_operator() -> Vec<Self> {
        Self::of_every_document().into_iter().filter(|route| route.document == OPERATOR).collect()
    }

    /// Those of the dialects.
    pub(crate) fn of_the_dialects() -> Vec<Self> {
        Self::of_every_document().into_iter().filter(|route| route.document != OPERATOR).collect()
    }

    fn of_document(name: &str, document: &Value) -> Vec<Self> {
        let server = document["servers"][0]["url"].as_str().expect("a server");
        let server = server.parse::<reqwest::Url>().expect("a URL");
        let base = server.path().trim_end_matches('/');
        let paths = document["paths"].as_object().expect("paths").iter();
        let of_path = |(path, item): (&String, &Value)| {
            let operations = item.as_object().expect("operations").iter();
            let routes = operations.map(|(method, operation)| {
                let needs = operation["security"].as_array().into_iter().flatten();
                let body = &operation["requestBody"]["content"]["application/json"]["example"];
                Self {
                    document: name.to_owned(),
                    operation: operation["operationId"].as_str().expect("a name").to_owned(),
                    method: method.to_uppercase().parse().expect("a method"),
                    path: format!("{base}{path}"),
                    takes_key: needs.filter_map(Value::as_object).any(|need| !need.is_empty()),
                    example: Some(body.clone()).filter(Value::is_object),
                }
            });
            routes.collect::<Vec<_>>()
        };
        paths.flat_map(of_path).collect()
    }

    /// Whether it leads to no command at all.
    pub(crate) fn is_idle(&self) -> bool {
        IDLE.contains(&(self.document.as_str(), self.operation.as_str()))
    }

    /// What `ways.rs` calls it.
    pub(crate) fn way(&self) -> Way<'_> {
        match (self.document.as_str(), self.takes_key) {
            (OPERATOR, _) => Way::Socket(&self.operation),
            (dialect, true) => Way::Key(dialect, &self.operation),
            (dialect, false) => Way::Token(dialect, &self.operation),
        }
    }

    /// The path with these names in the places of its parameters.
    pub(crate) fn path_to(&self, name_of: impl Fn(&str) -> String) -> String {
        let part = |part: &str| match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(parameter) => name_of(parameter),
            None => part.to_owned(),
        };
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }
}
