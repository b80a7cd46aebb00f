//! The command line from outside: its output, the stream of the output, and the exit code.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

use webhooks_test_support::{patience, sockets};

use patience::PATIENCE;
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instance-webhooks"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in [
        "LOG",
        "RUST_LOG",
        "ADMINISTRATOR_GROUP",
        "DEVELOPER_GROUP",
        "OPERATOR_GROUP",
        "GROUPS_CLAIM",
        "WORKSPACE_CLAIM",
        "INSTANCES_TABLE",
        "WEBHOOKS_TABLE",
        "DELIVERIES_TABLE",
        "AWS_REGION",
        "ALLOWED_NETWORKS",
        "ALLOWED_PORTS",
        "HTTPS_ONLY",
        "PRIVATE_CA",
        "NAME_SERVERS",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program to its end. If it starts instead of reporting an error, it is killed after a while, and has no exit
/// code.
fn run(arguments: &[&str]) -> Output {
    let mut child = program(arguments).spawn().expect("the program starts");
    let started = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if started.elapsed() > PATIENCE {
            child.kill().expect("it is killed");
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().expect("its output")
}

/// Returns the one line of the error that ends the program.
fn error_text(arguments: &[&str]) -> String {
    let output = run(arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(output.stdout.is_empty(), "something is on stdout");
    let complaints: Vec<_> = stderr.lines().filter(|line| line.starts_with("instance-webhooks: ")).collect();
    let [complaint] = complaints[..] else { panic!("not one line of complaint: {stderr}") };
    assert_eq!(stderr.lines().last(), Some(complaint));
    complaint.trim_start_matches("instance-webhooks: ").to_owned()
}

/// The program, ready.
struct Started {
    child: Child,
    stdout: BufReader<ChildStdout>,
    ready: String,
}

impl Started {
    fn new(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut ready = String::new();
        stdout.read_line(&mut ready).expect("a line");
        Self { child, stdout, ready: ready.trim_end().to_owned() }
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    /// Waits for the end; returns the exit code and the rest of stdout.
    fn ended(mut self) -> (Option<i32>, String) {
        let started = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("a child") {
                Some(status) => break status,
                None if started.elapsed() > PATIENCE => panic!("it does not end"),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        (status.code(), rest)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in Unicode")
}

#[test]
fn the_one_line_on_stdout_names_both_addresses_which_then_answer() {
    let started = Started::new(program(&["--in-memory", "--port", "0", "--dynamodb-port", "0"]));
    let words: Vec<_> = started.ready.split([' ', ',']).collect();
    let [saying @ .., api, "", "DynamoDB", dynamodb, "(table", "Instances)"] = &words[..] else {
        panic!("{}", started.ready)
    };
    assert_eq!(saying.join(" "), "Instance Webhooks is ready: console and API");
    for address in [api, dynamodb] {
        let address = address.strip_prefix("http://").expect("an address");
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        std::net::TcpStream::connect(address).expect("it accepts");
    }
    started.signal("-TERM");
    assert_eq!(started.ended(), (Some(0), String::new()));
}

#[test]
fn ctrl_c_ends_it_in_good_order() {
    let started = Started::new(program(&["--in-memory", "--port", "0", "--dynamodb-port", "0"]));
    started.signal("-INT");
    assert_eq!(started.ended().0, Some(0));
}

#[test]
fn in_memory_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let mut command = program(&["--in-memory", "--port", "0", "--dynamodb-port", "0"]);
    command.env("TMPDIR", folder.path()).current_dir(folder.path());
    let started = Started::new(command);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    started.signal("-TERM");
    assert_eq!(started.ended().0, Some(0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_port_of_the_api_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert_eq!(
        error_text(&["--in-memory", "--port", &port, "--dynamodb-port", "0"]),
        format!(
            "the API cannot listen on 127.0.0.1:{port}: another program has that port; stop it, or choose another with \
             --port (0 takes a free one)"
        )
    );
}

#[test]
fn a_port_of_dynamodb_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let complaint = error_text(&["--in-memory", "--port", "0", "--dynamodb-port", &port]);
    assert!(
        complaint.starts_with(&format!("DynamoDB cannot listen on 127.0.0.1:{port}: another program")),
        "{complaint}"
    );
    assert!(complaint.contains("--dynamodb-port"), "{complaint}");
}

#[test]
fn a_data_folder_that_is_a_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(
        error_text(&["--port", "0", "--dynamodb-port", "0", "--data-dir", text(&file)]),
        format!(
            "the data folder {} is not a folder: remove that file, or choose another folder with --data-dir",
            text(&file)
        )
    );
}

#[test]
fn a_data_folder_that_cannot_be_written() {
    // A folder below a device cannot be created, not even by root, which has every permission.
    let complaint = error_text(&["--port", "0", "--dynamodb-port", "0", "--data-dir", "/dev/null/data"]);
    assert!(complaint.starts_with("cannot write to the data folder /dev/null/data ("), "{complaint}");
    assert!(complaint.ends_with("make it writable, or choose another folder with --data-dir"), "{complaint}");
}

#[test]
fn a_data_folder_that_another_process_uses() {
    let folder = TempDir::new().unwrap();
    let arguments = ["--port", "0", "--dynamodb-port", "0", "--data-dir", text(folder.path())];
    let first = Started::new(program(&arguments));
    assert_eq!(
        error_text(&arguments),
        format!(
            "the data folder {} is in use by another running instance-webhooks: stop it, or choose another folder with \
             --data-dir",
            text(folder.path())
        )
    );
    first.signal("-KILL");
    assert_eq!(first.ended().0, None);
    let next = Started::new(program(&arguments));
    assert!(next.ready.starts_with("Instance Webhooks is ready"), "a killed process keeps the folder: {}", next.ready);
}

#[test]
fn an_engine_that_is_not_there() {
    let (_socket, address) = sockets::closed();
    let endpoint = format!("http://{address}");
    let complaint = error_text(&["--in-memory", "--port", "0", "--dynamodb-endpoint", &endpoint]);
    let what = format!(
        "table Instances at {endpoint}: no DynamoDB answers there: start it, or name another with --dynamodb-endpoint"
    );
    assert!(complaint.starts_with(&what), "{complaint}");
}

#[test]
fn a_table_with_another_key() {
    let folder = TempDir::new().unwrap();
    let arguments = ["--port", "0", "--dynamodb-port", "0", "--data-dir", text(folder.path())];
    let first = Started::new(program(&arguments));
    first.signal("-TERM");
    first.ended();
    let mut second = program(&arguments);
    second.env("INSTANCE_ID_ATTRIBUTE", "another").stdout(Stdio::null());
    let output = second.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("it has the key HASH instanceID (S) where HASH another (S) is needed"), "{stderr}");
}

#[test]
fn a_setting_that_cannot_be_is_named_with_what_to_write_instead() {
    for (variable, value, remedy) in [
        ("ALLOWED_NETWORKS", "10.0.0.0/8, 10.1.2.3/16", "write 10.1.0.0/16 for the network or 10.1.2.3/32"),
        ("ALLOWED_PORTS", "https", "write ports from 1 to 65535"),
        ("HTTPS_ONLY", "yes", "`true` or `false`"),
        ("PRIVATE_CA", "-----BEGIN PRIVATE KEY----- c2VjcmV0", "leave only what is from -----BEGIN CERTIFICATE-----"),
        ("NAME_SERVERS", "10.0.0.2,ns.example", "give IP addresses with commas between them"),
    ] {
        let output = program(&["--in-memory", "--port", "0", "--dynamodb-port", "0"]).env(variable, value).output();
        let stderr = String::from_utf8(output.unwrap().stderr).unwrap();
        let complaint = stderr.lines().last().unwrap_or_default();
        assert!(complaint.contains(variable) && complaint.contains(remedy), "{stderr}");
        assert!(!stderr.contains("c2VjcmV0"), "a private key is repeated: {stderr}");
    }
}

#[test]
fn an_address_that_others_reach_needs_sign_in() {
    for address in ["0.0.0.0", "::", "192.0.2.1", "::ffff:127.0.0.1"] {
        let complaint = error_text(&["--in-memory", "--port", "0", "--dynamodb-port", "0", "--bind", address]);
        assert!(complaint.starts_with(&format!("the API cannot listen on {address} without sign-in")), "{complaint}");
        assert!(complaint.contains("--issuer URL and --audience TEXT, or leave out --bind"), "{complaint}");
    }
    for address in ["127.0.0.2", "::1"] {
        let started = Started::new(program(&["--in-memory", "--port", "0", "--dynamodb-port", "0", "--bind", address]));
        assert!(started.ready.contains(address), "{}", started.ready);
        assert!(started.ready.contains("DynamoDB http://127.0.0.1:"), "{}", started.ready);
    }
}

#[test]
fn an_address_that_this_machine_does_not_have() {
    let arguments = ["--in-memory", "--port", "0", "--dynamodb-port", "0", "--bind", "192.0.2.1"];
    let complaint = error_text(&[&arguments[..], &["--issuer", "https://id.example", "--audience", "a"]].concat());
    let what =
        "the API cannot listen on 192.0.2.1:0: this machine has no such address; name one that it has with --bind";
    assert_eq!(complaint, what);
}

#[test]
fn an_issuer_is_read_over_https_or_from_this_machine() {
    let output = run(&["--issuer", "http://id.example", "--audience", "a"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("an issuer starts with https://, or with http:// on this machine"), "{stderr}");
}

#[test]
fn a_group_whose_name_could_not_be_told_apart() {
    let mut command = program(&["--in-memory", "--port", "0", "--dynamodb-port", "0"]);
    let output = command.env("DEVELOPER_GROUP", "not Administrator").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let complaint =
        r#"the environment variable DEVELOPER_GROUP is "not Administrator": a name has at least one character"#;
    assert!(stderr.contains(complaint), "{stderr}");
}

#[test]
fn arguments_that_do_not_go_together_are_a_usage_error() {
    let output = run(&["--in-memory", "--data-dir", "x"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_and_version_go_to_stdout() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for option in [
        "--port",
        "--bind",
        "--issuer",
        "--audience",
        "--client-id",
        "--scope",
        "--dynamodb-port",
        "--data-dir",
        "--in-memory",
        "--dynamodb-endpoint",
        "--allow-network",
        "--https-only",
    ] {
        assert!(help.contains(option), "{option} is not in {help}");
    }
    let version = String::from_utf8(run(&["--version"]).stdout).unwrap();
    assert_eq!(version.trim(), concat!("instance-webhooks ", env!("CARGO_PKG_VERSION")));
}
