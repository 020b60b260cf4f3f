//! The vendor's eight states.

use domain::payment::Status;
use utoipa::ToSchema;

macro_rules! states {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $statuses:expr;)*) => {
        /// How a payment stands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
        #[schema(rename_all = "snake_case")]
        pub(crate) enum PaymentStatus { $($(#[doc = $doc])* $name,)* }

        impl PaymentStatus {
            /// Every state there is.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The state as the vendor writes it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The statuses that it stands for; none where nothing leads to it yet.
            pub(crate) const fn statuses(self) -> &'static [Status] {
                match self { $(Self::$name => $statuses),* }
            }
        }
    };
}

states! {
    /// Made, and waits for the buyer.
    Pending = "pending", &[Status::Waiting];
    /// All that is due was seen, and is not final.
    Processing = "processing", &[Status::Processing];
    /// All that is due is final.
    Completed = "completed", &[Status::Paid];
    /// Declined for good.
    Failed = "failed", &[Status::Failed];
    /// Given up before any money was seen.
    Cancelled = "cancelled", &[Status::Cancelled];
    /// The checkout closed first.
    Expired = "expired", &[Status::Expired];
    /// All of it was given back.
    Refunded = "refunded", &[];
    /// The buyer contests it.
    Disputed = "disputed", &[];
}

/// What the vendor calls a status. Flags do not change it: money that is short or over shows in what is still due, and
/// late money is held, since the vendor's last states are final.
pub(crate) const fn name(status: Status) -> &'static str {
    match status {
        Status::Waiting => PaymentStatus::Pending.as_str(),
        Status::Processing => PaymentStatus::Processing.as_str(),
        Status::Paid => PaymentStatus::Completed.as_str(),
        Status::Expired => PaymentStatus::Expired.as_str(),
        Status::Cancelled => PaymentStatus::Cancelled.as_str(),
        Status::Failed => PaymentStatus::Failed.as_str(),
    }
}

/// The state that a text writes.
pub(crate) fn read(text: &str) -> Option<PaymentStatus> {
    PaymentStatus::ALL.iter().copied().find(|state| state.as_str() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_one_state_and_is_found_by_it() {
        for status in Status::ALL {
            let having: Vec<_> =
                PaymentStatus::ALL.iter().filter(|state| state.statuses().contains(status)).collect();
            assert_eq!(having.len(), 1, "{status:?}");
            assert_eq!(having[0].as_str(), name(*status));
            assert_eq!(read(name(*status)), Some(*having[0]));
        }
        assert_eq!(PaymentStatus::ALL.len(), 8);
        assert_eq!(read("canceled"), None);
    }
}
