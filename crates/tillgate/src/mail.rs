//! Who sends the gateway's mails.

use engine::Engine;
use outbound::mail::{DEFAULT_TIMEOUT, Mailer, Sender, Settings, SmtpUrl};
use workers::mail::Postman;
use zeroize::Zeroizing;

use crate::{
    config::{self, BaseUrl},
    failure::CommandError,
};

/// What has to be said where whom mails are from is missing.
const NO_SENDER: &str =
    "Write from = \"pay@example.com\" under [mail], with an address that the server sends for.";

/// One who sends by the mail server of the configuration, or who keeps mails where it names none.
///
/// # Errors
/// Where the server's URL cannot be read, or TLS cannot be set up for it. No message holds any of the URL.
pub(crate) fn postman(
    section: &config::Mail,
    engine: Engine,
    checkout_url: &BaseUrl,
) -> Result<Postman, CommandError> {
    Ok(Postman::new(engine, mailer(section)?, checkout_url.as_str().to_owned()))
}

fn mailer(section: &config::Mail) -> Result<Option<Mailer>, CommandError> {
    let Some(text) = url_text(section)? else { return Ok(None) };
    let url: SmtpUrl = text.trim().parse().map_err(|error| {
        CommandError::new(format!("mail.smtp_url has to be {error}"))
            .cure("Correct it, or leave it out: mails are kept then.")
    })?;
    let from = Sender::parse(&section.from)
        .ok_or_else(|| CommandError::new("mail.from has to be an address").cure(NO_SENDER))?;
    let settings = Settings { url, from, timeout: DEFAULT_TIMEOUT };
    Mailer::new(settings).map(Some).map_err(|error| CommandError::new(error.to_string()))
}

fn url_text(section: &config::Mail) -> Result<Option<Zeroizing<String>>, CommandError> {
    let path = &section.smtp_url_file;
    if path.as_os_str().is_empty() {
        let url = section.smtp_url.reveal();
        return Ok((!url.is_empty()).then(|| Zeroizing::new(url.to_owned())));
    }
    std::fs::read_to_string(path).map(|text| Some(Zeroizing::new(text))).map_err(|error| {
        CommandError::new(format!("the mail server's URL cannot be read from {}: {error}", path.display()))
            .cure("Check mail.smtp_url_file, and who may read the file.")
    })
}
