//! Connections to name servers.

use std::future::ready;
use std::net::{IpAddr, SocketAddr};

use futures_util::future::BoxFuture;
use hickory_resolver::config::{ConnectionConfig, ProtocolConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::DnsExchange;
use hickory_resolver::{ConnectionProvider, PoolContext};

/// The library's connections, except for repetitions over UDP: a query is repeated after its timeout, not concurrently.
///
/// The library would open a socket for each repetition beside the first one, and hundreds of hanging lookups would
/// exhaust the file descriptors.
#[derive(Clone, Default)]
pub(super) struct Connections(TokioRuntimeProvider);

impl ConnectionProvider for Connections {
    type Conn = DnsExchange<TokioRuntimeProvider>;
    type FutureConn = BoxFuture<'static, Result<Self::Conn, NetError>>;
    type RuntimeProvider = TokioRuntimeProvider;

    fn new_connection(
        &self,
        ip: IpAddr,
        config: &ConnectionConfig,
        context: &PoolContext,
    ) -> Result<Self::FutureConn, NetError> {
        match config.protocol {
            ProtocolConfig::Udp => {
                let connection = UdpClientStream::builder(SocketAddr::new(ip, config.port), self.0.clone())
                    .with_timeout(Some(context.options.timeout))
                    .with_max_retries(1) // sockets, including the first one
                    .exchange();
                Ok(Box::pin(ready(Ok(connection))))
            }
            _ => self.0.new_connection(ip, config, context),
        }
    }

    fn runtime_provider(&self) -> &Self::RuntimeProvider {
        &self.0
    }
}
