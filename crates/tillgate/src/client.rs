//! How commands speak to a running gateway: HTTP over the operator's socket.

use std::{io, path::PathBuf, time::Duration};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use operator::error::ErrorBody;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::{net::UnixStream, time::timeout};

use crate::{failure::CommandError, socket};

/// How long the gateway may take for an answer.
const ANSWER: Duration = Duration::from_mins(1);

/// Bytes of an answer that are read.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A way to the gateway of a data directory.
pub(crate) struct Client {
    data_dir: PathBuf,
}

/// An answer: the document as it came, and what it says.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The document.
    pub(crate) document: Value,
    /// What it says.
    pub(crate) value: T,
}

impl Client {
    /// A way to the gateway that runs on this data directory.
    pub(crate) fn new(data_dir: PathBuf) -> Self {
        Self { data_dir }
    }

    /// Reads what is at a path.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<T>, CommandError> {
        self.call(Method::GET, path, None::<&()>)
    }

    /// Sends an order to a path.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>, CommandError> {
        self.call(Method::POST, path, Some(body))
    }

    /// Sends a request, and reads its answer.
    ///
    /// # Errors
    /// Where no gateway answers; and what the gateway says, where it refuses.
    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer<T>, CommandError> {
        let body = body.map(serde_json::to_vec).transpose().map_err(|error| unreadable(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| CommandError::new(format!("the command cannot run: {error}")))?;
        let (status, bytes) = runtime.block_on(self.exchange(method, path, body))?;
        let document: Value = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
        if status.is_success() {
            let value = T::deserialize(&document).map_err(|error| unreadable(&error))?;
            return Ok(Answer { document, value });
        }
        let error = serde_json::from_value::<ErrorBody>(document).map_err(|error| unreadable(&error))?.error;
        Err(refusal(&error.code, &error.message))
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Bytes), CommandError> {
        let socket = socket::path(&self.data_dir).map_err(|_| self.nobody())?;
        socket::check(&socket, &self.data_dir).map_err(|error| {
            CommandError::new(format!("the operator's socket cannot be trusted: {error}"))
                .cure("Look who made that directory, and remove it where it is not the gateway's.")
        })?;
        let stream = UnixStream::connect(&socket).await.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => {
                CommandError::new(format!("{} may not be opened by this user", socket.display()))
                    .cure("Run the command as the user that the gateway runs as.")
            }
            _ => self.nobody(),
        })?;
        let exchange = async {
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            let has_body = body.is_some();
            let mut request = Request::builder()
                .method(method)
                .uri(format!("{}{path}", operator::BASE))
                .header(header::HOST, "localhost");
            if has_body {
                request = request.header(header::CONTENT_TYPE, "application/json");
            }
            let request = request.body(Full::new(Bytes::from(body.unwrap_or_default())))?;
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>((status, body.to_bytes()))
        };
        match timeout(ANSWER, exchange).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(CommandError::new(format!("the gateway broke off: {error}"))
                .cure("It may have ended meanwhile; its log tells more.")),
            Err(_) => Err(CommandError::new(format!("the gateway did not answer in {} s", ANSWER.as_secs()))
                .cure("What was asked for may have been done all the same; its log tells more.")),
        }
    }

    fn nobody(&self) -> CommandError {
        CommandError::new(format!("no gateway runs on {}", self.data_dir.display()))
            .cure("Start it with `tillgate serve`, or name its data directory with --data.")
    }
}

fn unreadable(error: &serde_json::Error) -> CommandError {
    CommandError::new(format!("the gateway's answer is not understood: {error}"))
        .cure("Gateway and command may be of different versions.")
}

/// What the gateway says, with the command that helps where there is one.
fn refusal(code: &str, message: &str) -> CommandError {
    let error = CommandError::new(message);
    let cure = match code {
        "shop_not_found" => "`tillgate shop list` shows the shops.",
        "payment_not_found" => "`tillgate payments list` shows the payments.",
        "delivery_not_found" => "`tillgate deliveries list` shows the deliveries.",
        "mail_not_found" => "`tillgate mails list` shows the mails.",
        "endpoint_not_found" => "`tillgate endpoint list --shop SHOP` shows the endpoints.",
        "credential_not_found" => "`tillgate credential list --shop SHOP` shows the credentials.",
        "wallet_not_found" => "`tillgate wallet set --shop SHOP --network NETWORK --xpub XPUB` sets one.",
        "endpoint_url_invalid" => {
            "It takes https to the public internet; [webhooks] allow_private_targets allows more in a sandbox."
        }
        "key_not_pinned" => "Add its fingerprint to [wallets] pinned, and start the gateway again.",
        "nothing_due" => "Name an amount with --amount.",
        "rate_unavailable" => "`tillgate simulate rate PAIR VALUE` sets one in a sandbox.",
        "unavailable" => "Nothing was changed: try again.",
        _ => return error,
    };
    error.cure(cure)
}
