//! Reading a body, no further than a limit and no longer than a while.

use std::{pin::pin, time::Duration};

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time;

/// How long a body may take to arrive.
const READ_TIME: Duration = Duration::from_secs(30);

/// How much of a body that is too large is read and thrown away. A client that is still sending when its connection is
/// closed may never see the answer.
const DRAINED: usize = 1024 * 1024;

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than the limit.
    TooLarge,
    /// It did not arrive, or not in time.
    Incomplete,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    time::timeout(READ_TIME, collect(body, limit)).await.unwrap_or(Err(BodyError::Incomplete))
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut body = pin!(body);
    if announced > limit.saturating_add(DRAINED) {
        return Err(BodyError::TooLarge);
    }
    let mut whole = BytesMut::with_capacity(announced.min(limit));
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Incomplete)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > limit.saturating_add(DRAINED) {
            break;
        }
        if length <= limit {
            whole.extend_from_slice(&data);
        }
    }
    if length > limit { Err(BodyError::TooLarge) } else { Ok(whole.freeze()) }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::{BodyExt as _, Full};

    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        assert_eq!(read(Body::from("abc"), 3).await, Ok(Bytes::from_static(b"abc")));
        assert_eq!(read(Body::from("abcd"), 3).await, Err(BodyError::TooLarge));
        assert_eq!(read(Body::from(vec![0; DRAINED + 4]), 3).await, Err(BodyError::TooLarge));
    }

    #[tokio::test]
    async fn a_body_that_does_not_say_its_length_is_limited_too() {
        let unsized_body = Body::new(Full::new(Bytes::from_static(b"abcd")).map_frame(|frame| frame));
        assert_eq!(read(unsized_body, 3).await, Err(BodyError::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_given_up() {
        let silent = stream::pending::<Result<Bytes, Infallible>>();
        assert_eq!(read(Body::from_stream(silent), 3).await, Err(BodyError::Incomplete));
    }
}
