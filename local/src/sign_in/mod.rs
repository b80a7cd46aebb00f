//! Who may call the API of the local program: whoever sits at this machine, or whoever has a token of the issuer that the
//! user named.

mod crypto;
mod fetch;
mod issuer;
mod keys;
mod local;
mod refusals;
mod token;
mod url;

pub(crate) use url::issuer as issuer_url;

use crate::Arguments;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use console_assets::{InvalidOrigin, Origins};
use issuer::Issuer;
use std::{net::IpAddr, sync::Arc};
use token::Verifier;

/// How callers are known.
pub(crate) enum SignIn {
    /// Nobody else reaches the loopback address, so whoever does is the local administrator.
    Local,
    /// By a token, wherever they call from.
    Tokens(Arc<Verifier>),
}

/// Why that cannot be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    #[error(
        "the API cannot listen on {0} without sign-in, for whoever reaches that address could configure callbacks: name \
         who signs their tokens with --issuer URL and --audience TEXT, or leave out --bind to listen on 127.0.0.1 only"
    )]
    OpenToOthers(IpAddr),
    #[error("cannot set up TLS for the issuer: {0}")]
    Tls(#[from] rustls::Error),
    #[error("the console cannot be allowed to call the issuer: {0}")]
    Origin(#[from] InvalidOrigin),
}

impl SignIn {
    /// `connect` gets the origins that the console has to call to sign people in.
    pub(crate) fn of(arguments: &Arguments, connect: &Origins) -> Result<Self, SignInError> {
        match &arguments.issuer {
            Some(issuer) => {
                connect.add_origin_of(issuer)?;
                let issuer = Issuer::new(issuer.clone(), connect.clone())?;
                Ok(Self::Tokens(Arc::new(Verifier::new(issuer, arguments.audience.clone()))))
            }
            None if arguments.bind.is_loopback() => Ok(Self::Local),
            None => Err(SignInError::OpenToOthers(arguments.bind)),
        }
    }

    /// Has the issuer asked for its keys, which the first call then need not wait for. If it does not answer, calls are
    /// refused until it does: program and issuer are often started together, and an issuer that is away for a while must
    /// not end the deliveries.
    pub(crate) fn prepare(&self) {
        if let Self::Tokens(verifier) = self {
            let verifier = Arc::clone(verifier);
            tokio::spawn(async move { verifier.issuer().prepare().await });
        }
    }

    /// The API, closed to everybody else; and the console, whose page everybody who signs in has to get before that. At
    /// this machine both are for this machine.
    pub(crate) fn before(self, api: Router, console: Router) -> Router {
        match self {
            Self::Local => api.merge(console).layer(from_fn(local::admit)),
            Self::Tokens(verifier) => api.layer(from_fn_with_state(verifier, token::admit)).merge(console),
        }
    }
}
