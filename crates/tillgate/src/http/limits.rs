//! What a caller may take of this process. All of it is per node.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections at once. Further ones wait in the system's queue until one ends.
pub(super) const CONNECTIONS: usize = 4_096;

/// Bytes of the first line and all headers of a request; more is answered 431. Headers are counted too: hyper takes at
/// most 100 of them, which is its default, and setting the same number would cost an allocation for each request.
pub(super) const HEADER_BYTES: usize = 32 * 1024;

/// Bytes that are read ahead of what a handler takes, and written ahead of what a caller takes.
pub(super) const BUFFER_BYTES: usize = 128 * 1024;

/// How long a caller may take for its headers. A connection without a request is closed after it too: a proxy in front
/// should keep its idle connections for less.
pub(super) const HEADERS: Duration = Duration::from_secs(30);

/// How long a request may take in all. What its handler had begun is finished all the same. It is longer than what
/// each part of a handler waits for (a body, a twin, the database), so that a handler can tell its caller itself.
pub(super) const REQUEST: Duration = Duration::from_mins(1);

/// How long nothing is accepted after the system refused to, for want of files or memory.
pub(super) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long connections are still accepted after the signal to stop, while readiness says no: what is in front of the
/// gateway gets to know.
pub(crate) const LISTENER_GRACE: Duration = Duration::from_secs(1);

/// How long a stop may take in all.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);

/// Lets this process have as many files as the system allows it: every connection is one.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
    {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}
