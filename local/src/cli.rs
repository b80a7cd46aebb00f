//! The command line.

use crate::sign_in::issuer_url;
use clap::{Parser, builder::NonEmptyStringValueParser};
use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};
use url::Url;
use webhooks_model::address::Network;

/// Instance Webhooks on one machine: the API, the fan-out and an embedded DynamoDB in one process.
///
/// Listens on 127.0.0.1 only, unless set otherwise. Prints one line to stdout when it is ready; its log goes to stderr (LOG=debug shows more).
#[derive(Debug, Parser)]
#[command(name = "instance-webhooks", version)]
pub struct Arguments {
    /// Port of console and API; 0 takes a free one
    #[arg(long, default_value_t = 8787, value_name = "PORT")]
    pub port: u16,

    /// Address that console and API listen on; one that is not loopback needs --issuer
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "ADDRESS")]
    pub bind: IpAddr,

    /// Require tokens of this OpenID Connect issuer from every caller
    #[arg(long, value_name = "URL", value_parser = issuer_url, requires = "audience")]
    pub issuer: Option<String>,

    /// Audience that tokens must have: their `aud`, or their `client_id` if they have no `aud`; may be repeated
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new(), requires = "issuer")]
    pub audience: Vec<String>,

    /// The console's public client at the issuer; without it the console offers no sign-in
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), requires = "issuer")]
    pub client_id: Option<String>,

    /// Scope that the console requests from the issuer; must include `openid`
    #[arg(long, default_value = "openid", value_name = "TEXT", value_parser = console_assets::scope, requires = "client_id")]
    pub scope: String,

    /// Port of the embedded DynamoDB; 0 takes a free one
    #[arg(long, default_value_t = 8000, value_name = "PORT", conflicts_with = "dynamodb_endpoint")]
    pub dynamodb_port: u16,

    /// Folder that keeps tables, stream positions and failed batches
    #[arg(long, default_value = ".data", value_name = "FOLDER")]
    pub data_dir: PathBuf,

    /// Keep nothing after exit
    #[arg(long, conflicts_with = "data_dir")]
    pub in_memory: bool,

    /// Use this engine instead of the embedded one: DynamoDB Local, an emulator, AWS
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub dynamodb_endpoint: Option<Url>,

    /// Allow callbacks to this network besides the internet and this machine, such as 10.0.0.0/8; may be repeated
    #[arg(long, value_name = "CIDR")]
    pub allow_network: Vec<Network>,

    /// Do not allow callbacks over http
    #[arg(long)]
    pub https_only: bool,
}

fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("an endpoint starts with http:// or https://".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::{CommandFactory as _, Parser as _};

    fn error_text(arguments: &[&str]) -> String {
        let arguments = ["instance-webhooks"].iter().chain(arguments);
        Arguments::try_parse_from(arguments).expect_err("must be refused").to_string()
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_data_folder_makes_no_sense_in_memory() {
        let error = error_text(&["--in-memory", "--data-dir", "x"]);
        assert!(error.contains("cannot be used with '--data-dir <FOLDER>'"), "{error}");
    }

    #[test]
    fn a_port_of_the_embedded_engine_makes_no_sense_with_another_engine() {
        let error = error_text(&["--dynamodb-endpoint", "http://127.0.0.1:4566", "--dynamodb-port", "0"]);
        assert!(error.contains("cannot be used with"), "{error}");
    }

    #[test]
    fn defaults_do_not_conflict_with_what_was_asked_for() {
        let arguments = ["instance-webhooks", "--in-memory", "--dynamodb-endpoint", "http://127.0.0.1:4566"];
        assert!(Arguments::try_parse_from(arguments).is_ok());
    }

    #[test]
    fn a_network_is_given_in_cidr_notation_and_may_be_given_again() {
        let arguments = ["instance-webhooks", "--allow-network", "10.0.0.0/8", "--allow-network", "fd12::/16"];
        assert_eq!(Arguments::try_parse_from(arguments).unwrap().allow_network.len(), 2);
        let error = error_text(&["--allow-network", "10.1.2.3/8"]);
        assert!(error.contains("write 10.0.0.0/8 for the network or 10.1.2.3/32 for that address"), "{error}");
    }

    #[test]
    fn an_issuer_and_the_audience_go_together() {
        let issuer = ["--issuer", "https://id.example"];
        let error = error_text(&issuer);
        assert!(error.contains("--audience <TEXT>"), "{error}");
        let error = error_text(&["--audience", "a"]);
        assert!(error.contains("--issuer <URL>"), "{error}");
        let both = ["instance-webhooks", issuer[0], issuer[1], "--audience", "a", "--audience", "b"];
        assert_eq!(Arguments::try_parse_from(both).expect("both").audience, ["a", "b"]);
    }

    #[test]
    fn the_consoles_client_is_one_of_an_issuer() {
        let error = error_text(&["--client-id", "console"]);
        assert!(error.contains("--issuer <URL>"), "{error}");
        let issuer = ["instance-webhooks", "--issuer", "https://id.example", "--audience", "a"];
        let without = Arguments::try_parse_from(issuer).unwrap();
        assert_eq!((without.client_id, &*without.scope), (None, "openid"));
        let with = issuer.iter().chain(&["--client-id", "console", "--scope", "openid api/read"]);
        assert_eq!(Arguments::try_parse_from(with).unwrap().scope, "openid api/read");
        let error = error_text(&["--scope", "openid"]);
        assert!(error.contains("--client-id <ID>"), "{error}");
        let error = error_text(&[&issuer[1..], &["--client-id", "console", "--scope", "email"]].concat());
        assert!(error.contains("openid is one of them"), "{error}");
    }

    #[test]
    fn an_endpoint_is_an_http_url() {
        let error = error_text(&["--dynamodb-endpoint", "localhost:4566"]);
        assert!(error.contains("starts with http:// or https://"), "{error}");
    }
}
