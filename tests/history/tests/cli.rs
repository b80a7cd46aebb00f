//! The program: what it reads, prints and exits with.

use std::path::PathBuf;
use std::process::{Command, Output};

use history::{History, RULES};

const README: &str = include_str!("../README.md");

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_history")).args(arguments).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The records that the README shows.
fn example() -> String {
    let lines = README.lines().filter(|line| line.starts_with("{\"kind\""));
    lines.map(|line| format!("{line}\n")).collect()
}

fn file(name: &str, lines: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, lines).expect("a file");
    path.display().to_string()
}

#[test]
fn the_documented_history_keeps_every_rule() {
    let output = run(&["check", &file("clean.jsonl", &example())]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "7 records, 0 violations\n".into()));
}

#[test]
fn a_violation_is_a_line_with_its_place_and_exit_code_1() {
    let (arrivals, others): (Vec<_>, Vec<_>) =
        example().lines().map(str::to_owned).partition(|it| it.contains("arrival"));
    let receiver = file("receiver.jsonl", &arrivals.join("\n").replace("i-1&", "i-2&"));
    let output = run(&["check", &file("others.jsonl", &others.join("\n")), &receiver]);
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout);
    assert!(printed.starts_with("contract: the target was to be /hook?instanceID=i-1&"), "{printed}");
    assert!(printed.contains("receiver.jsonl:1\n"), "{printed}");
    assert!(printed.ends_with("7 records, 1 violations\n"), "{printed}");
}

#[test]
fn a_line_that_is_no_record_is_named() {
    let output = run(&["check", &file("broken.jsonl", "\n{\"kind\":\"log-read\",\"at\":\"yesterday\"}\n")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("broken.jsonl:2: "), "{}", text(&output.stderr));
}

#[test]
fn the_readme_lists_every_rule_as_the_program_does() {
    let printed = text(&run(&["check", "--rules"]).stdout);
    for rule in RULES {
        assert!(README.contains(&format!("| `{}` | {} |", rule.id, rule.promise)), "{}", rule.id);
        assert!(printed.contains(&format!("{}: {}\n", rule.id, rule.promise)), "{printed}");
    }
    assert_eq!(printed.lines().count(), RULES.len());
}

#[test]
fn what_is_written_is_read_again() {
    let mut first = History::default();
    first.read("first", &example()).expect("records");
    let lines = first.to_json_lines().expect("JSON lines");
    let mut second = History::default();
    second.read("second", &lines).expect("records");
    assert!(first.records().eq(second.records()), "{lines}");
}
