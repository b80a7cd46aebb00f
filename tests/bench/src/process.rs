//! Measured processes: pinned to a core, with limits, and with their usage read from the kernel.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::{Child, Command};

/// Variables with the cores, which run.py sets.
const MEASURED: &str = "BENCH_CORE_MEASURED";
const OTHERS: &str = "BENCH_CORE_OTHERS";

/// Output of processes, for errors: of the measured ones, and of the others.
pub(crate) const LOG_OF_MEASURED: &str = "target/bench/measured.log";
const LOG_OF_OTHERS: &str = "target/bench/others.log";

/// Ticks of `/proc/PID/stat` in a second: `USER_HZ`, which is 100 on every architecture that Linux runs on today.
const TICKS: f64 = 100.0;

/// Settings of a process's start, and its limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// Whole environment, besides `PATH` and `HOME`.
    pub(crate) environment: BTreeMap<String, String>,
    /// Working directory.
    pub(crate) directory: Option<String>,
    /// Whether the bench uses its input and output; otherwise its output is kept for errors.
    pub(crate) talks: bool,
    /// Limit on the number of file descriptors.
    pub(crate) descriptors: Option<u32>,
    /// Limit on its own memory, in MB (`RLIMIT_DATA`).
    pub(crate) memory_mb: Option<u32>,
}

/// A running process, killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: Child,
    pid: u32,
}

impl Launch {
    pub(crate) fn new<S: Into<String>>(command: impl IntoIterator<Item = S>) -> Self {
        Self { command: command.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Connects input and output to the bench.
    pub(crate) fn talks(self) -> Self {
        Self { talks: true, ..self }
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a variable that has no value yet.
    pub(crate) fn set_default(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.entry(name.to_owned()).or_insert_with(|| value.into());
        self
    }

    /// Starts the process on the measured core.
    pub(crate) fn measured(&self) -> Result<Process> {
        self.start(&core(MEASURED)?, LOG_OF_MEASURED)
    }

    /// Starts the process on the other core.
    pub(crate) fn beside(&self) -> Result<Process> {
        self.start(&core(OTHERS)?, LOG_OF_OTHERS)
    }

    /// Starts the process on both cores, beside the others.
    pub(crate) fn everywhere(&self) -> Result<Process> {
        self.start(&format!("{},{}", core(MEASURED)?, core(OTHERS)?), LOG_OF_MEASURED)
    }

    fn start(&self, cores: &str, log: &str) -> Result<Process> {
        let mut command = Command::new("prlimit");
        // A lack of descriptors must occur only where it is measured.
        let descriptors = self.descriptors.map_or_else(most_descriptors, Ok)?;
        command.arg(format!("--nofile={descriptors}:{descriptors}"));
        if let Some(memory) = self.memory_mb {
            let bytes = u64::from(memory) * 1024 * 1024;
            command.arg(format!("--data={bytes}:{bytes}"));
        }
        command.args(["--", "taskset", "--cpu-list", cores]).args(&self.command);
        command.env_clear().envs(["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.envs(&self.environment);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let (input, output) =
            if self.talks { (Stdio::piped(), Stdio::piped()) } else { (Stdio::null(), log_file(log)?) };
        command.stdin(input).stdout(output).stderr(log_file(log)?).kill_on_drop(true);
        let child =
            command.spawn().with_context(|| format!("{:?} (prlimit and taskset are of util-linux)", self.command))?;
        let pid = child.id().context("it has just begun")?;
        Ok(Process { child, pid })
    }
}

/// Returns the core that this variable names.
fn core(variable: &str) -> Result<String> {
    std::env::var(variable).with_context(|| format!("{variable} is not set: run.py sets it"))
}

/// Returns the largest number of file descriptors that this machine grants.
fn most_descriptors() -> Result<u32> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).context("a limit of open files")?;
    Ok(line.split_whitespace().nth(1).context("a hard limit")?.parse().unwrap_or(1_048_576))
}

fn log_file(path: &str) -> Result<Stdio> {
    std::fs::create_dir_all("target/bench")?;
    Ok(std::fs::OpenOptions::new().create(true).append(true).open(path)?.into())
}

impl Process {
    /// Returns the CPU seconds so far of all its threads, in user mode and in the kernel.
    pub(crate) fn cpu_s(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        // The name, in parentheses, may hold spaces. proc_pid_stat(5): utime and stime are fields 14 and 15.
        let fields: Vec<&str> = stat.rsplit(')').next().context("a name")?.split_whitespace().collect();
        let ticks = |field: usize| fields.get(field - 3).and_then(|it| it.parse::<f64>().ok()).context("a time");
        Ok((ticks(14)? + ticks(15)?) / TICKS)
    }

    /// Returns the peak memory so far, in MB (10⁶ bytes).
    pub(crate) fn peak_mb(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
        Ok(peak.context("VmHWM is there")? * 1024.0 / 1e6)
    }

    pub(crate) async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// Returns the path of a program that is built with this one.
pub(crate) fn built_with_this(program: &str) -> Result<String> {
    let path = std::env::current_exe()?.with_file_name(program).display().to_string();
    built(&path, "build it first: cargo build --workspace --bins")
}

/// Returns the path of a file that must exist.
pub(crate) fn built(path: &str, how: &str) -> Result<String> {
    ensure!(Path::new(path).exists(), "{path} is not there: {how}");
    Ok(std::fs::canonicalize(path)?.display().to_string())
}
