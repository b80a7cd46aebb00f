//! The public addresses that callbacks come from, for receivers' firewalls.

use std::net::{AddrParseError, IpAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiState;

/// Public addresses that callbacks come from; none if they are not fixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EgressAddresses(Arc<[IpAddr]>);

impl FromStr for EgressAddresses {
    type Err = AddrParseError;

    /// Parses addresses with commas between them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|address| address.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

/// Addresses that callbacks come from.
#[derive(Serialize, ToSchema)]
#[schema(as = EgressAddresses)]
pub(super) struct EgressAddressesBody {
    /// IP addresses. Empty if callbacks come from addresses that change, which no firewall can list.
    #[schema(value_type = Vec<String>, example = json!(["203.0.113.7", "203.0.113.8"]))]
    addresses: Vec<IpAddr>,
}

/// Returns the addresses that callbacks come from
///
/// For the firewalls of receivers. An empty list means that there are no fixed addresses: accept callbacks by their
/// signature then. A list says where callbacks come from, not that all that comes from there is a callback.
#[utoipa::path(get, path = "/v1/egress-addresses", tag = "service",
    responses((status = 200, description = "The addresses", body = EgressAddressesBody)))]
pub(super) async fn get_egress_addresses(State(state): State<ApiState>) -> Json<EgressAddressesBody> {
    Json(EgressAddressesBody { addresses: state.egress_addresses.0.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_separated_by_commas_and_nothing_else_is_one() {
        let parsed: EgressAddresses = "203.0.113.7, 2001:db8::7".parse().unwrap();
        assert_eq!(*parsed.0, ["203.0.113.7".parse::<IpAddr>().unwrap(), "2001:db8::7".parse().unwrap()]);
        for wrong in ["203.0.113.0/24", "203.0.113.7,", "nat.example"] {
            assert!(wrong.parse::<EgressAddresses>().is_err(), "{wrong}");
        }
    }
}
