//! `history check FILE…` checks a history that is spread over these files; `history check --rules` lists the rules.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use history::{History, RULES};

/// Checks what a run of Instance Webhooks left behind against what it promises
#[derive(Debug, Parser)]
enum Command {
    /// Print every violation, one a line; the exit code is 1 if there is any
    Check {
        /// List the rules instead
        #[arg(long)]
        rules: bool,
        /// JSON lines; together they are one history
        #[arg(required_unless_present = "rules")]
        files: Vec<PathBuf>,
    },
}

fn main() -> Result<ExitCode> {
    let Command::Check { rules, files } = Command::parse();
    let mut out = std::io::stdout().lock();
    if rules {
        for rule in RULES {
            writeln!(out, "{}: {}", rule.id, rule.promise)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut history = History::default();
    for file in &files {
        let lines = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        history.read(&file.display().to_string(), &lines)?;
    }
    let violations = history::check(&history);
    for violation in &violations {
        writeln!(out, "{violation}")?;
    }
    writeln!(out, "{} records, {} violations", history.records().count(), violations.len())?;
    Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
