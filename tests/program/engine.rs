//! The DynamoDB engines that the scenarios run on: the embedded one, and ministack as an independent one.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Duration, sleep};

use crate::{patience::PATIENCE, sockets};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Engine {
    /// The engine inside the program.
    Embedded,
    /// An AWS emulator in its own process, named by `--dynamodb-endpoint`.
    Ministack,
}

/// Generates a test of each scenario, an `async fn(Engine)`, for each engine.
macro_rules! on_both_engines {
    ($($scenario:ident),+ $(,)?) => {$(
        mod $scenario {
            use crate::engine::Engine;

            #[tokio::test]
            async fn embedded() {
                super::$scenario(Engine::Embedded).await;
            }

            #[tokio::test]
            async fn ministack() {
                super::$scenario(Engine::Ministack).await;
            }
        }
    )+};
}
pub(crate) use on_both_engines;

/// A ministack on a free port, until it is dropped.
pub(crate) struct Ministack {
    process: Child,
    port: u16,
    /// Working directory, which also has the output.
    dir: TempDir,
}

impl Ministack {
    pub(crate) async fn start() -> Self {
        // One process finds the free port and another binds it, so that another program may bind it first.
        for _ in 0..3 {
            let mut ministack = Self::spawn();
            if ministack.is_up().await {
                return ministack;
            }
            eprintln!("ministack did not start on port {}: {}", ministack.port, ministack.output());
        }
        panic!("ministack did not start three times in a row");
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn spawn() -> Self {
        let program = ministack_program();
        let port = sockets::free_port();
        let dir = tempfile::tempdir().expect("a temporary directory");
        let output = std::fs::File::create(dir.path().join("output")).expect("its output file");
        let process = Command::new(&program)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "0") // or it opens ports of its own
            .env("SFTP_ENABLED", "0")
            .env("STATE_DIR", dir.path())
            .env("TMPDIR", dir.path())
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("its output file"))
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        Self { process, port, dir }
    }

    async fn is_up(&mut self) -> bool {
        _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("an HTTP client");
        let health = format!("{}/_ministack/health", self.endpoint());
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Ok(Some(_)) = self.process.try_wait() {
                return false;
            }
            if client.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return true;
            }
            sleep(Duration::from_millis(20)).await;
        }
        false
    }

    fn output(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("output")).unwrap_or_default()
    }
}

fn ministack_program() -> PathBuf {
    let in_venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/ministack");
    let program = std::env::var_os("MINISTACK").map_or(in_venv, PathBuf::from);
    assert!(
        program.exists(),
        "ministack, the second DynamoDB engine, is not at {}. `make test` installs it into .venv; MINISTACK names \
         another one.",
        program.display()
    );
    program
}
