//! The built program as a process: started, stopped and killed.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::patience::PATIENCE;

/// Settings of a start of the program. All its files are in one directory, which outlives the process.
pub(crate) struct Launch {
    dir: TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    open_files: Option<u32>,
    program: PathBuf,
}

/// Variables of the developer's shell that would change the program's behaviour, besides `STREAM_…`.
const FOREIGN: &[&str] = &[
    "ALLOWED_NETWORKS",
    "ALLOWED_PORTS",
    "HTTPS_ONLY",
    "PRIVATE_CA",
    "NAME_SERVERS",
    "TEST_CALLS_PER_MINUTE",
    "CALLBACK_TIMEOUT_MS",
    "HOLD_MS",
    "INLINE_RETRY_MS",
    "MAX_IN_FLIGHT_PER_DRAIN",
    "BACKOFF_STEPS_S",
    "RETRY_DELAY_MS",
    "DEFERRED_EXPIRY_S",
    "DISABLE_WARNING_AFTER_S",
    "DISABLE_AFTER_S",
    "LOG_DELIVERIES",
    "DEPLOYMENT_NAME",
    "ADMINISTRATOR_GROUP",
    "DEVELOPER_GROUP",
    "OPERATOR_GROUP",
    "GROUPS_CLAIM",
    "WORKSPACE_CLAIM",
    "MAX_IN_FLIGHT",
    "MAX_IN_FLIGHT_PER_ENDPOINT",
    "INSTANCE_ID_ATTRIBUTE",
    "PROCESS_NAME_ATTRIBUTE",
    "WORKSPACE_ID_ATTRIBUTE",
    "TTL_EXPIRY_IS_DELETED",
    "WEBHOOKS_TABLE",
    "DELIVERIES_TABLE",
    "INSTANCES_TABLE",
    "LOG",
    "RUST_LOG",
    "NO_COLOR",
];

impl Launch {
    /// Creates settings for the embedded engine, or for the one at this address.
    pub(crate) fn new(endpoint: Option<&str>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let data = dir.path().join("data").display().to_string();
        let mut arguments = vec!["--port".to_owned(), "0".into(), "--data-dir".into(), data];
        let mut environment = vec![
            // On a busy machine even a batch without delays takes a while.
            ("HOLD_MS".to_owned(), "2000".to_owned()),
            // A failed delivery stays pending while a test checks it, unless the test is about its retry.
            ("BACKOFF_STEPS_S".to_owned(), "3600".to_owned()),
        ];
        match endpoint {
            None => arguments.extend(["--dynamodb-port".to_owned(), "0".into()]),
            Some(endpoint) => {
                arguments.extend(["--dynamodb-endpoint".to_owned(), endpoint.into()]);
                environment.extend(
                    [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "us-east-1")]
                        .map(|(name, value)| (name.to_owned(), value.to_owned())),
                );
            }
        }
        Self { dir, arguments, environment, open_files: None, program: program() }
    }

    /// Limits the number of open files and connections, as on a small machine.
    #[allow(dead_code, reason = "not every target that has this module sets it")]
    pub(crate) fn open_files(&mut self, most: u32) {
        self.open_files = Some(most);
    }

    /// Uses this build from now on.
    #[allow(dead_code, reason = "not every target that has this module has another build")]
    pub(crate) fn build(&mut self, program: &Path) {
        program.clone_into(&mut self.program);
    }

    /// Returns the folder of the program's files.
    #[allow(dead_code, reason = "not every target that has this module looks there")]
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.into(), value.into()));
    }

    /// Returns the value that the program gets: the last one.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.environment.iter().rfind(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn stderr(&self) -> PathBuf {
        self.dir.path().join("stderr")
    }

    /// Starts the program and waits until it reports that it is ready.
    pub(crate) async fn start(&self) -> Program {
        let stderr = std::fs::OpenOptions::new().create(true).append(true).open(self.stderr()).expect("a log file");
        let mut command = match self.open_files {
            None => Command::new(&self.program),
            Some(most) => {
                let mut shell = Command::new("sh");
                let limited = r#"ulimit -n "$0" && exec "$@""#;
                shell.args(["-c", limited, &most.to_string()]).arg(&self.program);
                shell
            }
        };
        for (name, _) in std::env::vars_os() {
            let lossy = name.to_string_lossy().to_ascii_uppercase();
            let foreign = ["AWS_", "STREAM_"].iter().any(|start| lossy.starts_with(start)) || lossy.ends_with("_PROXY");
            if foreign || FOREIGN.contains(&lossy.as_str()) {
                command.env_remove(&name);
            }
        }
        let mut process = command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("HOME", self.dir.path()) // without ~/.aws
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let stdout = process.stdout.take().expect("its output is piped");
        let mut program = Program {
            process,
            api: String::new(),
            dynamodb: String::new(),
            stderr: self.stderr(),
            ready: String::new(),
        };
        let mut lines = BufReader::new(stdout).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.expect("its output is text") {
                if line.contains(" is ready") {
                    return Some(line);
                }
            }
            None
        };
        let ready = timeout(PATIENCE, ready).await.expect("the program says that it is ready");
        program.ready = ready.expect("the program says that it is ready, and does not end before");
        // Read to the end, so that the program never blocks on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let mut addresses = program
            .ready
            .split([' ', ','])
            .filter(|word| word.starts_with("http://"))
            .map(|word| word.trim_end_matches('/').to_owned());
        program.api = addresses.next().expect("the ready line names the API's address");
        program.dynamodb = addresses.next().expect("the ready line names DynamoDB's address");
        program
    }
}

/// The running program. It is killed when it is dropped.
pub(crate) struct Program {
    process: Child,
    /// The line that reports the program as ready.
    pub(crate) ready: String,
    pub(crate) api: String,
    pub(crate) dynamodb: String,
    stderr: PathBuf,
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the program's stderr\n{}\n---", tail(&self.stderr));
        }
    }
}

impl Program {
    /// Sends `kill -9`: the program cannot react to it.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.expect("the program is killed");
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) async fn signal(&self, signal: &str) {
        let pid = self.process.id().expect("the program runs").to_string();
        let status = Command::new("kill").args(["-s", signal, &pid]).status().await.expect("kill runs");
        assert!(status.success(), "kill -s {signal}: {status}");
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().expect("its state").is_none()
    }

    pub(crate) async fn exited(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.process.wait()).await.expect("the program ends").expect("its exit status")
    }

    /// Waits until the log meets the condition.
    pub(crate) async fn until_logged(&self, what: &str, condition: impl Fn(&str) -> bool) {
        let started = Instant::now();
        while !condition(&self.log()) {
            assert!(started.elapsed() < PATIENCE, "{what} is not in the log");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Returns all that this program, and its former processes, have written to stderr.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.stderr).expect("its log file")
    }
}

/// Returns the program that was built with the tests; `PROGRAM` names another build.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("PROGRAM").map_or(env!("CARGO_BIN_EXE_instance-webhooks").into(), PathBuf::from)
}

fn tail(path: &Path) -> String {
    const ENOUGH: usize = 16 * 1024;
    let bytes = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(ENOUGH)..]).into_owned()
}
