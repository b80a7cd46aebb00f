//! The issuer of tokens, with the keys that it published last.

use super::fetch::{FetchError, Fetcher};
use super::keys::{Key, KeySet, Keys};
use super::url::{discovery, is_trustworthy};
use ::url::Url;
use console_assets::Origins;
use serde::Deserialize;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

/// Pause between two reads because of unknown keys. Any caller can name one: made-up names delay a real new key no
/// longer than this, because one read serves every name, and cause no more requests to the issuer.
const PAUSE: Duration = Duration::from_secs(10);

/// Pause between two reads while there are no keys.
pub(super) const PAUSE_WITHOUT_KEYS: Duration = Duration::from_secs(5);

/// Pause between two reads before the first call: the console may connect to the issuer's token endpoint once it is
/// known.
const PAUSE_AT_START: Duration = Duration::from_secs(60);

/// Age after which keys are read again, so that a key which the issuer has withdrawn does not stay valid for ever.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// An issuer that supports OpenID Connect Discovery.
pub(super) struct Issuer {
    name: String,
    fetcher: Fetcher,
    keys: RwLock<Arc<Keys>>,
    /// Lock held while keys are read, so that one read serves every caller that waits.
    readings: Mutex<Readings>,
    /// Origins of the console, to which the issuer's token endpoint is added.
    connect: Origins,
}

/// Time and cause of the last reads.
#[derive(Clone, Copy, Default)]
struct Readings {
    any: Option<Instant>,
    for_unknown_key: Option<Instant>,
}

/// Reason that a token has no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has no key of this name.
    Unknown,
    /// The issuer's keys could not be read yet.
    Unavailable,
}

/// Error of reading the keys.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("{url}: {error}")]
    Fetch { url: String, error: FetchError },
    #[error("it calls itself {0:?}: name it so with --issuer, to the letter")]
    OtherName(String),
    #[error("its keys are at {0}, which is neither https nor on this machine")]
    Untrustworthy(String),
    #[error("it publishes no key of a kind that is taken: RSA, P-256 or Ed25519, for signatures")]
    NoKeys,
}

#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
    /// Optional (OpenID Connect Discovery, section 3).
    token_endpoint: Option<String>,
}

impl Issuer {
    pub(super) fn new(name: String, connect: Origins) -> Result<Arc<Self>, rustls::Error> {
        let (keys, readings) = (RwLock::default(), Mutex::default());
        Ok(Arc::new(Self { name, fetcher: Fetcher::new()?, keys, readings, connect }))
    }

    /// Returns the issuer's name in its tokens.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Reads the keys for the first time; retries until there are some.
    pub(super) async fn prepare(&self) {
        loop {
            let mut readings = self.readings.lock().await;
            if self.known().is_empty() {
                self.read(&mut readings).await;
            }
            drop(readings);
            if !self.known().is_empty() {
                return;
            }
            sleep(PAUSE_AT_START).await;
        }
    }

    /// Returns the key that a token names.
    pub(super) async fn key(self: &Arc<Self>, id: Option<&str>) -> Result<Key, NoKey> {
        if let Some(key) = self.known().find(id) {
            self.renew_if_old();
            return Ok(key.clone());
        }
        let mut readings = self.readings.lock().await;
        let known = self.known(); // maybe by another reading since
        if known.find(id).is_none() && readings.allow(!known.is_empty(), Instant::now()) {
            self.read(&mut readings).await;
        }
        let known = self.known();
        let missing = if known.is_empty() { NoKey::Unavailable } else { NoKey::Unknown };
        known.find(id).cloned().ok_or(missing)
    }

    /// Reads old keys again in the background: no caller waits for an issuer whose keys are known.
    fn renew_if_old(self: &Arc<Self>) {
        let Ok(readings) = self.readings.try_lock() else { return };
        if readings.any.is_none_or(|last| last.elapsed() < MAX_AGE) {
            return;
        }
        let this = Arc::clone(self);
        drop(readings);
        tokio::spawn(async move {
            let mut readings = this.readings.lock().await;
            if readings.any.is_some_and(|last| last.elapsed() >= MAX_AGE) {
                this.read(&mut readings).await;
            }
        });
    }

    fn known(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys; after a failure keeps the present ones.
    async fn read(&self, readings: &mut Readings) {
        match self.published().await {
            Ok(keys) => *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys),
            Err(error) => {
                let so_far = if self.known().is_empty() {
                    "calls are answered 503 until it can be read"
                } else {
                    "the keys that are known stay"
                };
                tracing::warn!(issuer = self.name, "the keys of the issuer cannot be read: {error}; {so_far}");
            }
        }
        readings.any = Some(Instant::now());
    }

    async fn published(&self) -> Result<Keys, ReadError> {
        let url = discovery(&self.name);
        let configuration = self.fetcher.json(&url).await;
        let configuration: Configuration = configuration.map_err(|error| ReadError::Fetch { url, error })?;
        // OpenID Connect Discovery, section 4.3. Without this check, one issuer could pose as another.
        if configuration.issuer != self.name {
            return Err(ReadError::OtherName(configuration.issuer));
        }
        if let Some(url) = &configuration.token_endpoint
            && let Err(error) = self.connect.add_origin_of(url)
        {
            tracing::warn!(issuer = self.name, "the console cannot sign users in: the token endpoint {error}");
        }
        let url = configuration.jwks_uri;
        if !Url::parse(&url).is_ok_and(|url| is_trustworthy(&url)) {
            return Err(ReadError::Untrustworthy(url));
        }
        let set: Result<KeySet, _> = self.fetcher.json(&url).await;
        let keys = Keys::from(set.map_err(|error| ReadError::Fetch { url, error })?);
        if keys.is_empty() { Err(ReadError::NoKeys) } else { Ok(keys) }
    }
}

impl Readings {
    /// Returns whether keys may be read now because one is missing, and records the read.
    fn allow(&mut self, keys_are_known: bool, now: Instant) -> bool {
        let (last, pause) = match keys_are_known {
            true => (self.for_unknown_key, PAUSE),
            false => (self.any, PAUSE_WITHOUT_KEYS),
        };
        let allowed = last.is_none_or(|last| now.duration_since(last) >= pause);
        if allowed && keys_are_known {
            self.for_unknown_key = Some(now);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_have_the_issuer_asked_at_once_and_then_every_ten_seconds_at_most() {
        let start = Instant::now();
        let mut readings = Readings { any: Some(start), for_unknown_key: None };
        let asked: Vec<_> =
            (0..25).filter(|second| readings.allow(true, start + Duration::from_secs(*second))).collect();
        assert_eq!(asked, [0, 10, 20]);
    }

    #[test]
    fn without_any_keys_it_is_asked_every_few_seconds() {
        let start = Instant::now();
        let mut readings = Readings { any: Some(start), for_unknown_key: None };
        assert!(!readings.allow(false, start + Duration::from_secs(4)));
        assert!(readings.allow(false, start + Duration::from_secs(5)));
    }
}
