//! The keys that an issuer signs with. No I/O.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// A key, with the algorithms that it may be used for.
#[derive(Clone)]
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) key: DecodingKey,
}

/// Usable keys of a JSON Web Key Set (RFC 7517). Others are ignored, as its section 5 says.
#[derive(Clone, Default)]
pub(super) struct Keys(Vec<Key>);

/// A JSON Web Key Set as it is published.
#[derive(Deserialize)]
pub(super) struct KeySet {
    keys: Vec<Value>,
}

impl From<KeySet> for Keys {
    fn from(set: KeySet) -> Self {
        Self(set.keys.into_iter().filter_map(|key| usable(&Jwk::deserialize(key).ok()?)).collect())
    }
}

impl Keys {
    /// Returns the key that a token names. A token that names none matches a set with a single key.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&Key> {
        match id {
            Some(_) => self.0.iter().find(|key| key.id.as_deref() == id),
            None => self.0.first().filter(|_| self.0.len() == 1),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn usable(key: &Jwk) -> Option<Key> {
    let common = &key.common;
    if common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return None;
    }
    if common.key_operations.as_ref().is_some_and(|operations| !operations.contains(&KeyOperations::Verify)) {
        return None;
    }
    let mut algorithms = match &key.algorithm {
        AlgorithmParameters::RSA(_) => vec![Algorithm::RS256, Algorithm::PS256],
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => vec![Algorithm::ES256],
        AlgorithmParameters::OctetKeyPair(curve) if curve.curve == EllipticCurve::Ed25519 => vec![Algorithm::EdDSA],
        _ => return None, // shared secrets above all
    };
    if let Some(only) = &common.key_algorithm {
        algorithms.retain(|algorithm| Algorithm::try_from(*only).is_ok_and(|only| only == *algorithm));
    }
    let decoding = DecodingKey::from_jwk(key).ok()?;
    (!algorithms.is_empty()).then(|| Key { id: common.key_id.clone(), algorithms, key: decoding })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EC: [(&str, &str); 4] = [("kty", "EC"), ("crv", "P-256"), ("x", "AAAA"), ("y", "AAAA")];
    const RSA: [(&str, &str); 3] = [("kty", "RSA"), ("n", "AAAA"), ("e", "AQAB")];

    /// Returns the algorithms of a key with these members, and `more`.
    fn algorithms(members: &[(&str, &str)], more: Value) -> Vec<Algorithm> {
        let mut key: Value = members.iter().map(|(name, value)| (*name, *value)).collect();
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key["kid"] = "k".into();
        let keys = Keys::from(KeySet { keys: vec![json!({"kty": "new"}), json!(7), key] });
        keys.find(Some("k")).map(|key| key.algorithms.clone()).unwrap_or_default()
    }

    #[test]
    fn a_key_is_used_with_the_algorithms_of_its_kind_that_it_allows() {
        assert_eq!(algorithms(&EC, json!({})), [Algorithm::ES256]);
        assert_eq!(algorithms(&RSA, json!({})), [Algorithm::RS256, Algorithm::PS256]);
        assert_eq!(algorithms(&RSA, json!({"alg": "PS256", "use": "sig"})), [Algorithm::PS256]);
        assert_eq!(algorithms(&[("kty", "OKP"), ("crv", "Ed25519"), ("x", "AAAA")], json!({})), [Algorithm::EdDSA]);
        for other in
            [json!({"alg": "HS256"}), json!({"alg": "RS256"}), json!({"use": "enc"}), json!({"key_ops": ["sign"]})]
        {
            assert_eq!(algorithms(&EC, other.clone()), [], "{other}");
        }
        assert_eq!(algorithms(&RSA, json!({"alg": "RS512"})), []);
        assert_eq!(algorithms(&[("kty", "oct"), ("k", "c2VjcmV0")], json!({"alg": "HS256"})), []);
        assert_eq!(algorithms(&[("kty", "EC"), ("crv", "P-384"), ("x", "AAAA"), ("y", "AAAA")], json!({})), []);
    }

    #[test]
    fn a_token_that_names_no_key_has_the_only_one() {
        let key = |id: &str| json!({"kty": "RSA", "n": "AAAA", "e": "AQAB", "kid": id});
        let keys = |ids: &[&str]| Keys::from(KeySet { keys: ids.iter().map(|id| key(id)).collect() });
        assert!(keys(&["a"]).find(None).is_some());
        assert!(keys(&["a", "b"]).find(None).is_none());
        assert!(keys(&["a", "b"]).find(Some("c")).is_none());
        assert!(keys(&[]).is_empty());
    }
}
