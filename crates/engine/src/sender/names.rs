//! Resolution of host names when URLs are configured, to report forbidden addresses early. Each attempt checks again.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};

use super::Sender;
use webhooks_model::address::NotAllowed;

/// Time limit of all lookups of one request. A name without a result by then is accepted.
const LOOKUP_TIME: Duration = Duration::from_secs(2);

/// Maximum number of concurrent lookups of all requests. A lookup ends with its request at the latest.
pub(super) const MAX_LOOKUPS: usize = 16;

impl Sender {
    /// Returns the host names that are not allowed, within two seconds.
    ///
    /// A name that cannot be resolved within this time counts as allowed.
    pub async fn check_hostnames(&self, names: BTreeSet<String>) -> HashMap<String, NotAllowed> {
        let until = Instant::now() + LOOKUP_TIME;
        let lookups = names.into_iter().map(|name| async move {
            let addresses = timeout_at(until, self.look_up(&name)).await.ok()??;
            let not_allowed = self.policy.check_addresses(addresses.iter().map(SocketAddr::ip)).err()?;
            Some((name, not_allowed))
        });
        join_all(lookups).await.into_iter().flatten().collect()
    }

    /// Returns the name's addresses; `None` if it has none.
    async fn look_up(&self, name: &str) -> Option<Vec<SocketAddr>> {
        let _place = self.lookups.acquire().await.ok()?;
        self.names.addresses(name).await.ok()
    }
}
