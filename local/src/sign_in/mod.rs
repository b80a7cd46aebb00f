//! Authentication of the local program's callers: the user of this machine, or the owner of a token from the issuer
//! that the command line names.

mod crypto;
mod fetch;
mod issuer;
mod keys;
mod local;
mod rejected_tokens;
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

/// Authentication method.
pub(crate) enum SignIn {
    /// Only programs on this machine reach the loopback address, so that each caller is the local administrator.
    Local,
    /// A valid token is required from every caller.
    Tokens(Arc<Verifier>),
}

/// Error for a sign-in that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    #[error(
        "the API cannot listen on {0} without sign-in, because every caller that reaches that address could configure \
         callbacks: name the issuer of their tokens with --issuer URL and --audience TEXT, or leave out --bind to listen \
         on 127.0.0.1 only"
    )]
    OpenToOthers(IpAddr),
    #[error("cannot set up TLS for the issuer: {0}")]
    Tls(#[from] rustls::Error),
    #[error("the console cannot be allowed to call the issuer: {0}")]
    Origin(#[from] InvalidOrigin),
}

impl SignIn {
    /// Creates the method from the command line. `connect` receives the origins that the console needs for the sign-in.
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

    /// Starts reading the issuer's keys, so that the first call need not wait for them. While the issuer does not
    /// respond, calls are rejected: program and issuer are often started together, and an issuer that is unavailable
    /// for a while must not stop the deliveries.
    pub(crate) fn prepare(&self) {
        if let Self::Tokens(verifier) = self {
            let verifier = Arc::clone(verifier);
            tokio::spawn(async move { verifier.issuer().prepare().await });
        }
    }

    /// Joins the API, which requires authentication, and the console, whose page loads before the sign-in. Without an
    /// issuer both serve this machine only.
    pub(crate) fn before(self, api: Router, console: Router) -> Router {
        match self {
            Self::Local => api.merge(console).layer(from_fn(local::admit)),
            Self::Tokens(verifier) => api.layer(from_fn_with_state(verifier, token::admit)).merge(console),
        }
    }
}
