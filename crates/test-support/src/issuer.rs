//! An issuer of tokens: its keys, and the two documents that it publishes on loopback.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router, routing::get};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A key for tests that gives access to nothing; ring itself can create the other kinds.
const RSA: &[u8] = include_bytes!("../data/rsa.pk8");

/// Token endpoint on another host than the issuer, as some issuers have it.
const TOKEN_ENDPOINT: &str = "https://token.example/oauth2/token";

pub enum Key {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Key {
    pub fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::from_pkcs8(RSA).unwrap())
    }

    pub fn ec() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap())
    }

    pub fn ed() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    /// Returns the public half, as in a key set.
    pub fn public(&self, id: &str) -> Value {
        match self {
            Self::Rsa(key) => {
                let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(key.public());
                let [n, e] = [n, e].map(|number| base64(&number));
                json!({"kid": id, "kty": "RSA", "use": "sig", "n": n, "e": e})
            }
            Self::Ec(key) => {
                let point = key.public_key().as_ref();
                json!({"kid": id, "kty": "EC", "crv": "P-256", "x": base64(&point[1..33]), "y": base64(&point[33..])})
            }
            Self::Ed(key) => json!({"kid": id, "kty": "OKP", "crv": "Ed25519", "x": base64(key.public_key().as_ref())}),
        }
    }

    /// Signs a token with this header and these claims, by the header's `alg`.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = match (self, header["alg"].as_str().unwrap()) {
            (Self::Rsa(key), alg) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let padding: &dyn ring::signature::RsaEncoding =
                    if alg == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                key.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
                signature
            }
            (Self::Ec(key), _) => key.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec(),
            (Self::Ed(key), _) => key.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", base64(&signature))
    }
}

pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()))
}

pub fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn in_seconds(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap() + seconds
}

/// The published documents, and the number of requests for them.
#[derive(Default)]
pub struct Published {
    pub keys: Vec<Value>,
    /// Name of the issuer, if it differs from its address.
    pub name: Option<String>,
    pub is_down: bool,
    pub readings: usize,
}

pub struct Issuer {
    pub url: String,
    published: Arc<Mutex<Published>>,
}

impl Issuer {
    pub async fn start(keys: Vec<Value>) -> Self {
        Self::start_at(TcpListener::bind("127.0.0.1:0").await.unwrap(), keys)
    }

    pub fn start_at(listener: TcpListener, keys: Vec<Value>) -> Self {
        let url = format!("http://{}/realms/test", listener.local_addr().unwrap());
        let published = Arc::new(Mutex::new(Published { keys, ..Published::default() }));
        let (name, state) = (url.clone(), Arc::clone(&published));
        let configuration = move || {
            let name = state.lock().unwrap().name.clone().unwrap_or_else(|| name.clone());
            async move {
                Json(json!({"issuer": name, "jwks_uri": format!("{name}/keys"), "token_endpoint": TOKEN_ENDPOINT}))
            }
        };
        let state = Arc::clone(&published);
        let keys = move || {
            let answer = answer(&mut state.lock().unwrap());
            async move { answer }
        };
        let router = Router::new()
            .route("/realms/test/.well-known/openid-configuration", get(configuration))
            .route("/realms/test/keys", get(keys));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, published }
    }

    pub fn published(&self) -> MutexGuard<'_, Published> {
        self.published.lock().unwrap()
    }
}

fn answer(published: &mut Published) -> Response {
    published.readings += 1;
    if published.is_down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    Json(json!({"keys": published.keys})).into_response()
}
