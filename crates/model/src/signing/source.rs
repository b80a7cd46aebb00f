//! The source of an endpoint's secret: the workspace's key, or a user. Pure.

use jiff::Timestamp;

use super::{Retiring, Rotating, SigningSecret, SigningSecrets, WorkspaceKeys};
use crate::endpoint::EndpointId;

/// The source of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// The secret is derived from the workspace's key.
    Derived {
        /// Identity from which it is derived: the endpoint's own id, or that of the first of the URLs that it replaces.
        identity: EndpointId,
        /// Number of the secret of this identity. No number is used twice.
        generation: u64,
    },
    /// A user has set the secret. It does not change with the workspace's key.
    Own(SigningSecret),
}

/// The source of an endpoint's secret, and the previous ones that are still valid.
pub type SecretSources = Rotating<SecretSource>;

/// The sources of an endpoint's secret as they are stored, from the first change on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointSecret {
    /// The sources.
    pub sources: SecretSources,
    /// Time of the last change.
    pub changed_at: Timestamp,
}

impl EndpointSecret {
    /// Returns the sources of a secret that was never changed.
    pub fn unchanged(sources: SecretSources) -> Self {
        Self { sources, changed_at: Timestamp::UNIX_EPOCH }
    }
}

impl SecretSource {
    /// Returns the secret under one of the workspace's keys.
    fn secret(&self, key: &super::WorkspaceKey) -> SigningSecret {
        match self {
            Self::Derived { identity, generation } => key.derive(identity, *generation),
            Self::Own(secret) => secret.clone(),
        }
    }
}

impl SecretSources {
    /// Returns the source of an endpoint that was never rotated: its own id.
    pub fn of(identity: &EndpointId) -> Self {
        Self::new(SecretSource::Derived { identity: identity.clone(), generation: 0 })
    }

    /// Returns the secrets with which requests to the endpoint are signed at `now`.
    ///
    /// Key and source are rotated independently of each other, so that a receiver may still have the secret of a previous
    /// source under a previous key: there is a secret for each pair, valid until the first of the two expires. These are
    /// at most [`MAX_SECRETS`](super::MAX_SECRETS) squared, 16. The same secret is there once.
    pub fn secrets(&self, keys: &WorkspaceKeys, now: Timestamp) -> SigningSecrets {
        let current = self.current.secret(&keys.current);
        let all_keys = std::iter::once((&keys.current, Timestamp::MAX));
        let all_keys = all_keys.chain(keys.valid(now).map(|it| (&it.value, it.expires_at)));
        let pairs = all_keys.flat_map(|key| {
            let all_sources = std::iter::once((&self.current, Timestamp::MAX));
            all_sources.chain(self.valid(now).map(|it| (&it.value, it.expires_at))).map(move |source| (key, source))
        });
        let mut previous: Vec<Retiring<SigningSecret>> = Vec::new();
        for ((key, key_expires_at), (source, expires_at)) in pairs.skip(1) {
            let (value, expires_at) = (source.secret(key), expires_at.min(key_expires_at));
            match previous.iter_mut().find(|it| it.value == value) {
                _ if value == current => {}
                Some(known) => known.expires_at = known.expires_at.max(expires_at),
                None => previous.push(Retiring { value, expires_at }),
            }
        }
        SigningSecrets { current, previous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{MAX_SECRETS, WorkspaceKey};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(digit: char) -> EndpointId {
        EndpointId::try_from(digit.to_string().repeat(32)).unwrap()
    }

    fn derived(generation: u64) -> SecretSource {
        SecretSource::Derived { identity: id('a'), generation }
    }

    fn key() -> WorkspaceKey {
        WorkspaceKey::generate().unwrap()
    }

    fn signatures(secrets: &SigningSecrets, now: i64) -> usize {
        secrets.sign("e", at(now), "/t").split(' ').count()
    }

    #[test]
    fn while_key_and_source_overlap_each_pair_signs_until_the_first_of_the_two_expires() {
        let (old, new) = (key(), key());
        let keys = WorkspaceKeys::new(old.clone()).rotated(new.clone(), at(100), at(0)).unwrap();
        let sources = SecretSources::of(&id('a')).rotated(derived(1), at(50), at(0)).unwrap();
        let secrets = sources.secrets(&keys, at(0));
        assert_eq!(secrets.current, new.derive(&id('a'), 1));
        let previous: Vec<_> =
            secrets.previous.iter().map(|it| (it.value.clone(), it.expires_at.as_second())).collect();
        let of = |key: &WorkspaceKey, generation| key.derive(&id('a'), generation);
        assert_eq!(previous, [(of(&new, 0), 50), (of(&old, 1), 100), (of(&old, 0), 50)]);
        assert_eq!([0, 50, 100].map(|now| signatures(&secrets, now)), [4, 2, 1]);
        assert_eq!([0, 50, 100].map(|now| signatures(&sources.secrets(&keys, at(now)), now)), [4, 2, 1]);
    }

    #[test]
    fn no_more_than_sixteen_sign() {
        let (mut keys, mut sources) = (WorkspaceKeys::new(key()), SecretSources::of(&id('a')));
        for n in (1..).take(MAX_SECRETS - 1) {
            keys = keys.rotated(key(), at(100), at(0)).unwrap();
            sources = sources.rotated(derived(n), at(100), at(0)).unwrap();
        }
        assert_eq!(signatures(&sources.secrets(&keys, at(0)), 0), 16);
    }

    #[test]
    fn a_users_secret_does_not_change_with_the_key() {
        let own = SigningSecret::generate().unwrap();
        let keys = WorkspaceKeys::new(key()).rotated(key(), at(100), at(0)).unwrap();
        let secrets = SecretSources::new(SecretSource::Own(own.clone())).secrets(&keys, at(0));
        assert_eq!(secrets, SigningSecrets::new(own));
    }

    #[test]
    fn a_secret_that_is_set_back_to_an_earlier_one_signs_once() {
        let keys = WorkspaceKeys::new(key());
        let first = SecretSources::of(&id('a'));
        let derived_before = first.secrets(&keys, at(0)).current;
        let rotated = first.rotated(derived(1), at(100), at(0)).unwrap();
        let back = rotated.rotated(SecretSource::Own(derived_before.clone()), at(100), at(0)).unwrap();
        let secrets = back.secrets(&keys, at(0));
        assert_eq!((&secrets.current, secrets.previous.len()), (&derived_before, 1), "{secrets:?}");
        assert_eq!(signatures(&secrets, 0), 2);
    }
}
