//! Looks up the names of URLs that are being configured, so that whoever configures them hears at once what may not be
//! called. It is a courtesy: each attempt judges anew, and by itself.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};

use super::Sender;
use webhooks_model::address::NotAllowed;

/// All lookups of one request end by then. A name that has no answer yet is let pass.
const LOOKUP_TIME: Duration = Duration::from_secs(2);

/// Lookups at a time, of all requests together. One ends with its request at the latest.
pub(super) const MAX_LOOKUPS: usize = 16;

impl Sender {
    /// Which of these host names may not be called. Takes at most two seconds; a name that cannot be resolved in this
    /// time may be called, as far as is known.
    pub async fn check_hostnames(&self, names: BTreeSet<String>) -> HashMap<String, NotAllowed> {
        let until = Instant::now() + LOOKUP_TIME;
        let lookups = names.into_iter().map(|name| async move {
            let addresses = timeout_at(until, self.look_up(&name)).await.ok()??;
            let refused = self.policy.check_addresses(addresses.iter().map(SocketAddr::ip)).err()?;
            Some((name, refused))
        });
        join_all(lookups).await.into_iter().flatten().collect()
    }

    /// Returns the name's addresses, or `None` when it has none.
    async fn look_up(&self, name: &str) -> Option<Vec<SocketAddr>> {
        let _place = self.lookups.acquire().await.ok()?;
        self.names.addresses(name).await.ok()
    }
}
