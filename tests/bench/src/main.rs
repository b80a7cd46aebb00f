//! `bench measure WHAT` measures one thing and prints it as JSON. Each part is its own process on this machine: the
//! measured one on the first core, receivers and engine on the second.

mod bare;
mod counter;
mod engine;
mod events;
mod figures;
mod function;
mod headers;
mod measure;
use webhooks_test_support::patience;
mod process;
mod receiver;
mod scale;
mod tables;

use std::io::Write;

use anyhow::Result;
use clap::Parser;

use measure::What;
use scale::Scale;

/// Measures Instance Webhooks. Run it through `make bench`, from the root of the repository
#[derive(Debug, Parser)]
enum Command {
    /// Measure something, and print the result as JSON
    Measure {
        what: What,
        #[arg(long, default_value = "whole")]
        scale: Scale,
    },
    /// Run as a receiver
    Receiver,
    /// Run as a bare loop of GETs
    Bare { http: bare::Http },
}

fn main() -> Result<()> {
    // `reqwest` has no provider of its own here (docs/adr/0015).
    _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match Command::parse() {
            Command::Receiver => receiver::serve().await,
            Command::Bare { http } => bare::serve(http).await,
            Command::Measure { what, scale } => {
                let figures = Box::pin(measure::measure(what, scale)).await?;
                writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&figures)?)?;
                Ok(())
            }
        }
    })
}
